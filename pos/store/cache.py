"""The hub's data, cached: `sync.client.ports.Replica` on `cache.db`, and the feed rows it takes.

Nothing that money depends on is only here; a lost cache is filled again. So its writes wait for no
disk: rows and cursor are lost together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec

from pos.domain.catalogue import Product
from pos.domain.programme.mistakes import PackMistakes
from pos.store import facts
from pos.store.pack_rows import apply_pack
from pos.store.sqlite import Connection, Readers
from pos.store.writer import Writer
from sync.protocol.cache_tables import TAKE_MEMBER
from sync.protocol.commands import Command
from sync.protocol.messages import (
    FeedPage,
    FeedRow,
    MemberBalances,
    MemberRow,
    StaffRow,
    StoreTerms,
    TerminalRow,
)
from sync.protocol.pickups import PickupRow

Body = TypeVar("Body")

_COMPLETE_AT = "complete_at"

_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


class UnreadRow(msgspec.Struct, frozen=True):
    """A row of a feed that this program could not read; what it had said before still holds."""

    feed: str
    key: str
    change: int
    reason: str


class Cache:
    """Reads from any thread; pages are handed to the cache's own writer and waited for."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    def cursor(self, feed: str) -> int:
        """The change number up to which a feed has been applied; 0 at first."""
        row = self._readers.row("SELECT cursor FROM feeds WHERE feed = ?", (feed,))
        return 0 if row is None else int(row[0])

    def apply(self, page: FeedPage) -> None:
        """Applies rows and cursor in one transaction; a page that is behind the cursor is passed over.

        A row that cannot be read is put aside (`unread_rows`) and does not hold up the next.

        Raises:
            StorageTrouble: nothing of the page was applied.
            KeyError: a feed that this program does not know.

        """
        take = _TAKE[page.feed]
        self._writer.run(lambda: self._apply(page, take))

    def forget(self, feed: str) -> None:
        """Begins a feed anew: the hub was restored and numbers its changes anew.

        What is known stays until the feed has been filled again, so that the till can go on selling;
        what the new filling did not name is dropped at its end. On disk when this returns: the journal
        remembers the hub's new epoch, and an old cursor must not outlive that.
        """
        self._writer.run(lambda: self._forget(feed))

    def commands(self) -> tuple[Command, ...]:
        """What the hub wants this terminal to do, and has not been told that it was done; in order."""
        rows = self._readers.rows("SELECT body FROM commands")
        return tuple(sorted((_command.decode(row[0]) for row in rows), key=lambda one: one.number))

    def note_complete(self, at: datetime) -> None:
        """All feeds are up to date as of this moment of the till's clock."""
        self._writer.run(lambda: self._note_complete(at))

    def complete_at(self) -> datetime | None:
        """When all feeds were last up to date, by the till's clock of then; None if never."""
        at = facts.read(self._readers, _COMPLETE_AT, str)
        return None if at is None else datetime.fromisoformat(at)

    def unread_rows(self) -> tuple[UnreadRow, ...]:
        """Rows that could not be read, by feed and key."""
        rows = self._readers.rows("SELECT feed, key, change, reason FROM unread_rows ORDER BY feed, key")
        return tuple(UnreadRow(*row) for row in rows)

    def _apply(self, page: FeedPage, take: Take) -> None:
        with self._writer.relaxed() as connection:
            cursor, fill, refilling = _feed(connection, page.feed)
            if page.next < cursor:
                return
            for row in page.rows:
                _apply_row(connection, page, row, take, fill)
            if refilling and not page.more:
                _sweep(connection, page.feed, fill)
            connection.execute(
                "UPDATE feeds SET cursor = ?, refilling = ? WHERE feed = ?",
                (page.next, refilling and page.more, page.feed),
            )

    def _forget(self, feed: str) -> None:
        with self._writer.transaction() as connection:
            _feed(connection, feed)
            connection.execute("DELETE FROM unread_rows WHERE feed = ?", (feed,))
            connection.execute(
                "UPDATE feeds SET cursor = 0, fill = fill + 1, refilling = 1 WHERE feed = ?", (feed,)
            )
            if feed == "packs":
                connection.execute("UPDATE pack_rows SET change = 0")

    def _note_complete(self, at: datetime) -> None:
        with self._writer.relaxed() as connection:
            facts.put(connection, _COMPLETE_AT, at.isoformat())


class Unreadable(Exception):  # noqa: N818 - a verdict on a row
    """The row cannot be used; the text says why."""


Take = Callable[[Connection, FeedRow, int, int], None]
"""Applies one row that has a body: connection, row, the feed's fill, the hub's mark in our chain."""


def _feed(connection: Connection, feed: str) -> tuple[int, int, bool]:
    """A feed's cursor, fill, and whether it is being filled anew."""
    connection.execute("INSERT OR IGNORE INTO feeds (feed) VALUES (?)", (feed,))
    cursor, fill, refilling = connection.execute(
        "SELECT cursor, fill, refilling FROM feeds WHERE feed = ?", (feed,)
    ).fetchall()[0]
    return cursor, fill, bool(refilling)


def _apply_row(connection: Connection, page: FeedPage, row: FeedRow, take: Take, fill: int) -> None:
    try:
        if row.body is None:
            connection.execute(_REMOVE[page.feed], (row.key,))
        else:
            take(connection, row, fill, page.hub.high_water.seq)
    except (msgspec.ValidationError, PackMistakes, Unreadable) as error:
        connection.execute(
            "INSERT OR REPLACE INTO unread_rows (feed, key, change, reason) VALUES (?, ?, ?, ?)",
            (page.feed, row.key, row.change, str(error)),
        )
        connection.execute(_KEEP[page.feed], (fill, row.key))
    else:
        connection.execute("DELETE FROM unread_rows WHERE feed = ? AND key = ?", (page.feed, row.key))


def _sweep(connection: Connection, feed: str, fill: int) -> None:
    connection.execute(f"DELETE FROM {_TABLES[feed][0]} WHERE fill < ?", (fill,))  # noqa: S608


def _take_product(connection: Connection, row: FeedRow, fill: int, _mark_seq: int) -> None:
    product = _read(row, Product, key="code")
    connection.execute(
        "INSERT OR REPLACE INTO products (code, name, initials, fill, body) VALUES (?, ?, ?, ?, ?)",
        (
            product.code,
            product.name.casefold(),
            product.initials.casefold(),
            fill,
            msgspec.json.encode(row.body),
        ),
    )


def _take_member(connection: Connection, row: FeedRow, fill: int, mark_seq: int) -> None:
    member = _read(row, MemberRow, key="member_no")
    try:
        card_hash = bytes.fromhex(member.card_hash)
    except ValueError as error:
        raise Unreadable("card_hash is not hexadecimal") from error
    body = msgspec.to_builtins(row.body) | {"card_hash": ""}
    connection.execute(TAKE_MEMBER, (member.member_no, card_hash, mark_seq, fill, msgspec.json.encode(body)))


def _take_balances(connection: Connection, row: FeedRow, fill: int, mark_seq: int) -> None:
    member = _read(row, MemberBalances, key="member_no")
    connection.execute(
        "INSERT OR REPLACE INTO balances (member_no, mark_seq, fill, body) VALUES (?, ?, ?, ?)",
        (member.member_no, mark_seq, fill, msgspec.json.encode(row.body)),
    )


def _take_command(connection: Connection, row: FeedRow, fill: int, _mark_seq: int) -> None:
    command = _read(row, Command, key="id")
    connection.execute(
        "INSERT OR REPLACE INTO commands (id, fill, body) VALUES (?, ?, ?)",
        (command.id, fill, msgspec.json.encode(row.body)),
    )


def _take_staff(connection: Connection, row: FeedRow, fill: int, _mark_seq: int) -> None:
    person = _read(row, StaffRow, key="number")
    connection.execute(
        "INSERT OR REPLACE INTO staff (number, fill, body) VALUES (?, ?, ?)",
        (person.number, fill, msgspec.json.encode(row.body)),
    )


def _take_pickup(connection: Connection, row: FeedRow, fill: int, _mark_seq: int) -> None:
    waiting = _read(row, PickupRow, key="order")
    connection.execute(
        'INSERT OR REPLACE INTO pickups ("order", code_hash, fill, body) VALUES (?, ?, ?, ?)',
        (waiting.order, waiting.code_hash, fill, msgspec.json.encode(row.body)),
    )


def _take_terms(connection: Connection, row: FeedRow, fill: int, mark_seq: int) -> None:
    msgspec.convert(row.body, StoreTerms)
    connection.execute(
        "INSERT OR REPLACE INTO terms (store, mark_seq, fill, body) VALUES (?, ?, ?, ?)",
        (row.key, mark_seq, fill, msgspec.json.encode(row.body)),
    )


def _take_terminal(connection: Connection, row: FeedRow, fill: int, _mark_seq: int) -> None:
    terminal = _read(row, TerminalRow, key="terminal")
    connection.execute(
        "INSERT OR REPLACE INTO terminals (terminal, fill, body) VALUES (?, ?, ?)",
        (terminal.terminal, fill, msgspec.json.encode(row.body)),
    )


def _take_pack(connection: Connection, row: FeedRow, fill: int, _mark_seq: int) -> None:
    apply_pack(connection, row, fill)


def _read(row: FeedRow, kind: type[Body], *, key: str) -> Body:
    """The body as its kind; a row under another key than its own could never be taken away again."""
    body = msgspec.convert(row.body, kind)
    if getattr(body, key) != row.key:
        raise Unreadable(f"the row's key {row.key!r} is not its {key} {getattr(body, key)!r}")
    return body


_TAKE: dict[str, Take] = {
    "balances": _take_balances,
    "commands": _take_command,
    "catalogue": _take_product,
    "members": _take_member,
    "pickups": _take_pickup,
    "staff": _take_staff,
    "packs": _take_pack,
    "terms": _take_terms,
    "terminals": _take_terminal,
}
_TABLES = {
    "balances": ("balances", "member_no"),
    "commands": ("commands", "id"),
    "catalogue": ("products", "code"),
    "members": ("members", "member_no"),
    "pickups": ("pickups", '"order"'),
    "staff": ("staff", "number"),
    "packs": ("pack_rows", "key"),
    "terms": ("terms", "store"),
    "terminals": ("terminals", "terminal"),
}
_REMOVE = {feed: f"DELETE FROM {table} WHERE {key} = ?" for feed, (table, key) in _TABLES.items()}  # noqa: S608
_KEEP = {feed: f"UPDATE {table} SET fill = ? WHERE {key} = ?" for feed, (table, key) in _TABLES.items()}  # noqa: S608
