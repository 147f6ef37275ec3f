"""A hub made again from a backup, on either engine. It is another hub than the lost one, and says so.

What happened after the backup is gone here, but tills still have it. So the restored hub raises its epoch,
on which tills send again what it does not have and download everything anew; and it numbers its feed rows
anew, above every number that the lost hub can have given out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, inspect, text

from sync.hub.operation import archive
from sync.hub.operation.archive import Manifest
from sync.hub.operation.backup import MADE_AT
from sync.hub.operation.books import Tally
from sync.hub.storage import bulk, data_folder, engines, migrating
from sync.hub.storage.data_folder import write_private
from sync.hub.storage.database import Database, connected
from sync.hub.words import Told, Words

CHANGES_A_SECOND = 1 << 20
"""More than any hub makes: a moment times this lies above all change numbers of every earlier hub."""


def restore(path: Path, data: Path, now: dt.datetime, *, database_url: str | None = None) -> Manifest:
    """Makes the folder `data` (and fills the PostgreSQL database, if one is named) from a backup.

    Raises:
        Told: the backup is damaged, of a newer program, or its books do not hold; the folder or database
            is in use, or the database does not answer. Nothing is left behind.

    """
    manifest = archive.verified(path)
    migrating.check(manifest.schema)
    with data_folder.made(data) as folder:
        if database_url is not None:
            url = engines.postgresql_url(database_url)
            write_private(folder.database_url, url.render_as_string(hide_password=False).encode())
        for name, content in archive.keys_of(path).items():
            write_private(folder.keys / Path(name).name, content)
        with connected(folder) as new:
            _fill(new, path, manifest, now)
        if database_url is None:
            folder.database.chmod(0o600)
    return manifest


def _fill(new: Database, path: Path, manifest: Manifest, now: dt.datetime) -> None:
    """All of it in one transaction, migrations too."""
    with new.write() as connection:
        if inspect(connection).get_table_names():
            raise Told(_NOT_EMPTY)
        migrating.upgrade(connection, manifest.schema)
        _insert(connection, path, manifest)
        if manifest.schema != migrating.NEWEST:
            migrating.upgrade(connection)
        begin_anew(connection, manifest.made_at, now)


def _insert(connection: Connection, path: Path, manifest: Manifest) -> None:
    """Rows as they were, past the triggers: what these would do anew is in the backup already."""
    metadata = MetaData()
    metadata.reflect(connection)
    tables = {table.name: table for table in metadata.sorted_tables if table.name in manifest.columns}
    if tables.keys() != manifest.columns.keys():
        raise Told(_OTHER_TABLES, path=path, tables=", ".join(manifest.columns.keys() - tables.keys()))
    tally = Tally()
    with _triggers_off(connection, tables):
        for table in reversed(tables.values()):
            connection.execute(table.delete())  # rows that migrations put there
        for name, rows in archive.rows_of(path):
            columns = manifest.columns[name]
            bulk.insert(connection, tables[name], columns, tally.watch(name, columns, rows))
    tally.check(str(path))
    if connection.dialect.name == "postgresql":
        _count_on(connection, tables)


@contextmanager
def _triggers_off(connection: Connection, tables: dict[str, Table]) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        for name in tables:
            connection.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
        yield
        for name in tables:
            connection.execute(text(f'ALTER TABLE "{name}" ENABLE TRIGGER USER'))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for trigger in triggers:
        connection.execute(text(f'DROP TRIGGER "{trigger.name}"'))
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


def _count_on(connection: Connection, tables: dict[str, Table]) -> None:
    """Columns that count by themselves go on above what they have."""
    for table in tables.values():
        for column in table.primary_key.columns:
            where = {"table": table.name, "column": column.name}
            counter = text("SELECT pg_get_serial_sequence(quote_ident(:table), :column)")
            sequence = connection.execute(counter, where).scalar()
            if sequence is not None:
                connection.execute(
                    text(
                        f'SELECT setval(:sequence, (SELECT max("{column.name}") FROM "{table.name}"))'  # noqa: S608
                    ),
                    {"sequence": sequence},
                )


def begin_anew(connection: Connection, made_at: str, now: dt.datetime) -> None:
    """What sets a restored hub apart from the one that was lost after `made_at`.

    Epoch and numbers come from the clock, so that restoring the same backup twice gives other ones; should
    the clock be wrong, they still rise.
    """
    seconds = int(now.timestamp())
    epoch = int(_one(connection, "SELECT value FROM settings WHERE name = 'hub_epoch'"))
    changed = int(_one(connection, "SELECT value FROM counters WHERE name = 'feed_change'"))
    floor = max(changed + 1, seconds * CHANGES_A_SECOND)
    for statement, values in (
        (
            "UPDATE settings SET value = :epoch WHERE name = 'hub_epoch'",
            {"epoch": str(max(epoch + 1, seconds))},
        ),
        (_NUMBER_ANEW, {"floor": floor}),
        (_COUNT_ON_ABOVE, {"floor": floor}),
        ("UPDATE chains SET backed_up_seq = high_seq", {}),
        ("UPDATE enrolment_codes SET void = true WHERE used_by_key IS NULL", {}),
        ("DELETE FROM user_sessions", {}),
        ("DELETE FROM setup_links", {}),
        ("DELETE FROM settings WHERE name = :name", {"name": MADE_AT}),
        ("INSERT INTO settings (name, value) VALUES (:name, :value)", {"name": MADE_AT, "value": made_at}),
    ):
        connection.execute(text(statement), values)


_NUMBER_ANEW = """
    UPDATE feed_rows SET change = :floor + ranked.place FROM (
        SELECT feed, store, key, row_number() OVER (ORDER BY change) AS place FROM feed_rows
    ) AS ranked
    WHERE feed_rows.feed = ranked.feed AND feed_rows.store = ranked.store AND feed_rows.key = ranked.key
"""
_COUNT_ON_ABOVE = """
    UPDATE counters SET value = :floor + (SELECT count(*) FROM feed_rows) WHERE name = 'feed_change'
"""


def _one(connection: Connection, query: str) -> Any:
    return connection.execute(text(query)).scalar_one()


_NOT_EMPTY = Words(
    "这个数据库不是空的，没有改动任何东西。请换一个空的数据库。",
    "This database is not empty; nothing was changed. Name an empty one.",
)
_OTHER_TABLES = Words(
    "{path} 里有本程序不认识的表（{tables}），没有恢复。请用写出它的那个版本的 pos-hub。",
    "{path} has tables that this program does not know ({tables}); nothing was restored. "
    "Use the pos-hub that wrote it.",
)
