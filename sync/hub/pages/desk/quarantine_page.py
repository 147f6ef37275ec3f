"""Entries that were set aside and receipts that are reckoned otherwise: a person looks."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sync.hub.hub import setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Reader
from sync.hub.pages.owner import matters
from sync.hub.web.edge import TheHub

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/desk/quarantine")
def quarantine(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        timezone = setting(connection, "timezone")
        return framing.page(
            request,
            visitor,
            "desk/quarantine.html",
            place="quarantine",
            alliance=setting(connection, "alliance_name"),
            found=matters.set_aside(connection, visitor.language),
            differing=matters.differing(connection, [], visitor.language),
            shown_max=matters.SHOWN_MAX,
            moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
        )
