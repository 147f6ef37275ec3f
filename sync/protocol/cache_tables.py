"""The tables of a till's cache, which a hub's snapshots have, too: one is swapped in for the other as it is.

A step brings a file from one version to the next; steps that were released never change. `fill` counts how
often a feed has been filled from its beginning.
"""

from __future__ import annotations

_FIRST: tuple[str, ...] = (
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

_SECOND: tuple[str, ...] = (
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

_THIRD: tuple[str, ...] = (
    # What the hub tells this store of members' balances, with a `mark_seq` of its own.
    """
    CREATE TABLE balances (
        member_no TEXT PRIMARY KEY,
        mark_seq INTEGER NOT NULL,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE commands (
        id TEXT PRIMARY KEY,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    # The mark of the rows that came with a snapshot: theirs says -1, as each till has its own.
    "ALTER TABLE feeds ADD COLUMN snapshot_seq INTEGER NOT NULL DEFAULT 0",
)

_FOURTH: tuple[str, ...] = (
    # Four bytes find a card among a million; whole hashes, twice, were three quarters of a packed snapshot.
    "DROP INDEX members_by_card",
    "CREATE INDEX members_by_card ON members (substr(card_hash, 1, 4))",
)

_FIFTH: tuple[str, ...] = (
    """
    CREATE TABLE pickups (
        "order" TEXT PRIMARY KEY,
        code_hash TEXT NOT NULL,
        fill INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX pickups_by_code ON pickups (code_hash)",
)

STEPS = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)
VERSION = len(STEPS)
"""As it stands in the file's `user_version`; a snapshot of another version is of no use."""

SNAPSHOT_MARK = -1
TAKE_MEMBER = (
    "INSERT OR REPLACE INTO members (member_no, card_hash, mark_seq, fill, body) VALUES (?, ?, ?, ?, ?)"
)
"""The card's hash stands in its column alone: a body has an empty one."""
WHERE_CARD = "substr(card_hash, 1, 4) = substr(?1, 1, 4) AND card_hash = ?1"
"""A condition on `members` by a whole hash (bytes) that uses the index."""
WHERE_TAG = "substr(card_hash, 1, 4) = substr(?1, 1, 4) AND substr(card_hash, 1, length(?1)) = ?1"
"""The same by the hash's first bytes, of which there must be four at least."""
