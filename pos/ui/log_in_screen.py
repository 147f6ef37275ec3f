"""Number, PIN and a large keypad."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.domain.printed_codes import kind_of
from pos.domain.receipt import StoreCard
from pos.ui import theme
from pos.ui.keyboard import ENTER_KEYS
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.log_in_form import LogInForm
from pos.ui.stage import Stage
from pos.ui.widgets.button import PLAIN, Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import CENTER, LEFT
from pos.ui.widgets.text import Text
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember

DOT = "•"


class LogInScreen(QWidget):
    """Draws a `LogInForm`; `language_wanted` asks for the other language, `refused` is no log-in."""

    language_wanted = Signal()
    refused = Signal()

    def __init__(
        self, stage: Stage, desk: Desk, errands: Errands, on_success: Callable[[StaffMember], None]
    ) -> None:
        super().__init__()
        self._stage = stage
        self.form = LogInForm(desk, errands, self.draw, on_success, self.refused.emit)
        self._number = Field(stage, align=LEFT)
        self._pin = Field(stage, align=LEFT)
        self._notice = Text(stage, "", colour=theme.RED_TEXT, wrap=True)
        self._lock = Text(stage, size=theme.TITLE, bold=True, colour=theme.RED_TEXT, align=CENTER, wrap=True)
        self._keypad = Keypad(stage, say("登录"), left="", right="")
        self._language = Button(stage, "English", key="F2", paint=PLAIN)
        self._number.tapped.connect(lambda: self.form.go_to("number"))
        self._pin.tapped.connect(lambda: self.form.go_to("pin"))
        self._keypad.typed.connect(self.typed)
        self._keypad.erased.connect(self.form.back)
        self._keypad.entered.connect(self.form.enter)
        self._language.clicked.connect(self.language_wanted)
        self._lay_out(desk.journal.store)
        self.show_lock(None)
        self.draw()

    def typed(self, char: str) -> None:
        self.form.type(char)

    def scanned(self, code: str, warn: Callable[[Message], None]) -> None:
        """A badge fills in the number; nothing else is scanned here."""
        if kind_of(code) == "badge":
            self.form.badge(code)
        else:
            warn(say("请先登录，再扫码"))

    def drop(self, count: int) -> None:
        """The last characters typed belong to a scan."""
        for _ in range(count):
            self.form.back()

    def pressed(self, key: int, _modifiers: Qt.KeyboardModifier) -> None:
        form = self.form
        if key in ENTER_KEYS:
            form.enter()
        elif key == Qt.Key.Key_Backspace:
            form.back()
        elif key == Qt.Key.Key_Escape:
            form.clear()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Up, Qt.Key.Key_Down):
            form.go_to("pin" if form.field == "number" else "number")
        elif key == Qt.Key.Key_F2:
            self.language_wanted.emit()

    def draw(self) -> None:
        form = self.form
        self._number.label(prefix=say("工号"))
        self._pin.label(prefix=say("密码"))
        self._number.show_text(form.number, active=form.field == "number")
        self._pin.show_text(DOT * len(form.pin), active=form.field == "pin")
        self._keypad.enter.show_words(self._enter_title(form))
        self._keypad.enter.setEnabled(not form.busy)
        self._notice.show_words(form.notice.message if form.notice else "")
        self._language.show_words("中文" if self._stage.language == "en" else "English")

    def show_lock(self, sentence: Message | None) -> None:
        """Why only the owner comes in; None while everybody does."""
        self._lock.show_words(sentence or "")
        self._lock.setVisible(sentence is not None)

    def _enter_title(self, form: LogInForm) -> Message:
        if form.busy:
            return say("请稍候…")
        return say("下一步") if form.field == "number" else say("登录")

    def _lay_out(self, store: StoreCard) -> None:
        stage = self._stage
        card = LogInCard(stage)
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(Text(stage, store.name, size=theme.HEADLINE, bold=True))
        left.addWidget(
            Text(stage, f"{store.alliance} · {store.terminal_label}", size=theme.ROW, colour=theme.SOFT)
        )
        left.addStretch(2)
        left.addWidget(self._number)
        left.addWidget(self._pin)
        left.addWidget(self._notice)
        left.addStretch(3)
        left.addWidget(self._language)
        left.setSpacing(stage.px(14))
        right.addWidget(self._keypad, 1)
        row = QHBoxLayout(card)
        row.setContentsMargins(stage.px(40), stage.px(36), stage.px(36), stage.px(36))
        row.setSpacing(stage.px(40))
        row.addLayout(left, 1)
        row.addLayout(right, 1)
        self._notice.setMinimumHeight(stage.px(60))
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(stage.px(40), stage.px(8), stage.px(40), stage.px(8))
        column.addStretch(1)
        column.addWidget(self._lock)
        column.addSpacing(stage.px(8))
        column.addLayout(middle)
        column.addStretch(1)


class LogInCard(Card):
    """The white card in the middle, growing with the window."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, radius=18)
        stage.changed.connect(self.dress)
        self.dress()

    def dress(self) -> None:
        self.setFixedSize(self._stage.px(940), self._stage.px(540))
