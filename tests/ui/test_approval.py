"""A second person approves what a cashier may not do alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from pos.domain.events import DrawerOpened, RefundMade
from pos.domain.message import Refusal
from pos.domain.printed_codes import code_hash, printed_code
from pos.usecases.log_in import FREE_TRIES, TRIES_MAX, WAIT_MAX, log_in
from pos.usecases.report_day import report_day
from tests.fakes.till_services import FakeServices
from tests.ui.conftest import OpenTill
from tests.ui.hands import CIGARETTES, WATER, Hands


def drawers_opened(till: Hands) -> list[tuple[str, str]]:
    events = till.fakes.sample.journal.events()
    return [(one.cashier, one.approved_by) for one in events if isinstance(one, DrawerOpened)]


def shown(till: Hands) -> str:
    """Every word on the sheet on top."""
    top = till.window.sheets.top
    assert top is not None
    return "\n".join(one.text() for one in top.findChildren(QLabel) if one.isVisible())


def test_a_cashier_opens_the_drawer_with_the_owners_approval(till: Hands) -> None:
    till.press(Qt.Key.Key_F12)
    till.type("3")
    assert till.sheet == "approval"
    till.log_in("01")
    till.settle()
    assert till.sheet == ""
    assert drawers_opened(till) == [("03", "01")]
    assert till.fakes.drawer_pulses == 1
    assert till.cashier == "03"


@pytest.mark.parametrize("approver", ["03", "04"])
def test_nobody_approves_alone_or_without_the_right(till: Hands, approver: str) -> None:
    till.press(Qt.Key.Key_F12)
    till.type("3")
    till.log_in(approver)
    assert till.sheet == "approval"
    till.press(Qt.Key.Key_Escape)
    assert till.sheet == ""
    assert drawers_opened(till) == []
    assert till.fakes.drawer_pulses == 0


def test_a_badge_fills_in_who_approves_and_goods_are_not_scanned_there(till: Hands) -> None:
    badge = printed_code("badge", 4711)
    till.fakes.sample.staff.badges[code_hash(badge)] = "01"
    till.press(Qt.Key.Key_F12)
    till.type("3")
    till.scan(WATER)
    assert till.sheet == "approval"
    till.scan(badge)
    till.type("010101")
    till.press(Qt.Key.Key_Return)
    assert drawers_opened(till) == [("03", "01")]
    assert till.lines == 0


def test_a_wrong_pin_approves_nothing_and_counts(till: Hands) -> None:
    till.press(Qt.Key.Key_F12)
    till.type("3")
    till.type("01")
    till.press(Qt.Key.Key_Return)
    till.type("999999")
    till.press(Qt.Key.Key_Return)
    assert till.sheet == "approval"
    assert till.fakes.sample.journal.wrong_pins("01").count == 1
    assert drawers_opened(till) == []


def test_a_large_refund_needs_a_second_person_and_the_owner_hears_of_it(
    open_till: OpenTill, fakes: FakeServices
) -> None:
    till = open_till(fakes)
    for _ in range(20):
        till.scan(CIGARETTES)
    till.press(Qt.Key.Key_F11)
    till.press(Qt.Key.Key_F6)
    till.type("1")
    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_F10)
    till.press(Qt.Key.Key_Return)
    assert till.sheet == "approval"
    assert "1212.00" in shown(till)
    till.log_in("01")
    (refund,) = [event for event in fakes.sample.journal.events() if isinstance(event, RefundMade)]
    assert (refund.cashier, refund.approved_by) == ("03", "01")
    assert refund.result.cash_back_fen > 200_00
    report = report_day(refund.date, fakes.sample.desk, fakes.hub_answer)
    assert report.oversight == (refund,)


def test_the_owner_reads_who_opened_approved_guessed_and_unlocked(
    open_till: OpenTill, fakes: FakeServices
) -> None:
    till = open_till(fakes)
    till.press(Qt.Key.Key_F12)
    till.type("3")
    till.log_in("01")
    sample = fakes.sample
    for _ in range(TRIES_MAX):
        with pytest.raises(Refusal):
            log_in("04", "000000", sample.desk)
        sample.clock.move(WAIT_MAX)
    till.press(Qt.Key.Key_F12)
    till.type("1")
    till.log_in("01")
    till.press(Qt.Key.Key_F12)
    till.type("9")
    assert "04" in till.notice
    till.press(Qt.Key.Key_F10)
    assert till.sheet == "report"
    assert "03 开钱箱，01 同意" in shown(till)
    assert "工号 04 连续输错 10 次" in shown(till)
    assert "01 解锁工号 04" in shown(till)


def test_the_second_person_of_a_locked_out_number_approves_nothing(till: Hands) -> None:
    sample = till.fakes.sample
    for _ in range(FREE_TRIES):
        with pytest.raises(Refusal):
            log_in("01", "000000", sample.desk)
    till.press(Qt.Key.Key_F12)
    till.type("3")
    till.log_in("01")
    assert till.sheet == "approval"
    assert "秒再试" in shown(till)
    assert drawers_opened(till) == []
