"""The two engines, and what each does differently: how a transaction begins, and whose turn it is to write.

SQLite serves an alliance that tries things out, PostgreSQL a real one. The SQL above this module is the same.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sync.hub.words import Told, Words

_BUSY_TIMEOUT_MS = 10_000
_TURN_TIMEOUT_S = 30
_POOL_SIZE = 20
_CONNECT_TIMEOUT_S = 10
_NOTICE_A_DEAD_SERVER = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms; a machine that lost its power says no goodbye
}
_WRITE_LOCK = 0x616C6C69  # any number that nobody else in this database locks
_ALONE_LOCKS = 0x616C6C6F  # the first of two numbers; PostgreSQL keeps these apart from single ones


class DatabaseEngine(Protocol):
    """What `Database` needs of an engine."""

    def turn(self) -> AbstractContextManager[object]:
        """Held around every write transaction."""

    def begin(self, connection: Connection, *, writes: bool) -> None:
        """Begins a transaction on a connection that has none."""

    def alone(self, name: str) -> AbstractContextManager[object]:
        """Held by one process at a time, over all that have this database open; waits without end."""


class SQLite:
    """One file. Any number of threads read; one writer at a time, over all processes.

    SQLite before 3.51.3 can lose a WAL reset when two connections write or checkpoint at once, so
    writers queue up at a lock of our own, not only at SQLite's.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._thread_turn = threading.Lock()
        self._process_turn = FileLock(
            path.with_name("write.lock"), timeout=_TURN_TIMEOUT_S, poll_interval=0.005, thread_local=False
        )

    @contextmanager
    def turn(self) -> Iterator[None]:
        with ExitStack() as both:
            both.enter_context(self._thread_turn)
            both.enter_context(self._process_turn)
            yield

    def begin(self, connection: Connection, *, writes: bool) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def alone(self, name: str) -> AbstractContextManager[object]:
        return FileLock(self._folder / f"{name}.lock", thread_local=False)


class PostgreSQL:
    """A server. Writers queue up at an advisory lock that ends with their transaction.

    So a change number is never visible before a lower one, nobody decides on a balance that somebody
    else is changing, and nothing deadlocks. What can be done before the lock (signatures, decoding) is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def turn(self) -> Iterator[None]:
        yield

    def begin(self, connection: Connection, *, writes: bool) -> None:
        if writes:
            # READ COMMITTED: a snapshot taken while waiting for the lock would be an old one.
            connection.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
        else:
            connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """An advisory lock of the session, which ends with it: a killed process holds nothing."""
        keys = f"{_ALONE_LOCKS}, {zlib.crc32(name.encode()) & 0x7FFFFFFF}"
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute(f"SELECT pg_advisory_lock({keys})")
            try:
                yield
            finally:
                connection.cursor().execute(f"SELECT pg_advisory_unlock({keys})")
        except BaseException:
            connection.invalidate()  # whatever it still held ends with the session
            raise
        finally:
            connection.close()


def sqlite_url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def postgresql_url(text: str) -> URL:
    """The address of a PostgreSQL database, as people write it.

    Raises:
        Told: it is no such address.

    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = sqlite_url(Path("-"))
    if url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise Told(
            Words(
                "数据库地址不对。例如：postgresql://用户@主机/数据库（密码放在 ~/.pgpass）。",
                "This is no database address. An example: postgresql://user@host/database "
                "(with the password in ~/.pgpass).",
            )
        )
    return url.set(drivername="postgresql+psycopg")


def connect(url: URL) -> tuple[Engine, DatabaseEngine]:
    """An engine of connections in autocommit, whose transactions begin where we say."""
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=_POOL_SIZE, max_overflow=0, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine, SQLite(Path(str(url.database)))
    engine = create_engine(
        url,
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"autocommit": True, "connect_timeout": _CONNECT_TIMEOUT_S, **_NOTICE_A_DEAD_SERVER},
    )
    return engine, PostgreSQL(engine)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `begin` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
