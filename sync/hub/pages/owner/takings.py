"""What stores took in over some days: sums of receipts, and what only their bodies say."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, func, select

from pos.domain import day as days
from pos.domain.day import FIGURE_NAMES, Figures
from sync.hub.pages.owner import receipt_parts
from sync.hub.pages.owner.receipt_parts import Parts
from sync.hub.storage import schema


class Row(NamedTuple):
    """The receipts of one store, date and terminal together."""

    store: str
    date: str
    terminal: str
    figures: Figures


class Takings(Struct, frozen=True):
    """`rows` per store, date and terminal; `parts` of all of them, by (subject, key)."""

    rows: tuple[Row, ...]
    parts: Parts

    @property
    def figures(self) -> Figures:
        return total(self.rows)

    def per(self, name: str) -> dict[str, Figures]:
        """Sums by `store`, `date` or `terminal`, in that order of names."""
        groups: dict[str, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(getattr(row, name), []).append(row)
        return {key: total(groups[key]) for key in sorted(groups)}

    def part(self, subject: str) -> dict[str, int]:
        """What a subject comes to per key, largest first; keys at 0 are left out."""
        found = ((key, amount) for (which, key), amount in self.parts.items() if which == subject and amount)
        return dict(sorted(found, key=lambda one: (-one[1], one[0])))


def total(rows: Iterable[Row]) -> Figures:
    return days.add(row.figures for row in rows)


def taken(connection: Connection, stores: Iterable[str], first: date, last: date) -> Takings:
    """Everything booked for these stores on these business dates."""
    where = _on(tuple(stores), first, last)
    return Takings(_rows(connection, where), _parts(connection, where))


def figures_of(connection: Connection, stores: Iterable[str], first: date, last: date) -> Figures:
    """The sums alone, which cost little."""
    return total(_rows(connection, _on(tuple(stores), first, last)))


def per_store(connection: Connection, stores: Iterable[str], first: date, last: date) -> dict[str, Figures]:
    """The sums of each store that has any."""
    return Takings(_rows(connection, _on(tuple(stores), first, last)), defaultdict(int)).per("store")


def _on(stores: tuple[str, ...], first: date, last: date) -> list[Any]:
    table = schema.receipts.c
    return [table.store.in_(stores), table.date.between(first.isoformat(), last.isoformat())]


def _rows(connection: Connection, where: list[Any]) -> tuple[Row, ...]:
    table = schema.receipts.c
    place = (table.store, table.date, table.terminal)
    sums = [func.sum(getattr(table, name)) for name in FIGURE_NAMES]
    query = select(*place, *sums).where(*where).group_by(*place).order_by(*place)
    return tuple(
        Row(store, day, terminal, Figures(*map(int, figures)))
        for store, day, terminal, *figures in connection.execute(query)
    )


# --- what only bodies say ------------------------------------------------------------------------
#
# Receipts are never changed, so a store's day that has as many receipts as before, up to the same entry, has
# the same sums: they are kept in memory, and only days that grew are read again.

_KEPT_DAYS_MAX = 4_000
_Grown = tuple[int, int]  # how many receipts, and the newest entry
_kept: OrderedDict[tuple[str, str, str], tuple[_Grown, Parts]] = OrderedDict()
_kept_turn = threading.Lock()


def _parts(connection: Connection, where: list[Any]) -> Parts:
    table = schema.receipts.c
    database = str(connection.engine.url)
    query = select(table.store, table.date, func.count(), func.max(table.entry_id)).where(*where)
    parts: Parts = defaultdict(int)
    for store, day, count, newest in connection.execute(query.group_by(table.store, table.date)).all():
        key, grown = (database, store, day), (int(count), int(newest))
        with _kept_turn:
            known = _kept.get(key)
        if known is None or known[0] != grown:
            known = (grown, _read(connection, store, day))
            _keep(key, known)
        for part, amount in known[1].items():
            parts[part] += amount
    return parts


def _keep(key: tuple[str, str, str], found: tuple[_Grown, Parts]) -> None:
    with _kept_turn:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > _KEPT_DAYS_MAX:
            _kept.popitem(last=False)


def _read(connection: Connection, store: str, day: str) -> Parts:
    receipts, entries = schema.receipts, schema.journal_entries
    query = (
        select(receipts.c.kind, receipts.c.of, entries.c.body)
        .join(entries, entries.c.id == receipts.c.entry_id)
        .where(receipts.c.store == store, receipts.c.date == day)
    )
    parts: Parts = defaultdict(int)
    for kind, of, body in connection.execute(query).all():
        match kind:
            case "sale":
                receipt_parts.add_sale(parts, body)
            case "refund":
                receipt_parts.add_refund(parts, body, body_of(connection, of))
            case _:
                receipt_parts.add_membership(parts, body)
    return parts


def body_of(connection: Connection, receipt_no: str) -> bytes | None:
    """A receipt's entry as it was uploaded; None if the hub does not have it."""
    receipts, entries = schema.receipts, schema.journal_entries
    query = (
        select(entries.c.body)
        .join(receipts, receipts.c.entry_id == entries.c.id)
        .where(receipts.c.receipt_no == receipt_no)
    )
    found: bytes | None = connection.execute(query).scalar()
    return found
