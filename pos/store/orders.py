"""The hub's commands as this till has done them: `ports.Orders` on `journal.db`.

What a command does and that it was done are one transaction, so that it is done once, whatever crashes
and however often it comes.
"""

from __future__ import annotations

import msgspec

from pos.store import facts
from pos.store.sqlite import Connection, Readers
from pos.store.writer import SingleWriter
from pos.usecases.ports import TillLock
from sync.protocol.commands import (
    Command,
    CommandDone,
    Lock,
    PrintReceipt,
    PrintText,
    Unlock,
    Upgrade,
)

_LOCK = "lock"
_VERSION = "wanted_version"
_UNTOLD_MAX = 100
_NO_BALANCES = b"[]"
_FIRST_ENTRY = 1  # a slip is of no receipt, but every job names an entry


class OrderBook:
    """Reads from any thread; what it writes is handed to the journal's writer."""

    def __init__(self, writer: SingleWriter, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    def settled(self, command_id: str) -> bool:
        return self._readers.row("SELECT 1 FROM commands_done WHERE id = ?", (command_id,)) is not None

    def settle(self, command: Command, done: CommandDone, *, receipt_seq: int | None = None) -> None:
        with self._writer.transaction() as connection:
            connection.execute(
                "INSERT INTO commands_done (id, number, outcome, detail, at) VALUES (?, ?, ?, ?, ?)",
                (command.id, command.number, done.outcome, done.detail, done.at),
            )
            if done.outcome == "done":
                _do(connection, command, done.at, receipt_seq)

    def lock(self) -> TillLock | None:
        return facts.read(self._readers, _LOCK, TillLock)

    def unlock(self) -> None:
        with self._writer.transaction() as connection:
            facts.remove(connection, _LOCK)

    def wanted_version(self) -> str | None:
        return facts.read(self._readers, _VERSION, str)

    def untold(self) -> tuple[CommandDone, ...]:
        """Outcomes that the hub may not have yet, oldest first."""
        rows = self._readers.rows(
            "SELECT id, outcome, at, detail FROM commands_done WHERE told = 0 ORDER BY number LIMIT ?",
            (_UNTOLD_MAX,),
        )
        return tuple(msgspec.convert(dict(zip(_FIELDS, row, strict=True)), CommandDone) for row in rows)

    def note_told(self, done: tuple[CommandDone, ...]) -> None:
        """The hub has these outcomes."""
        self._writer.run(lambda: self._note_told(done))

    def last_number(self) -> int | None:
        row = self._readers.row("SELECT max(number) FROM commands_done")
        return None if row is None else row[0]

    def _note_told(self, done: tuple[CommandDone, ...]) -> None:
        with self._writer.relaxed() as connection:
            for one in done:
                connection.execute("UPDATE commands_done SET told = 1 WHERE id = ?", (one.id,))


_FIELDS = ("id", "outcome", "at", "detail")


def _do(connection: Connection, command: Command, at: str, receipt_seq: int | None) -> None:
    match command.deed:
        case PrintText(text=text):
            connection.execute(
                "INSERT INTO print_jobs (seq, copy, balances, text) VALUES (?, 0, ?, ?)",
                (_FIRST_ENTRY, _NO_BALANCES, text),
            )
        case PrintReceipt():
            connection.execute(
                "INSERT INTO print_jobs (seq, copy, balances) VALUES (?, 1, ?)", (receipt_seq, _NO_BALANCES)
            )
        case Lock(sentence=sentence):
            facts.put(connection, _LOCK, TillLock(sentence, at))
        case Unlock():
            facts.remove(connection, _LOCK)
        case Upgrade(version=version):
            facts.put(connection, _VERSION, version)
