"""Goods come back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from pos.domain.catalogue import recognise
from pos.domain.message import Message, say
from pos.domain.money import plain_text, yuan
from pos.ui import theme
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.figures import MINUS, quantity_text, time_of
from pos.ui.presenters.refund_form import RefundForm, WhenAllowed, points_lines
from pos.ui.services import TillServices
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import GREEN, QUIET, Button
from pos.ui.widgets.card import Card
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import CENTER, LEFT, RIGHT, box, write
from pos.ui.widgets.row_list import RowList
from pos.ui.widgets.text import Text
from pos.usecases.ports import ReceiptRow
from pos.usecases.refund_sale import CompletedRefund

STEPPER_PX = 196
_PURPOSES = {"return": say("退货"), "exchange": say("换货"), "void": say("作废整单")}
_CONFIRM = {"return": say("确认退货"), "exchange": say("确认退回，再扫新货"), "void": say("确认作废")}


class RecentSales(RowList):
    """Sales of the day for whoever has no receipt in hand; a tap opens one."""

    def __init__(self, stage: Stage, rows: tuple[ReceiptRow, ...]) -> None:
        super().__init__(stage, row_height=56)
        self.rows = rows

    def count(self) -> int:
        return len(self.rows)

    def selected(self) -> int:
        return -1

    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        stage, row = self._stage, self.rows[index]
        inner = rect.adjusted(stage.px(14), 0, -stage.px(14), 0)
        write(painter, inner, row.receipt_no, stage.font(theme.TEXT), theme.INK)
        cash = inner.adjusted(0, 0, -stage.px(70), 0)
        write(painter, cash, yuan(row.figures.cash_fen), stage.font(theme.TEXT), theme.INK, align=RIGHT)
        write(painter, inner, time_of(row.at), stage.font(theme.SMALL), theme.SOFT, align=RIGHT)


class ReturnLines(RowList):
    """The sale's lines with a stepper each."""

    def __init__(self, stage: Stage, form: Callable[[], RefundForm]) -> None:
        super().__init__(stage, row_height=70)
        self._form = form
        self.tapped.connect(self._tap)

    @property
    def row_px(self) -> int:
        return max(super().row_px, theme.TOUCH + 8)  # a stepper, with air above and below

    def count(self) -> int:
        return len(self._form().lines)

    def selected(self) -> int:
        return self._form().selected

    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        stage, form = self._stage, self._form()
        line, left, pieces = form.lines[index], form.left[index], form.pieces[index]
        inner = rect.adjusted(stage.px(18), 0, -stage.px(10), 0)
        ink = theme.INK if left else theme.FAINT
        text = inner.adjusted(0, stage.px(7), -stage.px(STEPPER_PX), -rect.height() // 2)
        write(painter, text, line.name, stage.font(theme.ROW), ink)
        if left:
            detail = say("买 {quantity} · 可退 {left}", quantity=quantity_text(line), left=left)
        else:
            detail = say("买 {quantity} · 已退完", quantity=quantity_text(line))
        below = inner.adjusted(0, rect.height() // 2, -stage.px(STEPPER_PX), -stage.px(4))
        write(painter, below, stage(detail), stage.font(theme.TINY), theme.FAINT)
        if left:
            self._paint_stepper(painter, rect, pieces, left)

    def _paint_stepper(self, painter: QPainter, rect: QRect, pieces: int, left: int) -> None:
        stage = self._stage
        minus, plus = self._stepper(rect)
        open_ = self._form().purpose != "void"
        for place, sign, able in ((minus, MINUS, pieces > 0 and open_), (plus, "+", pieces < left and open_)):
            box(painter, place, theme.CARD if able else theme.BAND, radius=stage.px(10), edge=theme.EDGE)
            ink = theme.INK if able else theme.FAINT
            write(painter, place, sign, stage.font(theme.BIG), ink, align=CENTER)
        between = QRect(minus.right(), rect.top(), plus.left() - minus.right(), rect.height())
        ink = theme.GREEN_DARK if pieces else theme.FAINT
        write(painter, between, str(pieces), stage.font(theme.BIG, bold=True), ink, align=CENTER)

    def _stepper(self, rect: QRect) -> tuple[QRect, QRect]:
        side = theme.TOUCH
        top = rect.center().y() - side // 2 + 1
        right = rect.right() - self._stage.px(10) - side
        left = right - side - self._stage.px(56)
        return QRect(left, top, side, side), QRect(right, top, side, side)

    def _tap(self, index: int, x: int) -> None:
        minus, plus = self._stepper(QRect(0, 0, self.viewport().width(), self.row_px))
        form = self._form()
        if x >= plus.left():
            form.count(index, 1)
        elif x >= minus.left() - self._stage.px(10):
            form.count(index, -1 if x <= minus.right() else 0)
        else:
            form.count(index, 0)


class RefundSheet(Sheet):
    """First the receipt, then the pieces, with what they give shown live; Enter books the return."""

    name = "refund"
    measure = (1080, 690)

    def __init__(
        self,
        stage: Stage,
        services: TillServices,
        errands: Errands,
        cashier: str,
        *,
        on_done: Callable[[CompletedRefund], None],
        when_allowed: WhenAllowed,
    ) -> None:
        super().__init__(stage, say("退货"))
        self._on_done = on_done
        self.form = RefundForm(
            services.desk,
            errands,
            cashier,
            ask_right=services.ask_right,
            changed=self.draw,
            say_notice=self.tell,
            on_done=self._done,
            when_allowed=when_allowed,
        )
        self._pages = QStackedWidget()
        self.field = Field(stage, size=theme.TITLE, align=LEFT)
        self.lines = ReturnLines(stage, lambda: self.form)
        self._cash_back = Text(stage, "", size=60, bold=True, align=RIGHT)
        self._points = Text(stage, "", size=theme.ROW, wrap=True)
        self._book = Button(
            stage, say("确认退货"), key="Enter", paint=GREEN, size=theme.TITLE, bold=True, height=76
        )
        self._book.clicked.connect(self.entered)
        self._pages.addWidget(self._choose_page())
        self._pages.addWidget(self._count_page())
        self.body.addWidget(self._pages, 1)
        self.draw()

    def typed(self, char: str) -> None:
        if self.form.found is None:
            self.form.type(char)
        elif char in "+＋=":
            self.form.count(self.form.selected, 1)
        elif char in "-－":
            self.form.count(self.form.selected, -1)

    def erased(self) -> None:
        self.form.back()

    def drop(self, count: int) -> None:
        self.form.drop(count)

    def entered(self) -> None:
        if self.form.found is None:
            self.form.find()
        else:
            self.form.confirm()

    def scanned(self, code: str) -> bool:
        found = recognise(code)
        if found.kind != "receipt" or self.form.busy:
            return False
        self.form.find(found.code)
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        form = self.form
        match key:
            case Qt.Key.Key_Up:
                form.move(-1)
            case Qt.Key.Key_Down:
                form.move(1)
            case Qt.Key.Key_Right:
                form.count(form.selected, 1)
            case Qt.Key.Key_Left:
                form.count(form.selected, -1)
            case Qt.Key.Key_F10:
                form.everything()
            case Qt.Key.Key_F6:
                form.next_purpose()
            case _:
                super().key(key, modifiers)

    def leave(self) -> None:
        if not self.form.leave():
            super().leave()

    def draw(self) -> None:
        form = self.form
        self._pages.setCurrentIndex(0 if form.found is None else 1)
        self.field.show_text(form.typed)
        if form.found is None:
            self.title.show_words(_PURPOSES[form.purpose])
            return
        self.title.show_words(
            say("{purpose} · 小票 {no}", purpose=_PURPOSES[form.purpose], no=form.found.sale.receipt_no)
        )
        self.lines.refresh()
        preview = form.preview()
        self._cash_back.show_words(yuan(preview.cash_back_fen) if preview else "0.00")
        changes = points_lines(preview) if preview else ()
        self._points.show_words("\n".join(self._points_line(*change) for change in changes))
        self._book.setEnabled(bool(preview) and not form.busy)
        self._book.show_words(say("记账中…") if form.busy else _CONFIRM[form.purpose])
        self._everything.setEnabled(form.purpose != "void")

    def _points_line(self, label: Message, amount: int, scale: int) -> str:
        return self._stage(say("{label} {points}", label=label, points=plain_text(abs(amount), scale)))

    def _done(self, completed: CompletedRefund) -> None:
        self.closed.emit()
        self._on_done(completed)

    def _choose_page(self) -> QWidget:
        stage, page = self._stage, QWidget()
        self.field.label(hint=say("扫小票上的码，或输入单号末几位"))
        keypad = Keypad(stage, say("查找"), left="", right="")
        keypad.typed.connect(self.typed)
        keypad.erased.connect(self.erased)
        keypad.entered.connect(self.entered)
        recent = RecentSales(stage, self.form.recent())
        recent.tapped.connect(lambda index, _x: self.form.find(recent.rows[index].receipt_no))
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.field)
        left.addWidget(keypad, 1)
        right.addWidget(Text(stage, say("最近的销售，点一下就退"), colour=theme.SOFT))
        right.addWidget(recent, 1)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(stage.px(24))
        row.addLayout(left, 5)
        row.addLayout(right, 6)
        return page

    def _count_page(self) -> QWidget:
        stage, page = self._stage, QWidget()
        card = Card(stage, fill=theme.GREEN_TINT, edge=theme.GREEN_TINT)
        gives = QVBoxLayout(card)
        gives.setContentsMargins(stage.px(20), stage.px(16), stage.px(20), stage.px(16))
        gives.addWidget(Text(stage, say("退现金"), size=theme.TITLE, bold=True))
        gives.addWidget(self._cash_back)
        gives.addWidget(self._points)
        gives.addStretch(1)
        self._everything = Button(stage, say("整单全退 / 全不退"), key="F10", paint=QUIET, height=64)
        self._everything.clicked.connect(self.form.everything)
        purpose = Button(stage, say("退货 / 换货 / 作废"), key="F6", paint=QUIET, height=60)
        purpose.clicked.connect(self.form.next_purpose)
        right = QVBoxLayout()
        right.addWidget(card, 1)
        right.addWidget(Text(stage, say("↑↓ 选行，← → 增减件数"), size=theme.SMALL, colour=theme.SOFT))
        right.addWidget(purpose)
        right.addWidget(self._everything)
        right.addWidget(self._book)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(stage.px(20))
        row.addWidget(self.lines, 7)
        row.addLayout(right, 5)
        return page
