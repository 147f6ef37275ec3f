"""A second person approves one deed, with their own number and PIN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos.domain.message import Message, Refusal, say
from pos.domain.printed_codes import kind_of
from pos.ui import theme
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.log_in_form import LogInForm
from pos.ui.presenters.notices import Notice
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import LEFT
from pos.ui.widgets.text import Text
from pos.usecases.desk import Desk
from pos.usecases.ports import StaffMember
from pos.usecases.roles import NAMES, Right, check_approver

DOT = "•"


@dataclass(frozen=True, slots=True)
class Asked:
    """The number of whoever asks, what for, and what more the second person should know of it."""

    by: str
    right: Right
    about: Message | None = None


class ApprovalSheet(Sheet):
    """`on_approved` gets the number of whoever approved. The one who is logged in stays logged in."""

    name = "approval"
    measure = (920, 560)

    def __init__(
        self,
        stage: Stage,
        desk: Desk,
        errands: Errands,
        asked: Asked,
        on_approved: Callable[[str], None],
    ) -> None:
        super().__init__(stage, say("请第二人同意：{what}", what=NAMES[asked.right]), leave=say("取消"))
        self._asked, self._on_approved = asked, on_approved
        self.form = LogInForm(desk, errands, self.draw, self._identified, asked_by=asked.by)
        self._number, self._pin = Field(stage, align=LEFT), Field(stage, align=LEFT)
        self._notice = Text(stage, "", colour=theme.RED_TEXT, wrap=True)
        self._keypad = Keypad(stage, say("同意"), left="", right="")
        self._number.tapped.connect(lambda: self.form.go_to("number"))
        self._pin.tapped.connect(lambda: self.form.go_to("pin"))
        self._keypad.typed.connect(self.typed)
        self._keypad.erased.connect(self.form.back)
        self._keypad.entered.connect(self.form.enter)
        self._lay_out()
        self.draw()

    def _lay_out(self) -> None:
        stage, asked = self._stage, self._asked
        why = say(
            "工号 {number} 要「{what}」，请另一个有权限的人输入自己的工号和密码，或扫工牌。"
            "只这一次有效，记入流水。",
            number=asked.by,
            what=NAMES[asked.right],
        )
        left = QVBoxLayout()
        left.setSpacing(stage.px(14))
        if asked.about is not None:
            left.addWidget(Text(stage, asked.about, size=theme.ROW, bold=True, wrap=True))
        left.addWidget(Text(stage, why, colour=theme.SOFT, wrap=True))
        left.addWidget(self._number)
        left.addWidget(self._pin)
        left.addWidget(self._notice)
        left.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(stage.px(24))
        row.addLayout(left, 1)
        row.addWidget(self._keypad, 1)
        self.body.addLayout(row, 1)

    def typed(self, char: str) -> None:
        self.form.type(char)

    def erased(self) -> None:
        self.form.back()

    def entered(self) -> None:
        self.form.enter()

    def scanned(self, code: str) -> bool:
        if kind_of(code) != "badge":
            return False
        self.form.badge(code)
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.form.go_to("pin" if self.form.field == "number" else "number")
        super().key(key, modifiers)

    def leave(self) -> None:
        if not self.form.busy:
            super().leave()

    def draw(self) -> None:
        form = self.form
        self._number.label(prefix=say("工号"))
        self._pin.label(prefix=say("密码"))
        self._number.show_text(form.number, active=form.field == "number")
        self._pin.show_text(DOT * len(form.pin), active=form.field == "pin")
        self._keypad.enter.show_words(self._enter_title())
        self._keypad.enter.setEnabled(not form.busy)
        self._notice.show_words(form.notice.message if form.notice else "")

    def _enter_title(self) -> Message:
        if self.form.busy:
            return say("请稍候…")
        return say("下一步") if self.form.field == "number" else say("同意")

    def _identified(self, person: StaffMember) -> None:
        try:
            check_approver(person, self._asked.by, self._asked.right)
        except Refusal as refusal:
            self.form.refuse(Notice("warn", refusal.message))
            return
        self.closed.emit()
        self._on_approved(person.number)
