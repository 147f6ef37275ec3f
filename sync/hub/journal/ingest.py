"""Takes a batch of journal entries: one transaction, one verdict per entry, exactly once.

What needs no database (hashes, reading) is done before writers queue up. Then what the bookings need is read
in a few questions, the entries are judged and booked in memory one after another, and everything is written
in a few statements.

The high-water is the last number up to which the main branch has no gap; quarantined entries count.
An entry beyond a gap is not stored, so that the till sends again from the high-water. An entry whose
number is taken by other content is a fork: kept beside the main branch, and booked like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, case, select, update

from pos.domain.events import CodesClosed, Event, OrderHandedOver, ReceiptEvent
from pos.domain.journal import ChainIdentity, Entry
from pos.domain.language import Language
from sync.hub.alliance import stocking, telling
from sync.hub.codes import code_book, tags
from sync.hub.hub import Hub, mark
from sync.hub.journal import booking, books, judging
from sync.hub.journal.booking import Source
from sync.hub.journal.books import Books
from sync.hub.journal.judging import Fault, Reading, Ruling, Writer
from sync.hub.rights import pickups
from sync.hub.storage import bulk, schema
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


def take(
    hub: Hub, batch: UploadBatch, entries: tuple[Entry, ...], language: Language, *, signed: bool = True
) -> UploadReply:
    """Stores, books and answers a batch of a chain that its signer may write.

    Not `signed`: an operator vouches for a head without a signature, which is not kept as evidence.

    Raises:
        Refused: the chain was never enrolled, or the batch's head does not hold; nothing is stored.

    """
    with hub.database.read() as connection:
        writer = _writer(connection, batch)
        stored = _stored(connection, writer.identity, entries)
    if signed:
        _check_head(writer, batch, entries[-1])
    readings = [_read(writer, entry, stored.get(entry.seq, ())) for entry in entries]
    with hub.database.write() as connection:
        intake = _Intake(hub, connection, writer, entries, readings)
        verdicts = [intake.take(*pair) for pair in zip(entries, readings, strict=True)]
        intake.write(connection)
        if signed:
            _keep_head(connection, batch, writer.identity, intake.received_at)
        telling.tell_tills(connection, intake.moved, stocking.today(hub, connection))
        answer = mark(hub, connection, intake.high_water, terminal=batch.terminal, epoch=batch.epoch)
    results = (_result(entry, *one, language) for entry, one in zip(entries, verdicts, strict=True))
    return UploadReply(answer, tuple(results))


def hands_over(hub: Hub, batch: UploadBatch, store: str) -> bool:
    """Whether a till of a store may bring what another one's disk held: of that store, and not shut out."""
    if not f"{batch.terminal}{batch.incarnation}".isprintable():
        return False
    with hub.database.read() as connection:
        table = schema.chains
        standing = connection.execute(
            select(table.c.standing).where(
                *_chain(table, ChainIdentity(batch.terminal, batch.epoch, batch.incarnation)),
                table.c.store == store,
            )
        ).scalar()
    return standing in {"current", "replaced"}


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


def _check_head(writer: Writer, batch: UploadBatch, last: Entry) -> None:
    head = batch.head
    claim = trust.chain_head_claim(writer.identity, last.seq, last.hash)
    if (head.seq, head.hash) != (last.seq, last.hash.hex()) or not trust.verify(
        writer.public_key, head.signature, claim
    ):
        raise Refused(refusals.BAD_HEAD)


def _keep_head(connection: Connection, batch: UploadBatch, identity: ChainIdentity, received_at: str) -> None:
    """Keeps the signed head as evidence of what the terminal said its chain was."""
    head, table = batch.head, schema.chain_heads
    key = msgspec.structs.asdict(identity) | {"seq": head.seq, "hash": bytes.fromhex(head.hash)}
    here = [table.c[name] == value for name, value in key.items()]
    if connection.execute(select(table.c.seq).where(*here)).first() is None:
        connection.execute(table.insert().values(**key, signature=head.signature, received_at=received_at))


class _Kept(NamedTuple):
    """What stands under a number, or has just been put there. `body` is None where `hash` stands for it."""

    hash: bytes
    body: bytes | None
    verdict: Verdict
    reason: str
    detail: str


def _read(writer: Writer, entry: Entry, standing: Iterable[_Kept]) -> Reading:
    """Reads an entry; what is here already only as far as it takes to know it again."""
    damage = judging.damage_of(writer.identity, entry)
    if any(_is_same(kept, entry, damage) for kept in standing):
        return Reading("", damage=damage)
    return judging.read(writer, entry, damage)


def _is_same(kept: _Kept, entry: Entry, damage: Fault | None) -> bool:
    """Whether hash and body are those of an entry that is here; an undamaged hash stands for its body."""
    if kept.hash != entry.hash:
        return False
    return damage is None if kept.body is None else kept.body == entry.body


class _Intake:
    """The state of one chain, and the books, while a batch is taken."""

    def __init__(
        self,
        hub: Hub,
        connection: Connection,
        writer: Writer,
        entries: Sequence[Entry],
        readings: Sequence[Reading],
    ) -> None:
        self.received_at = hub.time()
        self._hub, self._writer = hub, writer
        self._high = _high_water(connection, writer.identity)
        self._copied = _is_copied(connection, writer.identity)
        self._stored = _stored(connection, writer.identity, entries)
        named = [one.event for one in readings if one.event is not None]
        codes = code_book.load(connection, writer.identity, named, lambda: hub.keys.listed)
        self._members = tags.resolved(connection, filter(None, map(tags.of, named)))
        receipts = [one for one in map(self._named, named) if isinstance(one, ReceiptEvent)]
        self._books = (
            books.load(connection, writer.store, receipts, codes) if receipts else Books(codes=codes)
        )
        new = sum(reading.kind != "" for reading in readings)
        self._ids = iter(bulk.next_ids(connection, schema.journal_entries, new))
        self._rows: list[tuple[Any, ...]] = []
        self._handed_over: list[tuple[OrderHandedOver, str]] = []

    @property
    def moved(self) -> frozenset[str]:
        """The accounts whose owners tills must be told about."""
        return frozenset(self._books.moved)

    @property
    def high_water(self) -> HighWater:
        return HighWater(self._high[0], self._high[1].hex())

    def take(self, entry: Entry, reading: Reading) -> tuple[Verdict, Fault | None]:
        """Judges and books one entry."""
        standing = self._stored.get(entry.seq, [])
        for kept in standing:
            if _is_same(kept, entry, reading.damage):
                return _again(kept)
        if (entry.seq, entry.prev_hash) == (self._high[0] + 1, self._high[1]):
            ruling = judging.judge_next(entry, reading, self._high[1])
            self._high = (entry.seq, entry.hash)
        elif standing or self._follows_a_fork(entry):
            self._copied = True
            ruling = judging.judge_fork(reading)
        elif entry.seq == self._high[0] + 1:
            ruling = judging.judge_next(entry, reading, self._high[1])
            self._high = (entry.seq, entry.hash)
        else:
            return "quarantined", Fault(judging.GAP, str(self._high[0] + 1))
        if ruling.event is not None:
            ruling = ruling._replace(event=self._named(ruling.event))
        return self._keep(entry, reading, self._under_its_number(ruling, entry))

    def _follows_a_fork(self, entry: Entry) -> bool:
        """Whether a copy of the chain goes on where the main branch is another, or is not yet."""
        return any(kept.hash == entry.prev_hash for kept in self._stored.get(entry.seq - 1, ()))

    def _under_its_number(self, ruling: Ruling, entry: Entry) -> Ruling:
        """A receipt whose number another entry has: of a copied chain it is a sale of its own, and paid.

        It is booked under the number and the beginning of its hash. In a chain of which there is no copy, a
        number that comes twice is a person's to look at.
        """
        event = ruling.event
        if not isinstance(event, ReceiptEvent) or event.receipt_no not in self._books.receipts:
            return ruling
        if ruling.verdict != "exists_with_different_content" and not self._copied:
            return Ruling("quarantined", Fault(judging.RECEIPT_KNOWN, event.receipt_no))
        number = judging.distinct_number(event.receipt_no, entry.hash)
        return ruling._replace(event=msgspec.structs.replace(event, receipt_no=number))

    def _keep(self, entry: Entry, reading: Reading, ruling: Ruling) -> tuple[Verdict, Fault | None]:
        fault, identity = ruling.fault or Fault(""), self._writer.identity
        kept = _Kept(entry.hash, entry.body if reading.damage else None, ruling.verdict, *fault)
        self._stored.setdefault(entry.seq, []).append(kept)
        entry_id = next(self._ids)
        self._rows.append(
            (
                *(entry_id, identity.terminal, identity.incarnation, identity.epoch),
                *(entry.seq, entry.prev_hash, entry.hash, entry.body),
                *(reading.kind, ruling.verdict, *fault, self.received_at),
            )
        )
        source = Source(entry_id, entry.hash.hex(), identity, self.received_at)
        if isinstance(ruling.event, ReceiptEvent):
            booking.book(self._books, ruling.event, source)
        elif isinstance(ruling.event, CodesClosed) and ruling.verdict == "accepted":
            booking.close_codes(self._books, ruling.event, source)
        elif isinstance(ruling.event, OrderHandedOver):
            self._handed_over.append((ruling.event, source.entry_hash))
        return ruling.verdict, ruling.fault

    def _named(self, event: Event) -> Event:
        """A receipt of a member whom the till knew by their tag, under their number."""
        member_no = self._members.get(tags.of(event) or "")
        return event if member_no is None else tags.with_number(event, member_no)

    def write(self, connection: Connection) -> None:
        """Stores what is new, books it, and keeps the high-water."""
        if not self._rows:
            return
        bulk.insert(connection, schema.journal_entries, _ENTRY_COLUMNS, self._rows)
        self._books.write(connection)
        for event, entry_hash in self._handed_over:
            pickups.note_hand_over(self._hub, connection, event, self._writer.identity.terminal, entry_hash)
        seq, digest = self._high
        here = _chain(schema.chains, self._writer.identity)
        connection.execute(update(schema.chains).where(*here).values(high_seq=seq, high_hash=digest))


_ENTRIES = schema.journal_entries.c
_ENTRY_COLUMNS = (
    *("id", "terminal", "incarnation", "epoch", "seq", "prev_hash", "hash", "body"),
    *("kind", "verdict", "reason", "detail", "received_at"),
)


def _chain(table: Any, identity: ChainIdentity) -> list[Any]:
    return [table.c[name] == value for name, value in msgspec.structs.asdict(identity).items()]


def _high_water(connection: Connection, identity: ChainIdentity) -> tuple[int, bytes]:
    table = schema.chains
    row = connection.execute(
        select(table.c.high_seq, table.c.high_hash).where(*_chain(table, identity))
    ).one()
    return row.high_seq, row.high_hash


def _is_copied(connection: Connection, identity: ChainIdentity) -> bool:
    """Whether another branch of a chain has come before."""
    forks = _ENTRIES.verdict == "exists_with_different_content"
    query = select(_ENTRIES.id).where(*_chain(schema.journal_entries, identity), forks).limit(1)
    return connection.execute(query).first() is not None


def _stored(
    connection: Connection, identity: ChainIdentity, entries: Sequence[Entry]
) -> dict[int, list[_Kept]]:
    """What the hub has under the batch's numbers and the one before, forks too."""
    numbers = [entries[0].seq - 1, *(entry.seq for entry in entries)]
    body = case((_ENTRIES.reason.in_(judging.DAMAGES), _ENTRIES.body))
    query = select(_ENTRIES.seq, _ENTRIES.hash, body, _ENTRIES.verdict, _ENTRIES.reason, _ENTRIES.detail)
    here = _chain(schema.journal_entries, identity)
    between = _ENTRIES.seq.between(min(numbers), max(numbers))
    found: dict[int, list[_Kept]] = {}
    for seq, *kept in connection.execute(query.where(*here, between).order_by(_ENTRIES.id)):
        found.setdefault(seq, []).append(_Kept(*kept))
    return found


def _again(kept: _Kept) -> tuple[Verdict, Fault | None]:
    """The answer to an entry that is here already; what was wrong with it is said again."""
    if kept.verdict == "accepted":
        return "exists", None
    return kept.verdict, Fault(kept.reason, kept.detail)


def _result(entry: Entry, verdict: Verdict, fault: Fault | None, language: Language) -> EntryResult:
    reason = judging.sentence(fault.reason, fault.detail, language) if fault else ""
    return EntryResult(entry.seq, entry.hash.hex(), verdict, reason)
