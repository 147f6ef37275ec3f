"""A first filling from a file that the hub has ready: it takes in the rest of the cache, and is the cache."""

from __future__ import annotations

from pathlib import Path

from pos.domain.message import say
from pos.store.cache_schema import CACHE_SCHEMA
from pos.store.durable_file import file_trouble
from pos.store.sqlite import Connection, Readers
from pos.store.writer import SingleWriter
from pos.usecases.ports import StorageTrouble
from sync.protocol.messages import SnapshotOffer

_TABLE = "members"


class CacheSnapshots:
    """`sync.client.ports.Snapshots` for `cache.db`."""

    def __init__(self, writer: SingleWriter, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    @property
    def format(self) -> int:
        return CACHE_SCHEMA.version

    @property
    def file(self) -> Path:
        """Where a snapshot is put together; on the cache's own disk, so that taking it moves no bytes."""
        return self._writer.path.with_name("snapshot.db")

    def take(self, offer: SnapshotOffer) -> None:
        """Puts the rows in `file` in the place of a feed's, and goes on from the offer's change number.

        Raises:
            StorageTrouble: what is there is no such cache, or the disk refused it; the cache is as it was.

        """
        self._writer.run(lambda: self._take(offer))

    def _take(self, offer: SnapshotOffer) -> None:
        with self._writer.attached(self.file) as connection:
            _check(connection, self.file)
            _bring_along(connection)
            connection.execute("INSERT OR IGNORE INTO other.feeds (feed) VALUES (?)", (offer.feed,))
            connection.execute(
                "UPDATE other.feeds SET cursor = ?, snapshot_seq = ?, fill = 0, refilling = 0 WHERE feed = ?",
                (offer.change, offer.mark_seq, offer.feed),
            )
            connection.execute("DELETE FROM other.unread_rows WHERE feed = ?", (offer.feed,))
        with file_trouble(self.file):
            self._writer.replace_by(self.file, self._readers)


def _bring_along(connection: Connection) -> None:
    """Everything else that the cache holds."""
    for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
        if table != _TABLE:
            connection.execute(f"DELETE FROM other.{table}")  # noqa: S608 - a name out of our own schema
            connection.execute(f"INSERT INTO other.{table} SELECT * FROM main.{table}")  # noqa: S608


def _check(connection: Connection, file: Path) -> None:
    """Of our version, and with exactly our tables: nothing that would run when somebody reads them."""
    version = connection.execute("PRAGMA other.user_version").fetchall()[0][0]
    if version != CACHE_SCHEMA.version or _schema(connection, "other") != _schema(connection, "main"):
        raise StorageTrouble(say("总部下发的资料包 {file} 和本程序不符，没有采用", file=file.name))


def _schema(connection: Connection, database: str) -> set[tuple[str, str, str]]:
    rows = connection.execute(f"SELECT type, name, sql FROM {database}.sqlite_master").fetchall()  # noqa: S608
    return {(kind, name, " ".join((sql or "").split())) for kind, name, sql in rows}
