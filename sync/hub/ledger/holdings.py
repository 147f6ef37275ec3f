"""Lots of points that expire, derived from a member's transfers: oldest are spent first.

The ledger keeps one balance per asset; which part of it ends when follows from the order of transfers,
as `pos.domain.schedules.lots` says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from pos.domain.ledger import member_account
from pos.domain.programme.pack import Pack
from pos.domain.schedules import lots
from pos.domain.schedules.lots import Holding, Taken
from sync.hub.hub import setting
from sync.hub.storage import schema

Expiring = dict[str, tuple[tuple[str, int], ...]]


class Move(NamedTuple):
    """What happened to an account: `amount` came (or, negative, went) for the reason `code`.

    `source` is the receipt of the sale that it belongs to, or another name for where it is from.
    """

    source: str
    on: dt.date
    amount: int
    code: str


def expiring(connection: Connection, member_no: str, pack: Pack | None) -> Expiring:
    """Per asset that expires: last usable day and amount of each lot of which something is left."""
    return expiring_of(connection, (member_no,), pack).get(member_no, {})


def expiring_of(connection: Connection, member_nos: Iterable[str], pack: Pack | None) -> dict[str, Expiring]:
    """The same of many members, who all have moved; those without such a lot are left out."""
    owners = {member_account(member_no): member_no for member_no in member_nos}
    found: dict[str, Expiring] = {}
    for asset in pack.assets if pack else ():
        if asset.expires_days is None:
            continue
        for account, moves in _all_moves(connection, asset.id, sorted(owners)).items():
            lots_left = held(moves, asset.expires_days).open_lots
            rows = tuple((day.isoformat(), amount) for day, amount in lots_left if day is not None)
            if rows:
                found.setdefault(owners[account], {})[asset.id] = rows
    return found


def held(moves: Iterable[Move], days: int | None) -> Holding:
    """The lots that are left after all moves, in the order in which they happened.

    Their sum is the balance once an expiry run has ended what had ended and given back what had `lapsed`.
    """
    holding = Holding()
    spent: dict[str, tuple[Taken, ...]] = {}
    for one in moves:
        match one.code:
            case "earned_back":
                holding = lots.take_back(holding, one.source, -one.amount, one.on).holding
            case "redeemed_back":
                holding, spent[one.source] = _given_back(holding, spent.get(one.source, ()), one, days)
            case "expired":
                holding = lots.expire(holding, one.on).holding
            case "lapsed":  # the balance makes good what `take_back` found to have expired already
                pass
            case _ if one.amount > 0:
                holding = lots.earn(holding, one.source, one.amount, one.on, days)
            case _:
                holding, parts = _spent(holding, one)
                spent[one.source] = (*spent.get(one.source, ()), *parts)
    return holding


def _spent(holding: Holding, one: Move) -> tuple[Holding, tuple[Taken, ...]]:
    """The ledger took it whatever had ended; what no usable lot gave came from those that had."""
    usable = lots.spend(holding, -one.amount, one.on)
    ended = lots.spend(usable.holding, usable.short, dt.date.min)
    left = Holding(ended.holding.lots, ended.holding.owed + ended.short)
    return left, (*usable.parts, *ended.parts)


def _given_back(
    holding: Holding, parts: tuple[Taken, ...], one: Move, days: int | None
) -> tuple[Holding, tuple[Taken, ...]]:
    """To the lots it came from; what is not known to have come from any begins one of its own."""
    back = lots.give_back(holding, parts, one.amount, one.on)
    known = sum(part.amount for part in parts) - sum(part.amount for part in back.parts)
    if known == one.amount:
        return back.holding, back.parts
    return lots.earn(back.holding, one.source, one.amount - known, one.on, days), back.parts


def _all_moves(connection: Connection, unit: str, accounts: Sequence[str]) -> dict[str, list[Move]]:
    """What happened to each of some accounts."""
    own = schema.transfers.c
    found: dict[str, list[Move]] = {}
    for start in range(0, len(accounts), _ACCOUNTS_MAX):
        some = accounts[start : start + _ACCOUNTS_MAX]
        found |= _read(connection, or_(own.credit.in_(some), own.debit.in_(some)), unit, set(some))
    return found


def moves_of(
    connection: Connection, unit: str, accounts: Sequence[str], *, up_to: int | None = None
) -> dict[str, list[Move]]:
    """What happened to each of neighbouring accounts, given in the database's order of names.

    `up_to` leaves out transfers of a higher id.
    """
    if not accounts:
        return {}
    own, first, last = schema.transfers.c, accounts[0], accounts[-1]
    within = or_(and_(own.credit >= first, own.credit <= last), and_(own.debit >= first, own.debit <= last))
    if up_to is not None:
        within = and_(within, own.id <= up_to)
    return _read(connection, within, unit, set(accounts))


def _read(
    connection: Connection, where: ColumnElement[bool], unit: str, wanted: Container[str]
) -> dict[str, list[Move]]:
    transfers, receipts = schema.transfers.c, schema.receipts.c
    timezone = ZoneInfo(setting(connection, "timezone"))
    query = (
        select(
            transfers.linked,
            transfers.debit,
            transfers.credit,
            transfers.amount,
            transfers.code,
            transfers.booked_at,
            receipts.receipt_no,
            receipts.of,
            receipts.date,
        )
        .outerjoin(schema.receipts, receipts.entry_hash == transfers.linked)
        .where(where, transfers.unit == unit)
        .order_by(transfers.id)
    )
    found: dict[str, list[Move]] = {}
    for row in connection.execute(query):
        source, on = row.of or row.receipt_no or row.linked, _day(row, timezone)
        for account, amount in ((row.credit, row.amount), (row.debit, -row.amount)):
            if account in wanted:
                found.setdefault(account, []).append(Move(source, on, amount, row.code))
    return found


def _day(row: Any, timezone: ZoneInfo) -> dt.date:
    """The business date of a receipt; the day for which an expiry ran, which its reason ends with."""
    if row.date:
        return dt.date.fromisoformat(row.date)
    if row.code in _OF_AN_EXPIRY:
        return dt.date.fromisoformat(row.linked.rpartition(":")[2])
    return _local_date(row.booked_at, timezone)


def _local_date(stamp: str, timezone: ZoneInfo) -> dt.date:
    return dt.datetime.fromisoformat(stamp).astimezone(timezone).date()


_OF_AN_EXPIRY = ("expired", "lapsed")
_ACCOUNTS_MAX = 500
"""So many in one question to the database."""
