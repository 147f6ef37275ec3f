"""Single values that a file keeps under a name, as JSON."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from pos.store.sqlite import Connection, Readers, damaged
from pos.usecases.ports import StorageTrouble

Value = TypeVar("Value")

_SELECT = "SELECT value FROM facts WHERE name = ?"


def put(connection: Connection, name: str, value: object) -> None:
    """Sets a fact within the transaction that is open."""
    connection.execute(
        "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        (name, msgspec.json.encode(value)),
    )


def remove(connection: Connection, name: str) -> None:
    """Takes a fact away within the transaction that is open."""
    connection.execute("DELETE FROM facts WHERE name = ?", (name,))


def held(connection: Connection, name: str, kind: type[Value]) -> Value | None:
    """A fact as the open transaction sees it."""
    rows = connection.execute(_SELECT, (name,)).fetchall()
    return msgspec.json.decode(rows[0][0], type=kind) if rows else None


def read(readers: Readers, name: str, kind: type[Value]) -> Value | None:
    """A fact as last committed.

    Raises:
        StorageTrouble: what is there cannot be read.

    """
    row = readers.row(_SELECT, (name,))
    try:
        return None if row is None else msgspec.json.decode(row[0], type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StorageTrouble(damaged(readers.path.name)) from error
