"""Disputes at the desk: overdue ones first, each answered with a correction or without."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from pos.domain.ledger import member_account, store_account
from pos.domain.money import parse_decimal
from pos.domain.programme.part import CNY
from sync.hub.alliance import members, places, stocking
from sync.hub.alliance.telling import tell_tills
from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Contested, Correction, Dispute
from sync.hub.hub import Hub, setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Decider, Reader
from sync.hub.pages.framing import Number
from sync.hub.pages.spoken import Naming
from sync.hub.people import audit
from sync.hub.people.forms import CheckedForm, Fields
from sync.hub.people.visitors import PageRefused, Visitor
from sync.hub.web.edge import TheHub
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/desk/disputes")
def dispute_list(request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        return _list(request, hub, connection, visitor)


@ROUTES.post("/desk/disputes")
def open_for_member(request: Request, hub: TheHub, visitor: Decider, form: CheckedForm) -> Response:
    """Takes down what a member contests, who has no log-in here."""
    try:
        with hub.database.write() as connection:
            member = members.known(connection, form["member_no"])
            number = disputes.open_one(
                connection,
                Contested(receipt_no=form["receipt_no"].upper()),
                party=member_account(member.member_no),
                reason=form["reason"],
                opened_by=visitor.name,
                now=hub.now(),
            )
            audit.note(connection, visitor, "dispute.open", f"dispute:{number}")
    except Told as told:
        with hub.database.read() as connection:
            return _list(request, hub, connection, visitor, mistake=told, form=form)
    return framing.led_on(f"/desk/disputes/{number}", "opened")


@ROUTES.get("/desk/disputes/{number}")
def dispute(number: Number, request: Request, hub: TheHub, visitor: Reader) -> Response:
    with hub.database.read() as connection:
        return _shown(request, hub, connection, visitor, number)


@ROUTES.post("/desk/disputes/{number}")
def answer(number: Number, request: Request, hub: TheHub, visitor: Decider, form: CheckedForm) -> Response:
    """Ends a dispute: `how` is `correct` or `dismiss`."""
    try:
        with hub.database.write() as connection:
            correction = _correction(connection, form) if form["how"] == "correct" else None
            moved = disputes.answer(
                connection,
                number,
                form["answer"],
                answered_by=visitor.name,
                now=hub.now(),
                correction=correction,
            )
            done = "corrected" if correction else "dismissed"
            told = f"{correction.unit} {correction.amount}" if correction else ""
            audit.note(connection, visitor, f"dispute.{done}", f"dispute:{number}", told)
            tell_tills(connection, moved, stocking.today(hub, connection))
    except Told as mistake:
        with hub.database.read() as connection:
            return _shown(request, hub, connection, visitor, number, mistake=mistake, form=form)
    return framing.led_on(f"/desk/disputes/{number}", done)


def _correction(connection: Connection, form: Fields) -> Correction:
    """Raises `Told` where the amount is none, or the unit is not the pack's."""
    unit = form["unit"]
    pack = stocking.current_pack(connection)
    scale = 2 if unit == CNY else next((one.scale for one in pack.assets if one.id == unit), None)
    amount = None if scale is None else parse_decimal(form["amount"], scale)
    if not amount:
        raise Told(_NO_AMOUNT)
    return Correction(unit, -amount if form["towards"] == "alliance" else amount)


def _list(
    request: Request,
    hub: Hub,
    connection: Connection,
    visitor: Visitor,
    *,
    mistake: Told | None = None,
    form: Fields | None = None,
) -> Response:
    timezone = setting(connection, "timezone")
    return framing.page(
        request,
        visitor,
        "desk/disputes.html",
        place="disputes",
        status=200 if mistake is None else 422,
        mistake=mistake,
        form=form or Fields([]),
        found=disputes.listed(connection),
        waiting=disputes.waiting(connection, hub.time()),
        now=hub.time(),
        alliance=setting(connection, "alliance_name"),
        who=lambda party: party_name(connection, party, visitor),
        moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
    )


def _shown(
    request: Request,
    hub: Hub,
    connection: Connection,
    visitor: Visitor,
    number: int,
    *,
    mistake: Told | None = None,
    form: Fields | None = None,
) -> Response:
    try:
        found = disputes.known(connection, number)
    except Told as told:
        raise PageRefused(404, told.words, **told.params) from told
    timezone = setting(connection, "timezone")
    return framing.page(
        request,
        visitor,
        "desk/dispute.html",
        place="disputes",
        status=200 if mistake is None else 422,
        mistake=mistake,
        form=form or Fields([]),
        one=found,
        now=hub.time(),
        units=_units(connection, found),
        naming=Naming(connection, visitor.language),
        who=party_name(connection, found.party, visitor),
        alliance=setting(connection, "alliance_name"),
        moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
    )


def _units(connection: Connection, dispute: Dispute) -> tuple[str, ...]:
    """What a correction may be in: money for a store, the pack's assets for a member."""
    if dispute.party.startswith(store_account("")):
        return (CNY,)
    return tuple(one.id for one in stocking.current_pack(connection).assets)


def party_name(connection: Connection, party: str, visitor: Visitor) -> str:
    """Who contests, as people call them."""
    kind, _, owner = party.partition(":")
    if kind == "store":
        store = places.store_of(connection, owner)
        return store.name if store else owner
    return Words("会员 {no}", "Member {no}").say(visitor.language, no=owner)


_NO_AMOUNT = Words("请写更正的数量，大于 0，例如 12.50。", "Say how much to correct: above 0, such as 12.50.")
