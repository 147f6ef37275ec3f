"""The owner's day on one page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.presenters.day_book import (
    DayBook,
    Figure,
    borne,
    comparison,
    named_differences,
    oversight,
    settlement,
    takings,
)
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice
from pos.ui.services import TillServices
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.painting import CENTER, RIGHT
from pos.ui.widgets.text import Text

_GROUNDS = {
    "good": (theme.GREEN_TINT, theme.GREEN_DARK, "✓"),
    "warn": (theme.AMBER_TINT, theme.AMBER_TEXT, "…"),
    "bad": (theme.RED_TINT, theme.RED_TEXT, "!"),
}


class FigureColumn(Card):
    """Labels on the left, figures on the right."""

    def __init__(self, stage: Stage, title: Message) -> None:
        super().__init__(stage, fill=theme.BAND, edge=theme.LINE)
        self._grid = QGridLayout()
        self._widgets: list[QWidget] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(stage.px(22), stage.px(18), stage.px(22), stage.px(14))
        column.setSpacing(stage.px(16))
        column.addWidget(Text(stage, title, size=theme.ROW, bold=True))
        column.addLayout(self._grid)
        column.addStretch(1)
        self._heading = Text(stage, "", size=theme.SMALL, bold=True)
        self._notes = Text(stage, "", size=theme.SMALL, colour=theme.SOFT, wrap=True)
        notes = QVBoxLayout()
        notes.setSpacing(0)
        notes.addWidget(self._heading)
        notes.addWidget(self._notes)
        column.addLayout(notes)
        self.show_notes(())
        self._grid.setVerticalSpacing(stage.px(13))
        self._grid.setColumnStretch(1, 1)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        for widget in self._widgets:
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self._widgets = []
        for row, figure in enumerate(figures):
            bold = figure.emphasis != "plain"
            size = theme.HEADLINE if figure.emphasis == "settled" else theme.ROW
            colour = theme.GREEN_DARK if figure.emphasis == "settled" else theme.INK
            label = Text(self._stage, figure.label, size=theme.TEXT, colour=theme.SOFT, parent=self)
            value = Text(
                self._stage, figure.value, size=size, bold=bold, colour=colour, align=RIGHT, parent=self
            )
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(value, row, 1)
            self._widgets += [label, value]

    def show_notes(self, notes: tuple[Message, ...]) -> None:
        """A heading and lines below the figures, or nothing."""
        self._heading.show_words(notes[0] if notes else "")
        self._notes.show_words("\n".join(self._stage(one) for one in notes[1:]))
        self._heading.setVisible(bool(notes))
        self._notes.setVisible(bool(notes))


class ReportSheet(Sheet):
    """Takings, settlement, and whether the hub agrees to the fen. ← and → turn the days."""

    name = "report"
    measure = (1080, 680)

    def __init__(self, stage: Stage, services: TillServices, errands: Errands) -> None:
        super().__init__(stage, say("今日"))
        self.book = DayBook(services.desk, errands, services.ask_hub, self.draw)
        self._date = Text(stage, "", size=theme.TITLE, bold=True, align=CENTER)
        self._back = Button(stage, say("前一天"), key="←")
        self._on = Button(stage, say("后一天"), key="→")
        self._back.clicked.connect(lambda: self.book.turn(-1))
        self._on.clicked.connect(lambda: self.book.turn(1))
        self._takings = FigureColumn(stage, say("销售与收款"))
        self._settlement = FigureColumn(stage, say("与联盟结算"))
        self._verdict_card = Card(stage, fill=theme.BAND, edge=theme.BAND)
        self._mark = Text(stage, "", size=theme.BIG, bold=True, align=CENTER)
        self._verdict = Text(stage, "", size=theme.TITLE, bold=True, wrap=True)
        self._named = Text(stage, "", size=theme.SMALL, wrap=True, colour=theme.RED_TEXT)
        self._lay_out()
        self.book.open()

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key == Qt.Key.Key_Left:
            self.book.turn(-1)
        elif key == Qt.Key.Key_Right:
            self.book.turn(1)
        super().key(key, modifiers)

    def draw(self) -> None:
        book = self.book
        self._date.show_words(book.date)
        self._on.setEnabled(not book.is_today)
        self.title.show_words(say("今日账目") if book.is_today else say("当日账目"))
        if book.report is None:
            self._say(book.notice or Notice("warn", say("正在和总部核对…")), ())
            self._takings.show_figures(())
            self._settlement.show_figures(())
            self._takings.show_notes(())
            return
        self._takings.show_figures(takings(book.report))
        self._settlement.show_figures((*settlement(book.report.till, book.share_name), *borne(book.report)))
        self._takings.show_notes(oversight(book.report))
        self._say(comparison(book.report), named_differences(book.report))

    def _say(self, verdict: Notice, named: tuple[Message, ...]) -> None:
        ground, ink, mark = _GROUNDS[verdict.tone]
        self._verdict_card.tint(ground, ground)
        for text in (self._mark, self._verdict):
            text.colour(ink)
        self._mark.show_words(mark)
        self._verdict.show_words(verdict.message)
        self._named.show_words("\n".join(self._stage(one) for one in named))
        self._named.setVisible(bool(named))

    def _lay_out(self) -> None:
        stage = self._stage
        days = QHBoxLayout()
        days.addWidget(self._back, 1)
        days.addWidget(self._date, 2)
        days.addWidget(self._on, 1)
        right = QVBoxLayout()
        right.addWidget(self._settlement, 1)
        right.addWidget(self._verdict_card)
        verdict = QVBoxLayout(self._verdict_card)
        verdict.setContentsMargins(stage.px(16), stage.px(14), stage.px(16), stage.px(14))
        line = QHBoxLayout()
        line.addWidget(self._mark)
        line.addWidget(self._verdict, 1)
        verdict.addLayout(line)
        verdict.addWidget(self._named)
        columns = QHBoxLayout()
        columns.setSpacing(stage.px(16))
        columns.addWidget(self._takings, 1)
        columns.addLayout(right, 1)
        self.body.addLayout(days)
        self.body.addLayout(columns, 1)
