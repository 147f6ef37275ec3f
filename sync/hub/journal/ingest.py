"""Takes a batch of journal entries: one transaction, one verdict per entry, exactly once.

The high-water is the last number up to which the main branch has no gap; quarantined entries count.
An entry beyond a gap is not stored, so that the till sends again from the high-water. An entry whose
number is taken by other content is a fork: kept beside the main branch, and booked if its receipt
number is new.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain import events
from pos.domain.events import Event, ReceiptEvent
from pos.domain.journal import ChainIdentity, Entry
from pos.domain.language import Language
from sync.hub.alliance import stocking, telling
from sync.hub.hub import Hub, mark
from sync.hub.journal import booking, judging
from sync.hub.journal.judging import Fault, Ruling, Writer
from sync.hub.storage import schema
from sync.hub.web import refusals
from sync.hub.web.refusals import Refused
from sync.protocol import trust
from sync.protocol.messages import (
    BATCH_ENTRIES_MAX,
    EntryResult,
    HighWater,
    UploadBatch,
    UploadReply,
    Verdict,
)

_HASH_LENGTH = 32
_SEQ_MAX = (1 << 63) - 1
_EPOCH_MAX = (1 << 31) - 1


def read_batch(body: bytes) -> tuple[UploadBatch, tuple[Entry, ...]]:
    """The batch and its entries, if they are well-formed as far as a chain goes.

    Raises:
        Refused: with the reason; nothing of such a batch is stored.

    """
    try:
        batch = msgspec.json.decode(body, type=UploadBatch)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_BATCH, detail=error) from error
    if len(batch.entries) > BATCH_ENTRIES_MAX:
        raise Refused(refusals.TOO_LARGE)
    if not batch.entries or not 0 <= batch.epoch <= _EPOCH_MAX:
        raise Refused(refusals.BAD_BATCH, detail="entries, epoch")
    return batch, tuple(
        Entry(_number(one.seq), _digest(one.prev_hash), _digest(one.hash), one.body) for one in batch.entries
    )


def _number(seq: int) -> int:
    if not 1 <= seq <= _SEQ_MAX:
        raise Refused(refusals.BAD_BATCH, detail=f"seq {seq}")
    return seq


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError as error:
        raise Refused(refusals.BAD_BATCH, detail="hash") from error
    if len(digest) != _HASH_LENGTH or digest.hex() != text:
        raise Refused(refusals.BAD_BATCH, detail="hash")
    return digest


def take(hub: Hub, batch: UploadBatch, entries: tuple[Entry, ...], language: Language) -> UploadReply:
    """Stores, books and answers a batch of a chain that its signer may write.

    Raises:
        Refused: the chain was never enrolled, or the batch's head does not hold; nothing is stored.

    """
    with hub.database.write() as connection:
        intake = _Intake(connection, _writer(connection, batch), hub.time(), entries)
        _keep_head(connection, batch, entries[-1], intake)
        results = tuple(_result(entry, *intake.take(entry), language) for entry in entries)
        high_water = intake.finish(stocking.today(hub, connection))
        return UploadReply(mark(hub, connection, high_water), results)


def _writer(connection: Connection, batch: UploadBatch) -> Writer:
    table = schema.chains
    row = connection.execute(
        select(table).where(
            table.c.terminal == batch.terminal,
            table.c.incarnation == batch.incarnation,
            table.c.epoch == batch.epoch,
        )
    ).first()
    if row is None:
        raise Refused(refusals.NOT_SIGNERS)
    return Writer(ChainIdentity(row.terminal, row.epoch, row.incarnation), row.store, row.public_key)


def _keep_head(connection: Connection, batch: UploadBatch, last: Entry, intake: _Intake) -> None:
    """Checks the signed head and keeps it as evidence of what the terminal said its chain was."""
    head, writer = batch.head, intake.writer
    claim = trust.chain_head_claim(writer.identity, last.seq, last.hash)
    if (head.seq, head.hash) != (last.seq, last.hash.hex()) or not trust.verify(
        writer.public_key, head.signature, claim
    ):
        raise Refused(refusals.BAD_HEAD)
    key = msgspec.structs.asdict(writer.identity) | {"seq": last.seq, "hash": last.hash}
    table = schema.chain_heads
    here = [table.c[name] == value for name, value in key.items()]
    if connection.execute(select(table.c.seq).where(*here)).first() is None:
        connection.execute(
            table.insert().values(**key, signature=head.signature, received_at=intake.received_at)
        )


class _Intake:
    """The state of one chain while a batch is taken."""

    def __init__(
        self, connection: Connection, writer: Writer, received_at: str, entries: tuple[Entry, ...]
    ) -> None:
        self.writer = writer
        self.received_at = received_at
        self._connection = connection
        self._touched: set[str] = set()
        self._high = _high_water(connection, writer.identity)
        numbers = [entry.seq for entry in entries]
        self._stored = _stored(connection, writer.identity, min(numbers), max(numbers))

    def take(self, entry: Entry) -> tuple[Verdict, Fault | None]:
        """Judges, stores and books one entry."""
        standing = self._stored.get(entry.seq, [])
        for row in standing:
            if row.hash == entry.hash and row.body == entry.body:
                return _again(row)
        if standing:
            ruling = judging.judge_fork(self.writer, entry)
        elif entry.seq == self._high[0] + 1:
            ruling = judging.judge_next(self.writer, entry, self._high[1])
            self._high = (entry.seq, entry.hash)
        else:
            return "quarantined", Fault(judging.GAP, str(self._high[0] + 1))
        return self._keep(entry, self._unless_booked(ruling))

    def _unless_booked(self, ruling: Ruling) -> Ruling:
        """A receipt number is booked once, whoever comes second."""
        event = ruling.event
        if not isinstance(event, ReceiptEvent):
            return ruling
        if not booking.is_booked(self._connection, event.receipt_no):
            return ruling
        if ruling.verdict == "exists_with_different_content":
            return ruling._replace(event=None)
        return Ruling("quarantined", Fault(judging.RECEIPT_KNOWN, event.receipt_no))

    def _keep(self, entry: Entry, ruling: Ruling) -> tuple[Verdict, Fault | None]:
        fault = ruling.fault or Fault("")
        row = {
            **msgspec.structs.asdict(self.writer.identity),
            **msgspec.structs.asdict(entry),
            "kind": events.peek(entry.body)[0][:40],
            "verdict": ruling.verdict,
            "reason": fault.reason,
            "detail": fault.detail,
            "received_at": self.received_at,
        }
        stored = self._connection.execute(schema.journal_entries.insert().values(row).returning(*_KEPT)).one()
        self._stored.setdefault(entry.seq, []).append(stored)
        self._book(ruling.event, stored)
        return ruling.verdict, ruling.fault

    def _book(self, event: Event | None, stored: Any) -> None:
        if isinstance(event, ReceiptEvent):
            source = booking.Source(stored.id, stored.hash, self.writer.identity, self.received_at)
            self._touched |= booking.book(self._connection, event, source)

    def finish(self, today: dt.date) -> HighWater:
        """Keeps the high-water, and tells the tills the new balances of members and merchants."""
        telling.tell_tills(self._connection, self._touched, today)
        seq, digest = self._high
        here = _chain(schema.chains, self.writer.identity)
        self._connection.execute(update(schema.chains).where(*here).values(high_seq=seq, high_hash=digest))
        return HighWater(seq, digest.hex())


_ENTRIES = schema.journal_entries.c
_KEPT = (
    _ENTRIES.id,
    _ENTRIES.seq,
    _ENTRIES.hash,
    _ENTRIES.body,
    _ENTRIES.verdict,
    _ENTRIES.reason,
    _ENTRIES.detail,
)


def _chain(table: Any, identity: ChainIdentity) -> list[Any]:
    return [table.c[name] == value for name, value in msgspec.structs.asdict(identity).items()]


def _high_water(connection: Connection, identity: ChainIdentity) -> tuple[int, bytes]:
    table = schema.chains
    row = connection.execute(
        select(table.c.high_seq, table.c.high_hash).where(*_chain(table, identity))
    ).one()
    return row.high_seq, row.high_hash


def _stored(connection: Connection, identity: ChainIdentity, first: int, last: int) -> dict[int, list[Any]]:
    """What the hub has under the batch's numbers, forks too."""
    query = select(*_KEPT).where(*_chain(schema.journal_entries, identity), _ENTRIES.seq.between(first, last))
    found: dict[int, list[Any]] = {}
    for row in connection.execute(query.order_by(_ENTRIES.id)):
        found.setdefault(row.seq, []).append(row)
    return found


def _again(row: Any) -> tuple[Verdict, Fault | None]:
    """The answer to an entry that is here already; what was wrong with it is said again."""
    if row.verdict == "accepted":
        return "exists", None
    return row.verdict, Fault(row.reason, row.detail)


def _result(entry: Entry, verdict: Verdict, fault: Fault | None, language: Language) -> EntryResult:
    reason = judging.sentence(fault.reason, fault.detail, language) if fault else ""
    return EntryResult(entry.seq, entry.hash.hex(), verdict, reason)
