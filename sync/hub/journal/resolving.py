"""What was set aside is settled: read again by a newer program, or looked at by a person who says why.

Nothing is ever thrown away: an entry that is dismissed stays as it came, with the reason of whoever looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from pos.domain.events import ReceiptEvent
from pos.domain.journal import ChainIdentity, Entry
from sync.hub.alliance import stocking, telling
from sync.hub.codes import code_book, tags
from sync.hub.hub import Hub
from sync.hub.journal import booking, books, judging
from sync.hub.journal.booking import Source
from sync.hub.journal.judging import Writer
from sync.hub.journal.tables import settled_entries
from sync.hub.storage import schema
from sync.hub.words import Told, Words

_TABLE = schema.journal_entries
_ASIDE = ("quarantined", "exists_with_different_content")
HASHES_MAX = 100
"""So many hashes of what is still set aside a till is told at once."""


class SetAside(msgspec.Struct, frozen=True):
    """An entry that waits for somebody; `entry` is the hub's number of it."""

    entry: int
    terminal: str
    epoch: int
    seq: int
    kind: str
    verdict: str
    reason: str
    received_at: str


def waiting(connection: Connection, language: Any) -> list[SetAside]:
    """Everything that nobody has settled, oldest first."""
    return [
        SetAside(
            row.id,
            row.terminal,
            row.epoch,
            row.seq,
            row.kind,
            row.verdict,
            judging.sentence(row.reason, row.detail, language),
            row.received_at,
        )
        for row in _waiting(connection)
    ]


def hashes_of(connection: Connection, terminal: str, epoch: int) -> tuple[str, ...]:
    """What is still set aside of one chain, for its till; hexadecimal."""
    rows = _waiting(connection, (_TABLE.c.terminal == terminal) & (_TABLE.c.epoch == epoch))
    return tuple(bytes(row.hash).hex() for row in rows[:HASHES_MAX])


def retry(hub: Hub) -> int:
    """Reads again what this hub's program could not read when it came; books what it can now. How many."""
    settled = 0
    with hub.database.write() as connection:
        for row in _waiting(connection, _TABLE.c.reason == judging.UNREADABLE):
            settled += _read_again(hub, connection, row)
    return settled


def dismiss(hub: Hub, connection: Connection, entry: int, reason: str) -> None:
    """Somebody has looked: it is not booked, and waits no more.

    Raises:
        Told: no such entry waits, or there is no reason.

    """
    if not reason.strip():
        raise Told(_NO_REASON)
    if not _waiting(connection, _TABLE.c.id == entry):
        raise Told(_NOT_WAITING, entry=entry)
    _settle(hub, connection, entry, "dismissed", reason.strip()[:200])


def _waiting(connection: Connection, where: Any = None) -> Sequence[Row[Any]]:
    settled = select(settled_entries.c.entry_id)
    query = select(_TABLE).where(_TABLE.c.verdict.in_(_ASIDE), _TABLE.c.id.not_in(settled))
    if where is not None:
        query = query.where(where)
    return connection.execute(query.order_by(_TABLE.c.id)).all()


def _read_again(hub: Hub, connection: Connection, row: Row[Any]) -> bool:
    identity = ChainIdentity(row.terminal, row.epoch, row.incarnation)
    chains = schema.chains.c
    chain = connection.execute(
        select(schema.chains).where(chains.terminal == row.terminal, chains.epoch == row.epoch)
    ).one()
    writer = Writer(identity, chain.store, bytes(chain.public_key))
    entry = Entry(row.seq, bytes(row.prev_hash), bytes(row.hash), bytes(row.body))
    reading = judging.read(writer, entry, judging.damage_of(identity, entry))
    if reading.event is None:
        return False
    named = tags.resolved(connection, filter(None, [tags.of(reading.event)]))
    member_no = named.get(tags.of(reading.event) or "")
    event = reading.event if member_no is None else tags.with_number(reading.event, member_no)
    if isinstance(event, ReceiptEvent):
        codes = code_book.load(connection, identity, [event], lambda: hub.keys.listed)
        kept = books.load(connection, writer.store, [event], codes)
        if event.receipt_no in kept.receipts:
            return False
        booking.book(kept, event, Source(row.id, entry.hash.hex(), identity, row.received_at))
        kept.write(connection)
        telling.tell_tills(connection, frozenset(kept.moved), stocking.today(hub, connection))
    _settle(hub, connection, row.id, "read", "")
    return True


def _settle(hub: Hub, connection: Connection, entry: int, how: str, reason: str) -> None:
    connection.execute(
        settled_entries.insert().values(entry_id=entry, how=how, reason=reason, settled_at=hub.time())
    )


_NO_REASON = Words("请写明原因。", "Give a reason.")
_NOT_WAITING = Words("没有待查的记录 {entry}。", "No entry {entry} waits.")
