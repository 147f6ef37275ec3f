"""Shops to measure: the sample shop on the disk that the command was started from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pos.bootstrap import make_sample, open_till
from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.usecases.desk import quote
from tests.usecases.sample_till import QIN, SampleTill

SALE_LINES = 20
REDEEMED = 2_00


@contextmanager
def disk_folder() -> Iterator[Path]:
    """A folder on the working directory's file system: /tmp may be memory, which syncs for nothing."""
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        yield Path(folder)


@contextmanager
def open_shop(folder: Path, settings: str = "") -> Iterator[SampleTill]:
    """The sample shop on a till's real clock; its hub is there, so that the day's offline limit never ends."""
    data = folder / "till"
    make_sample(data)
    (data / "settings.toml").write_text(settings, encoding="utf-8")
    with open_till(data) as till:
        shop = SampleTill(till)
        shop.desk = replace(till.desk, hub=shop.hub)
        yield shop


def twenty_lines(shop: SampleTill) -> Cart:
    """A member's cart of twenty different goods, 2 points of it paid in points."""
    cart = carts.with_member(Cart(), QIN)
    for product in packaged_goods(shop)[:SALE_LINES]:
        cart = carts.add(cart, product, quantity=2)
    return carts.wish_to_redeem(cart, "points", REDEEMED)


def packaged_goods(shop: SampleTill) -> list[Product]:
    """Goods sold by the piece, by code."""
    return [product for product in shop.desk.goods.search("69", 200) if not product.weighed]


def due_fen(cart: Cart, shop: SampleTill) -> int:
    return quote(cart, shop.desk).sale.due_fen
