"""The technician's screen: how the till is, and the few things to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pos.domain.message import say
from pos.ui import theme
from pos.ui.presenters.till_status import till_status
from pos.ui.services import TillServices
from pos.ui.stage import Stage
from pos.ui.widgets.button import GREEN, PLAIN, Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.painting import CENTER
from pos.ui.widgets.text import Text

_KEYS = {
    Qt.Key.Key_F2: "test_print",
    Qt.Key.Key_F3: "drawer",
    Qt.Key.Key_F5: "refresh",
    Qt.Key.Key_F12: "more",
    Qt.Key.Key_Escape: "lock",
}


class ToolsScreen(QWidget):
    """`acted` names what was asked for."""

    acted = Signal(str)

    def __init__(self, stage: Stage, services: TillServices) -> None:
        super().__init__()
        self._stage = stage
        self._services = services
        self._rows: list[tuple[Text, Text, Text]] = []
        self._grid = QGridLayout()
        card = Card(stage)
        column = QVBoxLayout(card)
        column.setContentsMargins(stage.px(30), stage.px(24), stage.px(30), stage.px(24))
        column.addWidget(Text(stage, say("本机状态"), size=theme.BIG, bold=True))
        column.addSpacing(stage.px(10))
        column.addLayout(self._grid)
        column.addStretch(1)
        self._grid.setVerticalSpacing(stage.px(12))
        self._grid.setHorizontalSpacing(stage.px(18))
        self._grid.setColumnStretch(2, 1)
        bar = QHBoxLayout()
        bar.setSpacing(stage.px(10))
        for name, key, title in (
            ("test_print", "F2", say("打印测试页")),
            ("drawer", "F3", say("开钱箱")),
            ("refresh", "F5", say("重新检查")),
            ("more", "F12", say("更多")),
            ("lock", "Esc", say("退出登录")),
        ):
            paint = GREEN if name == "test_print" else PLAIN
            button = Button(stage, title, key=key, paint=paint, size=theme.TITLE, height=72)
            button.clicked.connect(lambda _checked=False, name=name: self.acted.emit(name))
            bar.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(stage.px(20), stage.px(20), stage.px(20), stage.px(16))
        outer.setSpacing(stage.px(14))
        outer.addWidget(card, 1)
        outer.addLayout(bar)

    def pressed(self, key: int, _modifiers: Qt.KeyboardModifier) -> None:
        name = _KEYS.get(Qt.Key(key))
        if name is not None:
            self.acted.emit(name)

    def draw(self) -> None:
        """Looks again."""
        rows = till_status(self._services)
        while len(self._rows) < len(rows):
            mark = Text(self._stage, "", size=theme.TITLE, bold=True, align=CENTER)
            label = Text(self._stage, "", size=theme.ROW, colour=theme.SOFT)
            value = Text(self._stage, "", size=theme.ROW, bold=True, wrap=True)
            for column, widget in enumerate((mark, label, value)):
                self._grid.addWidget(widget, len(self._rows), column)
            self._rows.append((mark, label, value))
        for (mark, label, value), row in zip(self._rows, rows, strict=True):
            mark.show_words("✓" if row.well else "!")
            mark.colour(theme.GREEN if row.well else theme.RED)
            label.show_words(row.label)
            value.show_words(row.value)
