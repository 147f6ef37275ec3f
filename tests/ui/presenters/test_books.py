"""Receipts and the owner's day."""

from __future__ import annotations

import msgspec
import pytest

from pos.domain.day import Figures, ReceiptFigures
from pos.domain.events import DrawerOpened
from pos.domain.message import say
from pos.ui.presenters.day_book import (
    DayBook,
    borne,
    comparison,
    named_differences,
    oversight,
    settlement,
    takings,
)
from pos.ui.presenters.notices import Notice
from pos.ui.presenters.receipt_book import ReceiptBook
from pos.usecases.ports import StorageTrouble
from pos.usecases.report_day import DayReport
from tests.fakes.ask_hub import statement
from tests.fakes.runners import WhenTold
from tests.fakes.till_services import FakeServices
from tests.ui.presenters.at_the_till import COLA, WATER, AtTheTill


@pytest.fixture
def at() -> AtTheTill:
    """Two sales were made: the worked one, and a water to a walk-in."""
    at = AtTheTill()
    at.worked_sale()
    at.till.take_cash(100_00)
    at.scan(WATER)
    at.till.take_cash(2_00)
    return at


class Day:
    def __init__(self, at: AtTheTill) -> None:
        self.at = at
        self.drawn = 0
        services = at.fakes.services
        self.book = DayBook(services.desk, at.errands, services.ask_hub, self._drawn)

    def _drawn(self) -> None:
        self.drawn += 1

    @property
    def shown(self) -> str | None:
        return self.book.report.date if self.book.report else None

    def verdict(self) -> Notice:
        assert self.book.report is not None
        return comparison(self.book.report)


def test_the_day_adds_up(at: AtTheTill) -> None:
    at.sample.journal.confirm_all()
    day = Day(at)
    day.book.open()
    assert day.book.report is not None
    values = {str(row.label): row.value for row in takings(day.book.report)}
    assert values["销售笔数"] == "2"
    assert values["应付"] == "86.06"
    assert values["现金"] == "79.06"
    assert values["积分抵扣（分）"] == "7"
    assert values["积分发放（分）"] == "16"
    assert values["待上传（单）"] == "0"
    owed = {str(row.label): row.value for row in settlement(day.book.report.till, day.book.share_name)}
    assert owed["联盟分成 3%"] == "2.58"
    assert owed["联盟应补"] == "7.00"
    assert owed["联盟净付门店"] == "4.42"
    assert day.verdict().tone == "good"


def test_a_store_that_owes_the_alliance_reads_so() -> None:
    labels = [str(row.label) for row in settlement(Figures(share_fen=2_00), say("联盟分成 3%"))]
    assert "门店净付联盟" in labels


def test_receipts_on_their_way_are_pending_not_wrong(at: AtTheTill) -> None:
    day = Day(at)
    day.book.open()
    assert day.verdict().tone == "warn"
    assert "2 单还没上传" in str(day.verdict().message)


def test_offline_the_day_is_shown_without_the_hub(at: AtTheTill) -> None:
    at.sample.hub.go_offline(at.sample.clock.now())
    day = Day(at)
    day.book.open()
    assert day.book.report is not None
    assert day.verdict().tone == "warn"


def test_a_different_receipt_is_named(at: AtTheTill) -> None:
    at.sample.journal.confirm_all()
    honest = statement(at.sample, "2026-11-21")
    wrong = honest.receipts[0]
    figures = msgspec.structs.replace(wrong.figures, share_fen=wrong.figures.share_fen + 1)
    unknown = ReceiptFigures("S1-1-7J0Z0-0099", Figures(sales=1))
    at.fakes.hub_answer.answer = msgspec.structs.replace(
        honest, receipts=(ReceiptFigures(wrong.receipt_no, figures), unknown)
    )
    day = Day(at)
    day.book.open()
    assert day.verdict().tone == "bad"
    assert day.book.report is not None
    named = [str(one) for one in named_differences(day.book.report)]
    assert named == [
        "S1-1-7J0Z0-0001：联盟分成不同",
        "S1-1-7J0Z0-0002：总部还没有",
        "S1-1-7J0Z0-0099：本机没有",
    ]


def test_what_the_alliance_bears_and_reckons_differently_is_shown(at: AtTheTill) -> None:
    at.sample.journal.confirm_all()
    honest = statement(at.sample, "2026-11-21")
    at.fakes.hub_answer.answer = msgspec.structs.replace(
        honest,
        clawback={"points": 5_00, "coupon:coupon_50_10": 1},
        recomputed_differently=("S1-1-7J0Z0-0001",),
    )
    day = Day(at)
    day.book.open()
    assert day.book.report is not None
    values = {str(row.label): row.value for row in borne(day.book.report)}
    assert values == {
        "超额抵扣 满50减10（联盟承担）": "1",
        "超额抵扣 积分（联盟承担）": "5",
        "总部重算不同（单）": "1",
    }
    assert "S1-1-7J0Z0-0001：总部重算的结果不同" in [str(one) for one in named_differences(day.book.report)]


def test_a_hundred_differences_fit_on_the_screen(at: AtTheTill) -> None:
    at.sample.journal.confirm_all()
    honest = statement(at.sample, "2026-11-21")
    many = tuple(ReceiptFigures(f"S1-1-7J0Z0-{n:04d}", Figures(sales=1)) for n in range(200, 300))
    at.fakes.hub_answer.answer = msgspec.structs.replace(honest, receipts=many)
    day = Day(at)
    day.book.open()
    assert day.book.report is not None
    assert len(named_differences(day.book.report)) == 9


def test_turning_the_days_never_passes_today(at: AtTheTill) -> None:
    day = Day(at)
    day.book.turn(1)
    assert day.book.date == "2026-11-21"
    day.book.turn(-1)
    assert day.book.date == "2026-11-20"
    assert day.book.report is not None
    assert day.book.report.till == Figures()


def test_an_answer_for_another_day_is_passed_over() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(in_background=runner))
    day = Day(at)
    day.book.open()
    day.book.turn(-1)
    runner.run_next()
    assert day.shown is None
    runner.run_all()
    assert day.shown == "2026-11-20"


# --- receipts ---------------------------------------------------------------------------------------


class Receipts:
    def __init__(self, at: AtTheTill) -> None:
        self.notices: list[Notice] = []
        self.book = ReceiptBook(
            at.sample.desk, at.errands, changed=lambda: None, say_notice=self.notices.append
        )


def test_newest_first_and_narrowed_by_digits(at: AtTheTill) -> None:
    book = Receipts(at).book
    assert [row.receipt_no[-4:] for row in book.rows] == ["0002", "0001"]
    for char in "0001":
        book.type(char)
    assert [row.receipt_no[-4:] for row in book.rows] == ["0001"]
    book.drop(4)
    assert len(book.rows) == 2


def test_a_copy_goes_to_the_printer(at: AtTheTill) -> None:
    receipts = Receipts(at)
    receipts.book.move(1)
    receipts.book.reprint()
    job = at.sample.journal.queue.jobs[-1]
    assert job.copy
    assert receipts.notices[-1].tone == "good"
    assert "0001" in str(receipts.notices[-1].message)


def test_a_copy_that_cannot_be_queued_is_said(at: AtTheTill) -> None:
    at.sample.journal.trouble = StorageTrouble(say("磁盘已满"))
    receipts = Receipts(at)
    receipts.book.reprint()
    assert receipts.notices[-1].tone == "bad"


def test_an_empty_list_prints_nothing() -> None:
    receipts = Receipts(AtTheTill())
    receipts.book.move(1)
    receipts.book.reprint()
    assert receipts.notices == []


def test_a_scanned_receipt_stands_alone(at: AtTheTill) -> None:
    book = Receipts(at).book
    book.find("s1-1-7j0z0-0001")
    assert [row.receipt_no for row in book.rows] == ["S1-1-7J0Z0-0001"]
    assert book.chosen is not None
    at.scan(COLA)


def noted(at: AtTheTill, count: int) -> DayReport:
    """The report of a day on which the drawer was opened so often."""
    day = Day(at)
    day.book.open()
    assert day.book.report is not None
    drawers = tuple(DrawerOpened(f"2026-11-21T10:{n:02}:00+08:00", "03", "01") for n in range(count))
    return msgspec.structs.replace(day.book.report, oversight=drawers)


def test_the_last_of_what_an_owner_wants_to_hear_of_is_shown(at: AtTheTill) -> None:
    assert oversight(noted(at, 0)) == ()
    assert [str(one) for one in oversight(noted(at, 1))] == ["开钱箱、同意与锁定", "10:00 03 开钱箱，01 同意"]
    told = [str(one) for one in oversight(noted(at, 6))]
    assert (len(told), told[0]) == (4, "开钱箱、同意与锁定（之前还有 3 条）")
    assert told[-1] == "10:05 03 开钱箱，01 同意"
