"""The day's pool for the holders of unlocked value, members and merchants alike (ruling 18).

Who takes part, and with how much, is written down in the transaction that begins; later chunks book from
that. So a refund between two chunks changes nobody's share, and can leave a holding below zero as any
refund can.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, ClassVar

import msgspec
from sqlalchemy import Connection, text

from pos.domain.ledger import ALLIANCE_ISSUED, Posting
from pos.domain.money import round_half_up
from pos.domain.programme.pack import Pack
from pos.domain.programme.timed import DailyPool
from sync.hub.alliance import terms
from sync.hub.schedules import proportion, runs
from sync.hub.schedules.calendar import DAY, days, first_day
from sync.hub.schedules.proportion import Split
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import VALUE_USED, Chunk, Moment

_HOLDERS = text(
    """
    INSERT INTO schedule_shares (run, account, plan, consumption_fen, weight, extra)
    SELECT :run, held.account, '', 0, held.amount - COALESCE(kept.amount, 0), 0
    FROM balances AS held
    LEFT JOIN (
        SELECT given.account, SUM(given.amount) AS amount
        FROM schedule_awards AS given JOIN members ON given.account = 'member:' || members.member_no
        WHERE given.kind = 'joining' AND given.unit = :unit AND given.locked AND NOT members.activated
        GROUP BY given.account
    ) AS kept ON kept.account = held.account
    WHERE held.unit = :unit AND held.amount > COALESCE(kept.amount, 0)
    AND (held.account LIKE 'member:%' OR held.account LIKE 'merchant:%')
    """
)


class Pool:
    """One of a pack's daily pools. A period is a day that is over; missed days are given out one by one."""

    needs: ClassVar[str] = ""
    catches_up: ClassVar[bool] = False

    def __init__(self, pack: Pack, rule: DailyPool) -> None:
        self.name = f"daily_pool:{rule.by}-{rule.asset}"
        self.pack = pack
        self.rule = rule

    def due(self, connection: Connection, today: dt.date) -> tuple[str, ...]:
        last = runs.last_finished(connection, self.name, self.pack.id)
        first = dt.date.fromisoformat(last.period) + DAY if last else first_day(connection, self.pack.id)
        return tuple(day.isoformat() for day in days(first, today))

    def inputs(self, connection: Connection, period: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        asset = self.pack.asset(self.rule.asset)
        price = terms.prices_on(connection, period).get(asset.id, asset.price_yuan)
        return {"pool": asset.minor(self.rule.amount), "price_yuan": price}

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        if "split" not in run.details:
            return self._begin(connection, run)
        split = msgspec.convert(run.details["split"], Split)
        rows = [*_shares(connection, run, split, moment.limit)]
        postings = [one for row in rows for one in self._postings(run, *row)]
        cursor = rows[-1][0] if rows else run.cursor
        return Chunk(cursor, done=len(rows) < moment.limit, postings=postings)

    def _begin(self, connection: Connection, run: Run) -> Chunk:
        connection.execute(_HOLDERS, {"run": run.id, "unit": self.rule.by})
        split = proportion.prepare(connection, run.id, run.inputs["pool"])
        if split is None:  # nobody holds any: the day's pool is not given out
            return Chunk(done=True, details={"not_given": run.inputs["pool"]})
        return Chunk(details={"split": msgspec.to_builtins(split)})

    def _postings(self, run: Run, account: str, unlocked: int, amount: int) -> Iterator[Posting]:
        """What one gets, and what value that uses up at the day's price."""
        asset, by = self.pack.asset(self.rule.asset), self.pack.asset(self.rule.by)
        exactly = amount * Fraction(run.inputs["price_yuan"]) * Fraction(10**by.scale, 10**asset.scale)
        used = min(unlocked, round_half_up(exactly))
        if amount:
            yield Posting(ALLIANCE_ISSUED, account, asset.id, amount, "pool")
        if used:
            yield Posting(account, VALUE_USED, by.id, used, "value_used")


def _shares(connection: Connection, run: Run, split: Split, limit: int) -> Iterator[tuple[str, int, int]]:
    """The next accounts, their weight and what they get."""
    shares = split.shares(" AND account > :after")
    query = (
        f"SELECT account, weight, {split.amount} AS amount FROM ({shares}) AS s ORDER BY account LIMIT :limit"  # noqa: S608
    )
    found = connection.execute(text(query), {"run": run.id, "after": run.cursor, "limit": limit})
    for row in found:
        yield row.account, int(row.weight), int(row.amount)
