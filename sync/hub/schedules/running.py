"""Runs what is due: one period after the other, chunk by chunk, each chunk one transaction.

A run that was killed is completed by the next one from where it stands. A dry run does the very same in
one transaction that is rolled back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import Posting
from sync.hub.alliance import packs, stocking, telling
from sync.hub.hub import Hub
from sync.hub.schedules import runs, turns
from sync.hub.schedules.of_pack import schedules_of
from sync.hub.schedules.runs import FINISHED, Run
from sync.hub.schedules.schedule import Chunk, Moment, Schedule
from sync.hub.schedules.turns import Asked, Due
from sync.hub.storage import bulk, schema
from sync.hub.words import Told, Words

EVERYTHING = Asked()
_PAUSE_S = 0.01
"""Between chunks, so that an upload that waits gets its turn; SQLite's lock is no queue."""

Transaction = Callable[[], AbstractContextManager[Connection]]


class Ran(msgspec.Struct, frozen=True):
    """What became of a period. `already`: it was finished before, and nothing was changed.

    `waits_for` names the figure without which it was not begun; then there is no run.
    """

    schedule: str
    pack: str
    period: str
    run: Run | None = None
    already: bool = False
    waits_for: str = ""


def run(hub: Hub, asked: Asked = EVERYTHING, *, pause: Callable[[float], None] = time.sleep) -> list[Ran]:
    """Runs everything that is asked for and due, in order; what is finished stays as it is.

    Raises:
        Told: there is no such schedule, or the period cannot be run now.

    """
    with hub.database.alone("schedules"):
        return list(_Work(hub, asked, hub.database.read, hub.database.write, pause).all())


def dry_run(hub: Hub, asked: Asked = EVERYTHING) -> tuple[list[Ran], list[Posting]]:
    """What `run` would do and book, exactly; nothing of it stays. Uploads wait meanwhile.

    Raises:
        Told: as `run`.

    """
    with hub.database.alone("schedules"), _rolled_back(hub) as connection:
        same: Transaction = lambda: nullcontext(connection)  # noqa: E731 - as `read` and `write` are passed
        done = list(_Work(hub, asked, same, same, lambda _: None, tells=False).all())
        return done, _booked(connection, {one.run.linked for one in done if one.run and not one.already})


class _RollBack(Exception):  # noqa: N818 - no error: a transaction's way out
    """Nothing of this transaction stays."""


@contextmanager
def _rolled_back(hub: Hub) -> Iterator[Connection]:
    with suppress(_RollBack), hub.database.write() as connection:
        yield connection
        raise _RollBack


def _booked(connection: Connection, reasons: Iterable[str]) -> list[Posting]:
    """Everything that stands under these reasons, in the order of booking."""
    table = schema.transfers.c
    columns = [table.debit, table.credit, table.unit, table.amount, table.code, table.id]
    rows = bulk.matching(connection, select(*columns), table.linked, reasons)
    return [Posting(*row[:5]) for row in sorted(rows, key=lambda row: row.id)]


@dataclass(frozen=True, slots=True)
class _Work:
    """One call's work: what was asked for, and through which transactions it is done."""

    hub: Hub
    asked: Asked
    read: Transaction
    write: Transaction
    pause: Callable[[float], None]
    tells: bool = True

    def all(self) -> Iterator[Ran]:
        """A period can make the next one due, so what is due is asked again after each."""
        done, waiting = set[tuple[str, str, str]](), set[str]()
        while rest := [one for one in self._todo() if one.key not in done and one.schedule not in waiting]:
            one = rest[0]
            done.add(one.key)
            if self.asked.lacks(one):
                waiting.add(one.schedule)
                yield Ran(*one.key, waits_for=one.needs)
            else:
                yield self._carry_out(one)

    def _todo(self) -> list[Due]:
        with self.read() as connection:
            return turns.todo(connection, self.asked, stocking.today(self.hub, connection))

    def _carry_out(self, one: Due) -> Ran:
        with self.write() as connection:
            found = runs.find(connection, *one.key)
            if found is not None and found.finished:
                return Ran(*one.key, found, already=True)
            current = found or self._begin(connection, one)
            _check_given(current, self.asked.given)
        while not current.finished:
            with self.write() as connection:
                current = self._step(connection, current.id)
            self.pause(_PAUSE_S)
        return Ran(*one.key, current)

    def _begin(self, connection: Connection, one: Due) -> Run:
        pack = stocking.current_pack(connection)
        schedule = next(each for each in schedules_of(pack) if each.name == one.schedule)
        table = schema.packs.c
        version = (table.id == pack.id) & (table.version == pack.version)
        sha256 = connection.execute(select(table.sha256).where(version)).scalar_one()
        inputs = {
            "pack_version": pack.version,
            "pack_sha256": sha256,
            **schedule.inputs(connection, one.period, self.asked.given),
        }
        return runs.begin(connection, *one.key, inputs=inputs, at=self.hub.time(), by=self.asked.by)

    def _step(self, connection: Connection, run_id: int) -> Run:
        """The run's next chunk, booked, told and noted in one transaction."""
        current, stamp = runs.by_id(connection, run_id), self.hub.time()
        today = stocking.today(self.hub, connection)
        moment = Moment(today, stamp, self.asked.accounts_a_chunk, self.asked.accounts_a_set)
        chunk = _schedule_of(connection, current).chunk(connection, current, moment)
        _book(connection, current, chunk, stamp)
        if self.tells:
            moved = {account for one in chunk.postings for account in (one.debit, one.credit)}
            telling.tell_tills(connection, moved, today)
        return runs.advance(connection, current, **_progress(current, chunk, stamp))


def _check_given(run: Run, given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name in run.inputs and run.inputs[name] != value:
            raise Told(_BEGUN_OTHERWISE, name=name, was=run.inputs[name], schedule=run.schedule)


def _schedule_of(connection: Connection, run: Run) -> Schedule:
    """The schedule under the very pack that the run was begun with."""
    pack = packs.by_hash(connection, run.inputs["pack_sha256"])
    found = next((one for one in (schedules_of(pack) if pack else ()) if one.name == run.schedule), None)
    if found is None:
        raise Told(_PACK_UNREADABLE, schedule=run.schedule, pack=run.pack)
    return found


def _book(connection: Connection, run: Run, chunk: Chunk, stamp: str) -> None:
    columns = ("linked", "debit", "credit", "unit", "amount", "code", "booked_at")
    rows = [(run.linked, *msgspec.structs.astuple(one), stamp) for one in chunk.postings]
    if rows:
        bulk.insert(connection, schema.transfers, columns, rows)


def _progress(run: Run, chunk: Chunk, stamp: str) -> dict[str, Any]:
    """What a chunk changes in its run's row."""
    amounts, count = dict(run.amounts), run.transfers + len(chunk.postings)
    for one in chunk.postings:
        amounts[one.unit] = amounts.get(one.unit, 0) + one.amount
    for unit, (number, amount) in chunk.booked.items():
        amounts[unit] = amounts.get(unit, 0) + amount
        count += number
    changes: dict[str, Any] = {"cursor": chunk.cursor, "transfers": count, "amounts": amounts}
    if chunk.details:
        changes["details"] = {**run.details, **chunk.details}
    if chunk.done:
        changes |= {"state": FINISHED, "finished_at": stamp}
    return changes


_BEGUN_OTHERWISE = Words(
    "{schedule} 的这一期已经用 {name}={was} 开始，请用同样的数继续。",
    "This period of {schedule} was begun with {name}={was}; go on with the same figure.",
)
_PACK_UNREADABLE = Words(
    "{schedule} 中断时用的方案 {pack} 版本读不出来了，请联系技术员。",
    "The version of pack {pack} with which {schedule} was begun cannot be read any more; call a technician.",
)
