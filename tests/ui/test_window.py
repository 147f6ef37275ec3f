"""Around the sale: log-in, roles, sheets, languages, the top line, restoring."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from pos.domain.events import DrawerOpened, RefundMade
from pos.domain.message import say
from pos.ui import theme
from pos.ui.sheets.numbers import WeightSheet
from tests.fakes.runners import WhenTold
from tests.fakes.sample_desk import SampleDesk
from tests.fakes.till_services import FakeServices
from tests.ui.conftest import OpenTill
from tests.ui.hands import APPLES, CONTROL, MEMBER, WATER, Hands


def test_a_cashier_sells_and_sees_no_report(till: Hands) -> None:
    assert till.window.screens.currentWidget() is till.window.sale
    till.press(Qt.Key.Key_F10)
    assert not till.sheet
    assert "店主" in till.notice


def test_an_owner_sells_and_sees_the_day(open_till: OpenTill, fakes: FakeServices) -> None:
    hands = open_till(fakes, person="01")
    assert hands.window.screens.currentWidget() is hands.window.sale
    hands.press(Qt.Key.Key_F10)
    assert hands.sheet == "report"
    hands.press(Qt.Key.Key_Left)
    hands.press(Qt.Key.Key_Right)
    hands.press(Qt.Key.Key_Escape)
    assert not hands.sheet


def test_a_technician_gets_the_tools(open_till: OpenTill, fakes: FakeServices) -> None:
    hands = open_till(fakes, person="09")
    assert hands.window.screens.currentWidget() is hands.window.tools
    hands.press(Qt.Key.Key_F2)
    assert fakes.test_prints == 1
    hands.press(Qt.Key.Key_F3)
    assert fakes.drawer_pulses == 1
    hands.scan(WATER)
    assert hands.lines == 0
    assert "技术员" in hands.notice
    hands.press(Qt.Key.Key_Escape)
    assert not hands.cashier


def test_a_wrong_pin_lets_nobody_in(open_till: OpenTill, fakes: FakeServices) -> None:
    hands = open_till(fakes, person=None)
    hands.type("03")
    hands.press(Qt.Key.Key_Return)
    hands.type("123456")
    hands.press(Qt.Key.Key_Return)
    assert not hands.cashier
    notice = hands.window.log_in.form.notice
    assert notice is not None
    hands.press(Qt.Key.Key_F9)
    assert not hands.sheet


@pytest.mark.parametrize(
    ("key", "sheet"),
    [
        (Qt.Key.Key_F1, "help"),
        (Qt.Key.Key_F3, "quantity"),
        (Qt.Key.Key_F4, "confirm"),
        (Qt.Key.Key_F5, "member"),
        (Qt.Key.Key_F6, "refund"),
        (Qt.Key.Key_F7, "receipts"),
        (Qt.Key.Key_F8, "points"),
        (Qt.Key.Key_F9, "cash"),
        (Qt.Key.Key_F12, "menu"),
    ],
)
def test_every_key_opens_its_sheet_and_esc_closes_it(till: Hands, key: Qt.Key, sheet: str) -> None:
    till.scan(MEMBER)
    for _ in range(9):
        till.scan(WATER)
    till.press(key)
    assert till.sheet == sheet
    till.press(Qt.Key.Key_Escape)
    assert not till.sheet
    assert till.window.till.cart.lines[0].quantity == 9


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_F3, Qt.Key.Key_F8, Qt.Key.Key_F9, Qt.Key.Key_F11, Qt.Key.Key_Delete]
)
def test_on_an_empty_cart_keys_say_what_to_do_first(till: Hands, key: Qt.Key) -> None:
    till.press(key)
    assert not till.sheet
    assert till.notice


def test_f2_brings_the_touch_keyboard_and_takes_it_away(till: Hands) -> None:
    till.press(Qt.Key.Key_F2)
    assert not till.window.sale.letter_card.isHidden()
    till.window.sale.letters.typed.emit("n")
    assert till.window.entry.text == "n"
    till.press(Qt.Key.Key_F2)
    assert till.window.sale.letter_card.isHidden()


def test_nothing_to_undo_is_a_sentence(till: Hands) -> None:
    till.press(Qt.Key.Key_Z, CONTROL)
    assert till.notice == "没有可以撤销的操作"


# --- refund and receipts --------------------------------------------------------------------------------


def refunds(hands: Hands) -> list[RefundMade]:
    return [event for event in hands.fakes.sample.journal.events() if isinstance(event, RefundMade)]


def test_one_water_comes_back(till: Hands) -> None:
    till.worked_sale()
    till.pay("100")
    till.press(Qt.Key.Key_F6)
    till.type("1")
    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_Right)
    till.press(Qt.Key.Key_Return)
    assert refunds(till)[0].result.cash_back_fen == 1_11
    assert till.change == "1.11"
    assert not till.sheet


def test_a_scanned_receipt_opens_its_refund(till: Hands) -> None:
    till.worked_sale()
    till.pay("100")
    till.scan("S1-1-7J0Z0-0001")
    assert till.sheet == "refund"
    till.press(Qt.Key.Key_F10)
    till.press(Qt.Key.Key_Return)
    assert refunds(till)[0].result.cash_back_fen == 77_36


def test_a_receipt_scanned_on_the_refund_sheet_is_found_and_goods_are_not(till: Hands) -> None:
    till.scan(WATER)
    till.pay()
    till.press(Qt.Key.Key_F6)
    till.scan(WATER)
    assert till.notice == "请先完成或取消当前窗口，再扫码"
    till.scan("S1-1-7J0Z0-0001")
    assert till.window.sheets.top is not None
    till.press(Qt.Key.Key_Escape)
    till.press(Qt.Key.Key_Escape)
    assert not till.sheet


def test_an_open_cart_survives_a_refund(till: Hands) -> None:
    till.scan(WATER)
    till.pay()
    till.scan(WATER)
    till.scan("S1-1-7J0Z0-0001")
    till.press(Qt.Key.Key_F10)
    till.press(Qt.Key.Key_Return)
    till.type("+")
    assert till.window.till.cart.lines[0].quantity == 2


def test_the_refund_stays_on_the_screen_when_the_open_cart_is_priced_again(till: Hands) -> None:
    till.scan(WATER)
    till.pay()
    till.scan(MEMBER)
    till.scan(WATER)
    till.scan("S1-1-7J0Z0-0001")
    till.press(Qt.Key.Key_F10)
    till.press(Qt.Key.Key_Return)
    till.fakes.sample.hub.go_offline(till.fakes.sample.clock.now())
    till.window.look_around()
    assert till.change == "1.70"


def test_a_copy_and_a_refund_from_the_list(till: Hands) -> None:
    till.scan(WATER)
    till.pay()
    till.press(Qt.Key.Key_F7)
    till.press(Qt.Key.Key_Return)
    assert till.fakes.sample.journal.queue.jobs[-1].copy
    till.press(Qt.Key.Key_F6)
    assert till.sheet == "refund"


# --- the menu -------------------------------------------------------------------------------------------


def test_the_language_changes_at_once_and_is_kept(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F12)
    till.type("2")
    assert till.window.stage.language == "en"
    assert till.fakes.languages_saved == ["en"]
    assert till.window.stage(say("现金")) == "Cash"
    till.pay("2")
    till.press(Qt.Key.Key_F12)
    till.type("2")
    assert till.window.stage(say("现金")) == "现金"


def test_an_owner_opens_the_drawer_and_it_is_journaled_before_the_pulse(
    open_till: OpenTill, fakes: FakeServices
) -> None:
    till = open_till(fakes, person="01")
    till.press(Qt.Key.Key_F12)
    till.type("3")
    opened = [event for event in fakes.sample.journal.events() if isinstance(event, DrawerOpened)]
    assert [(event.cashier, event.approved_by) for event in opened] == [("01", "")]
    assert fakes.drawer_pulses == 1


def test_a_test_print_says_how_it_went(till: Hands) -> None:
    till.press(Qt.Key.Key_F12)
    till.type("4")
    assert till.notice == "测试页已送打印"


def test_locking_keeps_the_cart_for_whoever_comes(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F12)
    till.type("1")
    assert not till.cashier
    till.press(Qt.Key.Key_F9)
    assert not till.sheet
    till.log_in("04")
    assert till.lines == 1
    till.pay()
    assert till.window.till.last is not None
    assert till.window.till.last.completed.sale.cashier == "04"


def test_quitting_asks_first(till: Hands) -> None:
    till.press(Qt.Key.Key_F12)
    till.type("8")
    assert till.sheet == "confirm"
    till.press(Qt.Key.Key_Escape)
    assert till.window.isVisible()
    till.press(Qt.Key.Key_F12)
    till.type("8")
    till.press(Qt.Key.Key_Return)
    assert not till.window.isVisible()


# --- the top line, starting again -------------------------------------------------------------------------


def test_the_badge_follows_the_hub_and_the_printer_speaks_up(till: Hands) -> None:
    sample = till.fakes.sample
    sample.hub.go_offline(sample.clock.now() - timedelta(minutes=12))
    till.fakes.printer_notice = say("打印机没有纸，请换纸；小票会自动补打")
    till.scan(WATER)
    till.pay()
    till.window.look_around()
    texts = [till.window.stage(badge.text) for badge in till.window.header.badges]
    assert texts == ["打印机没有纸，请换纸；小票会自动补打", "离线 12 分钟 · 一切照常"]
    assert str(till.window.header.badges[-1].waiting) == "1 单待上传"


@pytest.mark.parametrize("size", [(800, 600), (1024, 768), (1280, 800)])
def test_long_problems_leave_room_for_the_time_and_what_waits(
    open_till: OpenTill, fakes: FakeServices, size: tuple[int, int]
) -> None:
    hands = open_till(fakes, size=size)
    hands.scan(WATER)
    hands.pay()
    long = say(
        "总部记录的本机流水比本机多：本机的数据可能是从备份恢复或复制来的。可以继续收银，但已停止上传；请联系技术员重新入网"
    )
    fakes.sample.hub.have_problem(long)
    fakes.printer_notice = say("打印机缺纸，换纸后会自动补打")
    hands.window.look_around()
    header = hands.window.header
    widths = header.badge_widths()
    assert sum(widths) < header.width() - hands.window.stage.px(200)
    assert widths[-1] > header._tail_px(header.badges[-1]) + hands.window.stage.px(60)
    assert str(long) in header.toolTip()
    at = QPoint(header.width() - hands.window.stage.px(40), header.height() // 2)
    QTest.mousePress(header, Qt.MouseButton.LeftButton, pos=at)
    assert hands.notice == str(long)


@pytest.mark.parametrize("size", [(800, 600), (1024, 768), (1280, 800)])
def test_a_notice_hides_neither_the_entry_line_nor_the_member(
    open_till: OpenTill, fakes: FakeServices, size: tuple[int, int]
) -> None:
    hands = open_till(fakes, size=size)
    hands.scan(MEMBER)
    hands.scan("123456")
    toast, sale = hands.window.toast, hands.window.sale
    assert hands.notice
    for widget in (sale.entry_view, sale.member, sale.totals, sale.footer):
        there = QRect(widget.mapTo(hands.window, QPoint()), widget.size())
        assert not toast.geometry().intersects(there)
    assert toast.height() < 120


def test_a_notice_on_a_sheet_stays_off_its_fields(till: Hands) -> None:
    till.type(APPLES)
    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_Return)
    assert till.notice == "请先输入重量，再按 Enter"
    sheet = till.window.sheets.top
    assert isinstance(sheet, WeightSheet)
    there = QRect(sheet.field.mapTo(till.window, QPoint()), sheet.field.size())
    assert not till.window.toast.geometry().intersects(there)


def test_scans_during_the_log_in_wait_for_it(open_till: OpenTill) -> None:
    runner = WhenTold()
    hands = open_till(FakeServices(on_journal=runner))
    hands.scan(WATER)
    assert hands.lines == 0
    assert not hands.notice
    runner.run_all()
    hands.settle()
    assert hands.cashier == "03"
    assert hands.lines == 1


def test_scans_during_a_log_in_that_fails_are_not_kept_silently(open_till: OpenTill) -> None:
    runner = WhenTold()
    hands = open_till(FakeServices(on_journal=runner), person=None)
    hands.type("03")
    hands.press(Qt.Key.Key_Return)
    hands.type("123456")
    hands.press(Qt.Key.Key_Return)
    hands.scan(WATER)
    runner.run_all()
    hands.settle()
    assert hands.notice == "请先登录，再扫码"
    hands.type("030303")
    hands.press(Qt.Key.Key_Return)
    runner.run_all()
    hands.settle()
    assert (hands.cashier, hands.lines) == ("03", 0)


def test_the_cart_of_last_time_is_back_after_a_restart(open_till: OpenTill) -> None:
    sample = SampleDesk()
    first = open_till(FakeServices(sample))
    first.worked_sale()
    first.window.stop()
    second = open_till(FakeServices(sample), person=None)
    assert second.notice == "上次没结完的购物车已恢复"
    second.log_in("03")
    assert second.due_fen == 77_36


@pytest.mark.parametrize("size", [(1024, 768), (1280, 800), (1366, 768), (1920, 1080)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_to_tap_is_large_enough_and_in_sight(
    open_till: OpenTill, size: tuple[int, int], language: str
) -> None:
    hands = open_till(FakeServices(language=language), person="01", size=size)
    hands.worked_sale(redeem=False)
    for key in (None, *(Qt.Key(Qt.Key.Key_F1.value + n) for n in (0, 2, 4, 5, 6, 7, 8, 9, 11))):
        if key is not None:
            hands.press(key)
        for button in hands.window.findChildren(QAbstractButton):
            if not button.isVisible() or button.metaObject().className() == "QTableCornerButton":
                continue
            assert min(button.width(), button.height()) >= theme.TOUCH, (key, button)
            corner = button.mapTo(hands.window, button.rect().bottomRight())
            assert hands.window.rect().contains(corner), (key, button)
        if key is not None:
            hands.press(Qt.Key.Key_Escape)


def test_the_window_does_not_grow_beyond_a_small_screen(open_till: OpenTill, fakes: FakeServices) -> None:
    hands = open_till(fakes, size=(1024, 768))
    assert (hands.window.width(), hands.window.height()) == (1024, 768)
