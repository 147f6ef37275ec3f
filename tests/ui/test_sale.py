"""A sale in the window, by scans and keys as they come from the platform."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from pos.domain.events import SaleMade
from pos.domain.message import say
from pos.ui.sheets.cash import CashSheet
from pos.usecases.ports import StorageTrouble
from tests.fakes.runners import OnThread, WhenTold
from tests.fakes.till_services import FakeServices
from tests.ui.conftest import OpenTill
from tests.ui.hands import APPLES, CIGARETTES, COLA, MEMBER, WATER, Hands


def sales(hands: Hands) -> list[SaleMade]:
    return [event for event in hands.fakes.sample.journal.events() if isinstance(event, SaleMade)]


def test_the_worked_sale_by_scans_and_keys(till: Hands) -> None:
    till.worked_sale()
    assert till.due_fen == 77_36
    assert till.window.sale.totals.due_text == "77.36"
    till.pay("100")
    assert till.change == "22.64"
    sale = sales(till)[0]
    assert (sale.result.due_fen, sale.change_fen, sale.result.outcome.share_fen) == (77_36, 22_64, 2_53)


def test_the_worked_sale_with_the_journal_on_its_own_thread(open_till: OpenTill, qtbot: QtBot) -> None:
    journal, background = OnThread(), OnThread()
    hands = open_till(FakeServices(on_journal=journal, in_background=background), person=None)
    hands.type("03")
    hands.press(Qt.Key.Key_Return)
    hands.type("030303")
    hands.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: hands.window.till.person is not None)
    hands.worked_sale()
    hands.pay("100")
    qtbot.waitUntil(lambda: hands.window.till.paid is not None)
    journal.close()
    background.close()
    assert hands.window.till.last is not None
    assert hands.window.till.last.change_fen == 22_64


# --- paying -------------------------------------------------------------------------------------------


def test_enter_alone_takes_the_exact_amount(till: Hands) -> None:
    till.scan(WATER)
    till.pay()
    assert sales(till)[0].change_fen == 0
    assert sales(till)[0].tenders[0].amount_fen == 1_70


def test_f11_takes_the_exact_amount_without_a_question(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F11)
    assert len(sales(till)) == 1


def test_suggested_notes_have_keys(till: Hands) -> None:
    till.worked_sale()
    till.press(Qt.Key.Key_F9)
    sheet = till.window.sheets.top
    assert isinstance(sheet, CashSheet)
    till.press(Qt.Key.Key_F4)
    assert sheet.form.given_fen == 100_00
    assert sheet.form.change_fen == 22_64


def test_two_enters_sell_once_and_leave_the_change_on_the_screen(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F9)
    till.post_enter()
    till.post_enter()
    till.settle()
    assert len(sales(till)) == 1
    assert till.change


def test_two_enters_sell_once_with_a_slow_disk(open_till: OpenTill) -> None:
    runner = WhenTold()
    fakes = FakeServices(on_journal=runner)
    hands = open_till(fakes, person=None)
    hands.window._logged_in(fakes.sample.staff.people["03"])
    hands.scan(WATER)
    runner.run_all()
    hands.press(Qt.Key.Key_F9)
    hands.post_enter()
    hands.post_enter()
    hands.press(Qt.Key.Key_Escape)
    assert hands.sheet == "cash"
    assert not hands.change
    runner.run_all()
    hands.settle()
    assert len(sales(hands)) == 1
    assert not hands.sheet
    assert hands.change


def test_a_window_that_is_booking_does_not_close(open_till: OpenTill) -> None:
    runner = WhenTold()
    fakes = FakeServices(on_journal=runner)
    hands = open_till(fakes, person=None)
    hands.window._logged_in(fakes.sample.staff.people["03"])
    hands.scan(WATER)
    runner.run_all()
    hands.press(Qt.Key.Key_F11)
    assert not hands.window.close()
    runner.run_all()
    hands.settle()
    assert hands.window.close()


@pytest.mark.parametrize("amount", ["0", "1", "1.69", ".", "99999999", "6921168509256", "1001.71"])
def test_an_amount_that_will_not_do_keeps_the_sheet_open(till: Hands, amount: str) -> None:
    till.scan(WATER)
    till.pay(amount)
    assert sales(till) == []
    assert till.sheet == "cash"


def test_the_next_scan_dismisses_the_change_and_is_added(till: Hands) -> None:
    till.scan(WATER)
    till.pay("2")
    till.scan(COLA)
    assert not till.change
    assert [line.product.code for line in till.window.till.cart.lines] == [COLA]


def test_the_next_key_dismisses_the_change_and_is_typed(till: Hands) -> None:
    till.scan(WATER)
    till.pay("2")
    till.type("n")
    assert not till.change
    assert till.window.entry.text == "n"


def test_a_tap_dismisses_the_change(till: Hands) -> None:
    till.scan(WATER)
    till.pay("2")
    QTest.mouseClick(till.window.outcome_panel, Qt.MouseButton.LeftButton)
    assert not till.change


def test_the_previous_sale_stays_in_the_footer_with_its_print_state(till: Hands) -> None:
    till.scan(WATER)
    till.pay("2")
    till.scan(COLA)
    till.window.look_around()
    assert till.window.stage(till.window.sale.footer._last) == "上一单 0001 · 找零 0.30 · 小票排队中"
    till.fakes.sample.journal.queue.print_all()
    till.window.look_around()
    assert "小票已打印" in till.window.stage(till.window.sale.footer._last)


def test_a_full_disk_is_said_and_the_sale_can_be_taken_again(till: Hands) -> None:
    till.scan(WATER)
    till.fakes.sample.journal.trouble = StorageTrouble(say("磁盘已满，请联系技术员"))
    till.pay("2")
    assert "磁盘已满" in till.notice
    assert till.sheet == "cash"
    assert till.lines == 1
    till.fakes.sample.journal.trouble = None
    till.press(Qt.Key.Key_Return)
    assert len(sales(till)) == 1


def test_a_price_that_changed_beneath_the_cash_sheet_is_shown(till: Hands) -> None:
    till.fakes.no_code = say("现在连不上总部")
    till.worked_sale()
    till.press(Qt.Key.Key_F9)
    sample = till.fakes.sample
    sample.hub.go_offline(sample.clock.now())
    sample.members.moment = None
    till.press(Qt.Key.Key_Return)
    assert sales(till) == []
    assert "应收金额刚刚变了" in till.notice
    sheet = till.window.sheets.top
    assert isinstance(sheet, CashSheet)
    assert sheet.form.due_fen == 84_36


# --- scans while a sheet is open ------------------------------------------------------------------------


@pytest.mark.parametrize("code", [WATER, MEMBER, "123456"])
def test_a_scan_never_lands_in_the_cash_amount(till: Hands, code: str) -> None:
    """odoo#37411."""
    till.scan(WATER)
    till.press(Qt.Key.Key_F9)
    till.type("5")
    till.scan(code)
    sheet = till.window.sheets.top
    assert isinstance(sheet, CashSheet)
    assert sheet.form.typed.text == "5"
    assert till.notice == "请先完成或取消收款"
    assert till.lines == 1
    assert sales(till) == []


@pytest.mark.parametrize("key", [Qt.Key.Key_F3, Qt.Key.Key_F1, Qt.Key.Key_F12, Qt.Key.Key_F7, Qt.Key.Key_F4])
def test_a_scan_over_any_other_sheet_is_a_notice(till: Hands, key: Qt.Key) -> None:
    till.scan(WATER)
    till.press(key)
    sheet = till.sheet
    till.scan(COLA)
    assert till.sheet == sheet
    assert till.lines == 1
    assert till.notice == "请先完成或取消当前窗口，再扫码"


def test_a_scan_over_the_weight_is_ignored(till: Hands) -> None:
    till.type(APPLES)
    till.press(Qt.Key.Key_Return)
    till.type("1.2")
    till.scan(WATER)
    till.press(Qt.Key.Key_Return)
    assert [line.weight_g for line in till.window.till.cart.lines] == [1200]


def test_a_member_code_scanned_on_the_member_sheet_is_taken(till: Hands) -> None:
    till.press(Qt.Key.Key_F5)
    till.scan(MEMBER)
    assert not till.sheet
    assert till.window.till.cart.member_no == "30006012"


def test_a_scan_at_the_log_in_is_a_notice(open_till: OpenTill, fakes: FakeServices) -> None:
    hands = open_till(fakes, person=None)
    hands.scan(WATER)
    assert hands.notice == "请先登录，再扫码"
    assert hands.window.log_in.form.number == ""


# --- lines --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "quantity"), [("5", 5), ("0", 1), ("1000000000", 1), ("9999", 9999)])
def test_a_quantity_by_f3(till: Hands, typed: str, quantity: int) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F3)
    till.type(typed)
    till.press(Qt.Key.Key_Return)
    assert till.window.till.cart.lines[0].quantity == quantity
    assert (not till.sheet) == (quantity != 1)


def test_f3_on_a_weighed_line_is_its_weight_also_in_grams(till: Hands) -> None:
    till.worked_sale(redeem=False)
    till.press(Qt.Key.Key_F3)
    assert till.sheet == "weight"
    till.press(Qt.Key.Key_F2)
    till.type("850")
    till.press(Qt.Key.Key_Return)
    assert till.window.till.cart.lines[3].weight_g == 850


@pytest.mark.parametrize("weight", ["0", "1000", "0.000"])
def test_a_weight_nobody_sells_keeps_the_sheet_open(till: Hands, weight: str) -> None:
    till.type(APPLES)
    till.press(Qt.Key.Key_Return)
    till.type(weight)
    till.press(Qt.Key.Key_Return)
    assert till.sheet == "weight"
    assert till.lines == 0


def test_plus_minus_arrows_delete_and_undo(till: Hands) -> None:
    for code in (WATER, COLA, CIGARETTES):
        till.scan(code)
    till.press(Qt.Key.Key_Up)
    till.type("++-")
    assert [line.quantity for line in till.window.till.cart.lines] == [1, 2, 1]
    till.press(Qt.Key.Key_Delete)
    assert till.lines == 2
    till.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert till.lines == 3


def test_f4_asks_before_it_empties_the_cart(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F4)
    till.press(Qt.Key.Key_Escape)
    assert till.lines == 1
    till.press(Qt.Key.Key_F4)
    till.press(Qt.Key.Key_Return)
    assert till.lines == 0


def test_suggestions_by_arrows_and_enter(till: Hands) -> None:
    till.type("ylcn")  # 伊利纯牛奶
    assert not till.window.sale.suggestions.isHidden()
    till.press(Qt.Key.Key_Return)
    assert till.lines == 1
    assert till.window.sale.suggestions.isHidden()


def test_suggestions_by_touch(till: Hands) -> None:
    till.type("k")
    listed = till.window.sale.suggestions
    wanted = till.window.entry.suggestions[1]
    point = listed.rect().topLeft()
    point.setX(60)
    point.setY(listed.row_px + listed.row_px // 2)
    QTest.mouseClick(listed, Qt.MouseButton.LeftButton, pos=point)
    assert till.window.till.cart.lines[0].product == wanted


def test_points_some_all_and_none(till: Hands) -> None:
    till.worked_sale(redeem=False)
    till.press(Qt.Key.Key_F8)
    till.type("3")
    till.press(Qt.Key.Key_Return)
    assert till.due_fen == 81_36
    till.press(Qt.Key.Key_F8)
    till.press(Qt.Key.Key_F8)
    assert till.due_fen == 77_36
    till.press(Qt.Key.Key_F8)
    till.press(Qt.Key.Key_Delete)
    assert till.due_fen == 84_36


def test_more_points_than_allowed_take_what_is_allowed(till: Hands) -> None:
    till.worked_sale(redeem=False)
    till.press(Qt.Key.Key_F8)
    till.type("999999999")
    till.press(Qt.Key.Key_Return)
    assert till.due_fen == 77_36


def test_points_without_a_member_are_a_sentence(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F8)
    assert not till.sheet
    assert till.notice == "请先扫会员码，再用积分或券"


def test_sixty_lines_change_one_row_of_the_table(till: Hands) -> None:
    goods = [one for one in till.fakes.sample.goods.products.values() if not one.weighed]
    for product in goods[:60]:
        till.scan(product.code)
    changed: list[int] = []
    model = till.window.sale.table.cart_model
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    model.modelReset.connect(lambda: changed.append(-1))
    till.scan(goods[59].code)
    assert set(changed) == {59}
