"""What stands behind the page: the till, what the member has to spend there, and how a code stands."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from pos.domain.ledger import member_account
from pos.domain.money import plain_text
from pos.domain.pricing.openness import is_open
from pos.domain.programme.rules import Flash, Window
from sync.hub.alliance import places
from sync.hub.alliance.members import Member
from sync.hub.codes import issuing
from sync.hub.codes.tables import pay_codes
from sync.hub.hub import Hub, setting
from sync.hub.ledger import accounts
from sync.hub.pages import member_holdings
from sync.hub.pages.spoken import Naming
from sync.hub.storage import schema


class Till(NamedTuple):
    """The till that the sticker names; `takes_codes`: it is enrolled, and not shut out."""

    terminal: str
    label: str
    store: str
    takes_codes: bool


class Spendable(NamedTuple):
    """An asset that pays: what is free of it, in minor units and in words, and where the rest is reserved."""

    asset: str
    name: str
    free: int
    free_text: str
    step: int
    step_text: str
    decimals: int
    reserved_text: str
    reserved_at: tuple[str, ...]


class Shown(NamedTuple):
    """Everything that the page asks with."""

    till: Till
    spendable: tuple[Spendable, ...]
    coupons: tuple[member_holdings.CouponHeld, ...]
    offers: tuple[str, ...]


class CodeState(NamedTuple):
    """How the member's latest code of an asset at a till stands."""

    number: int
    state: str
    amount: int
    used: int


def till_of(connection: Connection, terminal: str) -> Till | None:
    """The till of a sticker; None when there is none of that name."""
    query = select(schema.terminals.c.label, schema.terminals.c.store).where(
        schema.terminals.c.id == terminal
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    chains = schema.chains
    current = connection.execute(
        select(chains.c.epoch).where(chains.c.terminal == terminal, chains.c.standing == "current")
    ).first()
    store = places.store_of(connection, row.store)
    return Till(terminal, row.label, store.name if store else row.store, current is not None)


def shown(hub: Hub, connection: Connection, till: Till, member: Member, naming: Naming) -> Shown:
    holdings = member_holdings.of(connection, member.member_no, naming)
    return Shown(
        till, _spendable(connection, member, naming), holdings.coupons, _offers(hub, connection, naming)
    )


def _spendable(connection: Connection, member: Member, naming: Naming) -> tuple[Spendable, ...]:
    """Of what the member has something; without anything, what there could be."""
    pack = naming.pack
    if pack is None:
        return ()
    codes = issuing.all_open(connection, member_no=member.member_no)
    found = []
    for redemption in pack.redemptions:
        asset = pack.asset(redemption.asset)
        step = asset.minor(redemption.step) if redemption.step is not None else asset.step_minor
        held = [one for one in codes if one.asset == asset.id]
        free = max(0, accounts.free(connection, member_account(member.member_no), asset.id))
        whole = free - free % step
        found.append(
            Spendable(
                asset=asset.id,
                name=naming.of(asset.id),
                free=whole,
                free_text=plain_text(whole, asset.scale),
                step=step,
                step_text=plain_text(step, asset.scale),
                decimals=0 if step % 10**asset.scale == 0 else asset.scale,
                reserved_text=plain_text(sum(one.amount for one in held), asset.scale),
                reserved_at=tuple(sorted({one.terminal for one in held})),
            )
        )
    wanted = tuple(one for one in found if one.free or one.reserved_at)
    return wanted or tuple(found[:1])


def _offers(hub: Hub, connection: Connection, naming: Naming) -> tuple[str, ...]:
    """What is on at this hour, by the pack: windows that are open, and flash goods."""
    if naming.pack is None:
        return ()
    at = hub.now().astimezone(ZoneInfo(setting(connection, "timezone"))).isoformat()
    rules = [one for one in naming.pack.price_rules if isinstance(one, Window | Flash)]
    return tuple(naming.of(one.id) for one in rules if one.when is None or is_open(one.when, at))


def latest(connection: Connection, member_no: str, terminal: str, asset: str) -> CodeState | None:
    table = pay_codes
    row = connection.execute(
        select(table.c.number, table.c.state, table.c.amount, table.c.used)
        .where(table.c.member_no == member_no, table.c.terminal == terminal, table.c.asset == asset)
        .order_by(table.c.issued_at.desc(), table.c.number.desc())
        .limit(1)
    ).first()
    return None if row is None else CodeState(*row)


def seconds_left(hub: Hub, expires_at: str) -> int:
    """By the hub's own time: a phone's clock may be anything."""
    return max(0, int((dt.datetime.fromisoformat(expires_at) - hub.now()).total_seconds()))
