"""Every key of the till passes here: scanned bursts are told from typing by the keys' own times.

The filter acts on key events of the `QWindow` alone (an application filter sees each key once more
per widget), so neither the focus nor an input method decides where a scan goes.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from drivers.scanner.wedge import Overlong, Result, Scan, Typed, WedgeConfig, WedgeDetector

GRACE_MS = 5
ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_WEDGE_CHARS = {Qt.Key.Key_Return: "\r", Qt.Key.Key_Enter: "\r", Qt.Key.Key_Tab: "\t"}
_MODIFIERS = frozenset(
    (
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_ScrollLock,
        Qt.Key.Key_unknown,
    )
)
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class Keyboard(QObject):
    """Watches one window. `typed` gives characters one by one, `pressed` all other keys with modifiers."""

    scanned = Signal(str, int)
    overlong = Signal(int, int)
    typed = Signal(str)
    pressed = Signal(int, object)

    def __init__(self, window: QWidget, gap_ms: int) -> None:
        super().__init__(window)
        self._window = window
        self._detector = WedgeDetector(WedgeConfig(gap_ms=gap_ms))
        self._release = QTimer(self)
        self._release.setSingleShot(True)
        self._release.setInterval(gap_ms + 5)
        self._release.timeout.connect(self._look_again)
        self._keys = 0

    def watch(self) -> None:
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def unwatch(self) -> None:
        self._release.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            return False
        if not isinstance(watched, QWindow) or watched is not self._window.windowHandle():
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self.key(event)
        return True

    def key(self, event: QKeyEvent) -> None:
        """Takes one key press, from the window or, past it, from the widget that holds the focus."""
        self._keys += 1
        if event.key() in _MODIFIERS:
            return  # a scanner presses Shift in the middle of a code
        char = _WEDGE_CHARS.get(Qt.Key(event.key()), event.text())
        if len(char) == 1 and (char.isprintable() or char in "\r\t") and not event.modifiers() & _COMMANDS:
            if event.isAutoRepeat() and char in "\r\t":
                return  # a heavy hand on Enter must not answer the next question too
            self._deal(self._detector.feed(char, event.timestamp()))
            if self._detector.deadline_ms is not None:
                self._release.start()
            return
        self.flush()
        self.pressed.emit(event.key(), event.modifiers())

    def commit(self, text: str) -> None:
        """Text that an input method put through in spite of all: taken as typed."""
        self.flush()
        for char in text:
            self.typed.emit(char)

    def _look_again(self) -> None:
        """After a stall the timer may run before keys that wait in the queue; those have their turn first."""
        seen = self._keys
        QTimer.singleShot(GRACE_MS, self, lambda: self._release_if(seen))

    def _release_if(self, seen: int) -> None:
        if self._keys == seen:
            self.flush()
        else:
            self._release.start()

    def flush(self) -> None:
        """Hands out what is held back: no key came within the gap."""
        deadline_ms = self._detector.deadline_ms
        if deadline_ms is not None:
            self._deal(self._detector.tick(deadline_ms))

    def _deal(self, results: tuple[Result, ...]) -> None:
        for result in results:
            match result:
                case Scan(code=code, leaked=leaked):
                    self.scanned.emit(code, leaked)
                case Overlong(length=length, leaked=leaked):
                    self.overlong.emit(length, leaked)
                case Typed(chars=chars):
                    self._type(chars)

    def _type(self, chars: str) -> None:
        for char in chars:
            if char == "\r":
                self.pressed.emit(Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
            elif char == "\t":
                self.pressed.emit(Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
            else:
                self.typed.emit(char)


class KeySink(QWidget):
    """Holds the focus, so that no input method and no button gets it.

    A line edit would let a Chinese input method turn a barcode into words; `WA_InputMethodEnabled`
    does not prevent that, answering False to `ImEnabled` does.
    """

    def __init__(self, parent: QWidget, keyboard: Keyboard) -> None:
        super().__init__(parent)
        self._keyboard = keyboard
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on=False)
        self.setFixedSize(1, 1)

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:
        if query == Qt.InputMethodQuery.ImEnabled:
            return False
        return super().inputMethodQuery(query)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._keyboard.commit(event.commitString())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that came past the window, as on-screen keyboards send them."""
        self._keyboard.key(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:  # noqa: FBT001 - Qt's signature
        return False
