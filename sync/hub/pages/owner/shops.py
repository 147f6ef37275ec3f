"""Whose stores a visitor may see, and which of them a page is about."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Request
from sqlalchemy import Connection, select

from sync.hub.people.visitors import PageRefused, SignedIn, Visitor, allowed, needs
from sync.hub.storage import schema
from sync.hub.words import Words

Owner = Annotated[Visitor, Depends(needs("shop.read"))]
Answering = Annotated[Visitor, Depends(needs("shop.change"))]


def onlooker(visitor: SignedIn) -> Visitor:
    """An owner, or the alliance's desk, which may look at every store.

    Raises:
        PageRefused: neither.

    """
    return visitor if allowed(visitor, "alliance.read") else needs("shop.read")(visitor)


Onlooker = Annotated[Visitor, Depends(onlooker)]


class Shop(NamedTuple):
    """One store; `terminals` are its tills' labels by their ids."""

    id: str
    name: str
    merchant: str
    merchant_name: str
    timezone: str
    terminals: dict[str, str]


class Shops(NamedTuple):
    """The stores that a page is about (`shown`), of all that the visitor may see; never none."""

    all: tuple[Shop, ...]
    shown: tuple[Shop, ...]
    asked: str

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.shown)

    @property
    def one(self) -> Shop:
        return self.shown[0]

    @property
    def title(self) -> str:
        return self.one.name if len(self.shown) == 1 else self.one.merchant_name

    @property
    def timezone(self) -> str:
        return self.one.timezone

    def named(self, store: str) -> str:
        return next((one.name for one in self.all if one.id == store), store)

    def till(self, terminal: str) -> str:
        labels = (one.terminals[terminal] for one in self.all if terminal in one.terminals)
        return next(labels, terminal)


def shops_of(connection: Connection, visitor: Visitor, request: Request, *, single: bool = False) -> Shops:
    """By `?store=`; without it all of an owner's stores together, or (`single`, and for the desk) the first.

    Raises:
        PageRefused: there is no such store, or it is somebody else's, which looks the same.

    """
    everything = _read(connection, visitor)
    asked = request.query_params.get("store", "")
    shown = tuple(one for one in everything if one.id == asked) if asked else everything
    if not asked and (single or visitor.merchant is None):
        shown = shown[:1]
    if not shown:
        raise PageRefused(404, _NO_STORE)
    return Shops(everything, shown, asked)


def _read(connection: Connection, visitor: Visitor) -> tuple[Shop, ...]:
    stores, owners = schema.stores, schema.merchants
    query = (
        select(stores, owners.c.name.label("merchant_name"))
        .join(owners, owners.c.id == stores.c.merchant_id)
        .order_by(stores.c.id)
    )
    if not allowed(visitor, "alliance.read"):
        query = query.where(stores.c.id.in_(visitor.stores))
    tills: dict[str, dict[str, str]] = {}
    for till in connection.execute(select(schema.terminals).order_by(schema.terminals.c.id)):
        tills.setdefault(till.store, {})[till.id] = till.label
    return tuple(
        Shop(row.id, row.name, row.merchant_id, row.merchant_name, row.timezone, tills.get(row.id, {}))
        for row in connection.execute(query)
    )


_NO_STORE = Words(
    "没有这个门店，或者它不属于您。请从首页重新进入。",
    "There is no such store, or it is not yours. Start again from the first page.",
)
