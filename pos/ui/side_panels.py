"""The right-hand side of the sale screen: the member, the amount, and how to pay it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from pos.domain.day import POINTS
from pos.domain.message import Message, say
from pos.domain.money import plain_text, yuan
from pos.ui import theme
from pos.ui.actions import action
from pos.ui.presenters.cash_form import likely_note
from pos.ui.presenters.figures import taken_off
from pos.ui.presenters.member_card import MemberCard
from pos.ui.presenters.till import Till
from pos.ui.stage import Stage
from pos.ui.widgets.button import BLUE, GREEN, SLATE, TenderButton
from pos.ui.widgets.card import Card
from pos.ui.widgets.painting import CENTER, RIGHT, box, keycap, keycap_size, width_of, write, write_wrapped
from pos.usecases.desk import Quote


class MemberPanel(Card):
    """Who the member is and what the points can do; a tap is like F5."""

    tapped = Signal()

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(stage, parent)
        self._card: MemberCard | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self.updateGeometry)

    def show_member(self, card: MemberCard | None) -> None:
        if card != self._card:
            self._card = card
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._stage.px(theme.SIDE_WIDTH), self._stage.px(166))

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.tapped.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        if self._card is None:
            self._paint_empty(painter)
        else:
            self._paint_head(painter, self._card)
            self._paint_tiles(painter, self._card)
            self._paint_note(painter, self._card.note)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        stage = self._stage
        left, wide = stage.px(20), self.width() - stage.px(40)
        middle = self.height() // 2
        title = stage(say("扫会员码…"))
        font = stage.font(theme.TITLE, bold=True)
        write(painter, QRect(left, middle - stage.px(38), wide, stage.px(34)), title, font, theme.INK)
        cap_font = stage.font(theme.TINY, bold=True)
        cap = keycap_size("F5", cap_font)
        place = QRect(self.width() - stage.px(16) - cap[0], stage.px(14), *cap)
        keycap(painter, place, "F5", cap_font, ink=theme.SOFT, edge=theme.EDGE)
        hint = stage(say("会员价、积分自动生效；没有会员直接结账"))
        below = QRect(left, middle + stage.px(4), wide, stage.px(56))
        write_wrapped(painter, below, hint, stage.font(theme.SMALL), theme.SOFT)

    def _paint_head(self, painter: QPainter, card: MemberCard) -> None:
        stage = self._stage
        top, height = stage.px(12), stage.px(34)
        x = stage.px(18)
        title = stage(say("会员 {number}", number=card.number))
        font = stage.font(theme.TITLE, bold=True)
        write(painter, QRect(x, top, self.width(), height), title, font, theme.INK)
        x += width_of(title, font) + stage.px(12)
        chip_font = stage.font(theme.TINY, bold=True)
        plan, until = stage(card.plan), stage(say("至 {date}", date=card.until))
        until_font, right = stage.font(theme.TINY), self.width() - stage.px(18)
        until_px = width_of(until, until_font) + 2
        room = right - x - until_px - stage.px(8)  # the date is needed whole, the plan's name is not
        chip_px = min(width_of(plan, chip_font) + stage.px(16), room)
        chip = QRect(x, top + stage.px(5), chip_px, stage.px(24))
        box(painter, chip, theme.GREEN, radius=stage.px(6))
        inner = chip.adjusted(stage.px(6), 0, -stage.px(6), 0)
        write(painter, inner, plan, chip_font, theme.WHITE, align=CENTER)
        rect = QRect(right - until_px, top, until_px, height)
        write(painter, rect, until, until_font, theme.SOFT, align=RIGHT)

    def _paint_tiles(self, painter: QPainter, card: MemberCard) -> None:
        stage = self._stage
        gap, left = stage.px(8), stage.px(18)
        width = (self.width() - 2 * left - 2 * gap) // 3
        tiles = (
            (say("积分"), card.balance, theme.INK),
            (say("本单可用"), card.usable, theme.BLUE),
            (say("本单将得"), card.earning, theme.GREEN),
        )
        for index, (label, figure, colour) in enumerate(tiles):
            x = left + index * (width + gap)
            label_rect = QRect(x, stage.px(50), width, stage.px(22))
            write(painter, label_rect, stage(label), stage.font(theme.SMALL), theme.SOFT)
            figure_rect = QRect(x, stage.px(72), width, stage.px(36))
            write(painter, figure_rect, figure, stage.font(theme.BIG, bold=True), colour)

    def _paint_note(self, painter: QPainter, note: Message | None) -> None:
        if note is None:
            return
        stage = self._stage
        rect = QRect(stage.px(16), self.height() - stage.px(50), self.width() - stage.px(32), stage.px(38))
        box(painter, rect, theme.AMBER_TINT, radius=stage.px(8))
        inner = rect.adjusted(stage.px(12), 0, -stage.px(12), 0)
        text, font = stage(note), stage.font(theme.SMALL)
        if width_of(text, font) <= inner.width():
            write(painter, inner, text, font, theme.AMBER_TEXT)
        else:
            write_wrapped(painter, inner, text, stage.font(theme.TINY), theme.AMBER_TEXT)


class TotalsPanel(Card):
    """What is to be paid. Nothing on the screen is larger."""

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(stage, parent)
        self._payable = "0.00"
        self._second: tuple[Message, str, str] | None = None
        self._due = "0.00"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self.updateGeometry)

    @property
    def due_text(self) -> str:
        return self._due

    def show_totals(self, quoted: Quote | None) -> None:
        """What the goods cost, what points pay of it (or what was saved), and what is left."""
        sale = quoted.sale if quoted else None
        shown = (
            yuan(sale.payable_fen if sale else 0),
            _second_line(quoted) if quoted else None,
            yuan(sale.due_fen if sale else 0),
        )
        if shown != (self._payable, self._second, self._due):
            self._payable, self._second, self._due = shown
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._stage.px(theme.SIDE_WIDTH), self._stage.px(190))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        stage = self._stage
        left, wide = stage.px(20), self.width() - stage.px(40)
        self._pair(painter, stage.px(14), stage(say("应付")), self._payable, theme.SOFT)
        if self._second is not None:
            label, figure, colour = self._second
            self._pair(painter, stage.px(44), stage(label), figure, colour)
        painter.fillRect(QRect(left, stage.px(80), wide, 2), QColor(theme.INK))
        self._paint_due(painter, QRect(left, stage.px(86), wide, self.height() - stage.px(94)))
        painter.end()

    def _pair(self, painter: QPainter, top: int, label: str, figure: str, colour: str) -> None:
        stage = self._stage
        rect = QRect(stage.px(20), top, self.width() - stage.px(40), stage.px(30))
        write(painter, rect, label, stage.font(theme.TEXT), theme.SOFT)
        write(painter, rect, figure, stage.font(theme.ROW), colour, align=RIGHT)

    def _paint_due(self, painter: QPainter, rect: QRect) -> None:
        stage = self._stage
        label, label_font = stage(say("应收")), stage.font(theme.TITLE, bold=True)
        size = theme.DUE
        while size > theme.BIG and width_of(self._due, stage.font(size, bold=True)) > rect.width() - stage.px(
            74
        ):
            size -= 4
        font = stage.font(size, bold=True)
        write(painter, rect, self._due, font, theme.INK, align=RIGHT)
        drop = (QFontMetrics(font).capHeight() - QFontMetrics(label_font).capHeight()) // 2
        write(painter, rect.translated(0, max(0, drop)), label, label_font, theme.INK)


def _second_line(quoted: Quote) -> tuple[Message, str, str] | None:
    paid = [one for one in quoted.sale.redeemed if one.value_fen]
    if len(paid) == 1 and paid[0].asset == POINTS:
        points = plain_text(paid[0].amount, paid[0].scale)
        return say("积分抵扣 {points} 分", points=points), taken_off(paid[0].value_fen), theme.BLUE
    if paid:
        return say("积分、券抵扣"), taken_off(quoted.sale.redeemed_fen), theme.BLUE
    if quoted.sale.adjustments_fen:
        return say("其中已优惠"), yuan(quoted.sale.adjustments_fen), theme.GREEN
    return None


class TenderPanel(QWidget):
    """Cash large; exact cash and points beneath."""

    chosen = Signal(str)

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self.cash = TenderButton(stage, action("cash").title, key="F9", paint=GREEN)
        self.points = TenderButton(stage, action("points").title, key="F8", paint=BLUE)
        self.exact = TenderButton(stage, action("exact").title, key="F11", paint=SLATE)
        for name, button in (("cash", self.cash), ("points", self.points), ("exact", self.exact)):
            button.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self.cash, 0, 0, 1, 2)
        self._grid.addWidget(self.points, 1, 0)
        self._grid.addWidget(self.exact, 1, 1)
        self._grid.setRowStretch(0, 1)
        self._grid.setRowStretch(1, 1)
        stage.changed.connect(self._dress)
        self._dress()

    def show_till(self, till: Till, card: MemberCard | None) -> None:
        """`card` is the member's as the panel above shows it: it is made once for both."""
        ready = bool(till.cart.lines)
        due_fen = till.due_fen
        note_fen = likely_note(due_fen)
        self.cash.setEnabled(ready)
        self.exact.setEnabled(ready)
        self.cash.explain(self._cash_line(due_fen, note_fen) if ready else say("先扫商品"))
        self.exact.explain(yuan(due_fen) if ready else "")
        self.points.setEnabled(ready and card is not None)
        if card is None:
            self.points.explain(say("先扫会员码"))
        elif card.used:
            self.points.explain(say("已用 {points} 分 · 改", points=card.used))
        else:
            self.points.explain(say("可用 {points} 分", points=card.usable))

    def _cash_line(self, due_fen: int, note_fen: int) -> Message:
        if due_fen == 0:
            return say("不用付现金")
        if note_fen == due_fen:
            return say("正好 {amount}", amount=yuan(due_fen))
        return say("{note} → 找 {change}", note=note_fen // 100, change=yuan(note_fen - due_fen))

    def _dress(self) -> None:
        self._grid.setSpacing(self._stage.px(theme.GAP))
