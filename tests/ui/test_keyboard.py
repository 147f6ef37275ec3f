"""Scanners, people and input methods at the same keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from pos.domain.member_codes import card_hash
from tests.ui.hands import APPLES, COLA, MEMBER, WATER, Hands


def test_a_burst_is_a_scan_and_leaves_the_entry_line_empty(till: Hands) -> None:
    till.scan(WATER)
    assert till.lines == 1
    assert till.window.entry.text == ""


def test_typing_is_typing_and_enter_adds(till: Hands) -> None:
    till.type(WATER)
    assert till.lines == 0
    assert till.window.entry.text == WATER
    till.press(Qt.Key.Key_Return)
    assert till.lines == 1


def test_keys_as_the_test_library_sends_them_to_the_window(till: Hands) -> None:
    for key in (Qt.Key.Key_N, Qt.Key.Key_F, Qt.Key.Key_S, Qt.Key.Key_Q):
        QTest.keyClick(till.window.windowHandle(), key)
    till.settle()
    assert till.window.entry.text == "nfsq"


def test_the_end_key_of_a_scan_adds_no_second_item(till: Hands) -> None:
    """odoo#31185: the scanner's Enter confirmed the first suggestion."""
    till.scan(WATER)
    till.scan(WATER)
    assert [line.quantity for line in till.window.till.cart.lines] == [2]


def test_a_scan_over_half_typed_text_takes_the_text_away(till: Hands) -> None:
    till.type("nf")
    till.scan(COLA)
    assert till.window.entry.text == ""
    assert [line.product.code for line in till.window.till.cart.lines] == [COLA]


def test_three_times_a_scan(till: Hands) -> None:
    till.type("3*")
    till.scan(WATER)
    assert till.window.till.cart.lines[0].quantity == 3
    till.type("2×")
    till.type("kkkl")
    till.press(Qt.Key.Key_Return)
    assert till.window.till.cart.lines[1].quantity == 2


@pytest.mark.parametrize("times", ["0*", "99999*", "999999999*"])
def test_a_multiplier_no_shop_means_is_refused(till: Hands, times: str) -> None:
    till.type(times)
    till.scan(WATER)
    assert till.lines == 0
    assert "数量应在" in till.notice


def test_an_upper_case_code_with_shift_keys_in_between(till: Hands) -> None:
    till.scan(WATER)
    till.pay()
    receipt_no = till.window.till.last.completed.sale.receipt_no if till.window.till.last else ""
    handle = till.window.windowHandle()
    stamp = 9_000_000
    for char in receipt_no + "\r":
        for key, text in ((Qt.Key.Key_Shift, ""), (Qt.Key.Key_Any, char)):
            stamp += 1
            event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.ShiftModifier, text)
            event.setTimestamp(stamp)
            QCoreApplication.postEvent(handle, event)
    till.settle()
    assert till.sheet == "refund"


def test_a_scan_of_five_thousand_characters_is_refused_whole(till: Hands) -> None:
    till.scan("1" * 5000)
    assert till.lines == 0
    assert till.window.entry.text == ""
    assert "5000" in till.notice


def test_a_scan_of_seventy_characters_is_refused_with_its_length(till: Hands) -> None:
    till.scan("4" * 70)
    assert till.lines == 0
    assert "70" in till.notice


def test_a_pay_code_is_scanned_like_any_code(till: Hands) -> None:
    """254 digits, as fast as a scanner types them; broken off, it is named."""
    sample = till.fakes.sample
    digits = sample.phone.code(sample.clock.now(), card_hash(MEMBER), amount=7_00)
    till.worked_sale(redeem=False)
    till.scan(digits)
    assert till.due_fen == 77_36
    till.scan(digits[:200])
    assert "付款码没有扫全" in till.notice
    assert till.due_fen == 77_36


def test_what_leaked_before_the_burst_was_known_is_taken_back(till: Hands) -> None:
    """The timer fires while the rest of the scan still waits in the event queue."""
    handle = till.window.windowHandle()

    def post(chars: str, start: int) -> None:
        for offset, char in enumerate(chars):
            event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Any, Qt.KeyboardModifier.NoModifier, char)
            event.setTimestamp(start + 2 * offset)
            QCoreApplication.postEvent(handle, event)

    post(WATER[:4], 9_000_000)
    till.settle()
    assert till.window.entry.text == WATER[:4]
    post(WATER[4:] + "\r", 9_000_008)
    till.settle()
    assert till.window.entry.text == ""
    assert [line.product.code for line in till.window.till.cart.lines] == [WATER]


def test_a_held_enter_answers_only_once(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F9)
    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_Return, held=True)
    assert till.window.outcome is not None


def test_a_scanned_space_presses_no_button(till: Hands) -> None:
    till.scan(WATER)
    till.type(" ")
    assert not till.sheet
    assert all(
        child.focusPolicy() == Qt.FocusPolicy.NoFocus
        for child in till.window.findChildren(QWidget)
        if child is not till.window.sink and (child.metaObject().className() != "QStackedWidget")
    )


def test_no_input_method_gets_between_a_scan_and_the_till(till: Hands) -> None:
    sink = till.window.sink
    assert till.window.focusWidget() is sink
    assert sink.inputMethodQuery(Qt.InputMethodQuery.ImEnabled) is False
    assert not sink.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_text_an_input_method_commits_all_the_same_is_taken_as_typed(till: Hands) -> None:
    event = QInputMethodEvent()
    event.setCommitString("可乐")
    QApplication.sendEvent(till.window.sink, event)
    till.settle()
    assert till.window.entry.text == "可乐"
    assert till.window.entry.suggestions


def test_full_width_digits_of_an_input_method_are_digits_on_a_keypad(till: Hands) -> None:
    till.scan(WATER)
    till.press(Qt.Key.Key_F9)
    event = QInputMethodEvent()
    event.setCommitString("１００")
    QApplication.sendEvent(till.window.sink, event)
    till.settle()
    till.press(Qt.Key.Key_Return)
    assert till.window.till.last is not None
    assert till.window.till.last.change_fen == 98_30


def test_keys_that_came_past_the_window_are_heard(till: Hands) -> None:
    """On-screen keyboards send to the widget that has the focus."""
    for key in (Qt.Key.Key_N, Qt.Key.Key_F):
        QTest.keyClick(till.window.sink, key)
    till.settle()
    assert till.window.entry.text == "nf"


def test_tab_moves_no_focus(till: Hands) -> None:
    till.press(Qt.Key.Key_Tab)
    QTest.keyClick(till.window.sink, Qt.Key.Key_Tab)
    assert till.window.focusWidget() is till.window.sink


def test_a_member_code_before_goods_and_a_plu_after(till: Hands) -> None:
    till.scan(MEMBER)
    assert till.window.till.cart.member_no == "30006012"
    till.type(APPLES)
    till.press(Qt.Key.Key_Return)
    assert till.sheet == "weight"


def test_after_a_stall_keys_in_the_queue_come_before_the_release(till: Hands) -> None:
    """The timer of a burst may run out while its rest waits in the queue: nothing of it is typed."""
    keyboard, typed = till.window.keyboard, list[str]()
    keyboard.typed.connect(typed.append)
    stamp, handle = 9_000_000, till.window.windowHandle()
    for index, char in enumerate(WATER + "\r"):
        stamp += 2
        key = Qt.Key.Key_Return if char == "\r" else Qt.Key.Key_Any
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, char)
        event.setTimestamp(stamp)
        if index < 5:
            QApplication.sendEvent(handle, event)
        else:
            QCoreApplication.postEvent(handle, event)
        if index == 4:
            keyboard._look_again()
    QApplication.processEvents()
    assert typed == []
    assert till.lines == 1
