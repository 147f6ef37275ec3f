"""What an owner should look at, and receipt by receipt."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct
from sqlalchemy import Connection, select

from sync.hub.alliance.coupons import STANDINGS
from sync.hub.disputes import disputes
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.owner import matters, receipts, spans
from sync.hub.pages.owner.shops import Onlooker, shops_of
from sync.hub.pages.owner.takings_page import today_at
from sync.hub.pages.spoken import Naming
from sync.hub.people.visitors import PageRefused
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub
from sync.hub.words import Words

ROUTES = APIRouter(include_in_schema=False)
PAGE_ROWS = 100


@ROUTES.get("/owner/matters")
def looked_at(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    """Tills, entries that were set aside, receipts that are reckoned otherwise, doubtful coupons."""
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        return framing.page(
            request,
            visitor,
            "owner/matters.html",
            place="matters",
            shops=shops,
            found=matters.of(connection, shops.ids, visitor.language),
            naming=Naming(connection, visitor.language),
            standings=STANDINGS,
            moment=lambda stamp: words.moment(stamp, shops.timezone, visitor.language),
        )


class _Moment(Struct):
    at: str = ""


_moment = msgspec.json.Decoder(_Moment)


class Listed(NamedTuple):
    """A page of receipts, each with its time of day; `more` is where the next one begins."""

    rows: tuple[tuple[Any, str], ...]
    more: int | None


@ROUTES.get("/owner/receipts")
def receipt_list(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    """The receipts of some days, newest first."""
    asked = request.query_params
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        today = today_at(hub, shops)
        first = spans.read_day(asked.get("first", ""), today)
        last = max(first, spans.read_day(asked.get("last", ""), today))
        after = int(asked["after"]) if asked.get("after", "").isdecimal() and len(asked["after"]) < 9 else 0
        return framing.page(
            request,
            visitor,
            "owner/receipts.html",
            place="takings",
            shops=shops,
            first=first,
            last=last,
            listed=_listed(connection, shops.ids, (first, last), after),
        )


def _listed(
    connection: Connection, stores: tuple[str, ...], days: tuple[dt.date, dt.date], after: int
) -> Listed:
    table, entries = schema.receipts, schema.journal_entries
    query = (
        select(table, entries.c.body)
        .join(entries, entries.c.id == table.c.entry_id)
        .where(table.c.store.in_(stores), table.c.date.between(days[0].isoformat(), days[1].isoformat()))
        .order_by(table.c.date.desc(), table.c.entry_id.desc())
        .offset(after)
        .limit(PAGE_ROWS + 1)
    )
    rows = connection.execute(query).all()
    shown = tuple((row, _moment.decode(row.body).at[11:16]) for row in rows[:PAGE_ROWS])
    return Listed(shown, after + PAGE_ROWS if len(rows) > PAGE_ROWS else None)


@ROUTES.get("/owner/receipts/{receipt_no}")
def receipt(receipt_no: str, request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    """One receipt with everything on it."""
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        found = receipts.find(connection, receipt_no, visitor.language)
        if found is None or found.store not in {one.id for one in shops.all}:
            raise PageRefused(404, _NO_RECEIPT)
        party = f"store:{found.store}"
        return framing.page(
            request,
            visitor,
            "owner/receipt.html",
            place="takings",
            shops=shops,
            found=found,
            naming=Naming(connection, visitor.language),
            disputes=[one for one in disputes.listed(connection, (party,)) if one.receipt_no == receipt_no],
        )


_NO_RECEIPT = Words(
    "没有这张小票，或者它不属于您。请核对小票号。",
    "There is no such receipt, or it is not yours. Check its number.",
)
