"""Frozen days as they stand in the database."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
from sqlalchemy import Connection, and_, select

from sync.hub.settlement import tables
from sync.hub.settlement.booked import Span
from sync.hub.settlement.lines import Line, Mark

_CLAIM = b"alliance-pos/settlement/1\0"


class Day(msgspec.Struct, frozen=True):
    """A frozen day of one account. `intact` says whether its lines still have their hash.

    What was paid stands as None until it was; `amount_fen` is of the whole payment from `paid_first` to
    `paid_last`, negative where the alliance received it.
    """

    account: str
    date: str
    net_fen: int
    sha256: str
    intact: bool
    locked_at: str
    locked_by: str
    reference: str | None
    paid_on: str | None
    paid_by: str | None
    paid_first: str | None
    paid_last: str | None
    amount_fen: int | None


def claim(account: str, date: str, body: bytes) -> str:
    """The SHA-256 that a frozen day is known by: of account, date and its lines as stored."""
    return hashlib.sha256(_CLAIM + account.encode() + b"\0" + date.encode() + b"\0" + body).hexdigest()


def marks(connection: Connection, account: str) -> list[Mark]:
    """An account's frozen days in order."""
    table = tables.locks
    query = select(table.c.date, table.c.transfer, table.c.entry).where(table.c.account == account)
    return [Mark(*row) for row in connection.execute(query.order_by(table.c.date))]


def open_from(frozen: list[Mark]) -> str:
    """The first day after the frozen ones."""
    if not frozen:
        return ""
    return (dt.date.fromisoformat(frozen[-1].date) + dt.timedelta(days=1)).isoformat()


def frozen_lines(connection: Connection, account: str, span: Span) -> tuple[Line, ...]:
    """The lines of an account's frozen days, as they were frozen."""
    table = tables.locks
    query = (
        select(table.c.body)
        .where(table.c.account == account, table.c.date.between(span.first, span.last))
        .order_by(table.c.date)
    )
    return tuple(
        line
        for body in connection.execute(query).scalars()
        for line in msgspec.json.decode(body, type=tuple[Line, ...])
    )


def days(connection: Connection, account: str, span: Span) -> tuple[Day, ...]:
    """An account's frozen days within a span, with what was paid for them."""
    table, paid = tables.locks, tables.payments
    query = (
        select(
            table,
            paid.c.reference,
            paid.c.paid_on,
            paid.c.paid_by,
            paid.c.first.label("paid_first"),
            paid.c.last.label("paid_last"),
            paid.c.amount_fen,
        )
        .outerjoin(paid, and_(paid.c.account == table.c.account, paid.c.date == table.c.date))
        .where(table.c.account == account, table.c.date.between(span.first, span.last))
        .order_by(table.c.date)
    )
    return tuple(
        Day(
            intact=claim(account, row["date"], row["body"]) == row["sha256"],
            **{name: row[name] for name in _KEPT},
        )
        for row in connection.execute(query).mappings()
    )


_KEPT = [name for name in Day.__struct_fields__ if name != "intact"]
