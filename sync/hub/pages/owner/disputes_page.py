"""An owner's disputes: what was contested, until when it is answered, what came of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from pos.domain.ledger import store_account
from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Contested, Dispute
from sync.hub.hub import Hub
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.framing import Number
from sync.hub.pages.owner.shops import Answering, Owner, Shops, shops_of
from sync.hub.pages.spoken import Naming
from sync.hub.people import audit
from sync.hub.people.forms import CheckedForm, Fields
from sync.hub.people.visitors import PageRefused, Visitor
from sync.hub.web.edge import TheHub
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/owner/disputes")
def disputes_of_owner(request: Request, hub: TheHub, visitor: Owner) -> Response:
    with hub.database.read() as connection:
        return _list(request, hub, connection, visitor)


@ROUTES.post("/owner/disputes")
def open_dispute(request: Request, hub: TheHub, visitor: Answering, form: CheckedForm) -> Response:
    """Contests a receipt, or a line of a statement."""
    try:
        with hub.database.write() as connection:
            shops = shops_of(connection, visitor, request)
            number = disputes.open_one(
                connection,
                _contested(form),
                party=_party(shops, form["store"]),
                reason=form["reason"],
                opened_by=visitor.name,
                now=hub.now(),
            )
            audit.note(connection, visitor, "dispute.open", f"dispute:{number}")
    except PageRefused:
        raise
    except Told as told:
        with hub.database.read() as connection:
            return _list(request, hub, connection, visitor, mistake=told, form=form)
    return framing.led_on(f"/owner/disputes/{number}", "opened")


@ROUTES.get("/owner/disputes/{number}")
def dispute_of_owner(number: Number, request: Request, hub: TheHub, visitor: Owner) -> Response:
    with hub.database.read() as connection:
        shops = shops_of(connection, visitor, request)
        found = _theirs(connection, shops, number)
        return framing.page(
            request,
            visitor,
            "owner/dispute.html",
            place="disputes",
            shops=shops,
            one=found,
            now=hub.time(),
            naming=Naming(connection, visitor.language),
            moment=lambda stamp: words.moment(stamp, shops.timezone, visitor.language),
        )


def _list(
    request: Request,
    hub: Hub,
    connection: Connection,
    visitor: Visitor,
    *,
    mistake: Told | None = None,
    form: Fields | None = None,
) -> Response:
    shops = shops_of(connection, visitor, request)
    return framing.page(
        request,
        visitor,
        "owner/disputes.html",
        place="disputes",
        status=200 if mistake is None else 422,
        mistake=mistake,
        shops=shops,
        form=form or Fields([]),
        found=disputes.listed(connection, [store_account(one.id) for one in shops.all]),
        now=hub.time(),
        moment=lambda stamp: words.moment(stamp, shops.timezone, visitor.language),
    )


def _contested(form: Fields) -> Contested:
    if form["receipt_no"]:
        return Contested(receipt_no=form["receipt_no"].upper())
    return Contested(
        first_day=form["first"], last_day=form["last"], line=form["line"][:_LINE_LENGTH_MAX] or None
    )


def _party(shops: Shops, store: str) -> str:
    """The account of one of the owner's stores; of the only one without asking."""
    ids = {one.id for one in shops.all}
    if not store and len(ids) == 1:
        return store_account(shops.one.id)
    if store not in ids:
        raise PageRefused(404, _NO_STORE)
    return store_account(store)


def _theirs(connection: Connection, shops: Shops, number: int) -> Dispute:
    accounts = {store_account(one.id) for one in shops.all}
    try:
        found = disputes.known(connection, number)
    except Told as told:
        raise PageRefused(404, told.words, **told.params) from told
    if found.party not in accounts:
        raise PageRefused(404, _NOT_YOURS, id=number)
    return found


_LINE_LENGTH_MAX = 120
_NO_STORE = Words("没有这个门店，或者它不属于您。", "There is no such store, or it is not yours.")
_NOT_YOURS = Words("没有 {id} 号申诉。", "There is no dispute {id}.")
