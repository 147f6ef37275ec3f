"""Small sheets: a question, the menu, the keys, the member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.actions import ACTIONS
from pos.ui.presenters.member_card import MemberCard
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import PLAIN, QUIET, RED, Button, Paint
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import LEFT
from pos.ui.widgets.text import Text

CARD_DIGITS_MAX = 32


class ConfirmSheet(Sheet):
    """One question; Enter does it, Esc does not."""

    name = "confirm"
    measure = (620, 300)

    def __init__(self, stage: Stage, question: Message, yes: Message, do_it: Callable[[], None]) -> None:
        super().__init__(stage, say("请确认"), leave=say("取消"))
        self._do_it = do_it
        self.body.addWidget(Text(stage, question, size=theme.TITLE, wrap=True), 1)
        button = Button(stage, yes, key="Enter", paint=RED, size=theme.TITLE, bold=True, height=68)
        button.clicked.connect(self.entered)
        self.body.addWidget(button)

    def entered(self) -> None:
        self.closed.emit()
        self._do_it()


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of the menu."""

    title: Message | str
    do_it: Callable[[], None]
    paint: Paint = PLAIN


class MenuSheet(Sheet):
    """F12: what is needed now and then. Digits choose."""

    name = "menu"
    measure = (760, 520)

    def __init__(self, stage: Stage, choices: tuple[Choice, ...]) -> None:
        super().__init__(stage, say("更多"))
        self._choices = choices
        grid = QGridLayout()
        grid.setSpacing(stage.px(12))
        for index, choice in enumerate(choices):
            button = Button(
                stage, choice.title, key=str(index + 1), paint=choice.paint, size=theme.TITLE, height=72
            )
            button.clicked.connect(lambda _checked=False, index=index: self._choose(index))
            grid.addWidget(button, index // 2, index % 2)
        self.body.addLayout(grid)
        self.body.addStretch(1)

    def typed(self, char: str) -> None:
        if char.isascii() and char.isdigit():
            self._choose(int(char) - 1)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._choices):
            self.closed.emit()
            self._choices[index].do_it()


class HelpSheet(Sheet):
    """Every key on one page."""

    name = "help"
    measure = (1040, 640)

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, say("按键一览"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(stage.px(14))
        grid.setVerticalSpacing(stage.px(4))
        rows: list[tuple[str, Message]] = [(one.key, one.meaning) for one in ACTIONS]
        rows += [
            ("↑ ↓", say("选择行或建议")),
            ("+ −", say("选中行加一件、减一件")),
            ("3*", say("先输入 3*，再扫码：一次加 3 件")),
            ("Enter", say("确定；输入拼音首字母后加入选中的商品")),
            ("Esc", say("返回，或清除输入")),
            ("F10", say("退货时：整单全退")),
        ]
        half = (len(rows) + 1) // 2
        for index, (key, meaning) in enumerate(rows):
            row, column = index % half, index // half * 2
            grid.addWidget(KeyName(stage, key), row, column)
            grid.addWidget(Text(stage, meaning, wrap=True), row, column + 1)
            grid.setRowStretch(row, 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self.body.addLayout(grid, 1)

    def entered(self) -> None:
        self.leave()


class KeyName(Text):
    """The name of a key, as wide as the widest."""

    def __init__(self, stage: Stage, key: str) -> None:
        super().__init__(stage, key, bold=True, colour=theme.GREEN_DARK, align=LEFT)

    def dress(self) -> None:
        super().dress()
        self.setMinimumWidth(self._stage.px(64))


class MemberSheet(Sheet):
    """Who the member is; the code may also be typed, and the member taken off the sale."""

    name = "member"
    measure = (860, 500)

    def __init__(
        self,
        stage: Stage,
        card: MemberCard | None,
        identify: Callable[[str], None],
        remove: Callable[[], None],
    ) -> None:
        super().__init__(stage, say("会员"))
        self._identify = identify
        self._remove = remove
        self._card = card
        self._code = ""
        self.field = Field(stage, size=theme.TITLE, align=LEFT)
        self.field.label(hint=say("扫会员码，或输入 23 位数字"))
        self._count = Text(stage, "", size=theme.SMALL, colour=theme.SOFT)
        keypad = Keypad(stage, say("确定"), left="", right="")
        keypad.typed.connect(self.typed)
        keypad.erased.connect(self.erased)
        keypad.entered.connect(self.entered)
        left = QVBoxLayout()
        left.addWidget(self.field)
        left.addWidget(self._count)
        left.addWidget(self._about(card))
        left.addStretch(1)
        if card is not None:
            button = Button(stage, say("取消本单会员"), key="Del", paint=QUIET, height=64)
            button.clicked.connect(self._take_off)
            left.addWidget(button)
        row = QHBoxLayout()
        row.setSpacing(stage.px(22))
        row.addLayout(left, 6)
        row.addWidget(keypad, 5)
        self.body.addLayout(row, 1)
        self.draw()

    def typed(self, char: str) -> None:
        if char.isascii() and char.isdigit():
            self._code = (self._code + char)[:CARD_DIGITS_MAX]
            self.draw()

    def erased(self) -> None:
        self._code = self._code[:-1]
        self.draw()

    def entered(self) -> None:
        if self._code:
            self.scanned(self._code)

    def scanned(self, code: str) -> bool:
        self.closed.emit()
        self._identify(code)
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key == Qt.Key.Key_Delete and self._card is not None:
            self._take_off()
        super().key(key, modifiers)

    def draw(self) -> None:
        grouped = " ".join(self._code[i : i + 4] for i in range(0, len(self._code), 4))
        self.field.show_text(grouped)
        self._count.show_words(say("{n} / 23 位", n=len(self._code)) if self._code else "")

    def _take_off(self) -> None:
        self.closed.emit()
        self._remove()

    def _about(self, card: MemberCard | None) -> QWidget:
        if card is None:
            return Text(
                self._stage,
                say("会员信息保存在联盟总部，本机不存姓名和电话；忘带会员码请顾客打开会员页面。"),
                size=theme.SMALL,
                colour=theme.SOFT,
                wrap=True,
            )
        about = say(
            "本单会员 {number} · {plan} · 至 {date}", number=card.number, plan=card.plan, date=card.until
        )
        return Text(self._stage, about, wrap=True)
