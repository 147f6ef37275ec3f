"""A copy of everything a hub holds, taken while it serves: one moment, checked, never half written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, MetaData, Table, select, text

from sync.hub.operation import archive
from sync.hub.operation.archive import Manifest
from sync.hub.operation.books import Tally
from sync.hub.storage import migrating
from sync.hub.storage.data_folder import DataFolder
from sync.hub.storage.database import Database
from sync.hub.trust import keys
from sync.hub.words import Told, Words, stamp

MADE_AT = "backed_up_at"
"""The setting that keeps when the last backup was made; a hub without one has none."""
SUFFIX = ".posbackup"
_STREAMED = {"stream_results": True, "yield_per": 2_000}


class Made(NamedTuple):
    """A backup that was made. `with_root`: the root key lies in it, because it lay in the folder."""

    path: Path
    manifest: Manifest
    with_root: bool


def make(folder: DataFolder, database: Database, out: Path, now: dt.datetime) -> Made:
    """Writes a backup to the file `out` (or a new file in the folder `out`), and marks what it holds.

    The database may be of an older schema than this program's.

    Raises:
        Told: the database is damaged, or of a newer program; nothing was written.
        BooksBroken: it was written, but the books in it do not hold.
        OSError: it could not be written; nothing is left behind.

    """
    made_at = stamp(now)
    path = out / f"hub-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}{SUFFIX}" if out.is_dir() else out
    key_files = sorted(file for file in folder.keys.iterdir() if file.is_file())
    tally = Tally()
    with database.read() as connection:
        _check_readable(connection)
        with archive.written(path) as writer:
            for file in key_files:
                writer.key(file.name, file.read_bytes())
            schema = _write_tables(connection, writer, tally)
            rows = connection.execute(text("SELECT name, value FROM settings"))
            held: dict[str, str] = {row.name: row.value for row in rows}
            manifest = writer.finish(
                schema=schema,
                alliance=held.get("alliance_id", ""),
                hub_epoch=int(held["hub_epoch"]),
                made_at=made_at,
            )
        marks = connection.execute(text("SELECT terminal, epoch, high_seq FROM chains")).all()
    tally.check(str(path))
    _mark(database, marks, made_at)
    return Made(path, manifest, any(file.name == keys.ROOT_FILE for file in key_files))


def keep_newest(folder: Path, count: int) -> list[Path]:
    """Removes a folder's older backups, named by their moments as `make` does; returns what is gone."""
    gone = sorted(folder.glob(f"hub-????????T??????Z{SUFFIX}"))[:-count]
    for path in gone:
        path.unlink()
    return gone


def _check_readable(connection: Connection) -> None:
    found = migrating.version_of(connection)
    migrating.check(found)
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if said != "ok":
            raise Told(_DATABASE_DAMAGED, detail=str(said)[:200])


def _write_tables(connection: Connection, writer: archive.Writer, tally: Tally) -> str:
    """All tables as they are in the database; returns its schema version."""
    metadata = MetaData()
    metadata.reflect(connection)
    version = migrating.version_of(connection)
    assert version is not None
    for table in metadata.sorted_tables:
        if table.name != migrating.VERSION_TABLE:
            name, columns = str(table.name), [str(column.name) for column in table.columns]
            writer.table(name, columns, tally.watch(name, columns, _rows(connection, table)))
    return version


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    yield from connection.execution_options(**_STREAMED).execute(query)


def _mark(database: Database, marks: Sequence[Any], made_at: str) -> None:
    """Notes when, and up to where each chain is safe, so that tills can be told."""
    with database.write() as connection:
        connection.execute(text("DELETE FROM settings WHERE name = :name"), {"name": MADE_AT})
        connection.execute(
            text("INSERT INTO settings (name, value) VALUES (:name, :value)"),
            {"name": MADE_AT, "value": made_at},
        )
        if marks and migrating.version_of(connection) == migrating.NEWEST:
            connection.execute(
                text(
                    "UPDATE chains SET backed_up_seq = :high_seq "
                    "WHERE terminal = :terminal AND epoch = :epoch AND backed_up_seq < :high_seq"
                ),
                [dict(mark._mapping) for mark in marks],  # noqa: SLF001 - how SQLAlchemy gives a row as a dict
            )


_DATABASE_DAMAGED = Words(
    "数据库文件损坏（{detail}），没有备份。请停掉总部，用上一份备份恢复。",
    "The database file is damaged ({detail}); no backup was made. Stop the hub and restore the last backup.",
)
