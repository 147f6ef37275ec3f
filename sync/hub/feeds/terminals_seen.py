"""How every terminal is: when it was last heard of, and what it last reported of itself."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, func, select

from sync.hub.feeds.tables import terminal_reports
from sync.hub.hub import Hub
from sync.hub.journal.tables import settled_entries
from sync.hub.storage import schema
from sync.hub.words import stamp
from sync.protocol.commands import TerminalReport

SEEN_EVERY = dt.timedelta(minutes=1)
"""How exactly `last_seen` is kept: a till asks far more often than this is worth writing down."""

Standing = Literal["not_enrolled", "current", "replaced", "revoked"]


class TerminalState(msgspec.Struct, frozen=True):
    """One terminal as the hub knows it. Moments are ISO 8601 text in UTC (`pending_since`: the till's).

    `last_seen` is to the minute, None if the terminal never asked anything. `quarantined` counts its entries
    that the hub set aside. What only the terminal knows (`software` to `last_command`) is None before its
    first report; `reported_at` says how old it is.
    """

    terminal: str
    store: str
    label: str
    standing: Standing
    epoch: int
    quarantined: int
    last_seen: str | None = None
    reported_at: str | None = None
    software: str | None = None
    pending: int | None = None
    pending_since: str | None = None
    clock_offset_ms: int | None = None
    locked: bool | None = None
    last_command: int | None = None


def overview(connection: Connection, *, store: str | None = None) -> list[TerminalState]:
    """Every terminal (of a store), by store and id."""
    terminals, chains, reports = schema.terminals, _newest_chains(), terminal_reports
    query = (
        select(
            terminals,
            chains.c.standing,
            chains.c.epoch,
            reports.c.seen_at,
            reports.c.report,
            reports.c.reported_at,
        )
        .outerjoin(chains, chains.c.terminal == terminals.c.id)
        .outerjoin(reports, reports.c.terminal == terminals.c.id)
        .order_by(terminals.c.store, terminals.c.id)
    )
    if store is not None:
        query = query.where(terminals.c.store == store)
    set_aside = _set_aside(connection)
    return [_state(row, set_aside.get(row.id, 0)) for row in connection.execute(query)]


def _newest_chains() -> Any:
    chains = schema.chains
    newest = select(chains.c.terminal, func.max(chains.c.epoch).label("epoch")).group_by(chains.c.terminal)
    latest = newest.subquery()
    joined = chains.join(
        latest, (chains.c.terminal == latest.c.terminal) & (chains.c.epoch == latest.c.epoch)
    )
    return select(chains.c.terminal, chains.c.epoch, chains.c.standing).select_from(joined).subquery()


def _set_aside(connection: Connection) -> dict[str, int]:
    entries = schema.journal_entries
    query = (
        select(entries.c.terminal, func.count().label("entries"))
        .where(
            entries.c.verdict.in_(("quarantined", "exists_with_different_content")),
            entries.c.id.not_in(select(settled_entries.c.entry_id)),
        )
        .group_by(entries.c.terminal)
    )
    return {row.terminal: row.entries for row in connection.execute(query)}


def _state(row: Any, quarantined: int) -> TerminalState:
    state = TerminalState(
        terminal=row.id,
        store=row.store,
        label=row.label,
        standing=row.standing or "not_enrolled",
        epoch=row.epoch or 0,
        quarantined=quarantined,
        last_seen=row.seen_at,
    )
    if row.report is None:
        return state
    told = msgspec.json.decode(row.report, type=TerminalReport)
    return msgspec.structs.replace(
        state,
        reported_at=row.reported_at,
        software=told.software,
        pending=told.pending,
        pending_since=told.pending_since,
        clock_offset_ms=told.clock_offset_ms,
        locked=told.locked,
        last_command=told.last_command,
    )


# --- what terminals tell -------------------------------------------------------------------------


def note_report(hub: Hub, connection: Connection, terminal: str, report: TerminalReport) -> None:
    """Keeps a terminal's latest report; the outcomes in it have a place of their own."""
    kept = msgspec.json.encode(msgspec.structs.replace(report, done=())).decode()
    _put(connection, terminal, seen_at=hub.time(), reported_at=hub.time(), report=kept)


def is_news(hub: Hub, connection: Connection, terminal: str, report: TerminalReport) -> bool:
    """Whether a report is worth a write: it says something else than the last, or that is a minute old."""
    table = terminal_reports
    row = connection.execute(
        select(table.c.report, table.c.reported_at).where(table.c.terminal == terminal)
    ).first()
    if report.done or row is None or row.report is None:
        return True
    standing = msgspec.json.decode(row.report, type=TerminalReport)
    old = dt.datetime.fromisoformat(row.reported_at) <= hub.now() - SEEN_EVERY
    return old or msgspec.structs.replace(report, clock_offset_ms=None) != msgspec.structs.replace(
        standing, clock_offset_ms=None
    )


class LastSeen:
    """Which terminals this process has seen lately, so that a request is a write once a minute at most."""

    def __init__(self) -> None:
        self._noted: dict[str, dt.datetime] = {}

    def is_due(self, terminal: str, now: dt.datetime) -> bool:
        """Whether to write down that the terminal was seen; the same minute says so once."""
        noted = self._noted.get(terminal)
        if noted is not None and noted <= now < noted + SEEN_EVERY:
            return False
        self._noted[terminal] = now
        return True


def note_seen(hub: Hub, terminal: str) -> None:
    """Writes down that a terminal was heard of just now."""
    with hub.database.write() as connection:
        _put(connection, terminal, seen_at=stamp(hub.now()))


def _put(connection: Connection, terminal: str, **values: str) -> None:
    table = terminal_reports
    changed = connection.execute(table.update().where(table.c.terminal == terminal).values(values))
    if changed.rowcount == 0:
        connection.execute(table.insert().values(terminal=terminal, **values))
