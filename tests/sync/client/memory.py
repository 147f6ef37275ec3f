"""The till's store in memory: one fake per port, and a clock that can be set."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain.journal import GENESIS, ChainIdentity, Entry, link
from sync.protocol.messages import EntryResult, FeedPage, FeedRow, HighWater

INCARNATION = "0123456789abcdef"
TERMINAL_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


class TillClock:
    """The machine's clock, off by as much as a test likes."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


class MemoryOutbox:
    """A journal that only grows, and what the hub said about it."""

    def __init__(self, identity: ChainIdentity | None = None) -> None:
        self._identity = identity or ChainIdentity("S1-1", 1, INCARNATION)
        self.entries: list[Entry] = []
        self.confirmed = 0
        self.hub_epoch = 1
        self.closed = 0
        self.copied = False
        self.aside: frozenset[str] | None = None
        self.verdicts: dict[int, str] = {}
        self.marks: list[int] = []
        self._lock = threading.Lock()

    @property
    def identity(self) -> ChainIdentity:
        return self._identity

    def add(self, count: int = 1, *, size: int = 20, text: str = "sale") -> None:
        """Journals `count` entries with bodies of about `size` bytes."""
        with self._lock:
            for _ in range(count):
                previous = self.entries[-1].hash if self.entries else GENESIS
                seq = len(self.entries) + 1
                body = f'{{"kind":"{text}","n":{seq}}}'.ljust(size).encode()
                self.entries.append(link(self._identity, seq, previous, body))

    def confirmed_seq(self) -> int:
        return self.confirmed

    def entries_after(self, seq: int, *, count_max: int, bytes_max: int) -> tuple[Entry, ...]:
        with self._lock:
            found: list[Entry] = []
            length = 0
            for entry in self.entries[seq : seq + count_max]:
                length += len(entry.body)
                if found and length > bytes_max:
                    break
                found.append(entry)
            return tuple(found)

    def hash_at(self, seq: int) -> bytes | None:
        return self.entries[seq - 1].hash if 1 <= seq <= len(self.entries) else None

    def codes_closed(self) -> int:
        return self.closed

    def close_codes(self, up_to: int, at: datetime) -> None:
        self.closed = max(self.closed, up_to)

    def note_copied(self) -> None:
        self.copied = True

    def keep_aside(self, hashes: frozenset[str]) -> None:
        self.aside = hashes

    def note_hub_mark(self, mark: HighWater, hub_epoch: int, results: tuple[EntryResult, ...]) -> None:
        self.confirmed, self.hub_epoch = mark.seq, hub_epoch
        self.marks.append(mark.seq)
        self.verdicts.update({result.seq: result.verdict for result in results})


class MemoryReplica:
    """Feeds as dictionaries. `applied` counts pages, to see that nothing is applied in vain."""

    def __init__(self) -> None:
        self.cursors: dict[str, int] = {}
        self.rows: dict[str, dict[str, object]] = {}
        self.applied: list[FeedPage] = []
        self.forgotten: list[str] = []
        self.complete_at: datetime | None = None

    def cursor(self, feed: str) -> int:
        return self.cursors.get(feed, 0)

    def apply(self, page: FeedPage) -> None:
        self.applied.append(page)
        for row in page.rows:
            self._put(page.feed, row)
        self.cursors[page.feed] = page.next

    def _put(self, feed: str, row: FeedRow) -> None:
        held = self.rows.setdefault(feed, {})
        if row.body is None:
            held.pop(row.key, None)
        else:
            held[row.key] = msgspec.to_builtins(row.body)

    def forget(self, feed: str) -> None:
        self.forgotten.append(feed)
        self.cursors.pop(feed, None)
        self.rows.pop(feed, None)

    def note_complete(self, at: datetime) -> None:
        self.complete_at = at
