"""The risk report: what the clawback account bears, what is reserved and where, and what was used twice.

Amounts are minor units of their asset.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection, func, select

from pos.domain.offline import member_outage_fen
from pos.domain.programme.rules import Flash
from sync.hub.alliance import packs
from sync.hub.alliance.coupons import GOOD
from sync.hub.codes import code_book
from sync.hub.codes.tables import code_uses, pay_codes
from sync.hub.feeds import terminals_seen
from sync.hub.feeds.tables import terminal_reports
from sync.hub.hub import Hub
from sync.hub.rights.tables import hand_overs
from sync.hub.storage import schema
from sync.hub.words import stamp

SILENT_AFTER = dt.timedelta(days=1)


class Borne(msgspec.Struct, frozen=True):
    """What a terminal's sales took of an asset beyond what members had, and the alliance still bears."""

    terminal: str
    asset: str
    receipts: int
    remaining: int


class Reserved(msgspec.Struct, frozen=True):
    """Codes for a terminal that are neither spent nor closed; `last_seen` is when it was last heard of."""

    terminal: str
    epoch: int
    asset: str
    codes: int
    amount: int
    oldest: str
    last_seen: str | None


class OddCode(msgspec.Struct, frozen=True):
    """A sale with a code that was not simply good; `standing` is one of `code_book.STANDINGS`."""

    receipt_no: str
    terminal: str
    number: int
    member_no: str
    asset: str
    used: int
    standing: str


class Copied(msgspec.Struct, frozen=True):
    """A chain of which two branches have come: its data folder was copied or restored."""

    terminal: str
    epoch: int
    entries: int


class OddCoupon(msgspec.Struct, frozen=True):
    """A printed coupon that was taken although it was not good; the alliance paid `borne_fen` for it."""

    number: str
    receipt_no: str
    standing: str
    borne_fen: int


class OfflineLimit(msgspec.Struct, frozen=True):
    """The most that one member can redeem without a code at one till before the hub hears of it, in fen."""

    asset: str
    member_fen: int
    outage_fen: int | None


class HandedOverAgain(msgspec.Struct, frozen=True):
    """An order that went out more than once; the store bears what it holds."""

    order_no: str
    times: int
    terminals: str


class Quota(msgspec.Struct, frozen=True):
    """A flash price whose units each till counts by itself: `tills` × `units` at most in a period."""

    rule: str
    name: str
    units: int
    tills: int


class Silent(msgspec.Struct, frozen=True):
    """A till that sells and has not been heard of for a day; what it holds is not known here yet."""

    terminal: str
    last_seen: str
    pending: int | None


class RiskReport(msgspec.Struct, frozen=True):
    borne: tuple[Borne, ...]
    reserved: tuple[Reserved, ...]
    odd_codes: tuple[OddCode, ...]
    copied: tuple[Copied, ...]
    odd_coupons: tuple[OddCoupon, ...]
    limits: tuple[OfflineLimit, ...]
    handed_over_again: tuple[HandedOverAgain, ...]
    quotas: tuple[Quota, ...]
    silent: tuple[Silent, ...]


def report(hub: Hub, connection: Connection) -> RiskReport:
    """As of the connection's moment."""
    return RiskReport(
        borne=_borne(connection),
        reserved=_reserved(connection),
        odd_codes=_odd_codes(connection),
        copied=_copied(connection),
        odd_coupons=_odd_coupons(connection),
        limits=_limits(connection),
        handed_over_again=_handed_over_again(connection),
        quotas=_quotas(connection),
        silent=_silent(hub, connection),
    )


def _borne(connection: Connection) -> tuple[Borne, ...]:
    overdrafts, receipts = schema.overdrafts, schema.receipts
    query = (
        select(
            receipts.c.terminal,
            overdrafts.c.asset,
            func.count().label("receipts"),
            func.sum(overdrafts.c.remaining).label("remaining"),
        )
        .join(receipts, receipts.c.receipt_no == overdrafts.c.receipt_no)
        .where(overdrafts.c.remaining > 0)
        .group_by(receipts.c.terminal, overdrafts.c.asset)
        .order_by(receipts.c.terminal, overdrafts.c.asset)
    )
    rows = connection.execute(query)
    return tuple(Borne(row.terminal, row.asset, row.receipts, int(row.remaining)) for row in rows)


def _reserved(connection: Connection) -> tuple[Reserved, ...]:
    codes, seen = pay_codes, terminal_reports
    query = (
        select(
            codes.c.terminal,
            codes.c.epoch,
            codes.c.asset,
            func.count().label("codes"),
            func.sum(codes.c.amount).label("amount"),
            func.min(codes.c.issued_at).label("oldest"),
            func.max(seen.c.seen_at).label("last_seen"),
        )
        .outerjoin(seen, seen.c.terminal == codes.c.terminal)
        .where(codes.c.state == "open")
        .group_by(codes.c.terminal, codes.c.epoch, codes.c.asset)
        .order_by(func.min(codes.c.issued_at))
    )
    return tuple(
        Reserved(row.terminal, row.epoch, row.asset, row.codes, int(row.amount), row.oldest, row.last_seen)
        for row in connection.execute(query)
    )


def _odd_codes(connection: Connection) -> tuple[OddCode, ...]:
    table = code_uses
    query = select(*(table.c[name] for name in OddCode.__struct_fields__))
    rows = connection.execute(query.where(table.c.standing != code_book.GOOD).order_by(table.c.receipt_no))
    return tuple(OddCode(*row) for row in rows)


def _copied(connection: Connection) -> tuple[Copied, ...]:
    table = schema.journal_entries
    query = (
        select(table.c.terminal, table.c.epoch, func.count())
        .where(table.c.verdict == "exists_with_different_content")
        .group_by(table.c.terminal, table.c.epoch)
        .order_by(table.c.terminal, table.c.epoch)
    )
    return tuple(Copied(*row) for row in connection.execute(query))


def _odd_coupons(connection: Connection) -> tuple[OddCoupon, ...]:
    table = schema.coupon_uses
    query = select(*(table.c[name] for name in OddCoupon.__struct_fields__))
    odd = (table.c.standing != GOOD) & table.c.freed.is_(False)
    return tuple(OddCoupon(*row) for row in connection.execute(query.where(odd).order_by(table.c.id)))


def _limits(connection: Connection) -> tuple[OfflineLimit, ...]:
    pack = packs.current(connection)
    offline = pack.offline if pack is not None else ()
    return tuple(OfflineLimit(one.asset, member_outage_fen(one), one.per_outage_fen) for one in offline)


def _handed_over_again(connection: Connection) -> tuple[HandedOverAgain, ...]:
    table = hand_overs
    rows = connection.execute(select(table.c.order_no, table.c.terminal).order_by(table.c.received_at)).all()
    by_order: dict[str, list[str]] = {}
    for order_no, terminal in rows:
        by_order.setdefault(order_no, []).append(terminal)
    return tuple(
        HandedOverAgain(order_no, len(where), ", ".join(dict.fromkeys(where)))
        for order_no, where in by_order.items()
        if len(where) > 1
    )


def _quotas(connection: Connection) -> tuple[Quota, ...]:
    pack = packs.current(connection)
    chains = schema.chains
    enrolled = select(func.count(chains.c.terminal.distinct())).where(chains.c.standing == "current")
    tills = connection.execute(enrolled).scalar_one()
    flash = [one for one in (pack.price_rules if pack is not None else ()) if isinstance(one, Flash)]
    return tuple(Quota(one.id, one.name, one.quota, tills) for one in flash if one.quota)


def _silent(hub: Hub, connection: Connection) -> tuple[Silent, ...]:
    since = stamp(hub.now() - SILENT_AFTER)
    return tuple(
        Silent(one.terminal, one.last_seen, one.pending)
        for one in terminals_seen.overview(connection)
        if one.standing == "current" and one.last_seen is not None and one.last_seen < since
    )
