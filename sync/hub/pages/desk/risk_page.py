"""The risk report at the desk."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sync.hub.hub import setting
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Reader
from sync.hub.pages.spoken import Naming
from sync.hub.risk import wording
from sync.hub.risk.report import report
from sync.hub.web.edge import TheHub

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/desk/risk")
def risk(request: Request, hub: TheHub, visitor: Reader) -> Response:
    """What was lost, what is reserved, and the most that can be lost."""
    with hub.database.read() as connection:
        sections = wording.sections(report(hub, connection), Naming(connection, visitor.language))
        alliance = setting(connection, "alliance_name")
    return framing.page(
        request, visitor, "desk/risk.html", place="risk", alliance=alliance, sections=sections
    )
