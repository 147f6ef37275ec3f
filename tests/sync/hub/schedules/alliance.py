"""An alliance for schedules: its date, what its members hold, and running what is due."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import msgspec

from pos.domain.ledger import ALLIANCE_ISSUED, Posting, member_account
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, packs
from sync.hub.alliance.members import Member
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.schedules import running
from sync.hub.schedules.running import Ran
from sync.hub.schedules.turns import Asked
from sync.hub.storage import schema
from tests.sync.hub import sales

CHUNK = 3
"""Few accounts a chunk, so that every run has several."""


def no_pause(_seconds: float) -> None:
    """Tests do not wait for uploads that do not come."""


def moment(date: str) -> dt.datetime:
    """Noon of a date where the alliance is."""
    return dt.datetime.fromisoformat(f"{date}T12:00:00+08:00")


def on(hub: Hub, date: str) -> Hub:
    """The hub on another date."""
    return dataclasses.replace(hub, now=lambda: moment(date))


def publish(hub: Hub, name: str, date: str) -> Pack:
    """Makes a shipped pack the current one, published on a date."""
    earlier, table = on(hub, date), schema.packs
    with earlier.database.write() as connection:
        if name != "tongyi":
            packs.publish(earlier, connection, sales.pack_bytes(name))
        connection.execute(table.update().where(table.c.id == name).values(published_at=earlier.time()))
    return sales.PACKS[name]


def add_members(hub: Hub, *numbers: str, plan: str = "member", **more: object) -> None:
    with hub.database.write() as connection:
        for number in numbers:
            member = Member(number, f"card{number}", plan, "active", "2030-12-31")
            members.put(connection, msgspec.structs.replace(member, **more))


def give(hub: Hub, date: str, amounts: dict[str, int], unit: str, *, code: str = "earned") -> None:
    """Books what accounts earned on a date, in minor units."""
    stamp = moment(date).astimezone(dt.UTC).isoformat(timespec="milliseconds")
    with hub.database.write() as connection:
        for account, amount in amounts.items():
            accounts.post(
                connection,
                f"given:{account}:{date}",
                (Posting(ALLIANCE_ISSUED, account, unit, amount, code),),
                stamp,
            )


def held(hub: Hub, number: str) -> dict[str, int]:
    with hub.database.read() as connection:
        return accounts.held(connection, member_account(number))


def run(hub: Hub, date: str, *names: str, **asked: Any) -> list[Ran]:
    """Runs what is due on a date, a few accounts a chunk."""
    wish = Asked(names=names, accounts_a_chunk=CHUNK, accounts_a_set=7 * CHUNK)._replace(**asked)
    return running.run(on(hub, date), wish, pause=no_pause)


def states(ran: list[Ran]) -> list[tuple[str, str]]:
    """Schedule and period of everything that was run to its end now."""
    return [(one.schedule, one.period) for one in ran if one.run and one.run.finished and not one.already]
