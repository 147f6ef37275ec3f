"""Books a receipt: its row of figures, its postings, what was overdrawn.

Runs inside the transaction that stores the entry. What overdraws is booked to the clawback account
and reported; it is never a reason to refuse a sale that was made.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain.day import figures_of
from pos.domain.events import RefundMade, SaleMade, kind_of
from pos.domain.journal import ChainIdentity
from pos.domain.ledger import Posting, refund_postings, sale_postings
from sync.hub import accounts, schema

OVERDRAWN = "overdrawn"
CLAWBACK_RETURNED = "clawback_returned"

ReceiptEvent = SaleMade | RefundMade


class Source(msgspec.Struct, frozen=True):
    """Where a receipt came from: the stored entry, its hash, whose chain, and when it arrived."""

    entry_id: int
    entry_hash: bytes
    identity: ChainIdentity
    received_at: str


def is_booked(connection: Connection, receipt_no: str) -> bool:
    table = schema.receipts
    return (
        connection.execute(select(table.c.entry_id).where(table.c.receipt_no == receipt_no)).first()
        is not None
    )


def book(connection: Connection, event: ReceiptEvent, source: Source) -> None:
    """Writes everything that follows from one receipt, but for the member's feed row (once per batch)."""
    _write_receipt(connection, event, source)
    postings = _postings(connection, event)
    accounts.post(connection, source.entry_hash.hex(), postings, source.received_at)
    _note_overdrafts(connection, event, postings)


def member_of(event: ReceiptEvent) -> str | None:
    if isinstance(event, RefundMade):
        return event.member_no
    return event.basket.member.member_no if event.basket.member else None


def _write_receipt(connection: Connection, event: ReceiptEvent, source: Source) -> None:
    connection.execute(
        schema.receipts.insert().values(
            receipt_no=event.receipt_no,
            entry_id=source.entry_id,
            entry_hash=source.entry_hash.hex(),
            terminal=source.identity.terminal,
            incarnation=source.identity.incarnation,
            epoch=source.identity.epoch,
            store=event.store,
            date=event.date,
            kind=kind_of(event),
            of=event.of if isinstance(event, RefundMade) else None,
            member_no=member_of(event),
            **msgspec.structs.asdict(figures_of(event)),
        )
    )


def _postings(connection: Connection, event: ReceiptEvent) -> tuple[Posting, ...]:
    if isinstance(event, RefundMade):
        return refund_postings(event, _still_overdrawn(connection, event.of))
    member_no = member_of(event)
    held = accounts.member_balances(connection, member_no) if member_no is not None else {}
    return sale_postings(event, held)


def _still_overdrawn(connection: Connection, sale_no: str) -> dict[str, int]:
    table = schema.overdrafts
    query = select(table.c.asset, table.c.remaining).where(table.c.receipt_no == sale_no)
    return {row.asset: row.remaining for row in connection.execute(query)}


def _note_overdrafts(connection: Connection, event: ReceiptEvent, postings: tuple[Posting, ...]) -> None:
    """Keeps per sale and asset what the clawback account still bears."""
    table = schema.overdrafts
    for posting in postings:
        if posting.code == OVERDRAWN:
            connection.execute(
                table.insert().values(
                    receipt_no=event.receipt_no,
                    asset=posting.unit,
                    member_no=member_of(event),
                    amount=posting.amount,
                    remaining=posting.amount,
                )
            )
        elif posting.code == CLAWBACK_RETURNED and isinstance(event, RefundMade):
            sale = (table.c.receipt_no == event.of) & (table.c.asset == posting.unit)
            connection.execute(update(table).where(sale).values(remaining=table.c.remaining - posting.amount))
