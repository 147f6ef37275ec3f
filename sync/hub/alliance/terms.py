"""The feed `terms`: what each store is told of its merchant, and the day's prices of assets.

A row is written anew in the transaction that changes a merchant or its deposit, so that a page's
balances count exactly the entries up to its mark. Prices change with the day: a till's question for
the feed brings its row up to date first.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from sqlalchemy import Connection, delete, select

from pos.domain.ledger import merchant_account
from pos.domain.money import parse_decimal, plain_text
from pos.domain.programme.pack import Pack
from sync.hub.alliance import merchants, stocking
from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words
from sync.protocol.messages import StoreTerms

PRICE_SCALE = 6


def of_store(connection: Connection, store: str, today: dt.date) -> StoreTerms | None:
    """A store's terms as they are today; None if there is no such store."""
    merchant = merchants.of_store(connection, store)
    if merchant is None:
        return None
    return StoreTerms(
        merchant=merchant.id,
        rebate_bp=merchant.rebate_bp,
        balances=accounts.held(connection, merchant_account(merchant.id)),
        referrer=merchant.referrer is not None,
        area_agent=merchant.area_agent is not None,
        asset_prices=prices_on(connection, today.isoformat()),
    )


def refresh(connection: Connection, merchant: str, today: dt.date) -> None:
    """Tells all stores of a merchant what changed; a merchant that the hub does not know has none."""
    table = schema.stores
    for store in (
        connection.execute(select(table.c.id).where(table.c.merchant_id == merchant)).scalars().all()
    ):
        _put(connection, store, today)


def refresh_all(connection: Connection, today: dt.date) -> None:
    """Tells every store, as after a new price."""
    for store in connection.execute(select(schema.stores.c.id)).scalars().all():
        _put(connection, store, today)


def catch_up(hub: Hub, store: str) -> None:
    """Brings a store's row up to date if the day has changed it, or nobody has written it yet."""
    with hub.database.read() as connection:
        standing = feed_rows.standing(connection, "terms", store, StoreTerms, store=store)
        if standing == of_store(connection, store, stocking.today(hub, connection)):
            return
    with hub.database.write() as connection:
        _put(connection, store, stocking.today(hub, connection))


def _put(connection: Connection, store: str, today: dt.date) -> None:
    row = of_store(connection, store, today)
    if row is not None:
        feed_rows.put(connection, "terms", store, row, store=store)


# --- prices --------------------------------------------------------------------------------------


def prices_on(connection: Connection, date: str) -> dict[str, str]:
    """Asset to yuan a whole unit (decimal text): of each the price set last, on or before that day."""
    table = schema.asset_prices
    query = select(table).where(table.c.date <= date).order_by(table.c.asset, table.c.date)
    return {row.asset: row.price_yuan for row in connection.execute(query)}


def set_price(connection: Connection, pack: Pack, *, asset: str, yuan: str, date: dt.date) -> str:
    """Sets an asset's price from a day on; returns it as tills will read it.

    Raises:
        Told: no such asset, or no such price.

    """
    merchants.asset_of(pack, asset)
    minor = parse_decimal(yuan, PRICE_SCALE)
    if not minor or Fraction(minor, 10**PRICE_SCALE) > PRICE_MAX_YUAN:
        raise Told(
            Words(
                "价格 {yuan} 不行：要大于 0，最多 {scale} 位小数，不超过 {max} 元。",
                "The price {yuan} will not do: above 0, at most {scale} decimals and {max} yuan.",
            ),
            yuan=yuan[:40],
            scale=PRICE_SCALE,
            max=PRICE_MAX_YUAN,
        )
    table, price = schema.asset_prices, plain_text(minor, PRICE_SCALE)
    here = (table.c.asset == asset) & (table.c.date == date.isoformat())
    connection.execute(delete(table).where(here))
    connection.execute(table.insert().values(asset=asset, date=date.isoformat(), price_yuan=price))
    return price


PRICE_MAX_YUAN = 1_000_000
