"""F8: points, vouchers and coupons; all that are allowed, some, or none."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos.domain.message import named, say
from pos.domain.money import plain_text, yuan
from pos.ui import theme
from pos.ui.presenters.member_card import PointsWish, points_wishes
from pos.ui.presenters.pay_rows import PayRow, pay_rows
from pos.ui.presenters.till import Till
from pos.ui.presenters.typed_number import TypedNumber
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import BLUE, QUIET, Button
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.painting import RIGHT, write
from pos.ui.widgets.row_list import RowList
from pos.ui.widgets.text import Text


class PayList(RowList):
    """Assets and coupons, each with what it does on this sale."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage, row_height=68)
        self.rows: tuple[PayRow, ...] = ()
        self.at = 0

    def count(self) -> int:
        return len(self.rows)

    def selected(self) -> int:
        return self.at

    def paint_row(self, painter: QPainter, rect: QRect, index: int) -> None:
        stage, row = self._stage, self.rows[index]
        inner = rect.adjusted(stage.px(16), 0, -stage.px(12), 0)
        upper = inner.adjusted(0, stage.px(6), -stage.px(96), -rect.height() // 2)
        lower = inner.adjusted(0, rect.height() // 2, 0, -stage.px(4))
        write(painter, upper, stage(row.name), stage.font(theme.ROW), theme.INK)
        ink = theme.BLUE if row.used else theme.SOFT
        write(painter, lower, stage(row.detail), stage.font(theme.TINY), ink)
        figure = inner.adjusted(0, 0, 0, -rect.height() // 3)
        write(painter, figure, row.figure, stage.font(theme.ROW, bold=True), theme.BLUE, align=RIGHT)


class PaySheet(Sheet):
    """A list at the left; at the right how much of the chosen asset, or whether to use the chosen coupon."""

    name = "points"
    measure = (1080, 640)

    def __init__(self, stage: Stage, till: Till) -> None:
        super().__init__(stage, say("积分 / 券"), leave=say("返回"))
        self._till = till
        self.number = TypedNumber()
        self.list = PayList(stage)
        self.field = Field(stage)
        self._worth = Text(stage, "", size=theme.TITLE, bold=True, colour=theme.BLUE)
        self._why = Text(stage, "", size=theme.SMALL, colour=theme.AMBER_TEXT, wrap=True)
        self.keypad = Keypad(stage, say("确定"))
        self._all = Button(stage, "", key="F8", paint=BLUE, size=theme.TITLE, height=60)
        self._none = Button(stage, say("不用"), key="Del", paint=QUIET, height=60)
        self.list.tapped.connect(lambda index, _x: self._tap(index))
        self.keypad.typed.connect(self.typed)
        self.keypad.erased.connect(self.erased)
        self.keypad.entered.connect(self.entered)
        self._all.clicked.connect(self._use_all)
        self._none.clicked.connect(self._use_none)
        self._lay_out()
        self._choose(0)

    @property
    def row(self) -> PayRow | None:
        """The chosen row."""
        return self.list.rows[self.list.at] if self.list.at < len(self.list.rows) else None

    @property
    def wish(self) -> PointsWish | None:
        """The chosen asset as it stands; None on a coupon."""
        quoted, row = self._till.quoted, self.row
        if quoted is None or row is None or row.kind != "asset":
            return None
        return next((one for one in points_wishes(quoted) if one.asset == row.key), None)

    def typed(self, char: str) -> None:
        if self.wish is not None:
            self.number.type(char)
            self.draw()

    def erased(self) -> None:
        self.number.back()
        self.draw()

    def entered(self) -> None:
        wish = self.wish
        if wish is None:
            self._toggle()
        elif not self.number.text:
            self._use_all()
        elif self._till.redeem(wish.asset, self._minor(wish)):
            self.closed.emit()

    def scanned(self, code: str) -> bool:
        """A printed coupon may be scanned while the sheet is open."""
        self._till.scan(code)
        self.refresh()
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        match key:
            case Qt.Key.Key_Up:
                self._choose(self.list.at - 1)
            case Qt.Key.Key_Down:
                self._choose(self.list.at + 1)
            case Qt.Key.Key_F8:
                self._use_all()
            case Qt.Key.Key_Delete:
                self._use_none()
            case _:
                super().key(key, modifiers)

    def refresh(self) -> None:
        """The cart or its price changed."""
        quoted = self._till.quoted
        self.list.rows = pay_rows(quoted, self._till.cart) if quoted else ()
        self.list.at = max(0, min(self.list.at, len(self.list.rows) - 1))
        self.draw()

    def draw(self) -> None:
        wish, row = self.wish, self.row
        self.list.refresh()
        self.field.setVisible(wish is not None)
        self.keypad.setVisible(wish is not None)
        if wish is None:
            self._draw_coupon(row)
            return
        most = plain_text(wish.most, wish.scale)
        self.field.label(suffix=named(wish.name), hint=say("直接回车：全用 {points}", points=most))
        self.field.show_text(self.number.text, pale=self.number.untouched)
        self._all.show_words(say("全部：{points}", points=most))
        tried = self._till.try_redeem(wish.asset, self._minor(wish)) if self.number.text else None
        self._worth.show_words(
            say("抵 {value} 元", value=yuan(tried.value_fen)) if tried and tried.used else ""
        )
        self._why.show_words(tried.held_back if tried and tried.held_back else "")

    def _draw_coupon(self, row: PayRow | None) -> None:
        self._worth.show_words(row.name if row else say("没有可用的积分或券"))
        self._why.show_words(row.detail if row else "")
        kept = row is not None and row.kind == "coupon" and row.key in self._till.cart.kept_back
        self._all.show_words(say("可用") if kept else say("本单使用"))
        self._none.show_words(say("退回纸券") if row is not None and row.kind == "printed" else say("不用"))

    def _choose(self, index: int) -> None:
        self.list.at = index
        self.refresh()
        wish = self.wish
        start = plain_text(wish.used, wish.scale) if wish and wish.used else ""
        self.number = TypedNumber(decimals=wish.decimals if wish else 0, start=start)
        self.draw()

    def _tap(self, index: int) -> None:
        again = index == self.list.at
        self._choose(index)
        if again and self.wish is None:
            self._toggle()

    def _minor(self, wish: PointsWish) -> int:
        return (self.number.minor or 0) * int(10 ** (wish.scale - wish.decimals))

    def _use_all(self) -> None:
        wish = self.wish
        if wish is None:
            self._keep_back(kept=False)
        elif self._till.redeem_all(wish.asset):
            self.closed.emit()

    def _use_none(self) -> None:
        wish, row = self.wish, self.row
        if wish is not None:
            if self._till.redeem(wish.asset, 0):
                self.closed.emit()
        elif row is not None and row.kind == "printed":
            self._till.hand_back(row.key)
            self._choose(self.list.at)
        else:
            self._keep_back(kept=True)

    def _toggle(self) -> None:
        row = self.row
        if row is not None and row.kind == "coupon":
            self._keep_back(kept=row.key not in self._till.cart.kept_back)

    def _keep_back(self, *, kept: bool) -> None:
        row = self.row
        if row is not None and row.kind == "coupon":
            self._till.keep_back(row.key, kept=kept)
            self._choose(self.list.at)

    def _lay_out(self) -> None:
        stage = self._stage
        right = QVBoxLayout()
        right.setSpacing(stage.px(10))
        for widget in (self.field, self._worth, self._why):
            right.addWidget(widget)
        right.addWidget(self.keypad, 1)
        choice = QHBoxLayout()
        choice.addWidget(self._all, 3)
        choice.addWidget(self._none, 2)
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        left.addLayout(choice)
        row = QHBoxLayout()
        row.setSpacing(stage.px(22))
        row.addLayout(left, 6)
        row.addLayout(right, 5)
        self.body.addLayout(row, 1)
