"""What is booked on an account, read from transfers and receipts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, and_, func, or_, select

from pos.domain.day import FIGURE_NAMES, Figures
from pos.domain.ledger import store_account
from pos.domain.programme.part import CNY
from sync.hub.settlement import parties, tables
from sync.hub.settlement.lines import Booked, Mark, Receipt
from sync.hub.storage import schema
from sync.hub.words import stamp

PAID = "settlement_paid"
"""The code of a transfer that settles; it is no part of what is settled."""

BEGINNING = "1900-01-01"
"""Earlier than anything."""


class Span(NamedTuple):
    """The days from `first` to `last`; of them all, or only what came after the mark `beyond`."""

    first: str
    last: str
    beyond: Mark | None = None


def booked(connection: Connection, account: str, span: Span) -> list[Booked]:
    """All that is dated within a span on an account.

    Each receipt of the account's own store comes once more by itself (`transfer` 0), money or not.
    """
    kind, _, owner = account.partition(":")
    if kind != "store":
        return list(_dated(connection, account, _moved(account), span))
    own = list(_own_receipts(connection, account, owner, span))
    theirs = _dated(connection, account, _moved(account, tables.UNUSUAL), span)
    return own + [one for one in theirs if one.receipt is None or store_account(one.receipt.store) != account]


def first_date(connection: Connection, account: str, after: str, before: str) -> str | None:
    """The earliest day between two others that has anything booked on an account."""
    receipts, (kind, _, owner) = schema.receipts, account.partition(":")
    query = select(func.min(receipts.c.date)).where(
        receipts.c.store == owner, receipts.c.date > after, receipts.c.date < before
    )
    unusual = _moved(account, *([tables.UNUSUAL] if kind == "store" else []))
    dates = [one.date for one in _dated(connection, account, unusual, Span(after, before))]
    dates = [date for date in dates if after < date < before]
    if kind == "store" and (found := connection.execute(query).scalar()) is not None:
        dates.append(found)
    return min(dates, default=None)


def newest(connection: Connection, date: str) -> Mark:
    """The mark of this moment. Writers take turns, so whatever comes later has higher numbers."""
    transfers, entries = schema.transfers, schema.journal_entries
    return Mark(
        date,
        connection.execute(select(func.max(transfers.c.id))).scalar() or 0,
        connection.execute(select(func.max(entries.c.id))).scalar() or 0,
    )


# --- own receipts --------------------------------------------------------------------------------


def _own_receipts(connection: Connection, account: str, store: str, span: Span) -> Iterator[Booked]:
    receipts, transfers = schema.receipts, schema.transfers
    here = and_(receipts.c.store == store, receipts.c.date.between(span.first, span.last))
    query = (
        select(*_RECEIPT, *_TRANSFER)
        .outerjoin(
            transfers, and_(transfers.c.linked == receipts.c.entry_hash, _touches(account), _is_settled())
        )
        .where(here)
    )
    if span.beyond is not None:
        query = query.where(receipts.c.entry_id > span.beyond.entry)
        to_earlier = and_(here, receipts.c.entry_id <= span.beyond.entry)
        later = _moved(account, transfers.c.id > span.beyond.transfer, to_earlier)
        for row in connection.execute(later).mappings():
            yield _booked(row, account, row["date"], _receipt(row))
    seen: set[str] = set()
    for row in connection.execute(query).mappings():
        receipt = _receipt(row)
        if receipt.receipt_no not in seen:
            seen.add(receipt.receipt_no)
            yield Booked(0, row["entry_hash"], "", 0, "", "", receipt.date, receipt)
        if row["transfer"] is not None:
            yield _booked(row, account, receipt.date, receipt)


# --- all else ------------------------------------------------------------------------------------


def _moved(account: str, *where: Any) -> Select[Any]:
    """Transfers on an account, with the receipts that they belong to, if to any."""
    receipts, transfers = schema.receipts, schema.transfers
    return (
        select(*_RECEIPT, *_TRANSFER)
        .select_from(transfers)
        .outerjoin(receipts, receipts.c.entry_hash == transfers.c.linked)
        .where(_touches(account), _is_settled(), *where)
    )


def _dated(connection: Connection, account: str, query: Select[Any], span: Span) -> Iterator[Booked]:
    first, last, beyond = span
    receipts, transfers = schema.receipts, schema.transfers
    zone = parties.timezone_of(connection, account)
    query = query.where(
        or_(
            receipts.c.date.between(first, last),
            and_(receipts.c.date.is_(None), booked_within(span, zone)),
        )
    )
    if beyond is not None:
        query = query.where(transfers.c.id > beyond.transfer)
    for row in connection.execute(query).mappings():
        receipt = None if row["receipt_no"] is None else _receipt(row)
        date = receipt.date if receipt else _local_date(row["booked_at"], zone)
        yield _booked(row, account, date, receipt)


def booked_within(span: Span, zone: ZoneInfo) -> Any:
    """Booked on one of these days where `zone` is: what has no receipt counts on the day of its booking."""
    end = dt.date.fromisoformat(span.last) + dt.timedelta(days=1)
    column = schema.transfers.c.booked_at
    return and_(column >= _midnight(dt.date.fromisoformat(span.first), zone), column < _midnight(end, zone))


def _midnight(day: dt.date, zone: ZoneInfo) -> str:
    return stamp(dt.datetime.combine(day, dt.time(), zone))


def _local_date(moment: str, zone: ZoneInfo) -> str:
    return dt.datetime.fromisoformat(moment).astimezone(zone).date().isoformat()


# --- rows ----------------------------------------------------------------------------------------

_RECEIPT = [
    schema.receipts.c[name]
    for name in ("receipt_no", "entry_id", "entry_hash", "store", "date", "kind", "of", *FIGURE_NAMES)
]


_TRANSFER = [
    schema.transfers.c.id.label("transfer"),
    *(
        schema.transfers.c[name]
        for name in ("linked", "debit", "credit", "amount", "code", "reason", "booked_at")
    ),
]


def _touches(account: str) -> Any:
    table = schema.transfers
    return or_(table.c.debit == account, table.c.credit == account)


def _is_settled() -> Any:
    """Money, but for payments of settlements themselves."""
    table = schema.transfers
    return and_(table.c.unit == CNY, table.c.code != PAID)


def _receipt(row: Any) -> Receipt:
    return Receipt(
        row["receipt_no"],
        row["entry_id"],
        row["store"],
        row["date"],
        row["kind"],
        row["of"],
        Figures(*(row[name] for name in FIGURE_NAMES)),
    )


def _booked(row: Any, account: str, date: str, receipt: Receipt | None) -> Booked:
    gets = row["credit"] == account
    return Booked(
        transfer=row["transfer"],
        linked=row["linked"],
        other=row["debit"] if gets else row["credit"],
        amount_fen=row["amount"] if gets else -row["amount"],
        code=row["code"],
        reason=row["reason"] or "",
        date=date,
        receipt=receipt,
    )
