"""The cart as a table: one row per line, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.message import Message, say
from pos.domain.money import yuan
from pos.domain.pricing.result import PricedLine
from pos.ui.presenters.figures import quantity_text
from pos.usecases.desk import Quote


@dataclass(frozen=True, slots=True)
class CartRow:
    """One line. `list_price` and `saved` are empty where there is nothing to strike or to save."""

    number: int
    name: str
    detail: Message | str
    quantity: str
    list_price: str
    price: str
    amount: str
    saved: str


@dataclass(frozen=True, slots=True)
class CartSummary:
    """The footer of the table."""

    lines: int = 0
    pieces: int = 0
    gross: str = "0.00"
    saved: str = ""


def cart_rows(quoted: Quote | None) -> tuple[CartRow, ...]:
    lines = quoted.sale.lines if quoted else ()
    return tuple(_row(number, line) for number, line in enumerate(lines, start=1))


def cart_summary(quoted: Quote | None) -> CartSummary:
    """Lines and pieces; a weighed line is one piece."""
    if quoted is None:
        return CartSummary()
    sale = quoted.sale
    return CartSummary(
        lines=len(sale.lines),
        pieces=sum(line.quantity for line in sale.lines),
        gross=yuan(sale.gross_fen),
        saved=yuan(sale.adjustments_fen) if sale.adjustments_fen else "",
    )


def _row(number: int, line: PricedLine) -> CartRow:
    reduced = line.unit_price_fen != line.list_price_fen
    return CartRow(
        number=number,
        name=line.name,
        detail=_detail(line),
        quantity=quantity_text(line),
        list_price=yuan(line.list_price_fen) if reduced else "",
        price=yuan(line.unit_price_fen),
        amount=yuan(line.payable_fen),
        saved=yuan(line.saved_fen) if line.saved_fen else "",
    )


def _detail(line: PricedLine) -> Message | str:
    """What the good is; where rules other than a plain price were at work, which."""
    if not line.eligible:
        return say("不参加优惠和积分")
    told = [
        one.text for one in line.adjustments if line.unit_price_fen == line.list_price_fen or not one.units
    ]
    if not told:
        return f"{line.spec} · {line.code}" if line.spec else line.code
    return told[0] if len(told) == 1 else say("{first}，{second}", first=told[0], second=told[1])
