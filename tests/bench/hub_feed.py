"""A new till's first filling with a million members, against putting the same bytes on the same disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import msgspec
from sqlalchemy import update

from pos.bootstrap.setting_up import join
from pos.bootstrap.till import open_till
from pos.domain.member_codes import card_hash
from sync.hub.alliance.founding import found
from sync.hub.feeds import snapshots
from sync.hub.feeds.feed_rows import EVERY_STORE
from sync.hub.hub import Hub, opened
from sync.hub.storage import bulk, schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.protocol.messages import MemberRow
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder
from tests.sync.hub.conftest import HOUR

PAIRS = 5
MEMBERS = 1_000_000
FLOOR = "copy of the resulting cache file + fsync"
_FIRST_NO, _FIRST_CHANGE = 50_000_000, 10_000_000


def hub_feed(n: int = PAIRS, members: int = MEMBERS) -> Comparison:
    """From an enrolled till with an empty cache until all feeds are complete; real HTTP on loopback."""
    with disk_folder() as folder, _serving(folder / "hub", members) as (hub, url):
        tills = (folder / f"till-{number}" for number in count(1))
        filled: list[Path] = []

        def fill() -> float:
            data = next(tills)
            join(data, url, str(make_code(hub, "S1-1", HOUR)[0]))
            with open_till(data) as till:
                took_s = timed(lambda: _see_that_it_worked(till.hub.fetch_once()))
                found_last = till.desk.members.by_number(str(_FIRST_NO + members - 1))
            assert found_last is not None, "the last member has come"
            filled.append(data / "cache.db")
            return took_s

        def copy() -> float:
            took_s = timed(lambda: _copy_durably(filled[-1], folder / "copy"))
            shutil.rmtree(filled.pop().parent)
            (folder / "copy").unlink()
            return took_s

        return compare("hub_feed", FLOOR, fill, copy, n=n, warm_up=1)


def _see_that_it_worked(problem: object) -> None:
    assert problem is None, problem


def _copy_durably(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())


@contextmanager
def _serving(data: Path, members: int) -> Iterator[tuple[Hub, str]]:
    """A hub in a process of its own, with that many members and a snapshot of them."""
    found(data, None)
    with opened(DataFolder(data)) as hub:
        _add_members(hub, members)
        snapshots.make(hub)
        command = [sys.executable, "-m", "sync.hub.cli", "serve", "--data", str(data), "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert server.stdout is not None
            yield hub, json.loads(server.stdout.readline())["url"]
        finally:
            server.terminate()
            server.wait()
            if server.stdout is not None:
                server.stdout.close()


def _add_members(hub: Hub, members: int) -> None:
    """Straight into the feed: what a hub keeps of members besides is nothing that a till is sent."""
    rows = (
        ("members", EVERY_STORE, str(number), _FIRST_CHANGE + number, msgspec.json.encode(_member(number)))
        for number in range(_FIRST_NO, _FIRST_NO + members)
    )
    counters = schema.counters
    with hub.database.write() as connection:
        bulk.insert(connection, schema.feed_rows, ("feed", "store", "key", "change", "body"), rows)
        last = _FIRST_CHANGE + _FIRST_NO + members
        connection.execute(update(counters).where(counters.c.name == "feed_change").values(value=last))


def _member(number: int) -> MemberRow:
    return MemberRow(str(number), card_hash(str(number)), "basic", "active", "2027-12-31", bought=True)
