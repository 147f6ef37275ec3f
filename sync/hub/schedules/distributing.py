"""The year's profit to members in proportion to contribution (ruling 19), done inside the database.

Phases, each in chunks: reading what members consumed from entries that nobody has looked at yet; writing
down every contribution of the year, as far as the books had come when the run began; splitting the pool;
booking. All of the pool is booked, exactly, or carried over to the next year where nobody contributed.

Tills are not told: money is settled, not held, so no row of theirs changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from sqlalchemy import Connection, func, select, text

from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from pos.domain.programme.timed import Distribution
from pos.domain.schedules.distribution import pool_of
from sync.hub.schedules import consumption, contributions, proportion, runs
from sync.hub.schedules.calendar import first_day, year_as_stamps
from sync.hub.schedules.contributions import Weighing, Year
from sync.hub.schedules.proportion import Split
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import PROFIT, Chunk, Moment
from sync.hub.storage import schema
from sync.hub.words import Told, Words

NAME = "distribution"
NET_PROFIT = "net_profit_fen"
_ENTRIES_A_CHUNK = 1_000


class AnnualDistribution:
    """A period is a calendar year that is over."""

    name: ClassVar[str] = NAME
    needs: ClassVar[str] = NET_PROFIT
    catches_up: ClassVar[bool] = False

    def __init__(self, pack: Pack, rule: Distribution) -> None:
        self.pack = pack
        self.rule = rule

    def due(self, connection: Connection, today: dt.date) -> tuple[str, ...]:
        last = runs.last_finished(connection, self.name, self.pack.id)
        first = int(last.period) + 1 if last else self._first_year(connection)
        return tuple(str(year) for year in range(first, today.year))

    def inputs(self, connection: Connection, period: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if NET_PROFIT not in given:
            raise Told(_NEEDS_PROFIT, year=period)
        profit_fen = int(given[NET_PROFIT])
        before = runs.last_finished(connection, self.name, self.pack.id)
        carried_fen = before.details.get("carried_over_fen", 0) if before else 0
        begins, ends = year_as_stamps(connection, int(period))
        up_to = connection.execute(select(func.max(schema.transfers.c.id))).scalar() or 0
        year = Year(f"{period}-01-01", f"{period}-12-31", begins, ends, consumption.newest(connection), up_to)
        return {
            NET_PROFIT: profit_fen,
            "rule": msgspec.to_builtins(self.rule),
            "carried_in_fen": carried_fen,
            "pool_fen": pool_of(profit_fen, self.rule) + carried_fen,
            "weighing": msgspec.to_builtins(contributions.weighing(self.pack, self.rule)),
            "year": msgspec.to_builtins(year),
        }

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        phase, _, after = run.cursor.partition("/")
        match phase:
            case "":
                return self._read(connection, run, moment)
            case "collect":
                return self._collect(connection, run, after, moment.set_limit)
            case "split":
                return self._split(connection, run)
            case _:
                return self._book(connection, run, after, moment)

    def _first_year(self, connection: Connection) -> int:
        """That of the first receipt of a member, or of the pack where there is none."""
        table = schema.receipts.c
        first = connection.execute(select(func.min(table.date)).where(table.member_no.is_not(None))).scalar()
        return min(int(first[:4]) if first else dt.MAXYEAR, first_day(connection, self.pack.id).year)

    def _read(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        if consumption.catch_up(connection, min(moment.limit, _ENTRIES_A_CHUNK)):
            return Chunk()
        contributions.note_earlier_plans(connection, run.id, run.inputs["year"]["last"])
        return Chunk("collect/member:")

    def _collect(self, connection: Connection, run: Run, after: str, limit: int) -> Chunk:
        last = contributions.next_border(connection, after, limit)
        if last is None:
            return Chunk("split")
        weights = msgspec.convert(run.inputs["weighing"], Weighing)
        year = msgspec.convert(run.inputs["year"], Year)
        contributions.collect(connection, run.id, weights, year, after=after, last=last)
        return Chunk(f"collect/{last}")

    def _split(self, connection: Connection, run: Run) -> Chunk:
        split = proportion.prepare(connection, run.id, run.inputs["pool_fen"])
        if split is None:
            return Chunk(done=True, details={"carried_over_fen": run.inputs["pool_fen"]})
        return Chunk("book/", details={"split": msgspec.to_builtins(split), "carried_over_fen": 0})

    def _book(self, connection: Connection, run: Run, after: str, moment: Moment) -> Chunk:
        params = {"run": run.id, "after": after, "limit": moment.set_limit}
        last = connection.execute(_BORDER, params).scalar()
        if last is None:
            _check(run)
            return Chunk(done=True)
        split = msgspec.convert(run.details["split"], Split)
        within = " AND account > :after AND account <= :last"
        values = {"last": last, "linked": run.linked, "debit": PROFIT, "unit": CNY, "at": moment.stamp}
        query = _BOOK.format(amount=split.amount, shares=split.shares(within))
        count = connection.execute(text(query), params | values).rowcount
        paid = connection.execute(
            text(_PAID.format(amount=split.amount, shares=split.shares(within))), params | values
        )
        return Chunk(f"book/{last}", booked={CNY: (count, int(paid.scalar_one()))})


def _check(run: Run) -> None:
    """Nothing is called finished that does not add up."""
    if run.amounts.get(CNY, 0) != run.inputs["pool_fen"]:
        raise AssertionError(f"{run.linked}: {run.amounts} of {run.inputs['pool_fen']} were booked")


_BORDER = text(
    "SELECT MAX(account) FROM (SELECT account FROM schedule_shares "
    "WHERE run = :run AND account > :after ORDER BY account LIMIT :limit) AS neighbours"
)
_BOOK = """
    INSERT INTO transfers (linked, debit, credit, unit, amount, code, booked_at)
    SELECT :linked, :debit, account, :unit, amount, 'distributed', :at
    FROM (SELECT account, {amount} AS amount FROM ({shares}) AS shares) AS due
    WHERE amount > 0 ORDER BY account
"""
_PAID = "SELECT COALESCE(SUM({amount}), 0) FROM ({shares}) AS shares"
_NEEDS_PROFIT = Words(
    "{year} 年的分配需要净利润：加上 --net-profit，例如 --net-profit 125000.00。",
    "The distribution of {year} needs the net profit: add --net-profit, for example --net-profit 125000.00.",
)
