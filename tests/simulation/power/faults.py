"""Care taken away, one kind at a time: cuts must bring each of them to light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pos.store import projections
from pos.store.journal_transaction import JournalTransaction
from pos.store.sqlite import Connection, connect_writer
from pos.store.writer import SingleWriter
from tests.simulation.power.trace import Trace

FAULTS = ("full sync", "print after commit", "one transaction", "folder sync")


@contextmanager
def without(care: str | None, trace: Trace) -> Iterator[None]:
    """What goes wrong while a morning is recorded; None: nothing."""
    with ExitStack() as patches:
        for target, replacement in _patches(care, trace):
            patches.enter_context(patch(target, replacement))
        yield


def _patches(care: str | None, trace: Trace) -> tuple[tuple[str, Any], ...]:
    match care:
        case None:
            return ()
        case "full sync":
            return (
                ("pos.store.writer.connect_writer", _normal),
                ("pos.store.writer.SingleWriter.relaxed", SingleWriter.transaction),
            )
        case "print after commit":
            return (
                ("pos.store.journal_transaction.JournalTransaction.queue_receipt", _prints_at_once(trace)),
            )
        case "one transaction":
            return (("pos.store.journal_transaction.project", _in_two_transactions),)
        case "folder sync":
            return tuple(
                (f"pos.store.{module}.sync_folder", lambda _folder: None)
                for module in ("folder", "durable_file", "sqlite")
            )
        case _:
            raise ValueError(care)


def _normal(path: Path, *, auto_checkpoint_pages: int) -> Connection:
    """`synchronous = NORMAL`: a commit returns before it is on the disk."""
    connection = connect_writer(path, auto_checkpoint_pages=auto_checkpoint_pages)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _prints_at_once(trace: Trace) -> Callable[..., int]:
    """The receipt comes out while the transaction is still open."""
    queue = JournalTransaction.queue_receipt

    def queued(self: JournalTransaction, seq: int, balances: Any, *, copy: bool = False) -> int:
        job_id = queue(self, seq, balances, copy=copy)
        connection = self._connection
        row = connection.execute("SELECT receipt_no FROM journal WHERE seq = ?", (seq,)).fetchall()[0]
        trace.said("printed", row[0], copy)
        connection.execute("UPDATE print_jobs SET state = 'printed' WHERE id = ?", (job_id,))
        return job_id

    return queued


_project = projections.project


def _in_two_transactions(connection: Connection, seq: int, event: Any) -> None:
    """The entry is committed before what is derived from it."""
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    _project(connection, seq, event)
