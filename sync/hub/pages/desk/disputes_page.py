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

CORRECTION_MAX = 10_000
"""Whole units in one answer: what a slip of the finger may cost at most."""


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
            correction = _correction(connection, number, form) if _corrects(form) else None
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


def _corrects(form: Fields) -> bool:
    """Raises `Told` where neither answer was chosen."""
    if form["how"] not in {"correct", "dismiss"}:
        raise Told(_NOT_CHOSEN)
    return form["how"] == "correct"


def _correction(connection: Connection, number: int, form: Fields) -> Correction:
    """Raises `Told` where the amount is none or beyond reason, or unit or direction is not to be had."""
    unit, units = form["unit"], _units(connection, disputes.known(connection, number))
    if unit not in units or form["towards"] not in {"them", "alliance"}:
        raise Told(_NOT_CHOSEN)
    scale = 2 if unit == CNY else stocking.current_pack(connection).asset(unit).scale
    amount = parse_decimal(form["amount"], scale)
    if not amount or amount > CORRECTION_MAX * 10**scale:
        raise Told(_NO_AMOUNT, max=CORRECTION_MAX)
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


_NO_AMOUNT = Words(
    "请写更正的数量，大于 0、不超过 {max}，例如 12.50。",
    "Say how much to correct: above 0 and at most {max}, such as 12.50.",
)
_NOT_CHOSEN = Words("请选择怎样处理，再提交。", "Choose how it ends, then send it.")
