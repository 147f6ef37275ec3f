"""Drives the real window from a script: one JSON command per line in, one JSON answer per line out.

Keys go to the window's handle as the key events a keyboard or a scanner would cause, so what a demo
shows is what a cashier gets. Commands: `scan`, `key`, `type`, `wait`, `grab`, `state`, `quit`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from time import monotonic
from typing import IO, Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from pos.ui.window import TillWindow

SCAN_GAP_MS = 2
TYPE_GAP_MS = 120
SETTLE_MS = 70
POLL_MS = 20

_KEYS = {
    "enter": Qt.Key.Key_Return,
    "esc": Qt.Key.Key_Escape,
    "del": Qt.Key.Key_Delete,
    "backspace": Qt.Key.Key_Backspace,
    "tab": Qt.Key.Key_Tab,
    "up": Qt.Key.Key_Up,
    "down": Qt.Key.Key_Down,
    "left": Qt.Key.Key_Left,
    "right": Qt.Key.Key_Right,
    "pageup": Qt.Key.Key_PageUp,
    "pagedown": Qt.Key.Key_PageDown,
    "space": Qt.Key.Key_Space,
    "ctrl+z": Qt.Key.Key_Z,
    "ctrl+y": Qt.Key.Key_Y,
    "ctrl+m": Qt.Key.Key_M,
    **{f"f{n}": Qt.Key(Qt.Key.Key_F1.value + n - 1) for n in range(1, 13)},
}
_TEXTS = {Qt.Key.Key_Return: "\r", Qt.Key.Key_Tab: "\t", Qt.Key.Key_Space: " "}

Answer = dict[str, Any]


class Remote(QObject):
    """Reads on a thread of its own; acts and answers on the window's."""

    _came = Signal(str)
    _ended = Signal()

    def __init__(self, window: TillWindow, lines: IO[str], answers: IO[str]) -> None:
        super().__init__(window)
        self._window = window
        self._lines = lines
        self._answers = answers
        self._key_ms = int(monotonic() * 1000)
        self._waiting: list[str] = []
        self._busy = False
        self._over = False
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        threading.Thread(target=self._read, name="remote", daemon=True).start()

    def _read(self) -> None:
        for line in self._lines:
            if line.strip():
                self._came.emit(line)
        self._ended.emit()

    @Slot(str)
    def _take(self, line: str) -> None:
        """Commands are done one after another, also when they come all at once."""
        self._waiting.append(line)
        self._next()

    @Slot()
    def _end(self) -> None:
        """No more commands: the till closes behind the last one."""
        self._over = True
        self._next()

    def _next(self) -> None:
        if self._over and not self._busy and not self._waiting:
            self._quit()
        if self._busy or not self._waiting:
            return
        self._busy = True
        try:
            command = json.loads(self._waiting.pop(0))
            self._do(command)
        except (ValueError, KeyError, TypeError) as error:
            self._answer({"ok": False, "error": f"{type(error).__name__}: {error}"})

    def _do(self, command: Answer) -> None:
        match command["do"]:
            case "scan":
                self._post_text(str(command["code"]) + "\r", SCAN_GAP_MS)
                self._answer_soon()
            case "type":
                self._post_text(str(command["text"]), TYPE_GAP_MS)
                self._answer_soon()
            case "key":
                self._post_key(str(command["key"]))
                self._answer_soon()
            case "wait":
                self._wait(str(command["for"]), float(command.get("timeout_s", 10)))
            case "grab":
                self._answer({"ok": self._window.grab().save(str(command["file"]))})
            case "state":
                self._answer({"ok": True, **state_of(self._window)})
            case "quit":
                self._answer({"ok": True})
                self._quit()
            case other:
                self._answer({"ok": False, "error": f"unknown command: {other}"})

    # --- keys --------------------------------------------------------------------------------

    def _post_text(self, text: str, gap_ms: int) -> None:
        for char in text:
            if char in "\r\n":
                self._post(Qt.Key.Key_Return, "\r", gap_ms)
            else:
                self._post(_key_of(char), char, gap_ms)

    def _post_key(self, name: str) -> None:
        key = _KEYS.get(name.lower())
        if key is None and len(name) != 1:
            raise ValueError(f"unknown key {name!r}")
        if key is None:
            self._post_text(name, TYPE_GAP_MS)
            return
        control = Qt.KeyboardModifier.ControlModifier
        modifiers = control if name.lower().startswith("ctrl+") else Qt.KeyboardModifier.NoModifier
        self._post(key, _TEXTS.get(key, ""), TYPE_GAP_MS, modifiers)

    def _post(
        self,
        key: Qt.Key,
        text: str,
        gap_ms: int,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        self._key_ms = max(self._key_ms + gap_ms, 0)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text)
            event.setTimestamp(self._key_ms)
            QCoreApplication.postEvent(self._window.windowHandle(), event)

    # --- answers -----------------------------------------------------------------------------

    def _answer_soon(self) -> None:
        """Once the keys have been dealt with, those held back for a moment too."""
        self._key_ms += TYPE_GAP_MS
        QTimer.singleShot(SETTLE_MS, lambda: self._answer({"ok": True}))

    def _answer(self, answer: Answer) -> None:
        self._busy = False
        print(json.dumps(answer, ensure_ascii=False), file=self._answers, flush=True)
        self._next()

    def _wait(self, what: str, timeout_s: float) -> None:
        reached = _CONDITIONS[what]
        deadline = monotonic() + timeout_s

        def look() -> None:
            if reached(self._window):
                self._answer({"ok": True})
            elif monotonic() > deadline:
                self._answer({"ok": False, "error": f"not {what} after {timeout_s} s"})
            else:
                QTimer.singleShot(POLL_MS, look)

        look()

    def _quit(self) -> None:
        self._window.close()
        QApplication.quit()


def state_of(window: TillWindow) -> Answer:
    """What is on the screen, for scripts."""
    till, desk = window.till, window.services.desk
    notice = window.toast.notice
    sheet = window.sheets.top
    last = till.last.completed.sale if till.last else None
    printed = window.services.print_state(till.last.completed.job_id) if till.last else None
    return {
        "screen": _screen(window),
        "overlay": sheet.name if sheet else None,
        "cashier": till.person.number if till.person else None,
        "due_fen": till.due_fen,
        "lines": len(till.cart.lines),
        "member": till.cart.member_no,
        "entry": window.entry.text,
        "last_receipt": last.receipt_no if last else None,
        "change_fen": last.change_fen if last else None,
        "printed": printed,
        "notice": window.stage(notice.message) if notice else None,
        "language": window.stage.language,
        "locked": window.locking.holds() is not None,
        "online": desk.hub.state().online,
        "pending": desk.journal.pending().entries,
        "busy": till.busy,
    }


def _screen(window: TillWindow) -> str:
    if window.till.person is None:
        return "log_in"
    if window.screens.currentWidget() is window.tools:
        return "tools"
    if window.outcome is not None:
        return "paid" if window.till.paid is not None else window.outcome.name
    return "sale"


def _last_printed(window: TillWindow) -> bool:
    last = window.till.last
    return last is not None and window.services.print_state(last.completed.job_id) == "printed"


_CONDITIONS: dict[str, Callable[[TillWindow], bool]] = {
    "paid": lambda window: window.till.paid is not None,
    "refunded": lambda window: _screen(window) == "refunded",
    "membership": lambda window: _screen(window) == "membership",
    "logged_in": lambda window: window.till.person is not None,
    "idle": lambda window: not window.till.busy and window.sheets.top is None,
    "online": lambda window: window.services.desk.hub.state().online,
    "offline": lambda window: not window.services.desk.hub.state().online,
    "uploaded": lambda window: window.services.desk.journal.pending().entries == 0,
    "printed": _last_printed,
}


def _key_of(char: str) -> Qt.Key:
    """The key a character is on; letters and digits are their own codes."""
    upper = char.upper()
    return Qt.Key(ord(upper)) if len(upper) == 1 and upper.isascii() and upper.isalnum() else Qt.Key.Key_Any
