"""The member's own card page: a link nobody can guess, and what stands on the page."""

from __future__ import annotations

import base64
import datetime as dt
import hmac

import msgspec
from sqlalchemy import Connection

from pos.domain.day import POINTS_SCALE
from pos.domain.language import Language
from pos.domain.money import plain_text
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, packs, stocking
from sync.hub.alliance.imports import POINTS
from sync.hub.alliance.members import Member
from sync.hub.hub import Hub, setting
from sync.hub.ledger import accounts

# Packs name their plans in Chinese only; of these plans the English names are known.
PLANS_IN_ENGLISH = {"basic": "Basic member", "co_creator": "Co-creator"}

_PURPOSE = "member card"
_SEAL_LENGTH = 16
_TOKEN_LENGTH_MAX = 64


class CardShown(msgspec.Struct, frozen=True):
    """What the page says. `points` is text in whole units; `state` decides the sentence beneath."""

    alliance: str
    member_no: str
    plan: str
    points: str
    card_code: str
    expires: str
    state: str  # active, expired, blocked, sealed

    @property
    def groups(self) -> list[str]:
        """The card code in groups of four, to be read aloud."""
        return [self.card_code[at : at + 4] for at in range(0, len(self.card_code), 4)]


def path_of(hub: Hub, connection: Connection, member_no: str) -> str:
    """The path of a member's page.

    Raises:
        Told: there is no such member.

    """
    members.known(connection, member_no)
    return f"/card/{_token(hub, member_no)}"


def shown(hub: Hub, token: str, language: Language) -> CardShown | None:
    """What the link's holder may see; None when the link is not one of ours."""
    member_no = token[:_TOKEN_LENGTH_MAX].rpartition(".")[0]
    if not member_no.isascii() or not hmac.compare_digest(_token(hub, member_no).encode(), token.encode()):
        return None
    with hub.database.read() as connection:
        member = members.find(connection, member_no)
        return None if member is None else _card(hub, connection, member, language)


def _token(hub: Hub, member_no: str) -> str:
    seal = hub.keys.seal(_PURPOSE, member_no)[:_SEAL_LENGTH]
    return f"{member_no}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"


def _card(hub: Hub, connection: Connection, member: Member, language: Language) -> CardShown:
    pack = packs.current(connection)
    scale = next((asset.scale for asset in pack.assets if asset.id == POINTS), 0) if pack else POINTS_SCALE
    balance = accounts.member_balances(connection, member.member_no).get(POINTS, 0)
    return CardShown(
        alliance=setting(connection, "alliance_name"),
        member_no=member.member_no,
        plan=_plan_name(pack, member.plan, language),
        points=plain_text(balance, scale),
        card_code=member.card_code,
        expires=member.expires,
        state=_state(member, stocking.today(hub, connection)),
    )


def _plan_name(pack: Pack | None, plan_id: str, language: Language) -> str:
    plan = pack.plan(plan_id) if pack else None
    name = plan.name if plan else plan_id
    return PLANS_IN_ENGLISH.get(plan_id, name) if language == "en" else name


def _state(member: Member, today: dt.date) -> str:
    if member.status != "active":
        return member.status
    return "expired" if dt.date.fromisoformat(member.expires) < today else "active"
