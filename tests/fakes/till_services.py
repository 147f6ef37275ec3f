"""The window's outside on fakes."""

from __future__ import annotations

from pos.domain.message import Message, say
from pos.ui.services import Runner, TillServices
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
        self.services = TillServices(
            desk=self.sample.desk,
            on_journal=on_journal or AtOnce(),
            in_background=in_background or AtOnce(),
            ask_hub=self.hub_answer,
            printer_notice=lambda: self.printer_notice,
            print_state=self.sample.journal.queue.state,
            orders=self.orders,
            ask_member=self._ask_member,
            test_print=self._test_print,
            pulse_drawer=self._pulse_drawer,
            language=language,
            save_language=self.languages_saved.append,
            scanner_gap_ms=35,
        )

    def _ask_member(self, member_no: str) -> bool:
        self.members_asked.append(member_no)
        return self.sample.hub.state().online

    def _test_print(self) -> Message:
        self.test_prints += 1
        return say("测试页已送打印")

    def _pulse_drawer(self) -> Message | None:
        self.drawer_pulses += 1
        return self.drawer_problem
