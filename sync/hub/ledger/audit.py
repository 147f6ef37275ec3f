"""Whether the books still say what follows from what was received: everything kept is derived again.

Balances and holds from the transfers; the transfers of every receipt from its journal entry's bytes and
what was known when it was booked, by the very functions that booked it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, func, select

from pos.domain import events
from pos.domain.day import FIGURE_NAMES
from pos.domain.events import ReceiptEvent, RefundMade, SaleMade
from pos.domain.journal import ChainIdentity
from pos.domain.ledger import parties_of
from sync.hub.alliance import knowledge
from sync.hub.alliance.knowledge import Known
from sync.hub.codes import tags
from sync.hub.journal import booking
from sync.hub.journal.booking import Source
from sync.hub.journal.books import TRANSFER_COLUMNS, Books, TransferRow, member_of
from sync.hub.ledger import accounts
from sync.hub.storage import bulk, schema

_CHUNK = 500
_COMPARED = ("store", "date", "kind", "of", "member_no", *FIGURE_NAMES)


class Audit(NamedTuple):
    """How much was looked at, and every difference as a line of text; `skipped` receipts are of a hub
    that kept nothing with them yet.
    """

    accounts: int
    receipts: int
    skipped: int
    differences: tuple[str, ...]


def audit(connection: Connection) -> Audit:
    """Looks at everything, in one read transaction; memory grows with coupons and overdrafts alone."""
    derived = accounts.derived_balances(connection)
    receipts = _Receipts(connection)
    found = (
        *_balances(accounts.kept_balances(connection), derived),
        *_units(derived),
        *_pending(connection),
        *_holds(connection),
        *receipts.differences(),
    )
    return Audit(len(derived), receipts.count, receipts.skipped, found)


def _balances(kept: dict[tuple[str, str], int], derived: dict[tuple[str, str], int]) -> Iterator[str]:
    for account, unit in sorted(kept.keys() | derived.keys()):
        pair = kept.get((account, unit), 0), derived.get((account, unit), 0)
        if pair[0] != pair[1]:
            yield f"balance {account} {unit}: kept {pair[0]}, transfers give {pair[1]}"


def _units(derived: dict[tuple[str, str], int]) -> Iterator[str]:
    sums: dict[str, int] = {}
    for (_, unit), amount in derived.items():
        sums[unit] = sums.get(unit, 0) + amount
    for unit, total in sorted(sums.items()):
        if total:
            yield f"unit {unit}: all accounts together have {total}, not 0"


def _pending(connection: Connection) -> Iterator[str]:
    balances, held, ends = schema.balances, schema.pending_transfers, schema.pending_ends
    query = (
        select(held.c.debit, held.c.unit, func.sum(held.c.amount).label("amount"))
        .outerjoin(ends, ends.c.pending_id == held.c.id)
        .where(ends.c.pending_id.is_(None))
        .group_by(held.c.debit, held.c.unit)
    )
    derived = {(row.debit, row.unit): int(row.amount) for row in connection.execute(query)}
    kept = {
        (row.account, row.unit): row.pending
        for row in connection.execute(select(balances).where(balances.c.pending != 0))
    }
    for account, unit in sorted(kept.keys() | derived.keys()):
        pair = kept.get((account, unit), 0), derived.get((account, unit), 0)
        if pair[0] != pair[1]:
            yield f"held {account} {unit}: kept {pair[0]}, holds give {pair[1]}"


def _holds(connection: Connection) -> Iterator[str]:
    """What was posted of a hold stands as one transfer."""
    held, ends, transfers = schema.pending_transfers, schema.pending_ends, schema.transfers
    same = [transfers.c[name] == held.c[name] for name in ("debit", "credit", "unit", "code")]
    query = (
        select(held.c.id, ends.c.posted)
        .join(ends, ends.c.pending_id == held.c.id)
        .outerjoin(
            transfers,
            (transfers.c.linked == ends.c.linked)
            & (transfers.c.amount == ends.c.posted)
            & same[0]
            & same[1]
            & same[2]
            & same[3],
        )
        .where(ends.c.posted > 0, transfers.c.id.is_(None))
        .order_by(held.c.id)
    )
    for row in connection.execute(query):
        yield f"hold {row.id}: {row.posted} posted, but there is no such transfer"


class _Receipts:
    """Books every receipt again in memory, in the order in which it was booked, and compares."""

    def __init__(self, connection: Connection) -> None:
        self.count = self.skipped = 0
        self._connection = connection
        self._books = Books()
        self._early: dict[str, list[TransferRow]] = {}  # booked, and not derived yet
        self._late: dict[str, list[TransferRow]] = {}  # derived for an earlier receipt

    def differences(self) -> Iterator[str]:
        last = 0
        while rows := self._chunk(last):
            booked = self._booked([row["entry_hash"] for row in rows])
            for row in rows:
                yield from self._compared(row, booked.get(row["entry_hash"], []))
            last = rows[-1]["entry_id"]
        for linked in sorted(self._early.keys() | self._late.keys()):
            booked_later, derived = self._early.get(linked, []), self._late.get(linked, [])
            if booked_later != derived:
                yield _said(f"entry {linked}", booked_later, derived)
        yield from self._overdrafts()

    def _chunk(self, last: int) -> list[Any]:
        receipts, entries = schema.receipts, schema.journal_entries
        query = (
            select(receipts, entries.c.body, entries.c.received_at)
            .join(entries, entries.c.id == receipts.c.entry_id)
            .where(receipts.c.entry_id > last)
            .order_by(receipts.c.entry_id)
            .limit(_CHUNK)
        )
        return list(self._connection.execute(query).mappings())

    def _booked(self, hashes: list[str]) -> dict[str, list[TransferRow]]:
        table = schema.transfers
        query = select(*(table.c[name] for name in TRANSFER_COLUMNS)).where(
            table.c.code != accounts.CORRECTION
        )
        found: dict[str, list[TransferRow]] = {}
        for row in bulk.matching(self._connection, query.order_by(table.c.id), table.c.linked, hashes):
            found.setdefault(row.linked, []).append(tuple(row))
        return found

    def _compared(self, row: Any, booked: list[TransferRow]) -> Iterator[str]:
        event = events.decode(row["body"])
        if tags.of(event) is not None and row["member_no"] is not None:
            event = tags.with_number(event, row["member_no"])
        assert isinstance(event, ReceiptEvent)
        event = msgspec.structs.replace(event, receipt_no=row["receipt_no"])
        known = _known(event, row["known"])
        if known is None:
            self.skipped += 1
            return
        self.count += 1
        identity = ChainIdentity(row["terminal"], row["epoch"], row["incarnation"])
        source = Source(row["entry_id"], row["entry_hash"], identity, row["received_at"])
        booking.follow(self._books, event, known, source)
        receipts, transfers = self._books.hand_over()
        for name in _COMPARED:
            if row[name] != receipts[0][name]:
                yield f"receipt {event.receipt_no}: {name} kept {row[name]}, entry gives {receipts[0][name]}"
        own = [one for one in transfers if one[0] == source.entry_hash]
        for one in transfers:
            if one[0] != source.entry_hash:
                self._late.setdefault(one[0], []).append(one)
        if booked[: len(own)] != own:
            yield _said(f"receipt {event.receipt_no}", booked, own)
        elif len(booked) > len(own):
            self._early[source.entry_hash] = booked[len(own) :]

    def _overdrafts(self) -> Iterator[str]:
        derived = {
            (one.receipt_no, one.asset): one.remaining
            for assets in self._books.overdrafts.values()
            for one in assets.values()
        }
        if self.skipped:
            return  # what those had overdrawn is not derived
        kept = {
            (row.receipt_no, row.asset): row.remaining
            for row in self._connection.execute(select(schema.overdrafts))
        }
        for receipt_no, asset in sorted(kept.keys() | derived.keys()):
            pair = kept.get((receipt_no, asset)), derived.get((receipt_no, asset))
            if pair[0] != pair[1]:
                yield f"overdrawn {receipt_no} {asset}: kept {pair[0]}, entries give {pair[1]}"


def _known(event: ReceiptEvent, kept: str | None) -> Known | None:
    """What was known at the booking; of a sale to nobody's account there is nothing to know."""
    if kept is None and member_of(event) is None and isinstance(event, SaleMade | RefundMade):
        return Known(parties_of(event))
    return knowledge.decoded(kept)


def _said(name: str, booked: list[TransferRow], derived: list[TransferRow]) -> str:
    """Only what differs; of equal transfers the order."""
    extra = [one for one in booked if one not in derived] or booked
    missing = [one for one in derived if one not in booked] or derived
    return f"{name}: booked {_short(extra)}, entry gives {_short(missing)}"


def _short(rows: list[TransferRow]) -> str:
    told = [
        f"{debit} > {credit} {amount} {unit} ({code}, {at})"
        for _, debit, credit, unit, amount, code, at in rows
    ]
    return "; ".join(told) or "nothing"
