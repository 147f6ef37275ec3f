"""A run that is stopped anywhere is completed by the next one, exactly; uploads get their turn in between."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sync.hub.hub import Hub
from sync.hub.schedules import running, runs
from sync.hub.schedules.turns import Asked
from tests.sync.hub.books import balances, changes
from tests.sync.hub.schedules.alliance import add_members, give, on, publish
from tests.sync.hub.schedules.receipts import turnover
from tests.sync.hub.schedules.test_distribution import consumed

TEN = [f"1300000{digit}" for digit in range(10)]
ACCOUNTS = [f"member:{number}" for number in TEN]


def expiry(hub: Hub) -> Asked:
    publish(hub, "community_groupbuy", "2026-01-01")
    add_members(hub, *TEN, plan="vip")
    give(hub, "2026-01-10", dict.fromkeys(ACCOUNTS, 500), "points")
    return Asked(("expiry",))


def daily_pool(hub: Hub) -> Asked:
    publish(hub, "gongxianggou", "2027-01-31")
    add_members(hub, *TEN)
    give(hub, "2026-01-10", {account: 100 + n * 333 for n, account in enumerate(ACCOUNTS)}, "share_value")
    return Asked(("daily_pool",))


def release(hub: Hub) -> Asked:
    publish(hub, "zhongdian", "2026-11-01")
    add_members(hub, *TEN)
    give(hub, "2026-11-01", {account: 100_00 + n for n, account in enumerate(ACCOUNTS)}, "points")
    turnover(hub, {"2026-11-15": 100, "2026-12-15": 115})
    return Asked(("release",))


def joining(hub: Hub) -> Asked:
    publish(hub, "gongxianggou", "2027-01-29")
    add_members(hub, *TEN)
    return Asked(("joining",))


def invitations(hub: Hub) -> Asked:
    publish(hub, "community_groupbuy", "2026-01-01")
    add_members(hub, *TEN, plan="vip")
    for number in TEN:
        add_members(hub, *(f"{number}{friend}" for friend in range(3)), plan="vip", referrer=number)
    return Asked(("invitations",))


def milestones(hub: Hub) -> Asked:
    add_members(hub, *TEN, plan="basic")
    give(hub, "2026-01-10", {account: 997_00 + n * 1_00 for n, account in enumerate(ACCOUNTS)}, "points")
    return Asked(("milestones",))


def distribution(hub: Hub) -> Asked:
    publish(hub, "tongyi", "2026-01-01")
    add_members(hub, *TEN, plan="basic")
    give(hub, "2026-01-10", dict.fromkeys(ACCOUNTS, 1), "sales")
    consumed(hub, {account: 100_00 + n * 77 for n, account in enumerate(ACCOUNTS)})
    return Asked(("distribution",), given={"net_profit_fen": 123_456_78})


TODAY = "2027-02-01"
SCENES = [expiry, daily_pool, release, joining, invitations, milestones, distribution]
Scene = Callable[[Hub], Asked]


class Stopped(Exception):  # noqa: N818 - what a power cut is to a process
    """The process ends here."""


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("inside", [False, True], ids=["between chunks", "inside chunks"])
def test_stopped_at_every_chunk(
    hub: Hub, scene: Scene, inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, hub = scene(hub)._replace(accounts_a_chunk=4, accounts_a_set=4), on(hub, TODAY)
    before = balances(hub)
    ran, would = running.dry_run(hub, asked)
    assert balances(hub) == before
    stops = _stop_inside(hub, asked, monkeypatch) if inside else _stop_between(hub, asked)
    assert stops >= 3 * len(ran)
    assert changes(before, balances(hub)) == moved(would) != {}
    with hub.database.read() as connection:
        assert all(one.finished for one in runs.runs(connection))
    assert running.run(hub, asked, pause=_go_on) in ([], []), "finished is finished"
    assert changes(before, balances(hub)) == moved(would)


def _stop_between(hub: Hub, asked: Asked) -> int:
    """Every call does one chunk and is stopped; returns how often."""
    return _until_done(hub, asked, _stop)


def _stop_inside(hub: Hub, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> int:
    """Every other chunk is stopped after it has booked and before it is committed."""
    advance, count = runs.advance, iter(range(10**9))

    def every_other(*args: Any, **changes: Any) -> runs.Run:
        if next(count) % 2 == 0:
            raise Stopped
        return advance(*args, **changes)

    monkeypatch.setattr(runs, "advance", every_other)
    stops = _until_done(hub, asked, _go_on)
    monkeypatch.undo()
    return stops


def _until_done(hub: Hub, asked: Asked, pause: Callable[[float], None]) -> int:
    for stops in range(1_000):
        try:
            running.run(hub, asked, pause=pause)
        except Stopped:
            continue
        return stops
    raise AssertionError("it never ends")


def _stop(_seconds: float) -> None:
    raise Stopped


def _go_on(_seconds: float) -> None:
    pass


def moved(postings: list[Any]) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for one in postings:
        sums[one.credit, one.unit] += one.amount
        sums[one.debit, one.unit] -= one.amount
    return {key: amount for key, amount in sums.items() if amount}


KILLED = """
import dataclasses, datetime, os, signal, sys
from pathlib import Path
from sync.hub.hub import opened
from sync.hub.schedules import running
from sync.hub.schedules.turns import Asked
from sync.hub.storage.data_folder import DataFolder

chunks = iter(range(3))

def die(_seconds):
    if next(chunks) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

with opened(DataFolder(Path(sys.argv[1]))) as hub:
    hub = dataclasses.replace(hub, now=lambda: datetime.datetime.fromisoformat("2027-02-01T12:00:00+08:00"))
    running.run(hub, Asked(("expiry",), accounts_a_chunk=2), pause=die)
"""


def test_a_killed_process(hub: Hub) -> None:
    asked, hub = expiry(hub), on(hub, TODAY)
    before = balances(hub)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(hub.folder.path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert 0 < len(changes(before, balances(hub))) < 1 + len(TEN)
    (ran,) = running.run(hub, asked, pause=_go_on)
    assert ran.run
    assert ran.run.amounts == {"points": 500 * len(TEN)}
    assert changes(before, balances(hub)) == {
        **dict.fromkeys(((account, "points") for account in ACCOUNTS), -500),
        ("alliance:expired", "points"): 5_000,
    }


def test_others_write_between_chunks(hub: Hub) -> None:
    """What is waiting for its turn gets it after every chunk."""
    asked, written = expiry(hub)._replace(accounts_a_chunk=2), []

    def write(_seconds: float) -> None:
        with hub.database.write():
            written.append(True)

    running.run(on(hub, TODAY), asked, pause=write)
    assert len(written) > len(TEN) / 2
