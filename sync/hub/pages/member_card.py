"""The member's own card page: a link nobody can guess, and what stands on the page.

A link is `MEMBER.SEAL`, or `MEMBER.DAY.SEAL` where it ends with a day. The seal covers the member's link
number too, so a new number voids all links made before.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, delete, select

from pos.domain.language import Language
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, places, stocking
from sync.hub.alliance.members import Member
from sync.hub.hub import Hub, setting
from sync.hub.pages import member_holdings
from sync.hub.pages.member_holdings import Holdings
from sync.hub.pages.spoken import Naming
from sync.hub.people.tables import member_links
from sync.hub.rights import pickups

# Packs name their plans in Chinese only; of these plans the English names are known.
PLANS_IN_ENGLISH = {"basic": "Basic member", "co_creator": "Co-creator"}

_PURPOSE = "member card"
_SEAL_LENGTH = 16
_TOKEN_LENGTH_MAX = 64
_DAY = "%Y%m%d"


class OrderShown(msgspec.Struct, frozen=True):
    """An order that waits for the member: where, until when, and the code that is shown there."""

    order: str
    goods: str
    place: str
    last_day: str
    code: str


class CardShown(msgspec.Struct, frozen=True):
    """What the page says; `state` decides the sentence above it."""

    alliance: str
    member_no: str
    plan: str
    holdings: Holdings
    card_code: str
    expires: str
    state: str  # active, expired, blocked, sealed
    orders: tuple[OrderShown, ...] = ()

    @property
    def groups(self) -> list[str]:
        """The card code in groups of four, to be read aloud."""
        return [self.card_code[at : at + 4] for at in range(0, len(self.card_code), 4)]


def path_of(hub: Hub, connection: Connection, member_no: str, last_day: dt.date | None = None) -> str:
    """The path of a member's page; with a last day, it is good through that day only.

    Raises:
        Told: there is no such member.

    """
    members.known(connection, member_no)
    until = "" if last_day is None else last_day.strftime(_DAY)
    return f"/card/{_token(hub, member_no, _link_number(connection, member_no), until)}"


def revoke_links(connection: Connection, member_no: str) -> None:
    """Voids every link of a member's page, as when a phone was lost.

    Raises:
        Told: there is no such member.

    """
    members.known(connection, member_no)
    number = _link_number(connection, member_no) + 1
    here = member_links.c.member_no == member_no
    connection.execute(delete(member_links).where(here))
    connection.execute(member_links.insert().values(member_no=member_no, number=number))


def shown(hub: Hub, token: str, language: Language) -> CardShown | None:
    """What the link's holder may see; None when the link is not one of ours or no longer good."""
    with hub.database.read() as connection:
        member_no = holder(hub, connection, token)
        member = members.find(connection, member_no) if member_no is not None else None
        return None if member is None else _card(hub, connection, member, language)


def holder(hub: Hub, connection: Connection, token: str) -> str | None:
    """Whose link it is; None when it is not one of ours or no longer good."""
    member_no, *until = token[:_TOKEN_LENGTH_MAX].rpartition(".")[0].split(".")
    if not member_no.isascii() or not member_no.isdecimal() or len(until) > 1:
        return None
    number = _link_number(connection, member_no)
    good = _token(hub, member_no, number, "".join(until))
    if not hmac.compare_digest(good.encode(), token.encode("utf-8", "surrogateescape")):
        return None
    if until and until[0] < stocking.today(hub, connection).strftime(_DAY):
        return None
    return member_no


def _token(hub: Hub, member_no: str, number: int, until: str) -> str:
    """The first link of a member, without an end, is sealed as it always was: cards in use stay good."""
    sealed = f"{member_no} {number} {until}" if number or until else member_no
    seal = base64.urlsafe_b64encode(hub.keys.seal(_PURPOSE, sealed)[:_SEAL_LENGTH]).decode().rstrip("=")
    return ".".join(filter(None, (member_no, until, seal)))


def _link_number(connection: Connection, member_no: str) -> int:
    query = select(member_links.c.number).where(member_links.c.member_no == member_no)
    return connection.execute(query).scalar() or 0


def _card(hub: Hub, connection: Connection, member: Member, language: Language) -> CardShown:
    naming = Naming(connection, language)
    return CardShown(
        alliance=setting(connection, "alliance_name"),
        member_no=member.member_no,
        plan=_plan_name(naming.pack, member.plan, language),
        holdings=member_holdings.of(connection, member.member_no, naming),
        card_code=member.card_code,
        expires=member.expires,
        state=standing(hub, connection, member),
        orders=tuple(_orders(hub, connection, member.member_no)),
    )


def _orders(hub: Hub, connection: Connection, member_no: str) -> Iterator[OrderShown]:
    for row in pickups.of_member(connection, member_no):
        terminal, store = places.known_terminal(connection, row["terminal"])
        goods = "、".join(f"{one.name} × {one.quantity}" for one in pickups.goods_of(row))
        place = f"{places.known_store(connection, store).name} {terminal.label}"
        code = pickups.code_of(hub, row["order_no"])
        yield OrderShown(row["order_no"], goods, place, row["last_day"], code)


def _plan_name(pack: Pack | None, plan_id: str, language: Language) -> str:
    plan = pack.plan(plan_id) if pack else None
    name = plan.name if plan else plan_id
    return PLANS_IN_ENGLISH.get(plan_id, name) if language == "en" else name


def standing(hub: Hub, connection: Connection, member: Member) -> str:
    """active, expired, blocked, sealed."""
    if member.status != "active":
        return member.status
    today = stocking.today(hub, connection)
    return "expired" if dt.date.fromisoformat(member.expires) < today else "active"
