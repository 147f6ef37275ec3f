"""Shops to measure: the sample shop on the disk that the command was started from."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path

from pos.bootstrap.setting_up import make_sample
from pos.bootstrap.till import open_till
from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.usecases.complete_sale import CompletedSale, complete_sale
from pos.usecases.desk import quote
from tests.usecases.sample_till import CASHIER, SampleTill

SALE_LINES = 20
MEMBERS = (
    *("30006012", "30007572", "30007751", "30009067", "30008564", "30005023", "30007938", "30006964"),
    *("30006111", "30002657", "30004959", "30000348", "30008697", "30009551", "30009194", "30005542"),
    *("30002496", "30005178", "30009181", "30007243", "30003333", "30000148", "30000555", "30004851"),
)
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


def twenty_line_carts(shop: SampleTill) -> Iterator[Cart]:
    """Carts of twenty different goods, 2 points of each paid in points, one member after another for ever.

    Members take turns because a till adds up what it did for one since the hub last told their balance.
    """
    goods = Cart()
    for product in packaged_goods(shop)[:SALE_LINES]:
        goods = carts.add(goods, product, quantity=2)
    for member_no in cycle(MEMBERS):
        yield carts.wish_to_redeem(carts.with_member(goods, member_no), "points", REDEEMED)


def packaged_goods(shop: SampleTill) -> list[Product]:
    """Goods sold by the piece, by code."""
    return [product for product in shop.desk.goods.search("69", 200) if not product.weighed]


def payments(shop: SampleTill) -> Iterator[Callable[[], CompletedSale]]:
    """The deed of taking exact cash for each of `twenty_line_carts`, priced as the cashier saw it."""
    for cart in twenty_line_carts(shop):
        due_fen = quote(cart, shop.desk).sale.due_fen
        yield partial(complete_sale, cart, due_fen, CASHIER, shop.desk, shown_due_fen=due_fen)
