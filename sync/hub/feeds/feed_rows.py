"""Feeds: what tills download, each row under the number of its latest change.

One counter numbers all changes. It is raised inside the transaction that writes the row, and writers
wait for each other there, so a number is never visible before a lower one: no reader skips a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, select, update

from sync.hub.storage import bulk, schema
from sync.protocol.messages import FEED_ROWS_MAX, Feed, FeedRow

EVERY_STORE = ""
_COUNTER = "feed_change"

Shape = TypeVar("Shape")


def start_counting(connection: Connection) -> None:
    """Once per database."""
    connection.execute(schema.counters.insert().values(name=_COUNTER, value=0))


def put(connection: Connection, feed: Feed, key: str, body: Any, *, store: str = EVERY_STORE) -> bool:
    """Writes a row (`body` None: it is gone); returns whether it differs from what stood there."""
    return put_all(connection, feed, {key: body}, store=store) == 1


def put_all(
    connection: Connection, feed: Feed, bodies: Mapping[str, Any], *, store: str = EVERY_STORE
) -> int:
    """Writes many rows of one feed, changes numbered in their order; returns how many differ from before."""
    rows = schema.feed_rows
    query = select(rows.c.key, rows.c.body).where(rows.c.feed == feed, rows.c.store == store)
    standing = {row.key: row.body for row in bulk.matching(connection, query, rows.c.key, bodies)}
    encoded = {key: None if body is None else msgspec.json.encode(body) for key, body in bodies.items()}
    changed = [(key, body) for key, body in encoded.items() if key not in standing or standing[key] != body]
    if changed:
        numbers = _next_changes(connection, len(changed))
        written = [
            (feed, store, key, number, body) for number, (key, body) in zip(numbers, changed, strict=True)
        ]
        bulk.upsert(
            connection,
            rows,
            ("feed", "store", "key", "change", "body"),
            written,
            key=("feed", "store", "key"),
        )
    return len(changed)


def standing(
    connection: Connection, feed: Feed, key: str, shape: type[Shape], *, store: str = EVERY_STORE
) -> Shape | None:
    """The row that tills are told now; None if there is none."""
    rows = schema.feed_rows
    here = (rows.c.feed == feed) & (rows.c.store == store) & (rows.c.key == key)
    body = connection.execute(select(rows.c.body).where(here)).scalar()
    return None if body is None else msgspec.json.decode(body, type=shape)


def latest(connection: Connection, feed: Feed, shape: type[Shape]) -> Shape | None:
    """The row of a feed that changed last, of those that are for every store."""
    rows = schema.feed_rows
    query = select(rows.c.body).where(
        rows.c.feed == feed, rows.c.store == EVERY_STORE, rows.c.body.is_not(None)
    )
    body = connection.execute(query.order_by(rows.c.change.desc()).limit(1)).scalar()
    return None if body is None else msgspec.json.decode(body, type=shape)


def after(
    connection: Connection, feed: Feed, *, store: str, change: int, limit: int = FEED_ROWS_MAX
) -> tuple[tuple[FeedRow, ...], bool]:
    """At most `limit` rows changed after `change`, in order, and whether there are more."""
    rows = schema.feed_rows
    query = (
        select(rows.c.change, rows.c.key, rows.c.body)
        .where(rows.c.feed == feed, rows.c.store.in_((EVERY_STORE, store)), rows.c.change > change)
        .order_by(rows.c.change)
        .limit(limit + 1)
    )
    found = connection.execute(query).all()
    page = tuple(
        FeedRow(row.change, row.key, None if row.body is None else msgspec.Raw(row.body))
        for row in found[:limit]
    )
    return page, len(found) > limit


def last_change(connection: Connection) -> int:
    """The number of the newest change of all; what comes later has a higher one."""
    table = schema.counters
    return int(connection.execute(select(table.c.value).where(table.c.name == _COUNTER)).scalar_one())


def _next_changes(connection: Connection, count: int) -> range:
    table = schema.counters
    here = table.c.name == _COUNTER
    connection.execute(update(table).where(here).values(value=table.c.value + count))
    last = int(connection.execute(select(table.c.value).where(here)).scalar_one())
    return range(last - count + 1, last + 1)
