"""The entry line and its suggestions, drawn from the presenter."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from pos.domain.catalogue import Product
from pos.domain.message import say
from pos.domain.money import yuan
from pos.ui import theme
from pos.ui.presenters.entry_line import EntryLine
from pos.ui.stage import Stage
from pos.ui.widgets.painting import CENTER, RIGHT, box, keycap, keycap_size, width_of, write


class EntryView(QWidget):
    """One line: what is typed, or what to do. A tap asks for the touch keyboard."""

    tapped = Signal()

    def __init__(self, stage: Stage, entry: EntryLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self._entry = entry
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(400, self._stage.touch(theme.ENTRY_HEIGHT))

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.tapped.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        stage, painter = self._stage, QPainter(self)
        rect = self.rect()
        cap_font = stage.font(theme.TINY, bold=True)
        cap = keycap_size("F2", cap_font)
        right = rect.width() - stage.px(18) - cap[0]
        place = QRect(right, (rect.height() - cap[1]) // 2, *cap)
        keycap(painter, place, "F2", cap_font, ink=theme.SOFT, edge=theme.EDGE)
        x = self._paint_multiplier(painter, stage.px(20))
        room = QRect(x, 0, right - x - stage.px(10), rect.height())
        if self._entry.term:
            font = stage.font(theme.TITLE, bold=True)
            write(painter, room, self._entry.term, font, theme.INK)
            x += min(width_of(self._entry.term, font) + 2, room.width())
        else:
            hint = say("扫码，或输入条码 / 拼音首字母")
            write(
                painter, room.adjusted(stage.px(8), 0, 0, 0), stage(hint), stage.font(theme.ROW), theme.FAINT
            )
        tall = stage.px(26)
        painter.fillRect(QRect(x, (rect.height() - tall) // 2, 2, tall), QColor(theme.GREEN))
        painter.fillRect(QRect(1, rect.height() - 1, rect.width() - 2, 1), QColor(theme.LINE))
        painter.end()

    def _paint_multiplier(self, painter: QPainter, x: int) -> int:
        if not self._entry.multiplied:
            return x
        stage = self._stage
        text, font = f"× {self._entry.quantity}", stage.font(theme.TEXT, bold=True)
        rect = QRect(
            x, (self.height() - stage.px(34)) // 2, width_of(text, font) + stage.px(22), stage.px(34)
        )
        box(painter, rect, theme.GREEN_TINT, radius=stage.px(8), edge=theme.GREEN)
        write(painter, rect, text, font, theme.GREEN_DARK, align=CENTER)
        return rect.right() + stage.px(12)


class SuggestionList(QWidget):
    """Goods that the typed text could mean, lying over the table. A tap picks one."""

    picked = Signal(object)

    def __init__(self, stage: Stage, entry: EntryLine, parent: QWidget) -> None:
        super().__init__(parent)
        self._stage = stage
        self._entry = entry
        self.hide()

    @property
    def row_px(self) -> int:
        return self._stage.touch(58)

    def wanted_height(self) -> int:
        """Room for all rows, or for the sentence that there are none."""
        return max(1, len(self._entry.suggestions)) * self.row_px + self._stage.px(10)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = (int(event.position().y()) - self._stage.px(5)) // self.row_px
        if 0 <= row < len(self._entry.suggestions):
            self.picked.emit(self._entry.suggestions[row])

    def paintEvent(self, _event: QPaintEvent) -> None:
        stage, painter = self._stage, QPainter(self)
        box(painter, self.rect(), theme.CARD, radius=stage.px(10), edge=theme.GREEN, edge_px=1.5)
        top = stage.px(5)
        for index, product in enumerate(self._entry.suggestions):
            rect = QRect(stage.px(5), top + index * self.row_px, self.width() - stage.px(10), self.row_px)
            self._paint_row(painter, rect, product, chosen=index == self._entry.chosen)
        if not self._entry.suggestions:
            rect = self.rect().adjusted(stage.px(20), 0, -stage.px(20), 0)
            sentence = stage(say("没有匹配的商品；完整条码请按 Enter"))
            write(painter, rect, sentence, stage.font(theme.TEXT), theme.SOFT)
        painter.end()

    def _paint_row(self, painter: QPainter, rect: QRect, product: Product, *, chosen: bool) -> None:
        stage = self._stage
        if chosen:
            box(painter, rect, theme.GREEN_TINT, radius=stage.px(8))
        inner = rect.adjusted(stage.px(15), 0, -stage.px(15), 0)
        half = rect.height() // 2
        price_font = stage.font(theme.ROW, bold=True)
        unit = f" / {product.unit}"
        write(painter, inner, unit, stage.font(theme.TINY), theme.SOFT, align=RIGHT)
        unit_px = width_of(unit, stage.font(theme.TINY))
        price = inner.adjusted(0, 0, -unit_px, 0)
        write(painter, price, yuan(product.price_fen), price_font, theme.INK, align=RIGHT)
        left = inner.adjusted(0, stage.px(5), -stage.px(190), -half)
        write(painter, left, product.name, stage.font(theme.ROW), theme.INK)
        detail = f"{product.spec} · {product.code}"
        below = inner.adjusted(0, half, -stage.px(190), -stage.px(4))
        write(painter, below, detail, stage.font(theme.TINY), theme.FAINT)
        member = QRect(inner.right() - stage.px(190), inner.top(), stage.px(90), inner.height())
        if product.member_price_fen < product.price_fen:
            text = stage(say("会员 {price}", price=yuan(product.member_price_fen)))
            write(painter, member, text, stage.font(theme.TINY), theme.GREEN, align=RIGHT)
