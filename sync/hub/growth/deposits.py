"""Merchants' deposits and the gate to member sales: what stands, what was, and how long it still lasts.

A till judges the gate itself, by what the feed `terms` tells it (ruling 16); here people see it coming.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Literal

import msgspec
from sqlalchemy import Connection, and_, case, func, or_, select

from pos.domain.ledger import ALLIANCE_ISSUED, merchant_account
from pos.domain.money import FEN_PER_YUAN, plain_text
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import exact
from sync.hub.alliance import merchants, packs, stocking, terms
from sync.hub.alliance.telling import tell_tills
from sync.hub.growth.exchanging import amount_of
from sync.hub.growth.posting import Corrected, known_by, known_reason, known_reference
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words, stamp

PACE_DAYS = 7
WARN_DAYS = 3
"""A deposit that lasts fewer days at the pace of the last seven up to its last member sale is warned of."""

State = Literal["open", "warning", "closed"]


class Gate(msgspec.Struct, frozen=True):
    """One gate of the pack for one merchant; amounts in minor units of `asset`.

    `held` is the deposit, `least` what it must have, `burned_per_week` what member sales took of it in the
    seven days up to the last one.
    """

    id: str
    asset: str
    scale: int
    held: int
    least: int
    burned_per_week: int

    @property
    def left(self) -> int:
        """What may still be burned before the gate closes; below 0 it has."""
        return self.held - self.least

    @property
    def state(self) -> State:
        if self.left < 0:
            return "closed"
        return "warning" if self.left * PACE_DAYS <= self.burned_per_week * WARN_DAYS else "open"


class MerchantGate(msgspec.Struct, frozen=True):
    """All gates of the pack for a merchant; one that is closed stops its member sales."""

    merchant: str
    gates: tuple[Gate, ...]

    @property
    def state(self) -> State:
        states = {one.state for one in self.gates}
        if "closed" in states:
            return "closed"
        return "warning" if "warning" in states else "open"


class Crossing(msgspec.Struct, frozen=True):
    """A moment at which a gate opened or closed, and what the deposit held then."""

    gate: str
    at: str
    state: Literal["open", "closed"]
    held: int
    code: str


def gate_of(connection: Connection, merchant: str) -> MerchantGate:
    """How a merchant stands to the current pack's gates; a pack without gates leaves everything open.

    Raises:
        Told: there is no such merchant.

    """
    merchants.known(connection, merchant)
    pack = packs.current(connection)
    account = merchant_account(merchant)
    held = accounts.held(connection, account)
    found: list[Gate] = []
    if pack is None:
        return MerchantGate(merchant, ())
    for one in pack.gates:
        asset = pack.asset(one.asset)
        least = asset.minor(one.min)
        pace = _burned_per_week(connection, account, one.asset)
        found.append(Gate(one.id, one.asset, asset.scale, held.get(one.asset, 0), least, pace))
    return MerchantGate(merchant, tuple(found))


def gates(connection: Connection) -> list[MerchantGate]:
    """Every merchant's, by id."""
    ids = connection.execute(select(schema.merchants.c.id).order_by(schema.merchants.c.id)).scalars().all()
    return [gate_of(connection, merchant) for merchant in ids]


def gate_history(connection: Connection, merchant: str) -> list[Crossing]:
    """When gates opened and closed, derived from the transfers alone, in order.

    Before the first transfer a deposit is 0, which passes a gate of 0.

    Raises:
        Told: there is no such merchant.

    """
    merchants.known(connection, merchant)
    pack = packs.current(connection)
    if pack is None:
        return []
    account, found = merchant_account(merchant), list[Crossing]()
    for one in pack.gates:
        least = pack.asset(one.asset).minor(one.min)
        found += _crossings(connection, account, one.id, asset=one.asset, least=least)
    return found


def joining_deposit(connection: Connection, pack: Pack, today: dt.date) -> tuple[str, int] | None:
    """What a merchant deposits on joining: asset and minor units, rounded up, at the day's price."""
    wanted = pack.merchants.deposit
    if wanted is None:
        return None
    asset = pack.asset(wanted.asset)
    price = terms.prices_on(connection, today.isoformat()).get(asset.id, asset.price_yuan)
    if price is None or not exact(price):
        return None
    units = Fraction(wanted.worth_fen, FEN_PER_YUAN) / exact(price)
    return asset.id, -int(-units * 10**asset.scale // 1)


def take_back(
    hub: Hub,
    connection: Connection,
    merchant: str,
    *,
    asset: str,
    amount: str,
    reference: str,
    reason: str,
    by: str,
) -> int:
    """Takes a deposit back that was booked wrongly, or of a merchant who leaves; returns what is held then.

    It is a correcting transfer, no deeper than what is free and never so deep that a gate closes. The same
    reference again books nothing more.

    Raises:
        Told: no such merchant, asset or amount, no reason, or more than may be taken.

    """
    merchants.known(connection, merchant)
    why, reference = f"{known_reason(reason)} ({known_by(by)})", known_reference(reference)
    pack = stocking.current_pack(connection)
    found = merchants.asset_of(pack, asset)
    minor = amount_of(amount, found.scale)
    account, linked = merchant_account(merchant), f"deposit_back:{merchant}:{reference}"
    booked = connection.execute(select(_moved.amount, _moved.unit).where(_moved.linked == linked)).first()
    if booked is not None and tuple(booked) != (minor, asset):
        raise Told(_OTHER, reference=reference)
    if booked is None:
        least = max((found.minor(one.min) for one in pack.gates if one.asset == asset), default=0)
        most = max(0, accounts.free(connection, account, asset) - least)
        if minor > most:
            raise Told(_TOO_MUCH, merchant=merchant, most=plain_text(most, found.scale), name=found.name)
        posting = Corrected(account, ALLIANCE_ISSUED, asset, minor, accounts.CORRECTION, why)
        accounts.post(connection, linked, (posting,), hub.time(), covered=True)
        tell_tills(connection, (account,), stocking.today(hub, connection))
    return accounts.held(connection, account).get(asset, 0)


def _burned_per_week(connection: Connection, account: str, asset: str) -> int:
    burned = (_moved.unit == asset) & (
        ((_moved.debit == account) & (_moved.code == "burned"))
        | ((_moved.credit == account) & (_moved.code == "burned_back"))
    )
    last = connection.execute(
        select(_moved.booked_at).where(burned).order_by(_moved.id.desc()).limit(1)
    ).scalar()
    if last is None:
        return 0
    since = stamp(dt.datetime.fromisoformat(last) - dt.timedelta(days=PACE_DAYS))
    signed = case((_moved.debit == account, _moved.amount), else_=-_moved.amount)
    found = connection.execute(select(func.sum(signed)).where(burned, _moved.booked_at > since)).scalar()
    return max(0, int(found or 0))


def _crossings(connection: Connection, account: str, gate: str, *, asset: str, least: int) -> list[Crossing]:
    """What was booked for one reason is one step: a sale burns and is paid with share points at once."""
    signed = case((_moved.credit == account, _moved.amount), else_=-_moved.amount)
    steps = (
        select(
            func.max(_moved.id).label("id"),
            func.max(_moved.booked_at).label("at"),
            func.max(_moved.code).label("code"),
            func.sum(signed).label("change"),
        )
        .where(or_(_moved.debit == account, _moved.credit == account), _moved.unit == asset)
        .group_by(_moved.linked)
        .subquery()
    )
    running = select(steps, func.sum(steps.c.change).over(order_by=steps.c.id).label("held")).subquery()
    passes, passed = running.c.held >= least, running.c.held - running.c.change >= least
    crossed = or_(and_(passes, ~passed), and_(~passes, passed))
    query = select(running).where(crossed).order_by(running.c.id)
    return [
        Crossing(gate, row.at, "open" if row.held >= least else "closed", int(row.held), row.code)
        for row in connection.execute(query)
    ]


_moved = schema.transfers.c

_OTHER = Words(
    "编号 {reference} 已用于另一笔，请换一个编号。",
    "Reference {reference} is that of another booking; choose another one.",
)
_TOO_MUCH = Words(
    "商家 {merchant} 最多可退 {most} {name}，再多会员交易就要停了。",
    "Of merchant {merchant} at most {most} {name} can be taken back; beyond that member sales would stop.",
)
