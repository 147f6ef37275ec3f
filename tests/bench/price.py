"""Pricing a cart, against a bare loop that sums the same lines; and what a pack takes of memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec

from pos.domain.basket import Basket, BasketLine
from pos.domain.pricing.price import price
from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack
from tests.bench.measure import Comparison, compare, timed
from tests.bench.offers import basket, five_offers, hundred_rules

PAIRS = 200
LINES_MAX = 60
FLOOR = "a bare loop that sums price x quantity of the same lines"
PACKS = Path(__file__).parents[2] / "resources" / "programmes"


@dataclass(frozen=True, slots=True)
class Priced:
    """A comparison, and how many steps the search took (the most of any cart measured)."""

    compared: Comparison
    steps: int
    optimal: bool

    def plain(self) -> dict[str, Any]:
        return self.compared.plain() | {"search_steps": self.steps, "optimal": self.optimal}


def price_20_lines(n: int = PAIRS) -> Priced:
    """A member's twenty lines under five offers, with a coupon and points."""
    return _compared("price_20_lines", basket(20, ("coupon",)), five_offers(), n)


def price_50_lines_100_rules(n: int = PAIRS) -> Priced:
    """Fifty lines under a hundred rules that are all open."""
    coupons = tuple(f"coupon_{i}" for i in range(16))
    return _compared("price_50_lines_100_rules", basket(50, coupons), hundred_rules(), n)


def price_growing_cart(n: int = PAIRS) -> Priced:
    """Priced after each scan while a cart grows to sixty lines under five offers; one scan a pair."""
    pack, whole = five_offers(), basket(LINES_MAX, ("coupon",))
    carts = [msgspec.structs.replace(whole, lines=whole.lines[:size]) for size in range(1, LINES_MAX + 1)]
    scans, sums = cycle(carts), cycle(carts)
    compared = compare(
        "price_growing_cart",
        FLOOR,
        lambda: timed(lambda: price(next(scans), pack)),
        lambda: timed(lambda: _sum(next(sums).lines)),
        n=n,
    )
    priced = [price(one, pack) for one in carts]
    return Priced(compared, max(one.steps for one in priced), all(one.optimal for one in priced))


@dataclass(frozen=True, slots=True)
class PackMemory:
    """KiB by pack."""

    kib: dict[str, float]

    def plain(self) -> dict[str, Any]:
        return {"name": "pack_memory", "unit": "KiB", "packs": self.kib}


def pack_memory() -> PackMemory:
    """What each shipped pack takes of memory once it is read, and the hundred rules."""
    sizes = {path.stem: _kib(partial(load_pack, path.read_bytes())) for path in sorted(PACKS.glob("*.toml"))}
    return PackMemory(sizes | {"hundred_rules": _kib(hundred_rules)})


def _kib(make: Callable[[], Pack]) -> float:
    make()  # what is loaded once for all packs does not count
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = make()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert held.plans
    return round(taken / 1024, 1)


def _compared(name: str, cart: Basket, pack: Pack, n: int) -> Priced:
    sale = price(cart, pack)
    compared = compare(
        name, FLOOR, lambda: timed(lambda: price(cart, pack)), lambda: timed(lambda: _sum(cart.lines)), n=n
    )
    return Priced(compared, sale.steps, sale.optimal)


def _sum(lines: tuple[BasketLine, ...]) -> int:
    total_fen = 0
    for line in lines:
        total_fen += line.product.price_fen * line.quantity
    return total_fen
