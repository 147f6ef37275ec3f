"""Schedules that go over all accounts and do whatever is due by today: one run catches up missed days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import Connection, and_, func, or_, select

from pos.domain.ledger import ALLIANCE_ISSUED
from pos.domain.programme.pack import Pack
from sync.hub.schedules import runs
from sync.hub.storage import schema

MEMBERS = "member:%"
MERCHANTS = "merchant:%"


class Sweep:
    """Due once a day. What is new on a day after its run waits for the next."""

    needs: ClassVar[str] = ""
    catches_up: ClassVar[bool] = True

    def __init__(self, name: str, pack: Pack) -> None:
        self.name = name
        self.pack = pack

    def due(self, connection: Connection, today: dt.date) -> tuple[str, ...]:
        last = runs.last_finished(connection, self.name, self.pack.id)
        return () if last is not None and last.period >= today.isoformat() else (today.isoformat(),)

    def inputs(self, _connection: Connection, _period: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        return {}


def holders(
    connection: Connection, unit: str, after: str, limit: int, kinds: Sequence[str] = (MEMBERS,)
) -> list[str]:
    """The next accounts of these kinds that ever held a unit, in the database's order of names."""
    table = schema.balances.c
    query = (
        select(table.account)
        .where(table.unit == unit, table.account > after, or_(*(table.account.like(kind) for kind in kinds)))
        .order_by(table.account)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def earned(connection: Connection, unit: str, accounts: Sequence[str]) -> dict[str, int]:
    """What the alliance ever gave each of neighbouring accounts, less what went back to it."""
    if not accounts:
        return {}
    found: dict[str, int] = {}
    table = schema.transfers.c
    for account, other, sign in ((table.credit, table.debit, 1), (table.debit, table.credit, -1)):
        within = and_(account >= accounts[0], account <= accounts[-1])
        query = select(account.label("account"), func.sum(table.amount).label("amount"))
        query = query.where(within, table.unit == unit, other == ALLIANCE_ISSUED).group_by(account)
        for row in connection.execute(query):
            found[row.account] = found.get(row.account, 0) + sign * int(row.amount)
    return found
