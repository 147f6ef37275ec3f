"""What watches over a hub asks: whether it is ready, and its figures.

Figures and details are for this machine and for whoever has the token in the data folder's file
`metrics.token`. A request that a proxy handed on is not from this machine.
"""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from sync.hub.hub import Hub
from sync.hub.operation import condition, metrics
from sync.hub.web import refusals
from sync.hub.web.edge import TheHub, TheLanguage, json_response
from sync.hub.web.refusals import Refused

TOKEN_FILE = "metrics.token"  # noqa: S105 - the file's name
_HANDED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/ready")
def ready(request: Request, hub: TheHub, language: TheLanguage) -> Response:
    """200 when sales can be taken, else 503; the details are not for everybody."""
    found = condition.of(hub)
    told: dict[str, object] = {"ready": not found.problems, "time": hub.time()}
    if _may_look(request, hub):
        told |= {
            "problems": [problem.say(language) for problem in found.problems],
            "database": found.engine,
            "schema": found.schema,
            "disk_free_bytes": found.disk_free_bytes,
            "backup_age_s": found.backed_up_s,
        }
    return json_response(told, 503 if found.problems else 200)


@ROUTES.get("/metrics")
def figures(request: Request, hub: TheHub) -> Response:
    """The hub's figures for Prometheus."""
    if not _may_look(request, hub):
        raise Refused(refusals.NOT_HERE)
    page = metrics.page(condition.standings(hub))
    return Response(page, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _may_look(request: Request, hub: Hub) -> bool:
    token = _token(hub)
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if token and kind.lower() == "bearer" and hmac.compare_digest(given.encode(), token):
        return True
    return _from_here(request) and not any(request.headers.get(name) for name in _HANDED_ON)


def _token(hub: Hub) -> bytes:
    try:
        return (hub.folder.path / TOKEN_FILE).read_bytes().strip()
    except OSError:
        return b""


def _from_here(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
