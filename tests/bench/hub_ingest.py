"""Taking batches of 20-line sales over HTTP, against putting the same rows into the same engine.

Ours: 200 signed sales in one request to `pos-hub serve`: signatures, hashes, reading, judging, booking,
telling the tills, until the answer is there. The floor gets the rows that this left in the four tables of
journal and books, and puts them through staging tables into tables with the same indexes and checks (no
triggers) in a database beside the hub's: COPY or executemany, INSERT … ON CONFLICT, one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, select, text

from sync.hub.storage import bulk, engines, schema
from sync.hub.storage.database import Database
from sync.protocol.messages import BATCH_ENTRIES_MAX
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder
from tests.bench.uploads import Uploads, on_postgres, uploads
from tests.sync.hub.postgres import Server

PAIRS = 20
FLOOR = "the same journal, receipt, transfer and balance rows through staging + ON CONFLICT, one commit"
_TABLES = (schema.journal_entries, schema.receipts, schema.transfers, schema.balances)

Rows = Sequence[Sequence[Any]]


def hub_ingest(n: int = PAIRS, size: int = BATCH_ENTRIES_MAX) -> Comparison:
    """On PostgreSQL, fsync on, as a real alliance would."""
    with disk_folder() as folder, on_postgres(folder) as server:
        url = engines.postgresql_url(server.url(server.create()))
        return _compared("hub_ingest", folder, server, Database(url), n, size)


def hub_ingest_sqlite(n: int = PAIRS, size: int = BATCH_ENTRIES_MAX) -> Comparison:
    """On SQLite, synchronous=FULL."""
    with disk_folder() as folder:
        database = Database(engines.sqlite_url(folder / "floor.db"))
        return _compared("hub_ingest_sqlite", folder, None, database, n, size)


def _compared(
    name: str, folder: Path, server: Server | None, database: Database, n: int, size: int
) -> Comparison:
    with _floor(database) as put, uploads(folder, server) as sent:
        return compare(
            name,
            FLOOR,
            lambda: sent.send(sent.next_batch(size), "accepted"),
            lambda: put(_rows(sent, size)),
            n=n,
        )


@contextmanager
def _floor(database: Database) -> Iterator[Callable[[list[Rows]], float]]:
    """Puts rows into the four tables; returns how many seconds it took."""
    with database.write() as connection:
        schema.metadata.create_all(connection, tables=list(_TABLES))
    try:
        yield lambda rows: timed(lambda: _put(database, rows))
    finally:
        database.close()


def _put(database: Database, rows: list[Rows]) -> None:
    with database.write() as connection:
        for table, content in zip(_TABLES, rows, strict=True):
            _put_table(connection, table, content)


def _put_table(connection: Connection, table: Table, rows: Rows) -> None:
    staging = table.to_metadata(MetaData(), name=f"staging_{table.name}")
    names = [column.name for column in table.columns]
    kept = [name for name in names if name not in table.primary_key.columns]
    change = ", ".join(f"{name} = excluded.{name}" for name in kept) if table is schema.balances else ""
    key = ", ".join(column.name for column in table.primary_key.columns)
    do = f"UPDATE SET {change}" if change else "NOTHING"
    columns = ", ".join(f'"{name}"' for name in names)
    make = f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging.name} AS SELECT * FROM {table.name} WHERE 1 = 0"
    move = f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {staging.name} WHERE 1 = 1"
    connection.execute(text(make))
    bulk.insert(connection, staging, names, rows)
    connection.execute(text(f"{move} ON CONFLICT ({key}) DO {do}"))
    connection.execute(text(f"DELETE FROM {staging.name}"))


def _rows(sent: Uploads, size: int) -> list[Rows]:
    """What the last batch left behind; of the balances those that it moved."""
    entries, receipts, transfers, balances = _TABLES
    hashes = [entry.hash for entry in sent.till.entries[-size:]]
    linked = [one.hex() for one in hashes]
    with sent.hub.database.read() as connection:
        moved = _read(connection, transfers, transfers.c.linked, linked)
        accounts = {account for row in moved for account in (row[2], row[3])}
        return [
            _read(connection, entries, entries.c.hash, hashes),
            _read(connection, receipts, receipts.c.entry_hash, linked),
            moved,
            _read(connection, balances, balances.c.account, accounts),
        ]


def _read(connection: Connection, table: Table, column: Any, values: Any) -> Rows:
    return [tuple(row) for row in bulk.matching(connection, select(table), column, values)]
