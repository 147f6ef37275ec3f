"""The one module that knows SQLite: how its files are opened, and what its errors mean to a shop.

Each file has one writing connection (see `writer`); everybody else reads through `Readers`.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pos.domain.message import Message, say
from pos.store.durable_file import file_trouble, sync_file, sync_folder
from pos.usecases.ports import StorageTrouble

if TYPE_CHECKING:
    from sqlite_utils import Database  # noqa: TC004 - exported to type checkers alone

__all__ = [
    "SQLITE_VERSION",
    "Connection",
    "Database",
    "IntegrityError",
    "Readers",
    "Row",
    "connect_reader",
    "connect_writer",
    "copy_database",
    "database_of",
    "storage_trouble",
]

Connection = sqlite3.Connection
IntegrityError = sqlite3.IntegrityError
Row = tuple[Any, ...]
SQLITE_VERSION = sqlite3.sqlite_version

BUSY_TIMEOUT_S = 5.0
_WAL_SIZE_MAX_BYTES = 16 << 20


def connect_writer(path: Path, *, auto_checkpoint_pages: int) -> Connection:
    """The connection that writes: WAL, every commit on disk before it returns.

    `auto_checkpoint_pages` 0 leaves checkpoints to the caller. Only the calling thread may use it.

    Raises:
        StorageTrouble: the file cannot be opened or written, or is no database.

    """
    if not path.exists():
        _begin_file(path)
    with storage_trouble(path):
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {auto_checkpoint_pages:d}").fetchall()
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_SIZE_MAX_BYTES:d}").fetchall()
            connection.execute("PRAGMA foreign_keys = ON")
            # Without it INSERT OR REPLACE would pass by the triggers that keep the journal append-only.
            connection.execute("PRAGMA recursive_triggers = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
        except BaseException:
            connection.close()
            raise
        return connection


def _begin_file(path: Path) -> None:
    """An empty database that is in WAL mode already when it appears under its name.

    Turning to WAL under its own name would leave a rollback journal behind a power cut, and whoever may only
    read could not roll it back.
    """
    draft = path.with_name(f".{path.name}.draft")
    with file_trouble(path):
        for ending in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + ending).unlink(missing_ok=True)
        with storage_trouble(path):
            connection = sqlite3.connect(draft, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchall()
            finally:
                connection.close()
        sync_file(draft)
        draft.replace(path)
        sync_folder(path.parent)


def connect_reader(path: Path) -> Connection:
    """A connection that can change nothing, not even by a checkpoint (`query_only` could).

    Raises:
        StorageTrouble: there is no such file, or it is no database.

    """
    with storage_trouble(path):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
            check_same_thread=False,  # `Readers.close` closes them all, and takes their lock to do so
        )
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
        except BaseException:
            connection.close()
            raise
        return connection


def database_of(connection: Connection) -> Database:
    """A connection as sqlite-utils has it, for schema changes; loaded only when there is one to make."""
    from sqlite_utils import Database, utils  # noqa: PLC0415

    # It prefers another SQLite where one is installed; two in one process drop each other's locks.
    assert vars(utils)["sqlite3"] is sqlite3, "sqlite-utils has brought another SQLite into this process"
    return Database(connection, execute_plugins=False)


_PAGES_AT_ONCE = 500


def copy_database(source: Path, target: Path) -> None:
    """A copy as of one moment, made while others read and write; one that is there is replaced.

    Raises:
        StorageTrouble: the one cannot be read or the other written.

    """
    with storage_trouble(source):
        reading = connect_reader(source)
        try:
            writing = sqlite3.connect(target, isolation_level=None)
            try:
                reading.backup(writing, pages=_PAGES_AT_ONCE)
                writing.execute(
                    "PRAGMA journal_mode = DELETE"
                ).fetchall()  # one file, that can be carried away
            finally:
                writing.close()
        finally:
            reading.close()


class _Reader:
    """One thread's connection. It goes with its thread, or when the file is closed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lock = threading.Lock()
        self.closed = False

    def __del__(self) -> None:
        # A connection is in a reference cycle with its statement cache: without this it would outlive
        # its thread until the collector comes, and keep the writer from folding the WAL away.
        self.connection.close()

    def close(self) -> None:
        with self.lock:
            self.closed = True
            self.connection.close()


class Readers:
    """Reads of one file from any thread: a connection per thread, every answer fetched to its end.

    An answer half read would hold the WAL back from being checkpointed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.local()
        self._all: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._closed = False

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of a query.

        Raises:
            StorageTrouble: the file cannot be read.

        """
        while True:
            reader = self._reader()
            with reader.lock, storage_trouble(self.path):
                if not reader.closed:  # else the file was replaced just now
                    return reader.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of a query that gives one row or none."""
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    def close(self) -> None:
        """Closes every thread's connection, waiting for queries that run."""
        with self._lock:
            self._closed = True
            readers = list(self._all)
        for reader in readers:
            reader.close()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Within the block no connection is open; whoever wants to read waits for its end."""
        with self._lock:
            for reader in list(self._all):
                reader.close()
            yield

    def _reader(self) -> _Reader:
        reader: _Reader | None = getattr(self._mine, "reader", None)
        if self._closed:
            raise RuntimeError(f"{self.path.name} has been closed")
        if reader is None or reader.closed:
            with self._lock:
                reader = _Reader(connect_reader(self.path))
                self._all.add(reader)
            self._mine.reader = reader
        return reader


@contextmanager
def storage_trouble(path: Path) -> Iterator[None]:
    """Turns what the disk did into `StorageTrouble`; what this program did wrong stays an SQLite error."""
    try:
        yield
    except sqlite3.Error as error:
        message = _message(getattr(error, "sqlite_errorcode", None), path.name)
        if message is None:
            raise
        raise StorageTrouble(message) from error


def _message(code: int | None, file: str) -> Message | None:
    """What to do about a result code of SQLite; None for a bug. The low byte is the primary code."""
    match None if code is None else code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return say("磁盘已满，这一步没有记账；请清理磁盘后重试")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
            return say(
                "数据文件 {file} 打不开或不能写入，这一步没有记账；请联系技术员检查磁盘和权限", file=file
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(file)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_NOMEM | sqlite3.SQLITE_NOLFS:
            return say("读写数据文件 {file} 出错，这一步没有记账；请联系技术员检查磁盘", file=file)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return say("数据文件 {file} 正被别的程序占用，这一步没有记账；请稍后重试", file=file)
    return None


def damaged(file: str) -> Message:
    """What to say about a file whose content cannot be trusted."""
    return say("数据文件 {file} 已损坏；请停止收银，不要删除它，联系技术员用备份恢复", file=file)
