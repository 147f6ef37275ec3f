"""What tills are told of orders that wait to be picked up: the feed `pickups`."""

from __future__ import annotations

import msgspec


class PickupGoods(msgspec.Struct, frozen=True):
    """One line of an order."""

    name: str
    quantity: int


class PickupRow(msgspec.Struct, frozen=True):
    """An order that was paid elsewhere and waits at `terminal`, the only one that hands it over.

    `code_hash` is `printed_codes.code_hash` of the code that its bearer shows; `last_day` is for people.
    """

    order: str
    terminal: str
    code_hash: str
    goods: tuple[PickupGoods, ...]
    last_day: str
