"""Whose settlement it is: a store's, or a merchant's with all its stores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import merchant_account, store_account
from sync.hub.alliance import merchants, places
from sync.hub.hub import setting
from sync.hub.storage import schema
from sync.hub.words import Told, Words


class Party(msgspec.Struct, frozen=True):
    """A store (`merchant` is its owner), or a merchant with the ids of all its `stores`.

    `accounts` are those whose money is settled. A merchant has one of its own beside its stores': what it
    owes for coupons that it gave out, wherever they were taken.
    """

    kind: str
    id: str
    name: str
    merchant: str
    merchant_name: str
    stores: tuple[str, ...]
    accounts: tuple[str, ...]

    @property
    def account(self) -> str:
        """What the party is called where it owes or is owed."""
        return self.accounts[-1]


def party(connection: Connection, *, store: str | None = None, merchant: str | None = None) -> Party:
    """The party of a store's or a merchant's id.

    Raises:
        Told: neither or both are named, or there is none of that id.

    """
    if (store is None) == (merchant is None):
        raise Told(
            Words("请写明一个门店或一个商家，二者选一。", "Name one store or one merchant, one of the two.")
        )
    if store is not None:
        shop = places.known_store(connection, store)
        return Party(
            "store",
            shop.id,
            shop.name,
            shop.merchant_id,
            shop.merchant_name,
            (shop.id,),
            (store_account(shop.id),),
        )
    owner = merchants.known(connection, merchant or "")
    table = schema.stores
    stores = tuple(
        connection.execute(
            select(table.c.id).where(table.c.merchant_id == owner.id).order_by(table.c.id)
        ).scalars()
    )
    accounts = (*map(store_account, stores), merchant_account(owner.id))
    return Party("merchant", owner.id, owner.name, owner.id, owner.name, stores, accounts)


def names(connection: Connection, party: Party, others: Iterable[str]) -> dict[str, str]:
    """What the party's own accounts, and others that are stores or merchants, are called."""
    wanted = {*party.accounts, *others}
    return {
        key: row.name
        for table, account in ((schema.stores, store_account), (schema.merchants, merchant_account))
        for row in connection.execute(select(table.c.id, table.c.name).order_by(table.c.id))
        if (key := account(row.id)) in wanted
    }


def owner(account: str) -> str:
    """The id of the store or merchant that an account belongs to, as people know it."""
    return account.partition(":")[2]


def timezone_of(connection: Connection, account: str) -> ZoneInfo:
    """The time zone in which an account's days begin: its store's, or the alliance's."""
    kind, _, store = account.partition(":")
    found = places.store_of(connection, store) if kind == "store" else None
    return ZoneInfo(found.timezone if found else setting(connection, "timezone"))


def check_period(first: dt.date, last: dt.date) -> None:
    """A period ends after it begins, has at most `PERIOD_DAYS_MAX` days, and is of `YEARS`.

    Raises:
        Told: it is not.

    """
    near = YEARS[0] <= first.year and last.year <= YEARS[1]
    if not (near and dt.timedelta(0) <= last - first < dt.timedelta(days=PERIOD_DAYS_MAX)):
        raise Told(
            Words(
                "期间 {first} 至 {last} 不行：开始不能晚于结束，最多 {max} 天，年份要写对。",
                "The period {first} to {last} will not do: it must not end before it begins, "
                "has at most {max} days, and its years must be right.",
            ),
            first=first,
            last=last,
            max=PERIOD_DAYS_MAX,
        )


PERIOD_DAYS_MAX = 366
YEARS = (2000, 2999)
