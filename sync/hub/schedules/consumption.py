"""What members consumed: of each receipt the eligible payable that was not paid with points (ruling 19).

It is read from the journal entries themselves, so that it is right for receipts that were booked before
anybody asked. Refunds telescope: each takes off what it left less than the refunds before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pos.domain import events
from pos.domain.events import RefundMade, SaleMade
from pos.domain.ledger import member_account
from pos.domain.pricing.result import PricedLine
from pos.domain.refund import add_returned, remaining_lines
from sync.hub.schedules.tables import consumption
from sync.hub.storage import bulk, schema

_COUNTER = "consumption"
"""Up to which journal entry receipts have been looked at."""


def up_to(connection: Connection) -> int:
    table = schema.counters.c
    return connection.execute(select(table.value).where(table.name == _COUNTER)).scalar() or 0


def newest(connection: Connection) -> int:
    """The last journal entry that is a receipt."""
    return connection.execute(select(func.max(schema.receipts.c.entry_id))).scalar() or 0


def catch_up(connection: Connection, limit: int) -> bool:
    """Looks at the next receipts; returns whether there may be more. One chunk of a longer work."""
    table, after = schema.receipts.c, up_to(connection)
    query = select(table.entry_id, table.receipt_no, table.of).where(table.entry_id > after)
    rows = connection.execute(query.order_by(table.entry_id).limit(limit)).all()
    if not rows:
        return False
    _reckon(connection, {row.of or row.receipt_no for row in rows})
    _note(connection, rows[-1].entry_id)
    return len(rows) == limit


def _reckon(connection: Connection, sales: Iterable[str]) -> None:
    """Writes the rows of sales and all of their refunds anew; a refund waits until its sale is here."""
    rows: list[tuple[Any, ...]] = []
    for batch in _of_sales(connection, sales).values():
        rows += _rows(batch)
    bulk.upsert(connection, consumption, _COLUMNS, rows, key=_COLUMNS[:3])


_COLUMNS = ("account", "date", "receipt_no", "entry_id", "fen")

_Receipt = tuple[int, SaleMade | RefundMade]


def _of_sales(connection: Connection, sales: Iterable[str]) -> dict[str, list[_Receipt]]:
    """Entry id and event of sales and of their refunds, in the order in which they were booked."""
    receipts, entries = schema.receipts.c, schema.journal_entries.c
    query = (
        select(receipts.entry_id, receipts.receipt_no, receipts.of, entries.body)
        .join_from(schema.receipts, schema.journal_entries, entries.id == receipts.entry_id)
        .where(receipts.member_no.is_not(None), receipts.kind.in_(("sale", "refund")))
    )
    wanted, found = tuple(sales), dict[str, list[_Receipt]]()
    for column in (receipts.receipt_no, receipts.of):
        for row in bulk.matching(connection, query, column, wanted):
            event = events.decode(row.body)
            if isinstance(event, SaleMade | RefundMade):
                found.setdefault(row.of or row.receipt_no, []).append((row.entry_id, event))
    return {number: sorted(batch, key=lambda one: one[0]) for number, batch in found.items()}


def _rows(batch: list[_Receipt]) -> list[tuple[Any, ...]]:
    sale = next(((entry, event) for entry, event in batch if isinstance(event, SaleMade)), None)
    member = sale[1].basket.member if sale else None
    if sale is None or member is None:
        return []
    entry, made = sale
    account, kept_fen = member_account(member.member_no), unpaid_fen(made.result.lines)
    rows = [(account, made.date, made.receipt_no, entry, kept_fen)]
    returned: dict[int, int] = {}
    for refund_entry, refund in batch:
        if isinstance(refund, RefundMade):
            returned = _returned(made, returned, refund)
            left_fen = unpaid_fen(remaining_lines(made.result, returned))
            rows.append((account, refund.date, refund.receipt_no, refund_entry, left_fen - kept_fen))
            kept_fen = left_fen
    return rows


def _returned(sale: SaleMade, before: Mapping[int, int], refund: RefundMade) -> dict[int, int]:
    """Line to pieces that went back so far, by the hub's own record; never more than were sold."""
    lines = sale.result.lines
    after = add_returned(before, refund.returning)
    return {
        index: min(count, lines[index].quantity) for index, count in after.items() if 0 <= index < len(lines)
    }


def unpaid_fen(lines: Iterable[PricedLine]) -> int:
    """The eligible payable less what was paid with assets and vouchers that do not earn."""
    total_fen = sum(
        line.eligible_fen - sum(part.value_fen for part in line.redeemed if not part.earns)
        for line in lines
        if line.eligible
    )
    return max(0, total_fen)


def _note(connection: Connection, entry_id: int) -> None:
    table = schema.counters
    changed = connection.execute(update(table).where(table.c.name == _COUNTER).values(value=entry_id))
    if changed.rowcount == 0:
        connection.execute(insert(table).values(name=_COUNTER, value=entry_id))
