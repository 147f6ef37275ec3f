"""Sheets that ask for one number: pieces, weight."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from pos.domain.catalogue import Product
from pos.domain.message import Message, say
from pos.domain.money import decimal_text, weighed_amount, yuan
from pos.ui import theme
from pos.ui.presenters.notices import Notice
from pos.ui.presenters.typed_number import TypedNumber
from pos.ui.sheets.sheet import Sheet
from pos.ui.stage import Stage
from pos.ui.widgets.button import Button
from pos.ui.widgets.field import Field
from pos.ui.widgets.keypad import Keypad
from pos.ui.widgets.text import Text

Accept = Callable[[int], bool]


class NumberSheet(Sheet):
    """A field and a large keypad. Enter hands the number over; the sheet closes when it was taken."""

    measure = (760, 470)

    def __init__(self, stage: Stage, title: Message, number: TypedNumber, *, enter: Message) -> None:
        super().__init__(stage, title, leave=say("取消"))
        self.number = number
        self.field = Field(stage)
        self.keypad = Keypad(stage, enter, right="." if number.decimals else "")
        self.keypad.typed.connect(self.typed)
        self.keypad.erased.connect(self.erased)
        self.keypad.entered.connect(self.entered)
        self.column = QVBoxLayout()
        self.column.setSpacing(stage.px(12))
        self.column.addWidget(self.field)
        row = QHBoxLayout()
        row.addLayout(self.column, 5)
        row.addWidget(self.keypad, 6)
        row.setSpacing(stage.px(22))
        self.body.addLayout(row, 1)

    def typed(self, char: str) -> None:
        self.number.type(char)
        self.draw()

    def erased(self) -> None:
        self.number.back()
        self.draw()

    def draw(self) -> None:
        self.field.show_text(self.number.text, pale=self.number.untouched)


class QuantitySheet(NumberSheet):
    """How many pieces of the selected line."""

    name = "quantity"

    def __init__(self, stage: Stage, product: Product, quantity: int, accept: Accept) -> None:
        super().__init__(stage, say("数量"), TypedNumber(start=str(quantity)), enter=say("确定"))
        self._accept = accept
        self.field.label(suffix=product.unit)
        self.column.insertWidget(0, Text(stage, product.name, size=theme.TITLE, bold=True, wrap=True))
        self.column.insertWidget(
            1, Text(stage, f"{product.spec} · {product.code}", size=theme.SMALL, colour=theme.SOFT)
        )
        self.column.addWidget(
            Text(stage, say("直接输入新的数量，Enter 确定"), size=theme.SMALL, colour=theme.SOFT)
        )
        self.column.addStretch(1)
        self.draw()

    def entered(self) -> None:
        quantity = self.number.minor
        if quantity is None:
            self.tell(Notice("warn", say("请先输入数量，再按 Enter")))
        elif self._accept(quantity):
            self.closed.emit()


class WeightSheet(NumberSheet):
    """The weight of a good, in kg with three decimals or (F2) in grams, and what it comes to."""

    name = "weight"

    def __init__(
        self, stage: Stage, product: Product, price_fen: int, accept: Accept, weight_g: int | None = None
    ) -> None:
        start = decimal_text(weight_g, 3) if weight_g is not None else ""
        super().__init__(stage, say("重量"), TypedNumber(decimals=3, start=start), enter=say("确定"))
        self._product = product
        self._price_fen = price_fen
        self._accept = accept
        self._amount = Text(stage, "", size=theme.HEADLINE, bold=True)
        self._unit = Button(stage, say("改用克"), key="F2")
        self._unit.clicked.connect(self._change_unit)
        price = say("{price} 元 / 公斤", price=yuan(price_fen))
        self.column.insertWidget(0, Text(stage, product.name, size=theme.TITLE, bold=True, wrap=True))
        self.column.insertWidget(1, Text(stage, price, colour=theme.SOFT))
        self.column.addWidget(self._amount)
        self.column.addStretch(1)
        self.column.addWidget(self._unit)
        self.draw()

    @property
    def weight_g(self) -> int | None:
        return self.number.minor  # kg at scale 3 and whole grams are the same number

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key == Qt.Key.Key_F2:
            self._change_unit()
        super().key(key, modifiers)

    def entered(self) -> None:
        if self.weight_g is None:
            self.tell(Notice("warn", say("请先输入重量，再按 Enter")))
        elif self._accept(self.weight_g):
            self.closed.emit()

    def draw(self) -> None:
        super().draw()
        in_kg = self.number.decimals == 3
        self.field.label(
            suffix="kg" if in_kg else say("克"), hint=say("例如 {weight}", weight="1.234" if in_kg else "850")
        )
        self._unit.show_words(say("改用克") if in_kg else say("改用公斤"))
        grams = self.weight_g
        self._amount.show_words(
            say("小计 {amount}", amount=yuan(weighed_amount(self._price_fen, grams))) if grams else ""
        )

    def _change_unit(self) -> None:
        self.number = TypedNumber(decimals=0 if self.number.decimals else 3)
        self.draw()
