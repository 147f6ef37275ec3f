"""The table of runs: one row per schedule, pack and period, carried on from where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from sync.hub.schedules.tables import schedule_runs

RUNNING, FINISHED = "running", "finished"


class Run(msgspec.Struct, frozen=True):
    """One run. `inputs` it was begun with and never change; `details` is what it found on the way.

    `cursor` is where its next chunk begins; `transfers` and `amounts` (unit to minor units) are booked.
    """

    id: int
    schedule: str
    pack: str
    period: str
    state: str
    inputs: dict[str, Any]
    inputs_sha256: str
    cursor: str
    details: dict[str, Any]
    transfers: int
    amounts: dict[str, int]
    started_at: str
    finished_at: str | None
    by: str

    @property
    def linked(self) -> str:
        """The reason that stands on each of its transfers; ends with the period."""
        return f"{self.schedule}:{self.pack}:{self.period}"

    @property
    def finished(self) -> bool:
        return self.state == FINISHED


def find(connection: Connection, schedule: str, pack: str, period: str) -> Run | None:
    table = schedule_runs.c
    here = (table.schedule == schedule) & (table.pack == pack) & (table.period == period)
    row = connection.execute(select(schedule_runs).where(here)).first()
    return None if row is None else _run(row)


def by_id(connection: Connection, run_id: int) -> Run:
    return _run(connection.execute(select(schedule_runs).where(schedule_runs.c.id == run_id)).one())


def runs(connection: Connection, *, limit: int = 200) -> tuple[Run, ...]:
    """All runs, the one begun last first."""
    query = select(schedule_runs).order_by(schedule_runs.c.id.desc()).limit(limit)
    return tuple(_run(row) for row in connection.execute(query))


def of_schedule(connection: Connection, schedule: str, pack: str) -> tuple[Run, ...]:
    """The runs of a schedule in the order of their periods."""
    table = schedule_runs.c
    query = select(schedule_runs).where(table.schedule == schedule, table.pack == pack)
    return tuple(_run(row) for row in connection.execute(query.order_by(table.period)))


def last_finished(connection: Connection, schedule: str, pack: str) -> Run | None:
    """The finished run of the latest period."""
    table = schedule_runs.c
    here = (table.schedule == schedule) & (table.pack == pack) & (table.state == FINISHED)
    query = select(schedule_runs).where(here).order_by(table.period.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _run(row)


def begin(
    connection: Connection,
    schedule: str,
    pack: str,
    period: str,
    *,
    inputs: Mapping[str, Any],
    at: str,
    by: str,
) -> Run:
    """A new run with its inputs, which are fixed from here on."""
    encoded = _encoded(inputs)
    connection.execute(
        insert(schedule_runs).values(
            schedule=schedule,
            pack=pack,
            period=period,
            state=RUNNING,
            inputs=encoded,
            inputs_sha256=hashlib.sha256(encoded.encode()).hexdigest(),
            cursor="",
            details="{}",
            transfers=0,
            amounts="{}",
            started_at=at,
            by=by,
        )
    )
    run = find(connection, schedule, pack, period)
    assert run is not None
    return run


def advance(connection: Connection, run: Run, **changes: Any) -> Run:
    """Writes how far a run has come; belongs into the transaction of the chunk that brought it there."""
    changed = msgspec.structs.replace(run, **changes)
    values = {name: _encoded(value) if isinstance(value, dict) else value for name, value in changes.items()}
    connection.execute(update(schedule_runs).where(schedule_runs.c.id == run.id).values(values))
    return changed


def _run(row: Any) -> Run:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's mapping
    for name in ("inputs", "details", "amounts"):
        values[name] = msgspec.json.decode(values[name])
    return Run(**values)


def _encoded(content: Mapping[str, Any]) -> str:
    return msgspec.json.encode(content, order="deterministic").decode()
