"""What a member contests from their own page: the link in their hands is what lets them."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from pos.domain.language import Language
from pos.domain.ledger import member_account
from sync.hub.disputes import disputes
from sync.hub.disputes.disputes import Contested
from sync.hub.hub import Hub, setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import member_card, rendering
from sync.hub.pages.member_card import CardShown
from sync.hub.pages.spoken import Naming
from sync.hub.people import audit, forms
from sync.hub.people.forms import CheckedForm, Fields
from sync.hub.web.edge import TheHub, TheLanguage
from sync.hub.words import Told

ROUTES = APIRouter(include_in_schema=False)


class ByLink(NamedTuple):
    """Who acts, for the audit log: the holder of a member's link, who has no name here."""

    at: str
    user_id: int | None = None
    name: str = "card"


@ROUTES.get("/card/{token}/disputes")
def contested(token: str, request: Request, hub: TheHub, language: TheLanguage) -> Response:
    language = rendering.chosen(request.query_params.get("lang"), language)
    card = member_card.shown(hub, token, language)
    if card is None:
        return rendering.card_page(None, language)
    with hub.database.read() as connection:
        return _shown(request, hub, connection, card, language)


@ROUTES.post("/card/{token}/disputes")
def contest(token: str, request: Request, hub: TheHub, language: TheLanguage, form: CheckedForm) -> Response:
    language = rendering.chosen(request.query_params.get("lang"), language)
    card = member_card.shown(hub, token, language)
    if card is None:
        return rendering.card_page(None, language)
    try:
        with hub.database.write() as connection:
            number = disputes.open_one(
                connection,
                Contested(receipt_no=form["receipt_no"].upper()),
                party=member_account(card.member_no),
                reason=form["reason"],
                opened_by=ByLink("").name,
                now=hub.now(),
            )
            audit.note(connection, ByLink(hub.time()), "dispute.open", f"dispute:{number}")
    except Told as told:
        with hub.database.read() as connection:
            return _shown(request, hub, connection, card, language, mistake=told, form=form)
    return RedirectResponse(f"{request.url.path}?done={number}&lang={language}", status_code=303)


def _shown(
    request: Request,
    hub: Hub,
    connection: Connection,
    card: CardShown,
    language: Language,
    *,
    mistake: Told | None = None,
    form: Fields | None = None,
) -> Response:
    timezone = setting(connection, "timezone")
    response = rendering.page(
        "card_disputes.html",
        language,
        status=200 if mistake is None else 422,
        forms=True,
        card=card,
        path=request.url.path.removesuffix("/disputes"),
        csrf=forms.csrf_token(request),
        form=form or Fields([]),
        mistake=None if mistake is None else mistake.say(language),
        done="done" in request.query_params,
        found=disputes.listed(connection, (member_account(card.member_no),), limit=20),
        now=hub.time(),
        naming=Naming(connection, language),
        moment=lambda stamp: words.moment(stamp, timezone, language),
    )
    forms.plant(request, response)
    return response
