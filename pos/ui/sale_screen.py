"""The sale screen: entry line, cart, member, amount, tenders and the row of function keys."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pos.domain.message import Message, say
from pos.domain.money import yuan
from pos.ui import theme
from pos.ui.actions import FUNCTION_BAR, action
from pos.ui.cart_table import CartTable
from pos.ui.entry_view import EntryView, SuggestionList
from pos.ui.presenters.cart_rows import CartSummary, cart_rows, cart_summary
from pos.ui.presenters.entry_line import EntryLine
from pos.ui.presenters.figures import receipt_tail
from pos.ui.presenters.member_card import member_card
from pos.ui.presenters.till import Paid, Till
from pos.ui.side_panels import MemberPanel, TenderPanel, TotalsPanel
from pos.ui.stage import Stage
from pos.ui.widgets.button import Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.keypad import LetterPad
from pos.ui.widgets.painting import RIGHT, width_of, write
from pos.usecases.print_ports import PrintState


class Footer(QWidget):
    """Beneath the cart: its sums on the left, the previous sale on the right."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._sums = CartSummary()
        self._last: Message | str = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        stage.changed.connect(self.updateGeometry)

    def show_sums(self, sums: CartSummary) -> None:
        if sums != self._sums:
            self._sums = sums
            self.update()

    def show_last(self, last: Message | str) -> None:
        if last != self._last:
            self._last = last
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self._stage.px(theme.FOOTER_HEIGHT))

    def paintEvent(self, _event: QPaintEvent) -> None:
        stage, painter = self._stage, QPainter(self)
        painter.fillRect(QRect(1, 0, self.width() - 2, 1), QColor(theme.LINE))
        x = stage.px(20)
        plain, strong = stage.font(theme.TEXT), stage.font(theme.TEXT, bold=True)
        parts = [
            (stage(say("{lines} 行", lines=self._sums.lines)), plain, theme.SOFT, 8),
            (stage(say("{pieces} 件", pieces=self._sums.pieces)), strong, theme.INK, 26),
            (stage(say("原价")), plain, theme.SOFT, 8),
            (self._sums.gross, strong, theme.INK, 26),
        ]
        if self._sums.saved:
            parts += [
                (stage(say("已省")), plain, theme.SOFT, 8),
                (self._sums.saved, strong, theme.GREEN, 26),
            ]
        for text, font, colour, gap in parts:
            width = width_of(text, font)
            write(painter, QRect(x, 0, width + 2, self.height()), text, font, colour)
            x += width + stage.px(gap)
        room = QRect(x, 0, self.width() - x - stage.px(20), self.height())
        last = stage(self._last)
        fits = width_of(last, stage.font(theme.SMALL)) <= room.width()
        write(painter, room, last, stage.font(theme.SMALL if fits else theme.TINY), theme.SOFT, align=RIGHT)
        painter.end()


class SaleScreen(QWidget):
    """Draws the till. `acted` names an action whose button was tapped."""

    acted = Signal(str)
    row_picked = Signal(int)
    suggestion_picked = Signal(object)

    def __init__(self, stage: Stage, till: Till, entry: EntryLine) -> None:
        super().__init__()
        self._stage = stage
        self._till = till
        self._entry = entry
        self.table = CartTable(stage)
        self.footer = Footer(stage)
        self.member = MemberPanel(stage)
        self.totals = TotalsPanel(stage)
        self.tenders = TenderPanel(stage)
        self.entry_view = EntryView(stage, entry)
        self._goods = self._build_goods()
        self.suggestions = SuggestionList(stage, entry, self._goods)
        self.letters = LetterPad(stage, Card(stage, self._goods))
        self.letter_card: Card = self.letters.parent()  # type: ignore[assignment]
        self.letter_card.hide()
        self._bar = {name: self._function(name) for name in FUNCTION_BAR}
        self._lay_out()
        self._connect()
        stage.changed.connect(self._dress)
        self._dress()

    def show_till(self, *, flash: int | None = None) -> None:
        """Draws the cart, its price and its member; what has not changed is not drawn again."""
        till = self._till
        quoted = till.quoted
        self.table.show_rows(cart_rows(quoted), till.cart.selected, flash)
        self.footer.show_sums(cart_summary(quoted))
        card = member_card(quoted)
        self.member.show_member(card)
        self.totals.show_totals(quoted)
        self.tenders.show_till(till, card)
        line = till.selected_line
        self._bar["quantity"].show_words(say("重量") if line and line.product.weighed else say("数量"))

    def show_entry(self) -> None:
        self.entry_view.update()
        self.suggestions.setVisible(bool(self._entry.term))
        self._place_overlays()
        self.suggestions.update()

    def notice_room(self) -> QRect:
        """Where a notice hides nothing that is needed: above the footer and the touch keyboard."""
        inset = self._stage.px(10)
        top = self.entry_view.height() + inset
        bottom = self.letter_card.y() if self.letter_card.isVisible() else self.footer.y()
        room = QRect(inset, top, self._goods.width() - 2 * inset, bottom - inset - top)
        return room.translated(self._goods.pos())

    def show_last(self, paid: Paid | None, printed: PrintState | None) -> None:
        self.footer.show_last(last_line(paid, printed) if paid else "")

    def show_role(self, *, owner: bool) -> None:
        self._bar["report"].setVisible(owner)

    def toggle_letters(self) -> None:
        """The touch keyboard comes and goes."""
        self.letter_card.setVisible(not self.letter_card.isVisible())
        self._place_overlays()

    def hide_letters(self) -> None:
        self.letter_card.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_overlays()

    # --- building ----------------------------------------------------------------------------

    def _build_goods(self) -> Card:
        goods = Card(self._stage)
        column = QVBoxLayout(goods)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.entry_view)
        column.addWidget(self.table, 1)
        column.addWidget(self.footer)
        return goods

    def _function(self, name: str) -> Button:
        found = next(action(one) for one in FUNCTION_BAR if one == name)
        button = Button(self._stage, found.title, key=found.key, height=58, stacks=True)
        button.clicked.connect(lambda _checked=False: self.acted.emit(name))
        return button

    def _lay_out(self) -> None:
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self.member)
        side.addWidget(self.totals)
        side.addWidget(self.tenders, 1)
        upper = QHBoxLayout()
        upper.addWidget(self._goods, 1)
        upper.addWidget(self._side)
        bar = QHBoxLayout()
        for button in self._bar.values():
            bar.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.addLayout(upper, 1)
        column.addLayout(bar)
        self._layouts = (side, upper, bar, column)
        letters = QVBoxLayout(self.letter_card)
        letters.setContentsMargins(0, 0, 0, 0)
        letters.addWidget(self.letters)

    def _connect(self) -> None:
        self.table.picked.connect(self.row_picked)
        self.tenders.chosen.connect(self.acted)
        self.member.tapped.connect(lambda: self.acted.emit("member"))
        self.entry_view.tapped.connect(lambda: self.acted.emit("find"))
        self.suggestions.picked.connect(self.suggestion_picked)
        self.letters.closed.connect(self.hide_letters)

    def _dress(self) -> None:
        stage = self._stage
        for layout in self._layouts:
            layout.setSpacing(stage.px(theme.GAP))
        margin = stage.px(theme.MARGIN)
        self._layouts[-1].setContentsMargins(margin, margin, margin, stage.px(10))
        self._layouts[2].setSpacing(stage.px(8))
        self._side.setFixedWidth(stage.px(theme.SIDE_WIDTH))
        self._place_overlays()

    def _place_overlays(self) -> None:
        goods, stage = self._goods, self._stage
        inset = stage.px(10)
        pad_height = stage.touch() * 4 + stage.px(40)
        wide = goods.width() - 2 * inset
        bottom = goods.height() - inset - (pad_height if self.letter_card.isVisible() else 0)
        top = self.entry_view.height() + 2
        self.suggestions.setGeometry(inset, top, wide, min(self.suggestions.wanted_height(), bottom - top))
        self.letter_card.setGeometry(inset, goods.height() - inset - pad_height, wide, pad_height)
        self.suggestions.raise_()
        self.letter_card.raise_()


def last_line(paid: Paid, printed: PrintState | None) -> Message:
    """The previous sale in one line: number, change, and whether its receipt came out."""
    states = {
        "printed": say("小票已打印"),
        "sending": say("正在打印"),
        "queued": say("小票排队中"),
        "failed": say("小票会自动补打"),
        "given_up": say("小票没打出，按 F7"),
    }
    return say(
        "上一单 {no} · 找零 {change} · {state}",
        no=receipt_tail(paid.completed.sale.receipt_no),
        change=yuan(paid.change_fen),
        state=states[printed] if printed else say("小票排队中"),
    )
