"""The window's outside on fakes."""

from __future__ import annotations

from pos.domain.message import Message, say
from pos.domain.pay_codes import asset_mark, plan_mark
from pos.ui.services import Runner, TillServices
from pos.usecases.ports import Denied, Granted
from tests.fakes.ask_hub import FakeAskHub
from tests.fakes.orders import FakeOrders
from tests.fakes.runners import AtOnce
from tests.fakes.sample_desk import SampleDesk


class FakeServices:
    """`services` is what the window gets; the rest is what tests look at and bend."""

    def __init__(
        self,
        sample: SampleDesk | None = None,
        *,
        on_journal: Runner | None = None,
        in_background: Runner | None = None,
        language: str = "zh",
    ) -> None:
        self.sample = sample or SampleDesk()
        self.hub_answer = FakeAskHub(self.sample)
        self.printer_notice: Message | None = None
        self.drawer_problem: Message | None = None
        self.drawer_pulses = 0
        self.test_prints = 0
        self.languages_saved: list[str] = []
        self.orders = FakeOrders()
        self.members_asked: list[str] = []
        self.codes_asked: list[tuple[str, str, int]] = []
        self.no_code: Message | None = None
        self.rights_asked: list[tuple[str, str]] = []
        self.right: Granted | Denied | None = None
        self.services = TillServices(
            desk=self.sample.desk,
            on_journal=on_journal or AtOnce(),
            in_background=in_background or AtOnce(),
            ask_hub=self.hub_answer,
            printer_notice=lambda: self.printer_notice,
            print_state=self.sample.journal.queue.state,
            orders=self.orders,
            ask_member=self._ask_member,
            ask_code=self._ask_code,
            ask_right=self._ask_right,
            test_print=self._test_print,
            pulse_drawer=self._pulse_drawer,
            language=language,
            save_language=self.languages_saved.append,
            scanner_gap_ms=35,
        )

    def _ask_member(self, member_no: str) -> bool:
        self.members_asked.append(member_no)
        return self.sample.hub.state().online

    def _ask_code(self, member_no: str, asset: str, amount: int) -> str | Message:
        """As a hub that has what the till thinks the member has."""
        self.codes_asked.append((member_no, asset, amount))
        if self.no_code is not None:
            return self.no_code
        sample = self.sample
        card_hash = next(whole for whole, no in sample.members.by_hash.items() if no == member_no)
        plan = sample.members.members[member_no].plan
        return sample.phone.code(
            sample.clock.now(),
            card_hash,
            asset_mark=asset_mark(asset),
            amount=amount,
            plan_mark=plan_mark(plan),
        )

    def _ask_right(self, kind: str, key: str) -> Granted | Denied | None:
        self.rights_asked.append((kind, key))
        return self.right

    def _test_print(self) -> Message:
        self.test_prints += 1
        return say("测试页已送打印")

    def _pulse_drawer(self) -> Message | None:
        self.drawer_pulses += 1
        return self.drawer_problem
