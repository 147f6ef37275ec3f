"""Whose turn it is: what is due, and whether a period that a person names can be run now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from pos.domain.programme.pack import Pack
from sync.hub.alliance import packs
from sync.hub.schedules import runs
from sync.hub.schedules.of_pack import schedules_of
from sync.hub.schedules.runs import FINISHED
from sync.hub.schedules.schedule import Schedule, kind_of
from sync.hub.schedules.tables import schedule_runs
from sync.hub.words import Told, Words


class Due(msgspec.Struct, frozen=True):
    """A period that is to be run now. `needs` names a figure that a person must give first.

    `begun`: there is a run of it already, which goes on.
    """

    schedule: str
    pack: str
    period: str
    needs: str = ""
    begun: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.schedule, self.pack, self.period


class Asked(NamedTuple):
    """What a person asked for. No `names`: everything; `period` only together with one name.

    `given` are figures that only a person knows, by what schedules call them in `needs`. Chunks are as large
    as leaves uploads waiting for a second at most on a slow machine.
    """

    names: Collection[str] = ()
    period: str | None = None
    given: Mapping[str, Any] = {}
    by: str = "pos-hub"
    accounts_a_chunk: int = 500
    accounts_a_set: int = 20_000

    def means(self, schedule: str) -> bool:
        return not self.names or schedule in self.names or kind_of(schedule) in self.names

    def lacks(self, one: Due) -> bool:
        """Whether a period cannot begin for want of a figure."""
        return bool(one.needs) and not one.begun and one.needs not in self.given


def due(connection: Connection, today: dt.date) -> tuple[Due, ...]:
    """Everything to be run: what was interrupted, then what the current pack's schedules ask for."""
    found = dict[tuple[str, str, str], Due]()
    table = schedule_runs.c
    begun = select(table.schedule, table.pack, table.period).where(table.state != FINISHED)
    for row in connection.execute(begun.order_by(table.id)):
        one = Due(row.schedule, row.pack, row.period, begun=True)
        found[one.key] = one
    pack = packs.current(connection)
    for schedule in _schedules(pack):
        for period in schedule.due(connection, today):
            one = Due(schedule.name, schedule.pack.id, period, needs=schedule.needs)
            found.setdefault(one.key, one)
    return tuple(found.values())


def todo(connection: Connection, asked: Asked, today: dt.date) -> list[Due]:
    """What of it was asked for, in order.

    Raises:
        Told: nothing has that name, or the period that was named cannot be run now.

    """
    found = [one for one in due(connection, today) if asked.means(one.schedule)]
    schedules = _schedules(packs.current(connection))
    named = [one for one in schedules if asked.means(one.name)]
    if asked.names and not named and not found:
        names = "、".join(one.name for one in schedules)
        raise Told(_NO_SUCH, name="、".join(asked.names), names=names or "-")
    if asked.period is None:
        return found
    if len(named) != 1:
        raise Told(_PERIOD_OF_ONE, names="、".join(one.name for one in named))
    return [_of_period(connection, named[0], asked.period, found, today)]


def _schedules(pack: Pack | None) -> tuple[Schedule, ...]:
    return schedules_of(pack) if pack else ()


def _of_period(
    connection: Connection, schedule: Schedule, period: str, found: list[Due], today: dt.date
) -> Due:
    """The period that was named, if it is its turn; one that has run is found to be finished later."""
    wanted = Due(schedule.name, schedule.pack.id, period, needs=schedule.needs)
    if runs.find(connection, *wanted.key) is not None:
        return msgspec.structs.replace(wanted, begun=True)
    last = runs.last_finished(connection, schedule.name, schedule.pack.id)
    if last is not None and period < last.period:
        raise Told(_LATER_IS_DONE, schedule=schedule.name, period=period, last=last.period)
    if not (_is_day_until(period, today) if schedule.catches_up else wanted in found):
        raise Told(_NOT_DUE, schedule=schedule.name, period=period)
    earlier = [one.period for one in found if one.begun or not schedule.catches_up]
    if earlier and earlier[0] < period:
        raise Told(_EARLIER_FIRST, schedule=schedule.name, period=earlier[0])
    return wanted


def _is_day_until(period: str, today: dt.date) -> bool:
    try:
        return dt.date.fromisoformat(period).isoformat() == period <= today.isoformat()
    except ValueError:
        return False


_NO_SUCH = Words(
    "当前方案没有计划任务 {name}；有：{names}。",
    "The current pack has no schedule {name}; it has: {names}.",
)
_PERIOD_OF_ONE = Words(
    "--period 只能和一个计划任务一起用。请写明是哪一个：{names}。",
    "--period goes with one schedule only. Name it: {names}.",
)
_LATER_IS_DONE = Words(
    "{schedule} 的 {period} 不能再运行：{last} 已经完成。没有记任何账。",
    "{schedule} cannot be run for {period} any more: {last} is finished already. Nothing was booked.",
)
_EARLIER_FIRST = Words(
    "{schedule} 要按顺序运行，先轮到 {period}。没有记任何账。",
    "{schedule} runs period by period, and {period} comes first. Nothing was booked.",
)
_NOT_DUE = Words(
    "{schedule} 没有可以运行的 {period}：还没到期，或者不是它的周期。没有记任何账。",
    "{schedule} has no {period} to run: it is not over yet, or is no period of it. Nothing was booked.",
)
