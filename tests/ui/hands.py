"""A cashier's hands: keys, scans and taps on a real window, with the times a keyboard would give."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from pos.ui.window import TillWindow
from tests.fakes.sample_desk import PINS
from tests.fakes.till_services import FakeServices

SCANNER_GAP_MS = 2
TYPING_GAP_MS = 120
NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier

MEMBER = "91368861958193196424478"
WATER = "6921168509256"
COLA = "6954767410388"
CIGARETTES = "6901028075770"
APPLES = "20001"


class Hands:
    """Sends events to the window's handle, as the platform does; nothing is called directly."""

    def __init__(self, window: TillWindow, fakes: FakeServices) -> None:
        self.window = window
        self.fakes = fakes
        self._now_ms = 1_000_000

    # --- looking -----------------------------------------------------------------------------

    @property
    def notice(self) -> str:
        notice = self.window.toast.notice
        return self.window.stage(notice.message) if notice else ""

    @property
    def sheet(self) -> str:
        """The name of the sheet on top, empty without one; so it is with the others."""
        top = self.window.sheets.top
        return top.name if top else ""

    @property
    def change(self) -> str:
        """The huge figure after a payment or refund."""
        return self.window.outcome.figure if self.window.outcome else ""

    @property
    def cashier(self) -> str:
        return self.window.till.person.number if self.window.till.person else ""

    @property
    def due_fen(self) -> int:
        return self.window.till.due_fen

    @property
    def lines(self) -> int:
        return len(self.window.till.cart.lines)

    # --- acting ------------------------------------------------------------------------------

    def log_in(self, number: str) -> None:
        self.type(number)
        self.press(Qt.Key.Key_Return)
        self.type(PINS[number])
        self.press(Qt.Key.Key_Return)

    def scan(self, code: str) -> None:
        """A burst, ended by Enter."""
        self._now_ms += TYPING_GAP_MS
        for char in code + "\r":
            self._post(Qt.Key.Key_Return if char == "\r" else Qt.Key.Key_Any, char, SCANNER_GAP_MS)
        self.settle()

    def type(self, text: str) -> None:
        for char in text:
            self._post(Qt.Key.Key_Any, char, TYPING_GAP_MS)
        self.settle()

    def press(
        self,
        key: Qt.Key,
        modifiers: Qt.KeyboardModifier = NONE,
        *,
        gap_ms: int = TYPING_GAP_MS,
        held: bool = False,
    ) -> None:
        text = "\r" if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) else ""
        self._post(key, text, gap_ms, modifiers, held=held)
        self.settle()

    def post_enter(self) -> None:
        """Enter, left in the event queue."""
        self._post(Qt.Key.Key_Return, "\r", TYPING_GAP_MS)

    def settle(self) -> None:
        """All events are dealt with, and characters held back are let go."""
        QApplication.processEvents()
        self.window.keyboard.flush()
        QApplication.processEvents()

    def worked_sale(self, *, redeem: bool = True) -> None:
        """The worked sale of the README, by scans and keys alone."""
        self.scan(MEMBER)
        for code in (WATER, WATER, WATER, COLA, COLA, CIGARETTES):
            self.scan(code)
        self.type(APPLES)
        self.press(Qt.Key.Key_Return)
        self.type("1.234")
        self.press(Qt.Key.Key_Return)
        if redeem:
            self.press(Qt.Key.Key_F8)
            self.press(Qt.Key.Key_Return)

    def pay(self, amount: str = "") -> None:
        self.press(Qt.Key.Key_F9)
        self.type(amount)
        self.press(Qt.Key.Key_Return)

    def _post(
        self,
        key: Qt.Key,
        text: str,
        gap_ms: int,
        modifiers: Qt.KeyboardModifier = NONE,
        *,
        held: bool = False,
    ) -> None:
        self._now_ms += gap_ms
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text, held)
            event.setTimestamp(self._now_ms)
            QCoreApplication.postEvent(self.window.windowHandle(), event)
