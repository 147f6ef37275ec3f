"""Many rows at once, each engine's fastest way that still goes through its triggers and checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

_VALUES_MAX = 1_000
"""So many values in one query: SQLite takes 32 766, PostgreSQL 65 535."""


def insert(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Inserts rows (values in the order of `columns`) inside the connection's transaction.

    On PostgreSQL this is one COPY, so that statement triggers run once; on SQLite one prepared statement.
    """
    cursor: Any = connection.connection.cursor()
    preparer = connection.dialect.identifier_preparer
    names = ", ".join(preparer.quote(name) for name in columns)
    target = preparer.format_table(table)
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {target} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
    finally:
        cursor.close()


def upsert(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    key: Sequence[str],
) -> None:
    """Inserts rows, or overwrites those that have their `key` already; no two rows share one."""
    if not rows:
        return
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in columns if name not in key)
    conflict = f"ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {changes}"
    insert_into = f"INSERT INTO {connection.dialect.identifier_preparer.format_table(table)} ({names})"
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            types = (table.c[name].type.compile(connection.dialect) for name in columns)
            arrays = ", ".join(f"%s::{one}[]" for one in types)
            cursor.execute(
                f"{insert_into} SELECT * FROM unnest({arrays}) {conflict}",  # noqa: S608 - our own names
                [list(column) for column in zip(*rows, strict=True)],
            )
        else:
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"{insert_into} VALUES ({marks}) {conflict}", rows)
    finally:
        cursor.close()


def next_ids(connection: Connection, table: Table, count: int) -> list[int]:
    """The ids of the next `count` rows of a table that counts by itself; whoever writes asks."""
    if connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        numbers = func.generate_series(1, count).table_valued("number")
        return list(connection.execute(select(func.nextval(sequence)).select_from(numbers)).scalars())
    last = connection.execute(select(func.max(table.c.id))).scalar() or 0
    return list(range(last + 1, last + 1 + count))


def matching(
    connection: Connection, query: Select[Any], column: ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """The rows of a query whose `column` is one of the values, however many; no values, no question."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), _VALUES_MAX):
        yield from connection.execute(query.where(column.in_(wanted[start : start + _VALUES_MAX])))
