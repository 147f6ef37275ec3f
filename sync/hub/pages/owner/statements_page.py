"""An owner's statements: the months there are, one statement on the screen or on paper."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection, func, select

from pos.domain.day import Figures, add
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.owner import spans, takings
from sync.hub.pages.owner.shops import Onlooker, Shops, shops_of
from sync.hub.pages.owner.takings_page import today_at
from sync.hub.pages.spoken import Naming
from sync.hub.people.visitors import PageRefused
from sync.hub.settlement.files.exporting import MEDIA_TYPES, Format, exported, file_name
from sync.hub.settlement.lines import Line
from sync.hub.settlement.statement import Statement, statement
from sync.hub.storage import schema
from sync.hub.web.edge import TheHub
from sync.hub.words import Told

ROUTES = APIRouter(include_in_schema=False)

MONTHS_MAX = 36


class Month(NamedTuple):
    """A month in which something was booked; `running` ones have days to come."""

    first: dt.date
    last: dt.date
    figures: Figures
    running: bool


class DayOfStatement(NamedTuple):
    """All lines that a day counts."""

    date: str
    receipts: int
    figures: Figures
    net_fen: int


@ROUTES.get("/owner/statements")
def statements(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        today = today_at(hub, shops)
        return framing.page(
            request,
            visitor,
            "owner/statements.html",
            place="statements",
            shops=shops,
            today=today,
            months=_months(connection, shops, today),
            month_name=lambda first: words.month(first, visitor.language),
        )


@ROUTES.get("/owner/statement")
def one_statement(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    """A store's statement by `?store=`, else the merchant's with all its stores."""
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        found = stated(connection, shops, request, today_at(hub, shops))
        return framing.page(
            request,
            visitor,
            "owner/statement.html",
            place="statements",
            shops=shops,
            found=found,
            days=days_of(found),
            naming=Naming(connection, visitor.language),
            query=_query(shops, found),
        )


@ROUTES.get("/owner/statement.{form}")
def download(form: Format, request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    """The same statement as a file."""
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        found = stated(connection, shops, request, today_at(hub, shops))
    try:
        content = exported(found, form, visitor.language)
    except Told as told:
        raise PageRefused(503, told.words, **told.params) from told
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name(found, form))}",
            "X-Content-Type-Options": "nosniff",
        },
    )


def stated(connection: Connection, shops: Shops, request: Request, today: dt.date) -> Statement:
    """The statement of `?first=` to `?last=`; without them, of the month so far.

    Raises:
        PageRefused: the days will not do.

    """
    asked = request.query_params
    first = spans.read_day(asked.get("first", ""), today.replace(day=1))
    last = spans.read_day(asked.get("last", ""), today)
    whole = not shops.asked and len(shops.shown) > 1
    try:
        if whole:
            return statement(connection, merchant=shops.one.merchant, first=first, last=last)
        return statement(connection, store=shops.one.id, first=first, last=last)
    except Told as told:
        raise PageRefused(422, told.words, **told.params) from told


def days_of(found: Statement) -> list[DayOfStatement]:
    groups: dict[str, list[Line]] = {}
    for line in found.lines:
        groups.setdefault(line.counted_on, []).append(line)
    return [
        DayOfStatement(
            date,
            sum(one.figures is not None for one in lines),
            add(one.figures for one in lines if one.figures is not None),
            sum(one.net_fen for one in lines),
        )
        for date, lines in sorted(groups.items())
    ]


def _months(connection: Connection, shops: Shops, today: dt.date) -> list[Month]:
    """The months since the first receipt, newest first."""
    table = schema.receipts
    query = select(func.min(table.c.date)).where(table.c.store.in_(shops.ids))
    begun = connection.execute(query).scalar()
    if begun is None:
        return []
    months: list[Month] = []
    span = spans.span("month", today)
    while span.last.isoformat() >= begun and len(months) < MONTHS_MAX:
        figures = takings.figures_of(connection, shops.ids, span.first, span.last)
        months.append(Month(span.first, min(span.last, today), figures, span.last >= today))
        span = span.before
    return months


def _query(shops: Shops, found: Statement) -> str:
    return f"first={found.first}&last={found.last}" + (f"&store={shops.asked}" if shops.asked else "")
