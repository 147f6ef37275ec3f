"""An owner's day, week and month."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from pos.domain.language import Language
from sync.hub.hub import Hub
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.owner import matters, spans
from sync.hub.pages.owner.overview import overview
from sync.hub.pages.owner.shops import Onlooker, Shops, shops_of
from sync.hub.pages.owner.spans import Kind, Span
from sync.hub.web.edge import TheHub

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/owner")
def start() -> Response:
    return RedirectResponse("/owner/day", status_code=303)


@ROUTES.get("/owner/day")
def day(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    return _shown(request, hub, visitor, "day")


@ROUTES.get("/owner/week")
def week(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    return _shown(request, hub, visitor, "week")


@ROUTES.get("/owner/month")
def month(request: Request, hub: TheHub, visitor: Onlooker) -> Response:
    return _shown(request, hub, visitor, "month")


def _shown(request: Request, hub: Hub, visitor: Onlooker, kind: Kind) -> Response:
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        today = today_at(hub, shops)
        span = spans.span(kind, spans.read_day(request.query_params.get("date", ""), today))
        return framing.page(
            request,
            visitor,
            "owner/takings.html",
            place="takings",
            shops=shops,
            today=today,
            title=_title(span, today, visitor.language),
            shown=overview(connection, shops, span, today, visitor.language),
            matters=matters.of(connection, shops.ids, visitor.language, (span.first, span.last)),
        )


def today_at(hub: Hub, shops: Shops) -> dt.date:
    """The date where the store is."""
    return hub.now().astimezone(ZoneInfo(shops.timezone)).date()


def _title(span: Span, today: dt.date, language: Language) -> str:
    first = words.day(span.first.isoformat(), language)
    match span.kind:
        case "day":
            year = "" if span.first.year == today.year else f"{span.first.year}"
            return f"{year} {first}".strip()
        case "week":
            return f"{first} – {words.day(span.last.isoformat(), language)}"
        case "month":
            return words.month(span.first, language)
