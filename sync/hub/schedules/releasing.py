"""Points that turn into vouchers period by period (ruling 17).

A period ends with its month, or on the day on which the platform's turnover in it reaches so much more than
the last period's. One that ended early is followed by one that has until the end of the next month: else
the rest of a month would be a period of its own, and any turnover growth beside it. A period is named by
its last day; the first begins on the day on which the pack was first published. Turnover is what all
receipts of its days were to pay, net of refunds, as far as they were here when its run began.

A lot is what is left of what one sale earned an account: a refund makes it smaller. What was released of
more than is left then is not taken back, but nothing follows until as much has become due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

import msgspec
from sqlalchemy import Connection, and_, func, select

from pos.domain.ledger import ALLIANCE_ISSUED, Posting
from pos.domain.programme.pack import Pack
from pos.domain.programme.timed import Release
from pos.domain.schedules.staged_release import has_grown, release
from sync.hub.ledger import holdings
from sync.hub.ledger.holdings import Move
from sync.hub.schedules import runs
from sync.hub.schedules.calendar import DAY, days, first_day, month_end
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import Chunk, Moment
from sync.hub.schedules.sweep import MEMBERS, MERCHANTS, holders
from sync.hub.schedules.tables import release_lots
from sync.hub.storage import bulk, schema


class Period(NamedTuple):
    """A period that is over. Its `number` counts from 1; `before_fen` is the turnover of the one before.

    `last` is its last day, `month_end` the last it could have had.
    """

    number: int
    first: str
    last: str
    month_end: str
    turnover_fen: int
    before_fen: int
    grew: bool


class Lot(msgspec.Struct, frozen=True):
    """Where a lot stands: the period that paid first, and what all have paid (minor units)."""

    account: str
    source: str
    first_period: int
    paid: int = 0
    ended: bool = False


class StagedRelease:
    """One of a pack's releases. Its periods follow one another and none can be left out."""

    needs: ClassVar[str] = ""
    catches_up: ClassVar[bool] = False

    def __init__(self, pack: Pack, rule: Release) -> None:
        self.name = f"release:{rule.asset}-{rule.into}"
        self.pack = pack
        self.rule = rule

    def due(self, connection: Connection, today: dt.date) -> tuple[str, ...]:
        return tuple(one.last for one in self._periods(connection, today))

    def inputs(self, connection: Connection, period: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        after = dt.date.fromisoformat(period) + DAY
        found = next(one for one in self._periods(connection, after) if one.last == period)
        up_to = connection.execute(select(func.max(schema.transfers.c.id))).scalar() or 0
        return {**found._asdict(), "up_to": up_to, "rule": msgspec.to_builtins(self.rule)}

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        accounts = holders(connection, self.rule.asset, run.cursor, moment.limit, (MEMBERS, MERCHANTS))
        if not accounts:
            return Chunk(done=True)
        moves = holdings.moves_of(connection, self.rule.asset, accounts, up_to=run.inputs["up_to"])
        standing = self._standing(connection, accounts)
        grew = {one.inputs["number"]: one.inputs["grew"] for one in self._finished(connection)}
        grew[run.inputs["number"]] = run.inputs["grew"]
        postings, changed = [], []
        for account in accounts:
            for source, points in _points(moves.get(account, []), run.inputs["last"]).items():
                lot = standing.get((account, source)) or Lot(account, source, run.inputs["number"])
                if not lot.ended:
                    after = self._after(lot, points, grew)
                    changed.append(after)
                    postings.append(self._posting(account, after.paid - lot.paid))
        self._keep(connection, changed)
        booked = [one for one in postings if one.amount > 0]
        return Chunk(accounts[-1], done=len(accounts) < moment.limit, postings=booked)

    # --- periods

    def _finished(self, connection: Connection) -> tuple[Run, ...]:
        return tuple(one for one in runs.of_schedule(connection, self.name, self.pack.id) if one.finished)

    def _periods(self, connection: Connection, today: dt.date) -> Iterator[Period]:
        """The periods that are over before `today` and have not run, in their order."""
        last = runs.last_finished(connection, self.name, self.pack.id)
        if last is None:
            number, before_fen, first = 1, 0, first_day(connection, self.pack.id)
            until = month_end(first)
        else:
            number, before_fen = last.inputs["number"] + 1, last.inputs["turnover_fen"]
            first = dt.date.fromisoformat(last.period) + DAY
            until = _next_month_end(last.inputs["month_end"])
        turnover = _turnover(connection, first)
        since, turnover_fen = first, 0
        for day in days(first, today):
            turnover_fen += turnover.get(day.isoformat(), 0)
            grew = number > 1 and has_grown(turnover_fen, before_fen, self.rule)
            if grew or day == until:
                begun, ended, latest = (one.isoformat() for one in (since, day, until))
                yield Period(number, begun, ended, latest, turnover_fen, before_fen, grew)
                number, before_fen, since, turnover_fen = number + 1, turnover_fen, day + DAY, 0
                until = _next_month_end(latest)

    # --- lots

    def _standing(self, connection: Connection, accounts: list[str]) -> dict[tuple[str, str], Lot]:
        table = release_lots.c
        within = and_(table.account >= accounts[0], table.account <= accounts[-1])
        query = select(table.account, table.source, table.first_period, table.paid, table.ended).where(
            table.schedule == self.name, table.pack == self.pack.id, within
        )
        return {(row.account, row.source): Lot(*row) for row in connection.execute(query)}

    def _after(self, lot: Lot, points: int, grew: Mapping[int, bool]) -> Lot:
        """The lot after this period, which is the last of `grew`."""
        history = [has_risen for number, has_risen in sorted(grew.items()) if number >= lot.first_period]
        scale, into_scale = (self.pack.asset(one).scale for one in (self.rule.asset, self.rule.into))
        released = release(points, history, self.rule, scale=scale, into_scale=into_scale)
        ended = released.cap_reached_in is not None or len(history) >= self.rule.periods_max
        return msgspec.structs.replace(lot, paid=max(lot.paid, released.total), ended=ended)

    def _posting(self, account: str, amount: int) -> Posting:
        return Posting(ALLIANCE_ISSUED, account, self.rule.into, amount, "released")

    def _keep(self, connection: Connection, lots: Iterable[Lot]) -> None:
        columns = ("schedule", "pack", *Lot.__struct_fields__)
        rows = [(self.name, self.pack.id, *msgspec.structs.astuple(one)) for one in lots]
        bulk.upsert(connection, release_lots, columns, rows, key=("schedule", "pack", "account", "source"))


def _next_month_end(until: str) -> dt.date:
    return month_end(dt.date.fromisoformat(until) + DAY)


def _points(moves: list[Move], last: str) -> dict[str, int]:
    """What is left by a day of each source's points."""
    until = dt.date.fromisoformat(last)
    holding = holdings.held((one for one in moves if one.on <= until), None)
    points: dict[str, int] = {}
    for lot in holding.lots:
        points[lot.source] = points.get(lot.source, 0) + lot.left
    return points


def _turnover(connection: Connection, first: dt.date) -> dict[str, int]:
    """What the receipts of each day from `first` on were to pay, net of refunds, in fen."""
    table = schema.receipts.c
    query = select(table.date, func.sum(table.payable_fen).label("fen"))
    query = query.where(table.date >= first.isoformat()).group_by(table.date)
    return {row.date: int(row.fen) for row in connection.execute(query)}
