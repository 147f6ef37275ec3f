"""What the hub has booked for a store on a business date."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from pos.domain.day import FIGURE_NAMES, Figures, ReceiptFigures
from pos.domain.language import Language
from sync.hub.alliance import coupons
from sync.hub.alliance.coupons import DoubtfulUse
from sync.hub.journal import bearing, judging
from sync.hub.storage import schema
from sync.protocol.messages import EntryResult

QUARANTINED_MAX = 200


class Day(msgspec.Struct, frozen=True):
    """One store's day. `clawback` is what the day's receipts overdrew, less what came back, per unit.

    `coupons` are printed coupons that the day's sales took and that were not good.

    `quarantined` and `forks` are the store's, whatever the day (what cannot be read has no date),
    newest first and at most `QUARANTINED_MAX`.
    """

    store: str
    date: str
    receipts: tuple[ReceiptFigures, ...]
    clawback: dict[str, int]
    recomputed_differently: tuple[str, ...]
    coupons: tuple[DoubtfulUse, ...]
    quarantined: tuple[EntryResult, ...]
    forks: tuple[EntryResult, ...]


def day_of(connection: Connection, store: str, date: str, language: Language) -> Day:
    return Day(
        store=store,
        date=date,
        receipts=_receipts(connection, store, date),
        clawback=_clawback(connection, store, date),
        recomputed_differently=_recomputed_differently(connection, store, date),
        coupons=coupons.doubtful(connection, *_on(store, date)),
        quarantined=_entries(connection, store, "quarantined", language),
        forks=_entries(connection, store, "exists_with_different_content", language),
    )


def _on(store: str, date: str) -> list[Any]:
    return [schema.receipts.c.store == store, schema.receipts.c.date == date]


def _receipts(connection: Connection, store: str, date: str) -> tuple[ReceiptFigures, ...]:
    table = schema.receipts
    query = select(table).where(*_on(store, date)).order_by(table.c.receipt_no)
    return tuple(
        ReceiptFigures(row["receipt_no"], Figures(*(row[name] for name in FIGURE_NAMES)))
        for row in connection.execute(query).mappings()
    )


def _clawback(connection: Connection, store: str, date: str) -> dict[str, int]:
    transfers, receipts = schema.transfers, schema.receipts
    query = (
        select(transfers.c.unit, transfers.c.code, func.sum(transfers.c.amount).label("amount"))
        .join(receipts, receipts.c.entry_hash == transfers.c.linked)
        .where(*_on(store, date), transfers.c.code.in_((bearing.OVERDRAWN, bearing.CLAWBACK_RETURNED)))
        .group_by(transfers.c.unit, transfers.c.code)
    )
    sums: dict[str, int] = {}
    for row in connection.execute(query):
        sign = 1 if row.code == bearing.OVERDRAWN else -1
        sums[row.unit] = sums.get(row.unit, 0) + sign * int(row.amount)
    return sums


def _recomputed_differently(connection: Connection, store: str, date: str) -> tuple[str, ...]:
    done, receipts = schema.recomputations, schema.receipts
    query = (
        select(receipts.c.receipt_no)
        .join(done, done.c.receipt_no == receipts.c.receipt_no)
        .where(*_on(store, date), done.c.agrees.is_(False))
        .order_by(receipts.c.receipt_no)
    )
    return tuple(connection.execute(query).scalars())


def _entries(connection: Connection, store: str, verdict: str, language: Language) -> tuple[EntryResult, ...]:
    entries, terminals = schema.journal_entries, schema.terminals
    query = (
        select(entries)
        .join(terminals, terminals.c.id == entries.c.terminal)
        .where(terminals.c.store == store, entries.c.verdict == verdict)
        .order_by(entries.c.id.desc())
        .limit(QUARANTINED_MAX)
    )
    return tuple(
        EntryResult(row.seq, row.hash.hex(), row.verdict, judging.sentence(row.reason, row.detail, language))
        for row in connection.execute(query)
    )
