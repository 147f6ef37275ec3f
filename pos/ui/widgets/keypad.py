"""On-screen keys: a number pad for the overlays and letters for finding goods by touch."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.ui.stage import Stage
from pos.ui.widgets.button import GREEN, QUIET, PadButton, Paint

BACKSPACE = "⌫"
ROWS = ("789", "456", "123")
LETTER_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl*", "zxcvbnm")


class Keypad(QWidget):
    """Digits as on a keyboard's pad. What is tapped goes the same way as what is typed."""

    typed = Signal(str)
    erased = Signal()
    entered = Signal()

    def __init__(
        self,
        stage: Stage,
        enter: Message,
        *,
        left: str = "00",
        right: str = ".",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._stage = stage
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for row, digits in enumerate(ROWS):
            for column, digit in enumerate(digits):
                self._key(digit, row, column)
        if left or right:
            for column, char in enumerate((left, "0", right)):
                if char:
                    self._key(char, 3, column)
        else:
            self._key("0", 3, 0, columns=3)
        back = PadButton(stage, BACKSPACE)
        back.clicked.connect(self.erased)
        self._grid.addWidget(back, 0, 3)
        self.enter = PadButton(stage, enter, paint=GREEN)
        self.enter.clicked.connect(self.entered)
        self._grid.addWidget(self.enter, 1, 3, 3, 1)
        for index in range(4):
            self._grid.setColumnStretch(index, 1)
            self._grid.setRowStretch(index, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        stage.changed.connect(self._dress)
        self._dress()

    def _key(self, char: str, row: int, column: int, *, columns: int = 1) -> None:
        button = PadButton(self._stage, char)
        button.clicked.connect(partial(self._tap, char))
        self._grid.addWidget(button, row, column, 1, columns)

    def _tap(self, chars: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's signal
        for char in chars:
            self.typed.emit(char)

    def _dress(self) -> None:
        self._grid.setSpacing(self._stage.px(9))


class LetterPad(QWidget):
    """Letters and digits for pinyin initials; `closed` when the person is done with it."""

    typed = Signal(str)
    erased = Signal()
    entered = Signal()
    closed = Signal()

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._column = QVBoxLayout(self)
        for letters in LETTER_ROWS:
            self._row(letters, last=letters == LETTER_ROWS[-1])
        stage.changed.connect(self._dress)
        self._dress()

    def _row(self, letters: str, *, last: bool) -> None:
        row = QGridLayout()
        for column, letter in enumerate(letters):
            button = PadButton(self._stage, letter.upper())
            button.clicked.connect(partial(self._tap, letter))
            row.addWidget(button, 0, column)
        if last:
            row.addWidget(self._word(BACKSPACE, self.erased), 0, 7)
            row.addWidget(self._word(say("收起"), self.closed), 0, 8)
            row.addWidget(self._word(say("确定"), self.entered, GREEN), 0, 9)
        for column in range(10):
            row.setColumnStretch(column, 1)
        self._column.addLayout(row)

    def _word(self, title: Message | str, signal: SignalInstance, paint: Paint = QUIET) -> PadButton:
        button = PadButton(self._stage, title, paint=paint)
        button.clicked.connect(signal)
        return button

    def _tap(self, letter: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's signal
        self.typed.emit(letter)

    def _dress(self) -> None:
        gap = self._stage.px(7)
        self._column.setSpacing(gap)
        self._column.setContentsMargins(gap, gap, gap, gap)
