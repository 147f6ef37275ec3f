"""The risk report: what the clawback account bears, what is reserved and where, and what was used twice.

Amounts are minor units of their asset.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select

from pos.domain.offline import member_outage_fen
from sync.hub.alliance import packs
from sync.hub.alliance.coupons import GOOD
from sync.hub.codes import code_book
from sync.hub.codes.tables import code_uses, pay_codes
from sync.hub.feeds.tables import terminal_reports
from sync.hub.storage import schema


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


class RiskReport(msgspec.Struct, frozen=True):
    borne: tuple[Borne, ...]
    reserved: tuple[Reserved, ...]
    odd_codes: tuple[OddCode, ...]
    copied: tuple[Copied, ...]
    odd_coupons: tuple[OddCoupon, ...]
    limits: tuple[OfflineLimit, ...]


def report(connection: Connection) -> RiskReport:
    """As of the connection's moment."""
    return RiskReport(
        borne=_borne(connection),
        reserved=_reserved(connection),
        odd_codes=_odd_codes(connection),
        copied=_copied(connection),
        odd_coupons=_odd_coupons(connection),
        limits=_limits(connection),
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
