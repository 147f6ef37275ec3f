"""The owner's goods that are outside of what was promised, or whose price moved."""

from __future__ import annotations

import datetime as dt

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct
from sqlalchemy import Connection, select

from pos.domain.catalogue import Product
from sync.hub.alliance import packs
from sync.hub.feeds.feed_rows import EVERY_STORE
from sync.hub.pages import framing
from sync.hub.pages.owner import promises
from sync.hub.pages.owner.promises import Catalogue
from sync.hub.pages.owner.shops import Onlooker, shops_of
from sync.hub.pages.owner.takings_page import today_at
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub

ROUTES = APIRouter(include_in_schema=False)

_LOOKED_BACK = dt.timedelta(days=7)


class _Line(Struct):
    code: str
    list_price_fen: int


class _Result(Struct):
    lines: tuple[_Line, ...]


class _Sale(Struct):
    result: _Result


_product, _sale = msgspec.json.Decoder(Product), msgspec.json.Decoder(_Sale)


@ROUTES.get("/owner/goods")
def goods(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request, single=True)
        pack = packs.current(connection)
        found = Catalogue((), 0, 0, 0)
        if pack is not None:
            since = today_at(hub, shops) - _LOOKED_BACK
            moving = pack.alerts.price_move_bp is not None
            earlier = _sold_at(connection, shops.one.id, since) if moving else {}
            found = promises.judged(_catalogue(connection, shops.one.id), pack, earlier)
        return framing.page(
            request,
            visitor,
            "owner/goods.html",
            place="goods",
            shops=shops,
            pack=pack,
            found=found,
            not_watched=promises.not_watched(pack.alerts) if pack else [],
        )


def _catalogue(connection: Connection, store: str) -> list[Product]:
    """What the store's tills are told; a row of its own goes before one for every store."""
    rows = schema.feed_rows
    query = (
        select(rows.c.key, rows.c.body)
        .where(rows.c.feed == "catalogue", rows.c.store.in_((EVERY_STORE, store)), rows.c.body.is_not(None))
        .order_by(rows.c.store)
    )
    return list({row.key: _product.decode(row.body) for row in connection.execute(query)}.values())


def _sold_at(connection: Connection, store: str, since: dt.date) -> dict[str, int]:
    """The list price at which each good was first sold since a day."""
    receipts, entries = schema.receipts, schema.journal_entries
    query = (
        select(entries.c.body)
        .join(receipts, receipts.c.entry_id == entries.c.id)
        .where(receipts.c.store == store, receipts.c.date >= since.isoformat(), receipts.c.kind == "sale")
        .order_by(receipts.c.date, receipts.c.entry_id)
    )
    first: dict[str, int] = {}
    for body in connection.execute(query).scalars():
        for line in _sale.decode(body).result.lines:
            first.setdefault(line.code, line.list_price_fen)
    return first
