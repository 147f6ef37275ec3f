"""The list of receipts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout

from pos.domain.catalogue import recognise
from pos.domain.message import say
from pos.domain.money import yuan
from pos.domain.receipt import masked
from pos.ui import theme
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.figures import signed, time_of
from pos.ui.presenters.member_card import MASK
from pos.ui.presenters.notices import Notice
from pos.ui.presenters.receipt_book import ReceiptBook
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import GREEN, Button
from pos.ui.widgets.field import Field
from pos.ui.widgets.painting import CENTER, LEFT, RIGHT, box, width_of, write
from pos.ui.widgets.row_list import RowList
from pos.ui.widgets.text import Text
from pos.usecases.desk import Desk


class ReceiptList(RowList):
    """Rows of `ReceiptBook`."""

    def __init__(self, stage: Stage, book: Callable[[], ReceiptBook]) -> None:
        super().__init__(stage, row_height=60)
        self._book = book

    def count(self) -> int:
        return len(self._book().rows)

    def selected(self) -> int:
        return self._book().selected

    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        stage, row = self._stage, self._book().rows[index]
        inner = rect.adjusted(stage.px(20), 0, -stage.px(20), 0)
        refund = row.kind == "refund"
        small, plain = stage.font(theme.SMALL), stage.font(theme.ROW)
        when = f"{row.date[5:]} {time_of(row.at)}"
        write(painter, inner, when, small, theme.SOFT)
        number = inner.adjusted(stage.px(120), 0, 0, 0)
        write(painter, number, row.receipt_no, plain, theme.INK)
        x = number.left() + width_of(row.receipt_no, plain) + stage.px(14)
        if refund:
            chip = QRect(x, rect.center().y() - stage.px(12), stage.px(58), stage.px(25))
            box(painter, chip, theme.AMBER_TINT, radius=stage.px(6))
            write(painter, chip, stage(say("退货")), small, theme.AMBER_TEXT, align=CENTER)
        money = yuan(row.figures.cash_fen) if not refund else signed(row.figures.cash_fen)
        write(painter, inner, money, stage.font(theme.ROW, bold=True), theme.INK, align=RIGHT)
        states = stage(say("已上传")), stage(say("待上传"))
        ink = theme.FAINT if row.confirmed else theme.AMBER_TEXT
        right = stage.px(130)
        place = inner.adjusted(0, 0, -right, 0)
        write(painter, place, states[0 if row.confirmed else 1], small, ink, align=RIGHT)
        right += max(width_of(state, small) for state in states) + stage.px(24)
        who = masked(row.member_no, MASK) if row.member_no else ""
        write(painter, inner.adjusted(0, 0, -right, 0), who, small, theme.SOFT, align=RIGHT)


class ReceiptsSheet(Sheet):
    """Find a receipt by scrolling, typing or scanning; Enter prints it again, F6 takes goods back."""

    name = "receipts"
    measure = (1060, 680)

    def __init__(self, stage: Stage, desk: Desk, errands: Errands, refund: Callable[[str], None]) -> None:
        super().__init__(stage, say("小票"))
        self._refund = refund
        self.book = ReceiptBook(desk, errands, changed=self.draw, say_notice=self.tell)
        self.list = ReceiptList(stage, lambda: self.book)
        self.list.tapped.connect(lambda row, _x: self.book.select(row))
        self.field = Field(stage, size=theme.TITLE, align=LEFT, height=56)
        self.field.label(hint=say("扫小票码，或输入单号中的几位"))
        self._empty = Text(
            stage,
            say("没有符合的小票"),
            size=theme.TITLE,
            colour=theme.SOFT,
            align=Qt.AlignmentFlag.AlignCenter,
        )
        again = Button(stage, say("重打副本"), key="Enter", paint=GREEN, size=theme.TITLE, height=64)
        again.clicked.connect(self.entered)
        back = Button(stage, say("退这张小票"), key="F6", size=theme.TITLE, height=64)
        back.clicked.connect(self._take_back)
        row = QHBoxLayout()
        row.addWidget(back, 1)
        row.addWidget(again, 2)
        self.body.addWidget(self.field)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self._empty, 1)
        self.body.addLayout(row)
        self.draw()

    def typed(self, char: str) -> None:
        self.book.type(char)

    def erased(self) -> None:
        self.book.drop(1)

    def drop(self, count: int) -> None:
        self.book.drop(count)

    def entered(self) -> None:
        self.book.reprint()

    def scanned(self, code: str) -> bool:
        found = recognise(code)
        if found.kind != "receipt":
            return False
        self.book.find(found.code)
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -6, Qt.Key.Key_PageDown: 6}
        step = steps.get(Qt.Key(key))
        if step is not None:
            self.book.move(step)
        elif key == Qt.Key.Key_F6:
            self._take_back()
        super().key(key, modifiers)

    def draw(self) -> None:
        any_rows = bool(self.book.rows)
        self.field.show_text(self.book.typed)
        self.list.setVisible(any_rows)
        self._empty.setVisible(not any_rows)
        self.list.refresh()

    def _take_back(self) -> None:
        row = self.book.chosen
        if row is None:
            return
        if row.kind == "refund":
            self.tell(Notice("warn", say("这是退货小票，请选原来的销售小票")))
            return
        self.closed.emit()
        self._refund(row.receipt_no)
