"""Receipts and slips on their way to paper: `ports.PrintQueue` on `journal.db`.

A job is durably `sending` before its first byte, so that after a crash it is known that paper may
have come out; how it ended is written without waiting for the disk, and if that is lost the receipt
comes again, marked as a copy.
"""

from __future__ import annotations

import msgspec

from pos.domain.receipt import BalanceAfter
from pos.store.sqlite import Connection, Readers
from pos.store.writer import SingleWriter
from pos.usecases.print_ports import PrintJob, PrintState

PATIENCE_ATTEMPTS = 5

_BEGIN = "UPDATE print_jobs SET state = 'sending', attempts = attempts + 1 WHERE id = ?"
_END = (
    "UPDATE print_jobs SET state = ?, problem = ?, may_have_printed = may_have_printed OR ? WHERE id = ?"
    " AND state != 'printed'"
)


class JournalPrintQueue:
    """Reads from any thread; marks are handed to the journal's writer and waited for."""

    def __init__(self, writer: SingleWriter, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    def next_job(self) -> PrintJob | None:
        """The oldest receipt not printed yet.

        One that was left `sending` may have come out. One that failed `PATIENCE_ATTEMPTS` times lets
        younger ones go first, so that it cannot hold them up for ever.
        """
        row = self._readers.row(
            "SELECT id, seq, copy, balances, state, attempts, may_have_printed, problem, text FROM print_jobs"
            " WHERE state NOT IN ('printed', 'given_up') ORDER BY attempts >= ?, id LIMIT 1",
            (PATIENCE_ATTEMPTS,),
        )
        if row is None:
            return None
        job_id, seq, copy, balances, state, attempts, may_have_printed, problem, text = row
        return PrintJob(
            id=job_id,
            seq=seq,
            copy=bool(copy),
            balances=msgspec.json.decode(balances, type=tuple[BalanceAfter, ...]),
            state=state,
            attempts=attempts,
            may_have_printed=bool(may_have_printed) or state == "sending",
            problem=problem,
            text=text,
        )

    def mark_sending(self, job_id: int) -> None:
        """On disk when this returns. A try before it whose end nobody noted may have printed."""
        self._writer.run(lambda: self._begin(job_id))

    def mark_printed(self, job_id: int) -> None:
        self._writer.run(lambda: self._end(job_id, "printed", "", may_have_printed=False))

    def mark_failed(self, job_id: int, problem: str, *, may_have_printed: bool) -> None:
        """Back to the queue with what went wrong."""
        self._writer.run(lambda: self._end(job_id, "failed", problem, may_have_printed=may_have_printed))

    def give_up(self, job_id: int, problem: str) -> None:
        """Never to be tried again."""
        self._writer.run(lambda: self._end(job_id, "given_up", problem, may_have_printed=False))

    def state(self, job_id: int) -> PrintState | None:
        """What became of a job; None if there is no such job."""
        row = self._readers.row("SELECT state FROM print_jobs WHERE id = ?", (job_id,))
        state: PrintState | None = None if row is None else row[0]
        return state

    def unprinted(self) -> int:
        row = self._readers.row("SELECT count(*) FROM print_jobs WHERE state NOT IN ('printed', 'given_up')")
        return 0 if row is None else int(row[0])

    def _begin(self, job_id: int) -> None:
        with self._writer.transaction() as connection:
            _remember_unclear_try(connection, job_id)
            connection.execute(_BEGIN, (job_id,))

    def _end(self, job_id: int, state: str, problem: str, *, may_have_printed: bool) -> None:
        with self._writer.relaxed() as connection:
            connection.execute(_END, (state, problem, may_have_printed, job_id))


def _remember_unclear_try(connection: Connection, job_id: int) -> None:
    connection.execute(
        "UPDATE print_jobs SET may_have_printed = 1 WHERE id = ? AND state = 'sending'", (job_id,)
    )
