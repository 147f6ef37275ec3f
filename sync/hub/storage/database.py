"""One door to the database: write transactions, read transactions, and what is done by one at a time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import OperationalError

from sync.hub.storage import engines, migrating
from sync.hub.storage.data_folder import DataFolder
from sync.hub.words import Told, Words


class Database:
    """Any number of readers; one writer at a time, over all threads and processes (see `engines`)."""

    def __init__(self, url: URL) -> None:
        self._engine, self._kind = engines.connect(url)
        self.dialect = self._engine.dialect.name
        event.listen(self._engine, "begin", self._begin)
        self._reader = self._engine.execution_options(hub_writes=False)
        self._writer = self._engine.execution_options(hub_writes=True)
        self._alone: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def _begin(self, connection: Connection) -> None:
        self._kind.begin(connection, writes=connection.get_execution_options().get("hub_writes", False))

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that sees nobody else's half-done work; rolled back when the block raises."""
        with self._kind.turn(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction in which everything read is of the same moment."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Long work of a name, done by one thread at a time over all workers; others wait for their turn.

        It is no transaction: inside, `read` and `write` as ever. A process that dies gives it up.
        """
        with self._alone[name], self._kind.alone(name):
            yield

    def close(self) -> None:
        """Closes all connections; SQLite's last one folds the WAL back, which is a write."""
        with self._kind.turn():
            self._engine.dispose()


def open_database(folder: DataFolder, *, migrate: bool = True) -> Database:
    """Opens a folder's database, made or migrated to the version that this program knows.

    Raises:
        Told: it was written by a newer program, is older while `migrate` is False, or PostgreSQL does
            not answer.

    """
    database = Database(url_of(folder))
    try:
        with _answering(database):
            with database.read() as connection:
                found = migrating.version_of(connection)
            if found != migrating.NEWEST:
                migrating.check(found, may_migrate=migrate)
                with database.write() as connection:
                    migrating.upgrade(connection)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def connected(folder: DataFolder) -> Iterator[Database]:
    """A folder's database of whatever version, also an empty one; closed at the end.

    Raises:
        Told: PostgreSQL does not answer.

    """
    database = Database(url_of(folder))
    try:
        with _answering(database):
            yield database
    finally:
        database.close()


@contextmanager
def _answering(database: Database) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if database.dialect == "sqlite":
            raise
        raise Told(_AWAY, detail=str(error.orig).splitlines()[0][:200]) from error


def url_of(folder: DataFolder) -> URL:
    """Where a folder's database is: the server that `database.url` names, else the file in the folder."""
    if folder.database_url.is_file():
        return engines.postgresql_url(folder.database_url.read_text("utf-8").strip())
    return engines.sqlite_url(folder.database)


_AWAY = Words(
    "数据库连不上：{detail}。请检查 PostgreSQL 是否在运行、地址和密码是否正确，然后重试。",
    "The database does not answer: {detail}. Check that PostgreSQL runs and that its address and password "
    "are right, then try again.",
)
