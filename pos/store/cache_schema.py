"""`cache.db`: what the hub told, rebuildable from it.

`fill` counts how often a feed has been filled from its beginning; see `cache.Cache.forget`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos.store.schema import Schema

if TYPE_CHECKING:
    from pos.store.sqlite import Database

_FIRST = (
    """
    CREATE TABLE facts (
        name TEXT PRIMARY KEY,
        value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE feeds (
        feed TEXT PRIMARY KEY,
        cursor INTEGER NOT NULL DEFAULT 0,
        fill INTEGER NOT NULL DEFAULT 0,
        refilling INTEGER NOT NULL DEFAULT 0 CHECK (refilling IN (0, 1))
    ) STRICT, WITHOUT ROWID
    """,
    # `name` and `initials` are folded for searching; `body` is the row as it came.
    """
    CREATE TABLE products (
        code TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        initials TEXT NOT NULL,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX products_by_name ON products (name, code)",
    "CREATE INDEX products_by_initials ON products (initials, code)",
    # `mark_seq`: up to which own journal entry the balances in `body` count.
    """
    CREATE TABLE members (
        member_no TEXT PRIMARY KEY,
        card_hash BLOB NOT NULL,
        mark_seq INTEGER NOT NULL,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX members_by_card ON members (card_hash)",
    """
    CREATE TABLE staff (
        number TEXT PRIMARY KEY,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    # Every pack ever received, for refunds of older sales; and the feed's rows, which name one.
    """
    CREATE TABLE packs (
        received INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL UNIQUE,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        payload BLOB NOT NULL,
        key_id TEXT NOT NULL,
        signature BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE pack_rows (
        key TEXT PRIMARY KEY,
        change INTEGER NOT NULL,
        pack_id TEXT NOT NULL,
        fill INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    # Rows that this program cannot read; one bad row never holds up the next.
    """
    CREATE TABLE unread_rows (
        feed TEXT NOT NULL,
        key TEXT NOT NULL,
        change INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (feed, key)
    ) STRICT, WITHOUT ROWID
    """,
)


def _first(database: Database) -> None:
    for statement in _FIRST:
        database.execute(statement)


_SECOND = (
    # `mark_seq`: up to which own journal entry the deposit in `body` counts.
    """
    CREATE TABLE terms (
        store TEXT PRIMARY KEY,
        mark_seq INTEGER NOT NULL,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE terminals (
        terminal TEXT PRIMARY KEY,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
)


def _second(database: Database) -> None:
    for statement in _SECOND:
        database.execute(statement)


CACHE_SCHEMA = Schema((_first, _second))
