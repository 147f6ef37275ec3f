"""The single writer of a file: one connection, owned by one thread, given work in order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from pos.store.durable_file import sync_file, sync_folder
from pos.store.schema import Schema, migrate, refuse_newer
from pos.store.sqlite import Connection, Readers, connect_writer, storage_trouble
from pos.usecases.ports import StorageTrouble

Result = TypeVar("Result")

COMMITS_PER_CHECKPOINT = 400
_AUTO_CHECKPOINT_PAGES = 1_000

_log = logging.getLogger(__name__)


class Writer(Protocol):
    """What journal and cache ask of a writer."""

    def submit(self, operation: Callable[[], Result]) -> Future[Result]: ...

    def run(self, operation: Callable[[], Result]) -> Result: ...

    def transaction(self) -> AbstractContextManager[Connection]: ...

    def relaxed(self) -> AbstractContextManager[Connection]: ...


class SingleWriter:
    """Writes to one file. `submit` hands an operation to the writer's thread; the rest runs there.

    With `checkpoint_apart` no commit ever checkpoints: after `COMMITS_PER_CHECKPOINT` commits it is
    done as an operation of its own, behind those that wait, so that a sale costs one fdatasync.

    Raises:
        StorageTrouble: the file cannot be opened, written, or is of a newer version.

    """

    def __init__(self, path: Path, schema: Schema, *, checkpoint_apart: bool) -> None:
        self.path = path
        self._schema = schema
        self._checkpoint_apart = checkpoint_apart
        self._commits = 0
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"writer-{path.stem}")
        try:
            self._executor.submit(self._open).result()
        except BaseException:
            self._executor.shutdown()
            raise

    def submit(self, operation: Callable[[], Result]) -> Future[Result]:
        """Runs an operation on the writer's thread, after those handed in before."""
        return self._executor.submit(operation)

    def run(self, operation: Callable[[], Result]) -> Result:
        """Runs an operation on the writer's thread and waits for it; on that thread itself, at once."""
        return operation() if self.here else self.submit(operation).result()

    @property
    def here(self) -> bool:
        """Whether the calling thread is the writer's."""
        return threading.current_thread() is self._thread

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All of the block is on disk when it ends, or none of it. On the writer's thread only.

        Raises:
            StorageTrouble: nothing was written.

        """
        connection = self._own()
        with storage_trouble(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        self._count_commit()

    @contextmanager
    def relaxed(self) -> Iterator[Connection]:
        """A transaction that the next full one, or a checkpoint, puts on disk: it waits for no disk.

        For what may be lost for a moment when the power fails. It is never half there, and never
        there without what was committed before it.
        """
        connection = self._own()
        connection.execute("PRAGMA synchronous = NORMAL")
        try:
            with self.transaction():
                yield connection
        finally:
            connection.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def attached(self, other: Path) -> Iterator[Connection]:
        """A transaction with another file, named `other`, that waits for no disk. On the writer's thread.

        Raises:
            StorageTrouble: it is no database, or cannot be written.

        """
        connection = self._own()
        with storage_trouble(other):
            connection.execute("ATTACH ? AS other", (str(other),))
            try:
                connection.execute("PRAGMA other.journal_mode = OFF").fetchall()
                connection.execute("PRAGMA other.synchronous = OFF")
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute("DETACH other")

    def replace_by(self, other: Path, readers: Readers) -> None:
        """Puts another file in the place of this one, durably. On the writer's thread only.

        Readers wait for the change of files, not for the disk.

        Raises:
            StorageTrouble: it could not be opened afterwards.
            OSError: the file stays what it was.

        """
        self._own()
        sync_file(other)
        with readers.away():
            self._close()
            try:
                for ending in ("-wal", "-shm"):  # left there if another process still reads the file
                    self.path.with_name(self.path.name + ending).unlink(missing_ok=True)
                other.replace(self.path)
                sync_folder(self.path.parent)
            finally:
                self._open()

    def finish(self) -> None:
        """Waits for what was handed in so far."""
        if self._connection is not None:
            self.run(lambda: None)

    def close(self) -> None:
        """Waits for what was handed in, then closes the file. Readers must have been closed before."""
        if self._connection is not None:
            self._executor.submit(self._close).result()
        self._executor.shutdown()

    def _own(self) -> Connection:
        assert self.here, f"only the writer's thread may write {self.path.name}"
        assert self._connection is not None, f"{self.path.name} has been closed"
        return self._connection

    def _open(self) -> None:
        self._thread = threading.current_thread()
        refuse_newer(self.path, self._schema)
        pages = 0 if self._checkpoint_apart else _AUTO_CHECKPOINT_PAGES
        connection = connect_writer(self.path, auto_checkpoint_pages=pages)
        try:
            with storage_trouble(self.path):
                migrate(connection, self._schema)
                self._begin_wal(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _count_commit(self) -> None:
        self._commits += 1
        if self._checkpoint_apart and self._commits >= COMMITS_PER_CHECKPOINT:
            self._commits = 0
            self._executor.submit(self._checkpoint)

    def _checkpoint(self) -> None:
        """Moves the WAL into the file. If it cannot be done now, the WAL grows and nothing is lost."""
        if self._connection is None:
            return
        try:
            with storage_trouble(self.path):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                self._begin_wal(self._connection)
        except StorageTrouble:
            _log.warning("checkpoint of %s failed", self.path.name, exc_info=True)

    def _begin_wal(self, connection: Connection) -> None:
        """Writes one page that says nothing new, and finds out here whether the disk can be written.

        The first write into a fresh WAL syncs its header and folder beside its own pages; a sale
        must not be the one to pay for that.
        """
        connection.execute(f"PRAGMA user_version = {self._schema.version:d}")
