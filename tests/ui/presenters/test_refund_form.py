"""Goods come back: finding the receipt, counting pieces, the live preview, booking."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import pytest

from pos.domain.events import RefundMade, SaleMade, encode
from pos.domain.message import Message, say
from pos.ui.presenters.notices import Notice
from pos.ui.presenters.refund_form import RefundForm, points_lines
from pos.usecases.ports import Denied, Granted, StaffMember, StorageTrouble
from pos.usecases.refund_sale import CompletedRefund, refund_sale
from pos.usecases.roles import Right
from tests.fakes.runners import WhenTold
from tests.fakes.till_services import FakeServices
from tests.ui.presenters.at_the_till import WATER, AtTheTill


class Refunding:
    """The worked sale is made; a form is open."""

    def __init__(self, at: AtTheTill | None = None) -> None:
        self.at = at or AtTheTill()
        self.at.worked_sale()
        self.at.till.take_cash(100_00)
        self.notices: list[Notice] = []
        self.done: list[CompletedRefund] = []
        self.asked: list[tuple[Right, int]] = []
        self.approved_by = ""
        self.about: list[str] = []
        self.before_allowing: Callable[[], None] = lambda: None
        self.form = RefundForm(
            self.at.sample.desk,
            self.at.errands,
            "03",
            ask_right=self.at.fakes.services.ask_right,
            changed=lambda: None,
            say_notice=self.notices.append,
            on_done=self.done.append,
            when_allowed=self.allow,
        )

    def allow(
        self,
        right: Right,
        do_it: Callable[[StaffMember, str], None],
        /,
        *,
        amount_fen: int = 0,
        about: Message | None = None,
    ) -> None:
        """As the opener does for whoever may."""
        self.asked.append((right, amount_fen))
        self.about.append(str(about))
        self.before_allowing()
        do_it(StaffMember("03", "cashier", ""), self.approved_by)

    def find(self, typed: str = "1") -> None:
        for char in typed:
            self.form.type(char)
        self.form.find()

    @property
    def refunds(self) -> list[RefundMade]:
        return [event for event in self.at.sample.journal.events() if isinstance(event, RefundMade)]


@pytest.fixture
def refunding() -> Refunding:
    return Refunding()


@pytest.mark.parametrize("typed", ["1", "0001", "s1-1-7j0z0-0001"])
def test_a_receipt_is_found_by_its_end_or_in_full(refunding: Refunding, typed: str) -> None:
    refunding.find(typed)
    assert refunding.form.found is not None
    assert refunding.form.left == (3, 2, 1, 1)


@pytest.mark.parametrize("typed", ["9999", "nonsense", ""])
def test_an_unknown_number_is_said_and_can_be_typed_again(refunding: Refunding, typed: str) -> None:
    refunding.find(typed)
    assert refunding.form.found is None
    assert refunding.form.typed == ""
    assert refunding.notices[-1].tone == "warn"


def test_one_water_gives_what_domain_md_says(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.count(0, 1)
    preview = refunding.form.preview()
    assert preview is not None
    assert preview.cash_back_fen == 1_11
    assert [(amount, scale) for _, amount, scale in points_lines(preview)] == [(47, 2), (-1_00, 2)]
    refunding.form.confirm()
    assert refunding.done[0].refund.result.cash_back_fen == 1_11


def test_everything_gives_all_the_cash_back_and_a_second_press_nothing(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.everything()
    preview = refunding.form.preview()
    assert preview is not None
    assert preview.cash_back_fen == 77_36
    refunding.form.everything()
    assert refunding.form.preview() is None


def test_pieces_stay_within_what_is_left(refunding: Refunding) -> None:
    refunding.find()
    for _ in range(9):
        refunding.form.count(0, 1)
    assert refunding.form.pieces[0] == 3
    for _ in range(9):
        refunding.form.count(0, -1)
    assert refunding.form.pieces[0] == 0
    refunding.form.count(77, 1)
    assert sum(refunding.form.pieces) == 0


def test_nothing_counted_books_nothing(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.confirm()
    assert refunding.refunds == []
    assert refunding.notices[-1].tone == "warn"


def test_confirming_twice_books_once() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.worked_sale()
    runner.run_all()
    at.till.take_cash(100_00)
    runner.run_all()
    refunding = Refunding.__new__(Refunding)
    refunding.at, refunding.notices, refunding.done = at, [], []
    refunding.asked, refunding.approved_by = [], ""
    refunding.about, refunding.before_allowing = [], lambda: None
    refunding.form = RefundForm(
        at.sample.desk,
        at.errands,
        "03",
        ask_right=at.fakes.services.ask_right,
        changed=lambda: None,
        say_notice=refunding.notices.append,
        on_done=refunding.done.append,
        when_allowed=refunding.allow,
    )
    refunding.find()
    refunding.form.count(0, 1)
    refunding.form.confirm()
    refunding.form.confirm()
    assert not refunding.form.leave() or refunding.form.found is not None
    runner.run_all()
    assert len(refunding.refunds) == 1


def test_what_came_back_meanwhile_is_counted_again(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.everything()
    refund_sale("1", refunding.form.returning, "04", refunding.at.sample.desk)
    refunding.form.confirm()
    assert len(refunding.refunds) == 1
    assert refunding.form.found is None
    assert refunding.notices[-1].tone == "warn"


def test_a_full_disk_books_no_refund(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.everything()
    refunding.at.sample.journal.trouble = StorageTrouble(say("磁盘已满"))
    refunding.form.confirm()
    assert refunding.refunds == []
    assert refunding.notices[-1].tone == "bad"
    assert refunding.form.pieces == [3, 2, 1, 1]


def test_a_refund_of_a_refund_names_the_sale(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.count(0, 1)
    refunding.form.confirm()
    refunding.form.leave()
    refunding.find("2")
    assert "S1-1-7J0Z0-0001" in str(refunding.notices[-1].message)


def test_leaving_goes_back_to_the_choice_and_then_out(refunding: Refunding) -> None:
    refunding.find()
    assert refunding.form.leave()
    assert refunding.form.found is None
    assert not refunding.form.leave()


def test_recent_sales_leave_refunds_out(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.everything()
    refunding.form.confirm()
    assert [row.kind for row in refunding.form.recent()] == ["sale"]


def test_a_line_fully_returned_is_passed_over_at_first(refunding: Refunding) -> None:
    refunding.find()
    for _ in range(3):
        refunding.form.count(0, 1)
    refunding.form.confirm()
    refunding.form.leave()
    refunding.find()
    assert refunding.form.left[0] == 0
    assert refunding.form.selected == 1


def test_a_walk_in_gets_cash_and_no_points() -> None:
    at = AtTheTill()
    at.scan(WATER)
    at.till.take_cash(2_00)
    refunding = Refunding(at)
    refunding.find("1")
    refunding.form.everything()
    preview = refunding.form.preview()
    assert preview is not None
    assert preview.cash_back_fen == 1_70
    assert points_lines(preview) == ()


# --- what the hub knows of it -----------------------------------------------------------------------


def without(refunding: Refunding) -> SaleMade:
    """The sale as another till of the merchant made it: this till has never seen it."""
    journal = refunding.at.sample.journal
    sale = next(event for event in journal.events() if isinstance(event, SaleMade))
    return msgspec.structs.replace(sale, receipt_no="S1-2-00000-0007")


def granted(*events: SaleMade | RefundMade) -> Granted:
    return Granted(tuple(encode(event) for event in events))


def test_a_sale_of_another_till_comes_back_here_with_the_hubs_leave(refunding: Refunding) -> None:
    refunding.at.sample.hub.go_online()
    sale = without(refunding)
    refunding.at.fakes.right = granted(sale)
    refunding.find(sale.receipt_no)
    assert refunding.at.fakes.rights_asked[-1] == ("refund", sale.receipt_no)
    refunding.form.count(0, 1)
    refunding.form.confirm()
    assert (refunding.refunds[-1].of, refunding.refunds[-1].result.cash_back_fen) == (sale.receipt_no, 1_11)
    assert refunding.refunds[-1].before == {}

    first = msgspec.structs.replace(refunding.refunds[-1], receipt_no="S1-2-00000-0008")
    refunding.at.fakes.right = granted(sale, first)
    refunding.form.leave()
    refunding.find(sale.receipt_no)
    assert refunding.form.left == (1, 2, 1, 1)


def test_one_and_the_same_refund_told_by_the_hub_and_kept_here_counts_once(refunding: Refunding) -> None:
    refunding.at.sample.hub.go_online()
    sale = without(refunding)
    refunding.at.fakes.right = granted(sale)
    refunding.find(sale.receipt_no)
    refunding.form.count(0, 1)
    refunding.form.confirm()
    refunding.at.fakes.right = granted(sale, refunding.refunds[-1])
    refunding.form.leave()
    refunding.find(sale.receipt_no)
    assert refunding.form.left == (2, 2, 1, 1)


def test_offline_only_this_tills_own_sales_come_back(refunding: Refunding) -> None:
    refunding.at.sample.hub.go_offline(refunding.at.sample.clock.now())
    refunding.find("S1-2-00000-0007")
    assert "联网" in str(refunding.notices[-1].message)
    refunding.find("1")
    assert refunding.form.left == (3, 2, 1, 1)
    assert refunding.at.fakes.rights_asked == []


@pytest.mark.parametrize(
    ("word", "typed", "opens"),
    [
        ("right_claimed", "1", False),
        ("unknown_receipt", "1", True),
        ("unknown_receipt", "S1-2-00000-0007", False),
        ("other_merchant", "S9-2-00000-0007", False),
    ],
)
def test_the_hubs_no(refunding: Refunding, word: str, typed: str, opens: bool) -> None:
    refunding.at.sample.hub.go_online()
    refunding.at.fakes.right = Denied(word, say("总部说不行"))
    refunding.find(typed)
    assert (refunding.form.found is not None) == opens
    assert (refunding.notices[-1].message == say("总部说不行")) != opens


def test_an_old_answer_is_not_acted_on(refunding: Refunding, monkeypatch: pytest.MonkeyPatch) -> None:
    refunding.at.sample.hub.go_online()
    refunding.at.fakes.right = granted(without(refunding))
    refunding.find("S1-2-00000-0007")
    refunding.form.count(0, 1)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    refunding.form.confirm()
    assert refunding.refunds == []
    assert refunding.form.found is None


def test_an_answer_does_not_grow_old_while_somebody_comes_to_approve(
    refunding: Refunding, monkeypatch: pytest.MonkeyPatch
) -> None:
    refunding.at.sample.hub.go_online()
    refunding.at.fakes.right = granted(without(refunding))
    refunding.find("S1-2-00000-0007")
    refunding.form.count(0, 1)
    later = time.monotonic() + 601
    refunding.before_allowing = lambda: monkeypatch.setattr(time, "monotonic", lambda: later)
    refunding.form.confirm()
    assert len(refunding.asked) == 1
    assert refunding.refunds == []
    assert not refunding.form.busy


def test_who_approves_hears_how_much_and_earlier_refunds_count(refunding: Refunding) -> None:
    refunding.find()
    refunding.form.count(0, 1)
    refunding.form.confirm()
    first = refunding.done[0].refund.result.cash_back_fen
    refunding.form.leave()
    refunding.find()
    refunding.form.count(0, 1)
    refunding.form.confirm()
    second = refunding.done[1].refund.result.cash_back_fen
    assert refunding.asked == [("refund", first), ("refund", first + second)]
    assert refunding.about[0] == "退现金 1.11，小票 S1-1-7J0Z0-0001"


@pytest.mark.parametrize("entries", [(), (b"{}",), (b"not json",)])
def test_an_answer_that_holds_no_sale(refunding: Refunding, entries: tuple[bytes, ...]) -> None:
    refunding.at.sample.hub.go_online()
    refunding.at.fakes.right = Granted(entries)
    refunding.find("S1-2-00000-0007")
    assert refunding.form.found is None
    refunding.find("1")
    assert refunding.form.found is not None
