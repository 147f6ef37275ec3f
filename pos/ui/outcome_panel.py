"""After the money: the change, huge, until the next scan or key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pos.domain.message import say
from pos.ui import theme
from pos.ui.presenters.outcomes import Outcome, print_line
from pos.ui.stage import Stage
from pos.ui.widgets.card import Card
from pos.ui.widgets.painting import CENTER, RIGHT
from pos.ui.widgets.text import Text
from pos.usecases.print_ports import PrintState


class OutcomePanel(QWidget):
    """Lies over the sale screen. A tap anywhere is `dismissed`."""

    dismissed = Signal()

    def __init__(self, stage: Stage, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._title = Text(stage, "", size=theme.HEADLINE, bold=True, colour=theme.GREEN_DARK, align=CENTER)
        self._label = Text(stage, "", size=theme.BIG, colour=theme.SOFT, align=CENTER)
        self._figure = Text(stage, "", size=theme.CHANGE, bold=True, align=CENTER)
        self._print = Text(stage, "", size=theme.TITLE, align=CENTER)
        self._number = Text(stage, "", size=theme.ROW, colour=theme.SOFT, align=CENTER)
        self._next = Text(
            stage,
            say("扫下一件商品，或按任意键，开始下一单"),
            size=theme.TITLE,
            colour=theme.GREEN_DARK,
            align=CENTER,
        )
        self._facts: list[tuple[Text, Text]] = []
        self._grid = QGridLayout()
        self._card = Card(stage, radius=20)
        self._lay_out()
        self.hide()

    def show_outcome(self, outcome: Outcome, printed: PrintState | None) -> None:
        self._title.show_words(outcome.title)
        self._label.show_words(outcome.label)
        self._figure.show_words(outcome.figure)
        self._number.show_words(say("小票 {no}", no=outcome.receipt_no))
        self.show_printed(printed)
        for index, (label, figure) in enumerate(self._facts):
            given = outcome.facts[index] if index < len(outcome.facts) else None
            label.show_words(given[0] if given else "")
            figure.show_words(given[1] if given else "")
        self.show()

    def show_printed(self, printed: PrintState | None) -> None:
        self._print.show_words(print_line(printed))
        self._print.colour(theme.AMBER_TEXT if printed in {"failed", "given_up"} else theme.INK)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.GREEN_TINT))
        painter.end()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.dismissed.emit()

    def _lay_out(self) -> None:
        stage = self._stage
        for row in range(4):
            label = Text(stage, "", size=theme.TITLE, colour=theme.SOFT)
            figure = Text(stage, "", size=theme.BIG, bold=True, align=RIGHT)
            place = (row // 2, row % 2 * 3)
            self._grid.addWidget(label, place[0], place[1])
            self._grid.addWidget(figure, place[0], place[1] + 1)
            self._facts.append((label, figure))
        self._grid.setColumnMinimumWidth(2, stage.px(70))
        self._grid.setVerticalSpacing(stage.px(8))
        inner = QVBoxLayout(self._card)
        inner.setContentsMargins(stage.px(60), stage.px(34), stage.px(60), stage.px(30))
        for widget in (self._title, self._label, self._figure):
            inner.addWidget(widget)
        facts = QHBoxLayout()
        facts.addStretch(1)
        facts.addLayout(self._grid)
        facts.addStretch(1)
        inner.addLayout(facts)
        inner.addSpacing(stage.px(16))
        inner.addWidget(self._print)
        inner.addWidget(self._number)
        self._card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._card.setMinimumWidth(stage.px(760))
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._card)
        middle.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addLayout(middle)
        column.addSpacing(stage.px(24))
        column.addWidget(self._next)
        column.addStretch(3)
