"""Why the price is what it is, rule by rule."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from pos.domain.message import Message, say
from pos.ui import theme
from pos.ui.presenters.offers_book import OfferRow
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.painting import RIGHT, width_of, write, write_wrapped
from pos.ui.widgets.row_list import RowList
from pos.ui.widgets.text import Text


class OfferList(RowList):
    """Applied rules with what they saved; the others with their reason."""

    def __init__(self, stage: Stage, rows: tuple[OfferRow, ...]) -> None:
        super().__init__(stage, row_height=56)
        self.rows = rows
        self.at = 0

    def count(self) -> int:
        return len(self.rows)

    def selected(self) -> int:
        return self.at

    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        stage, row = self._stage, self.rows[index]
        inner = rect.adjusted(stage.px(16), 0, -stage.px(16), 0)
        ink = theme.INK if row.applied else theme.SOFT
        font = stage.font(theme.ROW if row.applied else theme.TEXT, bold=row.applied)
        room = inner.adjusted(0, 0, -stage.px(120), 0) if row.applied else inner
        text = stage(row.text)
        if width_of(text, font) <= room.width():
            write(painter, room, text, font, ink)
        else:
            write_wrapped(painter, room, text, stage.font(theme.SMALL), ink)
        write(painter, inner, row.saved, stage.font(theme.ROW, bold=True), theme.GREEN, align=RIGHT)


class OffersSheet(Sheet):
    """A list to read from; ↑↓ scroll."""

    name = "offers"
    measure = (900, 640)

    def __init__(self, stage: Stage, rows: tuple[OfferRow, ...], proof: Message) -> None:
        super().__init__(stage, say("本单优惠说明"))
        self.list = OfferList(stage, rows)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(Text(stage, proof, colour=theme.GREEN_DARK, wrap=True))
        self.list.refresh()

    def entered(self) -> None:
        self.leave()

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
        step = steps.get(Qt.Key(key))
        if step is None:
            super().key(key, modifiers)
            return
        self.list.at = max(0, min(self.list.at + step, self.list.count() - 1))
        self.list.refresh()
