"""Reads files of orders to be picked up: a line for each good, lines of one order say the same of it."""

from __future__ import annotations

import datetime as dt
from itertools import count

import msgspec

from sync.hub.alliance.csv_tables import (
    BAD_CELL,
    Mistake,
    Mistaken,
    Row,
    WrongCell,
    read_table,
    text_in,
    whole_in,
)
from sync.hub.rights.pickups import Order
from sync.hub.words import Words
from sync.protocol.pickups import PickupGoods

COLUMNS = ("order", "terminal", "name", "quantity", "last_day")
MORE = ("member_no",)
QUANTITY_MAX = 999


def read_orders(text: bytes, file: str) -> tuple[Order, ...]:
    """The orders of a file.

    Raises:
        Mistaken: with every mistake; then nothing of the file is taken.

    """
    lines = read_table(text, file, COLUMNS, None, _line, more=MORE).checked()
    orders: dict[str, Order] = {}
    for number, line in zip(count(2), lines, strict=False):
        first = orders.setdefault(line.order_no, line)
        if first is line:
            continue
        if msgspec.structs.replace(line, goods=first.goods) != first:
            raise Mistaken([Mistake(file, number, _DIFFERS, {"order": line.order_no})])
        orders[line.order_no] = msgspec.structs.replace(first, goods=first.goods + line.goods)
    return tuple(orders.values())


def _line(row: Row) -> Order:
    quantity = whole_in(row, "quantity")
    if not 1 <= quantity <= QUANTITY_MAX:
        raise WrongCell(BAD_CELL, column="quantity", cell=row["quantity"][:40])
    try:
        last_day = dt.date.fromisoformat(row["last_day"]).isoformat()
    except ValueError:
        raise WrongCell(BAD_CELL, column="last_day", cell=row["last_day"][:40]) from None
    goods = PickupGoods(text_in(row, "name"), quantity)
    return Order(
        text_in(row, "order"), text_in(row, "terminal"), (goods,), last_day, row.get("member_no") or None
    )


_DIFFERS = Words(
    "订单 {order} 的各行收银机、日期或会员不一致",
    "the lines of order {order} name different tills, days or members",
)
