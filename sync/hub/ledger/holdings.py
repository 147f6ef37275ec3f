"""Lots of points that expire, derived from a member's transfers: oldest are spent first.

The ledger keeps one balance per asset; which part of it ends when follows from the order of transfers,
as `pos.domain.schedules.lots` says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, or_, select

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
    found: Expiring = {}
    for asset in pack.assets if pack else ():
        if asset.expires_days is not None:
            holding = held(_moves(connection, member_account(member_no), asset.id), asset.expires_days)
            rows = tuple((day.isoformat(), amount) for day, amount in holding.open_lots if day is not None)
            if rows:
                found[asset.id] = rows
    return found


def held(moves: Iterable[Move], days: int) -> Holding:
    """The lots that are left after all moves, in the order in which they happened."""
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
    holding: Holding, parts: tuple[Taken, ...], one: Move, days: int
) -> tuple[Holding, tuple[Taken, ...]]:
    """To the lots it came from; what is not known to have come from any begins one of its own."""
    back = lots.give_back(holding, parts, one.amount, one.on)
    known = sum(part.amount for part in parts) - sum(part.amount for part in back.parts)
    if known == one.amount:
        return back.holding, back.parts
    return lots.earn(back.holding, one.source, one.amount - known, one.on, days), back.parts


def _moves(connection: Connection, account: str, unit: str) -> list[Move]:
    transfers, receipts = schema.transfers.c, schema.receipts.c
    timezone = ZoneInfo(setting(connection, "timezone"))
    query = (
        select(
            transfers.linked,
            transfers.credit,
            transfers.amount,
            transfers.code,
            transfers.booked_at,
            receipts.receipt_no,
            receipts.of,
            receipts.date,
        )
        .outerjoin(schema.receipts, receipts.entry_hash == transfers.linked)
        .where(or_(transfers.credit == account, transfers.debit == account), transfers.unit == unit)
        .order_by(transfers.id)
    )
    return [
        Move(
            source=row.of or row.receipt_no or row.linked,
            on=dt.date.fromisoformat(row.date) if row.date else _local_date(row.booked_at, timezone),
            amount=row.amount if row.credit == account else -row.amount,
            code=row.code,
        )
        for row in connection.execute(query)
    ]


def _local_date(stamp: str, timezone: ZoneInfo) -> dt.date:
    return dt.datetime.fromisoformat(stamp).astimezone(timezone).date()
