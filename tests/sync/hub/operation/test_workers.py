"""Several worker processes on one real port, as `pos-hub serve --workers N` runs them.

`WORKER_BATCHES=300 python -m pytest tests/sync/hub/operation/test_workers.py -k killed` is the long campaign: a
worker is killed every few seconds.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sync.hub.alliance import places
from sync.hub.hub import opened
from sync.hub.operation import workers
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.protocol.messages import FeedRow
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_cli import TIMEOUT_S, Served

TILLS, BATCHES = 4, int(os.environ.get("WORKER_BATCHES", "6"))
PATIENCE_S = 120  # a worker starts in two seconds, or in thirty where everything else runs, too
WORKERS = 2
KILLED_EVERY_S = 6  # a worker that starts on a busy machine needs half of it


class Stubborn:
    """Asks again as long as nobody answers, as a till does."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def request(self, method: str, url: str, *, headers: dict[str, str], data: Any) -> requests.Response:
        for _ in range(50):
            try:
                return self._session.request(method, url, headers=headers, data=data, timeout=PATIENCE_S)
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError("nobody answers")


def workers_of(served: Served) -> list[int]:
    found = subprocess.run(
        ["ps", "-ww", "--ppid", str(served.process.pid), "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split(None, 1) for line in found.stdout.splitlines()]
    return [int(pid) for pid, command in lines if "spawn_main" in command]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def tills(folder: DataFolder) -> list[FakeTerminal]:
    """Tills of the sample shop that are not enrolled yet; `code` stands where the terminal's id will."""
    with opened(folder) as hub:
        names = [f"S9-{number}" for number in range(1, TILLS + 1)]
        shop = places.Store("S9", "M1", "幸福里商贸", "九店", "", "Asia/Shanghai")
        with hub.database.write() as connection:
            places.add_store(connection, shop, tuple(places.Terminal(name, name) for name in names))
        return [FakeTerminal(Stubborn(), terminal=str(make_code(hub, name, HOUR)[0])) for name in names]


@pytest.fixture
def served(folder: DataFolder, tills: list[FakeTerminal]) -> Iterator[Served]:
    # Nobody reads the log while it is written: a line for each request would fill the pipe.
    served = Served(folder.path, "--workers", str(WORKERS), "--log-level", "warning")
    for till in tills:
        till.url = served.url
        till.enrol(till.terminal)
    yield served
    if served.process.poll() is None:
        served.stop()


def test_everything_is_booked_once_although_a_worker_is_killed(
    folder: DataFolder, tills: list[FakeTerminal], served: Served
) -> None:
    with opened(folder) as hub:
        before = balances(hub)
    reader, read, ended = Stubborn(), [list[FeedRow]()], threading.Event()

    def follow() -> None:
        following = FakeTerminal(reader, tills[0].url, tills[0].key, tills[0].incarnation)
        following.terminal = tills[0].terminal
        cursor, last_round = 0, False
        while not last_round:
            last_round = ended.is_set()
            page = following.feed("balances", cursor)
            read[0] += page.rows
            cursor = page.next

    def sell(till: FakeTerminal) -> None:
        for _ in range(BATCHES):
            for _ in range(3):
                till.write(sales.sale(till.next_receipt_no(), store="S9", redeem=0))
            till.upload(*till.entries[-3:])

    follower = threading.Thread(target=follow)
    sellers = [threading.Thread(target=sell, args=(till,)) for till in tills]
    for thread in (follower, *sellers):
        thread.start()
    victim = workers_of(served)[0]
    until(lambda: sum(len(till.entries) for till in tills) > TILLS * BATCHES)
    os.kill(victim, signal.SIGKILL)
    assert any(thread.is_alive() for thread in sellers)
    killed = 1
    while alive := [thread for thread in sellers if thread.is_alive()]:
        alive[0].join(KILLED_EVERY_S)
        if alive[0].is_alive():
            os.kill(workers_of(served)[-1], signal.SIGKILL)
            killed += 1
    ended.set()
    follower.join(PATIENCE_S)

    assert victim not in workers_of(served)
    until(lambda: len(workers_of(served)) == WORKERS)
    for till in tills:
        assert till.upload(*till.entries[-1:]).hub.high_water.seq == 3 * BATCHES
    count = TILLS * BATCHES * 3
    latest: dict[str, FeedRow] = {}
    for row in read[0]:
        assert row.change > getattr(latest.get(row.key), "change", 0)
        latest[row.key] = row
    assert sorted(latest.values(), key=lambda row: row.change) == list(tills[0].feed("balances").rows)
    day = tills[0].day(sales.DATE)
    assert len({receipt.receipt_no for receipt in day.receipts}) == len(day.receipts) == count
    figures = requests.get(f"{served.url}/metrics", timeout=TIMEOUT_S).text
    counted = dict(line.rsplit(" ", 1) for line in figures.splitlines() if line.startswith("pos_hub_journal"))
    assert (
        count <= float(counted['pos_hub_journal_entries_total{verdict="accepted"}']) + 3 * TILLS * killed
    ), "all but what a victim had just taken"
    log = served.stop()
    assert f'"gone": {victim}' in log
    with opened(folder) as hub:
        after = balances(hub)
    assert after["member:" + sales.MEMBER, "sales"] - before["member:" + sales.MEMBER, "sales"] == count


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_a_certificate_is_renewed_and_the_end_is_everybodys(
    tills: list[FakeTerminal], served: Served
) -> None:
    before = workers_of(served)
    served.process.send_signal(signal.SIGHUP)
    until(lambda: len(now := workers_of(served)) == WORKERS and not set(now) & set(before))
    tills[0].feed("packs")
    now = workers_of(served)
    served.stop()
    until(lambda: all(map(gone, now)))


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_workers_end_with_a_supervisor_that_was_killed(served: Served, folder: DataFolder) -> None:
    orphans = workers_of(served)
    assert len(orphans) == WORKERS
    served.process.kill()
    served.process.communicate(timeout=TIMEOUT_S)
    until(lambda: all(map(gone, orphans)))
    Served(folder.path).stop()


def test_one_at_a_time_over_processes(folder: DataFolder, tmp_path: Path) -> None:
    """`alone` is held by one thread of one process; a process that is killed gives it up."""
    held = tmp_path / "held"
    program = (
        "import sys, time; from pathlib import Path; from sync.hub.hub import opened; "
        "from sync.hub.storage.data_folder import DataFolder\n"
        "with opened(DataFolder(Path(sys.argv[1]))) as hub, hub.database.alone('recompute'):\n"
        "    Path(sys.argv[2]).touch(); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", program, str(folder.path), str(held)])
    until(held.exists)
    with opened(folder) as hub:
        had = threading.Event()

        def take() -> None:
            with hub.database.alone("recompute"):
                had.set()

        waiting = threading.Thread(target=take)
        waiting.start()
        with hub.database.alone("something else"):
            assert not had.wait(0.3)
        other.kill()
        other.wait()
        waiting.join(TIMEOUT_S)
        assert had.is_set()


class Line:
    """A worker as its supervisor's pulse knows it: one end of a pipe."""

    def __init__(self) -> None:
        self.parent_conn, self.child_conn = multiprocessing.Pipe()


def test_a_worker_that_hangs_is_noticed_without_waiting_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SILENT_S", 0.3)
    monkeypatch.setattr(workers, "_START_S", 0.6)
    line: Any = Line()
    pulse = workers._Pulse(line)
    assert pulse.beats()
    time.sleep(0.4)
    assert pulse.beats(), "while it starts it has more time"
    assert line.child_conn.recv() == b"ping"
    assert not line.child_conn.poll(), "asked once, however often one looks"
    line.child_conn.send(True)
    assert pulse.beats()
    time.sleep(0.4)
    assert not pulse.beats()
    line.child_conn.send(True)
    assert pulse.beats(), "late, but there"
    line.parent_conn.close()
    assert not pulse.beats()
