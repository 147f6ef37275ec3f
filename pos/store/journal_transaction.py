"""What may be done inside one transaction of the journal."""

from __future__ import annotations

import msgspec

from pos.domain.events import Event, ReceiptEvent, encode, kind_of
from pos.domain.journal import BODY_LENGTH_MAX, GENESIS, ChainIdentity, Entry, link
from pos.domain.receipt import BalanceAfter
from pos.store import facts
from pos.store.projections import RECEIPTS_ISSUED, project
from pos.store.sqlite import Connection


class JournalTransaction:
    """`ports.Transaction` on the writer's connection, between its BEGIN and COMMIT."""

    def __init__(self, connection: Connection, identity: ChainIdentity) -> None:
        self._connection = connection
        self._identity = identity

    def next_receipt_no(self) -> str:
        """The next number of this chain. One that was rolled back was never printed and comes again."""
        number = (facts.held(self._in_progress(), RECEIPTS_ISSUED, int) or 0) + 1
        facts.put(self._connection, RECEIPTS_ISSUED, number)
        return self._identity.receipt_no(number)

    def append(self, event: Event) -> Entry:
        """Adds the entry and brings every projection up to it."""
        body = encode(event)
        assert len(body) <= BODY_LENGTH_MAX, f"an entry of {len(body)} bytes is larger than any cart makes"
        entry = self._next_entry(body)
        self._connection.execute(
            "INSERT INTO journal (seq, kind, receipt_no, at, prev_hash, hash, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                entry.seq,
                kind_of(event),
                event.receipt_no if isinstance(event, ReceiptEvent) else None,
                event.at,
                entry.prev_hash,
                entry.hash,
                body,
            ),
        )
        project(self._connection, entry.seq, event)
        return entry

    def queue_receipt(self, seq: int, balances: tuple[BalanceAfter, ...], *, copy: bool = False) -> int:
        """Puts a receipt into the print queue; gives the job's number."""
        cursor = self._in_progress().execute(
            "INSERT INTO print_jobs (seq, copy, balances) VALUES (?, ?, ?)",
            (seq, copy, msgspec.json.encode(balances)),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def forget_cart(self) -> None:
        self._in_progress().execute("DELETE FROM open_cart")

    def _next_entry(self, body: bytes) -> Entry:
        head = (
            self._in_progress().execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchall()
        )
        seq, prev_hash = head[0] if head else (0, GENESIS)
        return link(self._identity, seq + 1, prev_hash, body)

    def _in_progress(self) -> Connection:
        assert self._connection.in_transaction, "the transaction is over"
        return self._connection
