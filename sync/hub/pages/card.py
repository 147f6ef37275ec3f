"""The member's card page, and a word of welcome for who opens the hub's address."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sync.hub.pages import member_card, rendering
from sync.hub.pages.paying import phone
from sync.hub.web.edge import TheHub, TheLanguage

ROUTES = APIRouter(include_in_schema=False)


@ROUTES.get("/card/{token}")
def card(token: str, request: Request, hub: TheHub, language: TheLanguage) -> Response:
    """A member's own page, for who holds its link; the phone is the member's from then on."""
    language = rendering.chosen(request.query_params.get("lang"), language)
    shown = member_card.shown(hub, token, language)
    response = rendering.card_page(shown, language, request.url.path)
    if shown is not None:
        phone.remember(request, response, token)
    return response


@ROUTES.get("/")
def home(request: Request, language: TheLanguage) -> Response:
    """What this server is; nothing of what it holds."""
    return rendering.home_page(rendering.chosen(request.query_params.get("lang"), language))
