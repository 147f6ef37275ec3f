"""What an account is given once, whatever runs again: joining gifts, milestones, rungs of the ladder."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import ALLIANCE_ISSUED, Posting
from sync.hub.schedules.tables import schedule_awards
from sync.hub.storage import bulk


class Award(msgspec.Struct, frozen=True):
    """`amount` of `unit` (minor units; none: a standing in words) under a rule of a kind of schedule."""

    kind: str
    rule: str
    account: str
    unit: str = ""
    amount: int = 0
    locked: bool = False

    def posting(self) -> Posting:
        return Posting(ALLIANCE_ISSUED, self.account, self.unit, self.amount, self.kind)


def give(connection: Connection, found: Iterable[Award], stamp: str) -> list[Posting]:
    """Notes awards, and returns what is to be booked for them in the same transaction."""
    given = tuple(found)
    rows = [(*msgspec.structs.astuple(one), stamp) for one in given]
    bulk.insert(connection, schedule_awards, [column.name for column in schedule_awards.columns], rows)
    return [one.posting() for one in given if one.amount > 0]


def given_to(connection: Connection, kind: str, accounts: Iterable[str]) -> dict[str, set[str]]:
    """The rules under which accounts were given something, by account."""
    table = schedule_awards.c
    query = select(table.account, table.rule).where(table.kind == kind)
    found: dict[str, set[str]] = {}
    for row in bulk.matching(connection, query, table.account, accounts):
        found.setdefault(row.account, set()).add(row.rule)
    return found


def of_account(connection: Connection, account: str) -> tuple[Award, ...]:
    """Everything an account was given, as a member's page shows it."""
    table = schedule_awards.c
    query = select(table.kind, table.rule, table.account, table.unit, table.amount, table.locked)
    query = query.where(table.account == account).order_by(table.awarded_at, table.kind, table.rule)
    return tuple(Award(*row) for row in connection.execute(query))
