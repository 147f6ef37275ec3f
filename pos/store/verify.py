"""Checking a journal from the file alone, beside a running till or without one.

What it cannot see: a tail that was cut off together with its receipts, or a chain that was hashed anew
from some entry on. Only the hub's mark and the marks on printed receipts show those.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec

from pos.domain.day import FIGURE_NAMES, figures_of
from pos.domain.events import (
    ChainOpened,
    Event,
    ReceiptEvent,
    UnknownEvent,
    decode,
    kind_of,
    peek,
)
from pos.domain.journal import GENESIS, ChainIdentity, Entry, holds
from pos.domain.receipt import StoreCard
from pos.store import facts
from pos.store.chain_facts import IDENTITY, STORE
from pos.store.journal_schema import DERIVE_ANEW, JOURNAL_SCHEMA
from pos.store.schema import older, refuse_newer, refuse_older
from pos.store.sqlite import Readers, Row

_BATCH = 500
_KINDS = frozenset(kind.__struct_config__.tag for kind in get_args(Event))
_LAST_ENTRIES = 3
_COLUMNS = "seq, prev_hash, hash, body, kind, receipt_no, at"


class Verified(msgspec.Struct, frozen=True):
    """The chain holds: how many entries it has, the hash of the last, and how many are of unknown kinds."""

    entries: int
    head_hash: bytes
    unknown: int = 0


class FirstBroken(msgspec.Struct, frozen=True):
    """The first entry that does not hold, and why; what follows it was not looked at."""

    seq: int
    reason: str


class JournalLine(msgspec.Struct, frozen=True):
    """One entry in a list. `hash` is the entry's (32 bytes)."""

    seq: int
    kind: str
    receipt_no: str | None
    at: str
    hash: bytes
    length_bytes: int


def verify_journal(path: Path) -> Verified | FirstBroken:
    """Checks every entry: numbers without a gap, links, hashes, bodies, and that it begins as it must.

    Raises:
        StorageTrouble: the file cannot be read.

    """
    refuse_newer(path, JOURNAL_SCHEMA)
    with closing(Readers(path)) as readers:
        return verify_chain(readers)


def list_entries(path: Path, *, after: int = 0, limit: int = 100) -> tuple[JournalLine, ...]:
    """Entries above `after`, oldest first.

    Raises:
        StorageTrouble: the file cannot be read.

    """
    refuse_newer(path, JOURNAL_SCHEMA)
    with closing(Readers(path)) as readers:
        rows = readers.rows(
            "SELECT seq, kind, receipt_no, at, hash, length(body) FROM journal"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, limit),
        )
    return tuple(JournalLine(*row) for row in rows)


def full_check(path: Path) -> tuple[str, ...]:
    """What SQLite itself finds wrong with a database file, page by page; nothing when it is sound.

    Takes time in proportion to the file.

    Raises:
        StorageTrouble: the file is so damaged that it cannot be checked.

    """
    with closing(Readers(path)) as readers:
        found = [row[0] for row in readers.rows("PRAGMA integrity_check")]
    return () if found == ["ok"] else tuple(found)


def verify_chain(readers: Readers) -> Verified | FirstBroken:
    """See `verify_journal`; on a file that is open already."""
    identity = facts.read(readers, IDENTITY, ChainIdentity)
    store = facts.read(readers, STORE, StoreCard)
    if identity is None or store is None:
        return FirstBroken(0, "the file does not say whose chain it is")
    previous, seq, unknown = GENESIS, 0, 0
    for row in _all_rows(readers):
        reason = _broken(row, identity, store, seq + 1, previous)
        if reason:
            return FirstBroken(seq + 1, reason)
        seq, previous = row[0], row[2]
        unknown += row[4] not in _KINDS
    if seq == 0:
        return FirstBroken(1, "the chain has no entry")
    if _listed_beyond(readers, seq):
        return FirstBroken(seq + 1, "it is gone, although its receipt is still listed")
    return Verified(seq, previous, unknown)


def end_holds(readers: Readers, identity: ChainIdentity) -> bool:
    """Whether the last few entries link up: what is checked at every start, at constant cost."""
    rows = readers.rows(
        f"SELECT {_COLUMNS} FROM journal ORDER BY seq DESC LIMIT ?",  # noqa: S608 - our own words
        (_LAST_ENTRIES,),
    )
    entries = [Entry(*row[:4]) for row in reversed(rows)]
    if entries and _listed_beyond(readers, entries[-1].seq):
        return False
    return all(holds(identity, entry) for entry in entries) and all(
        later.seq == earlier.seq + 1 and later.prev_hash == earlier.hash
        for earlier, later in pairwise(entries)
    )


def _listed_beyond(readers: Readers, seq: int) -> bool:
    """Whether a receipt is listed that the chain no longer reaches."""
    row = readers.row("SELECT max(seq) FROM receipts")
    return row is not None and (row[0] or 0) > seq


def projections_hold(path: Path) -> bool:
    """Whether the list of receipts says what the chain says, receipt by receipt; takes time with the file.

    Raises:
        OlderData: the list is still to be derived for this program.
        StorageTrouble: the file cannot be read.

    """
    refuse_older(path, JOURNAL_SCHEMA)
    with closing(Readers(path)) as readers:
        if facts.read(readers, DERIVE_ANEW, bool):
            raise older(path.name)
        listed = readers.rows(f"SELECT receipt_no, {', '.join(FIGURE_NAMES)} FROM receipts ORDER BY seq")  # noqa: S608
        chained = [
            (event.receipt_no, *msgspec.structs.astuple(figures_of(event)))
            for row in _all_rows(readers)
            if row[5] is not None and isinstance(event := decode(row[3]), ReceiptEvent)
        ]
    return listed == chained


def _all_rows(readers: Readers) -> Iterator[Row]:
    seq = -1
    while rows := readers.rows(
        f"SELECT {_COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
        (seq, _BATCH),
    ):
        yield from rows
        seq = rows[-1][0]


def _broken(row: Row, identity: ChainIdentity, store: StoreCard, seq: int, previous: bytes) -> str:
    """Why an entry does not hold where `seq` and `previous` are expected; empty if it does."""
    entry = Entry(*row[:4])
    if entry.seq != seq:
        return f"entry {seq} is missing; the next one is {entry.seq}"
    if entry.prev_hash != previous:
        return "it does not follow the entry before it"
    if not holds(identity, entry):
        return "its hash is not that of its content"
    return _body_mistake(entry.body, row[4], row[5], row[6]) or (
        _beginning_mistake(entry.body, store) if seq == 1 else ""
    )


def _body_mistake(body: bytes, kind: str, receipt_no: str | None, at: str) -> str:
    if peek(body) != (kind, receipt_no):
        return "its columns do not say what its body says"
    try:
        event = decode(body)
    except UnknownEvent as error:
        # A newer program's kinds and versions are not wrong, only not known here.
        newer = kind not in _KINDS or error.__cause__ is None
        return "" if newer else f"its body cannot be read: {error}"
    return "" if (kind_of(event), event.at) == (kind, at) else "its columns do not say what its body says"


def _beginning_mistake(body: bytes, store: StoreCard) -> str:
    try:
        event = decode(body)
    except UnknownEvent:
        return "the chain does not begin with its opening"
    if not isinstance(event, ChainOpened):
        return "the chain does not begin with its opening"
    return "" if event.store == store.store else "the chain was opened for another store"
