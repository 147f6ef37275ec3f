"""The page behind a till's sticker: who are you, how much may be spent, and the code for it.

The code is in the first answer that the phone gets, so a slow network shows it as soon as anything. A small
script counts down by the hub's time, asks how the code stands, and has it renewed; a phone without scripts
reloads. Whatever fails, the code on the screen stays there.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from pos.domain.language import Language
from pos.domain.money import parse_decimal, plain_text
from sync.hub.alliance.members import Member
from sync.hub.codes import drawing, issuing
from sync.hub.codes.issuing import Asked, Issued
from sync.hub.hub import Hub, setting
from sync.hub.pages import member_card, rendering
from sync.hub.pages.paying import counter, phone
from sync.hub.pages.paying.counter import Till
from sync.hub.pages.spoken import Naming
from sync.hub.people import forms
from sync.hub.people.forms import CheckedForm
from sync.hub.web.edge import TheHub, TheLanguage, json_response
from sync.hub.words import Told

ROUTES = APIRouter(include_in_schema=False)
RENEWED_BEFORE_S = 60
_EVERYTHING = 1 << 60


@ROUTES.get("/t/{terminal}")
def ask(terminal: str, request: Request, hub: TheHub, language: TheLanguage) -> Response:
    """How much may be spent at this till?"""
    language = rendering.chosen(request.query_params.get("lang"), language)
    with hub.database.read() as connection:
        return _ask(request, hub, connection, terminal, language)


@ROUTES.post("/t/{terminal}")
def reserve(
    terminal: str, request: Request, hub: TheHub, language: TheLanguage, form: CheckedForm
) -> Response:
    """Reserves what was asked for, and goes to the code."""
    language = rendering.chosen(request.query_params.get("lang"), language)
    with hub.database.read() as connection:
        till, member = counter.till_of(connection, terminal), phone.owner(request, hub, connection)
        if till is None or member is None:
            return _ask(request, hub, connection, terminal, language)
        asset, amount = form["asset"], _amount(connection, form["asset"], form["amount"])
    try:
        with hub.database.write() as connection:
            issuing.issue(hub, connection, Asked(member.member_no, terminal, asset, amount, "phone"))
    except Told as told:
        with hub.database.read() as connection:
            return _ask(request, hub, connection, terminal, language, mistake=told)
    return RedirectResponse(f"/t/{terminal}/code?asset={asset}&lang={language}", status_code=303)


@ROUTES.get("/t/{terminal}/code")
def code(terminal: str, request: Request, hub: TheHub, language: TheLanguage, asset: str = "") -> Response:
    """The code, signed anew each time it is opened; or what became of it."""
    language = rendering.chosen(request.query_params.get("lang"), language)
    with hub.database.read() as connection:
        till, member = counter.till_of(connection, terminal), phone.owner(request, hub, connection)
    if till is None or member is None:
        return RedirectResponse(f"/t/{terminal}?lang={language}", status_code=303)
    told = _standing(hub, till, member, asset, language, renew=True)
    if told is None:
        return RedirectResponse(f"/t/{terminal}?lang={language}", status_code=303)
    return rendering.page_with_script(
        "paying/code.html",
        language,
        till=till,
        asset=asset,
        code=told,
        side=drawing.SIDE_MODULES,
    )


@ROUTES.get("/t/{terminal}/state")
def state(terminal: str, request: Request, hub: TheHub, language: TheLanguage, asset: str = "") -> Response:
    """The same for the page's script, as JSON; `renew` has the code signed anew."""
    language = rendering.chosen(request.query_params.get("lang"), language)
    with hub.database.read() as connection:
        till, member = counter.till_of(connection, terminal), phone.owner(request, hub, connection)
    if till is None or member is None:
        return json_response({"state": "gone"})
    renew = request.query_params.get("renew") == "1"
    return json_response(_standing(hub, till, member, asset, language, renew=renew) or {"state": "gone"})


@ROUTES.post("/t/{terminal}/forget")
def forget(terminal: str, request: Request, _form: CheckedForm) -> Response:
    """Somebody else's phone, or no phone of ours any more."""
    response = RedirectResponse(f"/t/{terminal}", status_code=303)
    phone.forget(request, response)
    return response


def _ask(
    request: Request,
    hub: Hub,
    connection: Connection,
    terminal: str,
    language: Language,
    *,
    mistake: Told | None = None,
) -> Response:
    till, member = counter.till_of(connection, terminal), phone.owner(request, hub, connection)
    alliance = setting(connection, "alliance_name")
    if till is None or not till.takes_codes:
        status = 404 if till is None else 200
        return rendering.page("paying/no_till.html", language, status=status, alliance=alliance, till=till)
    if member is None:
        return rendering.page("paying/who.html", language, alliance=alliance, till=till)
    naming = Naming(connection, language)
    standing = member_card.standing(hub, connection, member)
    response = rendering.page(
        "paying/ask.html",
        language,
        status=200 if mistake is None else 409,
        forms=True,
        alliance=alliance,
        member=member,
        standing=standing,
        shown=counter.shown(hub, connection, till, member, naming),
        mistake=mistake.say(language) if mistake else "",
        csrf=forms.csrf_token(request),
    )
    forms.plant(request, response)
    return response


def _amount(connection: Connection, asset: str, typed: str) -> int:
    """What was typed, in minor units; nothing typed is everything, and nonsense is nothing."""
    if not typed:
        return _EVERYTHING
    naming = Naming(connection, "en")
    scale = next((one.scale for one in naming.pack.assets if one.id == asset), 0) if naming.pack else 0
    return parse_decimal(typed, scale) or 0


def _standing(
    hub: Hub, till: Till, member: Member, asset: str, language: Language, *, renew: bool
) -> dict[str, Any] | None:
    """How the member's latest code here stands, for page and script; None where there is none."""
    with hub.database.read() as connection:
        latest = counter.latest(connection, member.member_no, till.terminal, asset)
        naming = Naming(connection, language)
    if latest is None:
        return None
    told: dict[str, Any] = {
        "state": latest.state,
        "amount": naming.amount(asset, latest.amount),
        "used": naming.amount(asset, latest.used),
        "name": naming.of(asset),
    }
    if latest.state != "open" or not renew:
        return told
    asked = Asked(member.member_no, till.terminal, asset, latest.amount, "phone")
    try:
        with hub.database.write() as connection:
            issued = issuing.issue(hub, connection, asked)
    except Told as why:
        return told | {"state": "waiting", "why": why.say(language)}
    return told | _picture(hub, issued, naming)


def _picture(hub: Hub, issued: Issued, naming: Naming) -> dict[str, Any]:
    scale = next((one.scale for one in naming.pack.assets if one.id == issued.asset), 0) if naming.pack else 0
    return {
        "state": "open",
        "path": drawing.svg_path(issued.code),
        "amount": plain_text(issued.amount, scale),
        "left_s": counter.seconds_left(hub, issued.expires_at),
        "lifetime_s": int(issuing.LIFETIME.total_seconds()),
    }
