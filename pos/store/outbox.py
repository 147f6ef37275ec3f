"""The journal as the thing to upload: `sync.client.ports.Outbox` on `journal.db`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pos.domain.events import CodesClosed
from pos.domain.journal import ChainIdentity, Entry
from pos.store import facts, hub_mark
from pos.store.chain_facts import COPIED
from pos.store.hub_mark import HubSaid
from pos.store.journal_transaction import JournalTransaction
from pos.store.projections import CODES_CLOSED
from pos.store.sqlite import Connection, Readers, Row
from pos.store.writer import Writer
from sync.protocol.messages import EntryResult, HighWater

_PUT_ASIDE = ("quarantined", "exists_with_different_content")


class JournalOutbox:
    """Reads from any thread; what the hub said is handed to the journal's writer."""

    def __init__(self, writer: Writer, readers: Readers, identity: ChainIdentity) -> None:
        self._writer = writer
        self._readers = readers
        self._identity = identity

    @property
    def identity(self) -> ChainIdentity:
        return self._identity

    def confirmed_seq(self) -> int:
        """Up to where the hub has said it holds the chain; 0 at first."""
        return hub_mark.confirmed_seq(self._readers)

    def hub_said(self) -> HubSaid | None:
        """The hub's last word, with the epoch it was said in."""
        return hub_mark.last_said(self._readers)

    def entries_after(self, seq: int, *, count_max: int, bytes_max: int) -> tuple[Entry, ...]:
        """The next entries in order; at least one if there is one, whatever its size."""
        sizes = self._readers.rows(
            "SELECT seq, length(body) FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (seq, count_max)
        )
        if not sizes:
            return ()
        rows = self._readers.rows(
            "SELECT seq, prev_hash, hash, body FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq",
            (seq, _last_that_fits(sizes, bytes_max)),
        )
        return tuple(Entry(*row) for row in rows)

    def hash_at(self, seq: int) -> bytes | None:
        """The hash of an own entry (32 bytes)."""
        row = self._readers.row("SELECT hash FROM journal WHERE seq = ?", (seq,))
        return None if row is None else bytes(row[0])

    def note_hub_mark(self, mark: HighWater, hub_epoch: int, results: tuple[EntryResult, ...]) -> None:
        """Remembers the hub's mark, also a lower one, and what it put aside.

        Cheap: if the power takes it, the hub says it again. Nothing new is not written.
        """
        said = HubSaid(mark.seq, mark.hash, hub_epoch)
        if results or said != self.hub_said():
            self._writer.run(lambda: self._write(said, results))

    def keep_aside(self, hashes: frozenset[str]) -> None:
        """Forgets what is settled at the hub."""
        settled = [(one.seq, one.hash) for one in self.quarantined() if one.hash not in hashes]
        if settled:
            self._writer.run(lambda: self._forget(settled))

    def _forget(self, settled: list[tuple[int, str]]) -> None:
        with self._writer.relaxed() as connection:
            connection.executemany("DELETE FROM quarantined WHERE seq = ? AND hash = ?", settled)

    def codes_closed(self) -> int:
        """Up to which number this chain takes no pay code any more; 0 at first."""
        return facts.read(self._readers, CODES_CLOSED, int) or 0

    def close_codes(self, up_to: int, at: datetime) -> None:
        """Journals that no pay code up to this number is taken from now on."""
        self._writer.run(lambda: self._close_codes(up_to, at))

    def note_copied(self) -> None:
        """There is another copy of this chain: no pay code is taken until it is enrolled anew."""
        if not facts.read(self._readers, COPIED, bool):
            self._writer.run(self._note_copied)

    def _close_codes(self, up_to: int, at: datetime) -> None:
        with self._writer.transaction() as connection:
            if up_to > (facts.held(connection, CODES_CLOSED, int) or 0):
                closed = CodesClosed(at=at.isoformat(timespec="seconds"), up_to=up_to)
                JournalTransaction(connection, self._identity).append(closed)

    def _note_copied(self) -> None:
        with self._writer.transaction() as connection:
            facts.put(connection, COPIED, value=True)

    def quarantined(self) -> tuple[EntryResult, ...]:
        """Entries that the hub put aside, with its reasons, oldest first."""
        rows = self._readers.rows("SELECT seq, hash, verdict, reason FROM quarantined ORDER BY seq, hash")
        return tuple(EntryResult(*row) for row in rows)

    def quarantined_count(self) -> int:
        row = self._readers.row("SELECT count(*) FROM quarantined")
        return 0 if row is None else int(row[0])

    def _write(self, said: HubSaid, results: tuple[EntryResult, ...]) -> None:
        with self._writer.relaxed() as connection:
            hub_mark.note(connection, said)
            for result in results:
                _note_result(connection, result)


def _last_that_fits(sizes: Sequence[Row], bytes_max: int) -> int:
    """The last seq up to which the bodies stay within `bytes_max`; the first one always goes."""
    last: int = sizes[0][0]
    total = sizes[0][1]
    for seq, length in sizes[1:]:
        total += length
        if total > bytes_max:
            break
        last = seq
    return last


def _note_result(connection: Connection, result: EntryResult) -> None:
    key = (result.seq, result.hash)
    if result.verdict in _PUT_ASIDE:
        connection.execute(
            "INSERT OR REPLACE INTO quarantined (seq, hash, verdict, reason) VALUES (?, ?, ?, ?)",
            (*key, result.verdict, result.reason),
        )
    else:
        connection.execute("DELETE FROM quarantined WHERE seq = ? AND hash = ?", key)
