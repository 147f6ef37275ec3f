from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from pos.domain.message import Message, say
from sync.client.clock import HubClock
from sync.client.session import SyncSession
from sync.client.state import SyncState
from sync.client.transport import Limits
from sync.client.trouble import HubAway, HubTrouble
from sync.client.worker import SyncWorker
from sync.protocol.messages import Problem
from tests.sync.client.conftest import Till
from tests.sync.client.memory import TillClock

Until = Callable[[Callable[[], bool]], None]


class ScriptedSession:
    """Fails as told, then succeeds; remembers on which thread and with what it was asked."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.quarantined = 0
        self.problem: Message | None = None
        self.passes: list[bool] = []
        self.threads: set[str] = set()
        self.pages = 0
        self.began_s: list[float] = []

    def sync_once(self, *, feeds: bool, breathe: Callable[[], None]) -> None:
        self.began_s.append(time.monotonic())
        self.threads.add(threading.current_thread().name)
        self.passes.append(feeds)
        for _ in range(self.pages):
            breathe()
        if self.failures:
            raise self.failures.pop(0)


class Bench:
    """A worker and everything it told."""

    def __init__(self) -> None:
        self.told: list[SyncState] = []
        self.workers: list[SyncWorker] = []
        self.cart_open = False
        self.closed = 0

    def close(self) -> None:
        self.closed += 1

    def worker(
        self,
        session: ScriptedSession | SyncSession,
        close: Callable[[], None] | None = None,
        *,
        heartbeat_s: float = 0.02,
        clock: HubClock | None = None,
    ) -> SyncWorker:
        one = SyncWorker(
            session,
            close or self.close,
            clock=clock or HubClock(),
            now=TillClock(),
            on_change=self.told.append,
            pause_while=lambda: self.cart_open,
            heartbeat_s=heartbeat_s,
            chance=lambda: 0.999,
        )
        self.workers.append(one)
        return one


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    for worker in one.workers:
        worker.stop()


def test_before_the_first_exchange_nothing_is_claimed(bench: Bench) -> None:
    state = bench.worker(ScriptedSession()).state
    assert not state.online
    assert state.offline_since is not None
    assert state.last_contact is None


def test_it_runs_on_a_thread_named_sync(bench: Bench, until: Until) -> None:
    session = ScriptedSession()
    worker = bench.worker(session)
    worker.start()
    until(lambda: worker.state.online)
    assert session.threads == {"sync"}
    worker.stop()
    assert not any(thread.name == "sync" for thread in threading.enumerate())
    assert bench.closed == 1


def test_a_heartbeat_keeps_the_badge_truthful(bench: Bench, until: Until) -> None:
    session = ScriptedSession()
    worker = bench.worker(session)
    worker.start()
    until(lambda: len(session.passes) >= 5)
    assert len(bench.told) == 1, "an unchanged state is not told again"
    session.failures.append(HubAway("pulled"))
    until(lambda: not worker.state.online)
    assert worker.state.offline_since is not None
    assert worker.state.last_contact is not None
    assert worker.state.problem is None, "being away is nothing to look into"


def test_an_odd_answer_is_told_as_a_problem_and_goes_away(bench: Bench, until: Until) -> None:
    worker = bench.worker(ScriptedSession(HubTrouble(500, "error")))
    worker.start()
    until(lambda: worker.state.online)
    assert "HTTP 500" in str(bench.told[0].problem)
    assert not bench.told[0].online
    assert bench.told[-1].problem is None


def test_offline_since_is_when_it_began(bench: Bench, until: Until) -> None:
    session = ScriptedSession(HubAway("a"), HubAway("b"))
    worker = bench.worker(session)
    began = worker.state.offline_since
    worker.start()
    until(lambda: len(session.passes) == 2)
    assert worker.state.offline_since == began
    until(lambda: worker.state.online)
    assert worker.state.offline_since is None


def test_our_own_mistakes_end_a_pass_not_the_thread(
    bench: Bench, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    worker = bench.worker(ScriptedSession(RuntimeError("disk full")))
    worker.start()
    until(lambda: worker.state.online)
    assert "日志" in str(bench.told[0].problem)
    assert "disk full" in caplog.text


def test_a_listener_that_fails_harms_nothing(
    bench: Bench, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    def listener(_: SyncState) -> None:
        raise RuntimeError("no widget")

    session = ScriptedSession()
    worker = SyncWorker(
        session, bench.close, clock=HubClock(), now=TillClock(), on_change=listener, heartbeat_s=0.01
    )
    bench.workers.append(worker)
    worker.start()
    until(lambda: len(session.passes) >= 3)
    assert worker.state.online
    assert caplog.text.count("a listener of the sync state failed") == 1


def test_what_a_person_has_to_look_at_stands_beside_online(bench: Bench, until: Until) -> None:
    session = ScriptedSession()
    worker = bench.worker(session, clock=HubClock(1234))
    session.problem, session.quarantined = say("请看"), 2
    worker.start()
    until(lambda: worker.state.online)
    assert worker.state.problem == say("请看")
    assert worker.state.quarantined == 2
    assert worker.state.clock_offset_ms == 1234


def test_a_nudge_uploads_at_once_and_leaves_the_feeds_for_the_heartbeat(bench: Bench, until: Until) -> None:
    session = ScriptedSession()
    worker = bench.worker(session, heartbeat_s=60)
    worker.start()
    until(lambda: len(session.passes) == 1)
    worker.nudge()
    until(lambda: len(session.passes) == 2)
    assert session.passes == [True, False]


def test_nudges_do_not_undo_the_back_off(bench: Bench, until: Until) -> None:
    session = ScriptedSession(*(HubAway("still") for _ in range(50)))
    worker = bench.worker(session)
    worker.start()

    def nudged_twice() -> bool:
        worker.nudge()
        return len(session.passes) >= 2

    until(nudged_twice)
    assert session.began_s[1] - session.began_s[0] >= 0.95


def test_stopping_while_waiting_is_prompt(bench: Bench, until: Until) -> None:
    for session in (ScriptedSession(), ScriptedSession(*(HubAway("x") for _ in range(9)))):
        worker = bench.worker(session, heartbeat_s=60)
        worker.start()
        until(lambda seen=session: bool(seen.passes))  # type: ignore[misc]
        time.sleep(0.05)
        started = time.monotonic()
        worker.stop()
        assert time.monotonic() - started < 1


def test_stopping_before_the_start_is_fine(bench: Bench) -> None:
    bench.worker(ScriptedSession()).stop()


def test_an_open_cart_keeps_pages_apart_but_not_for_ever(bench: Bench, until: Until) -> None:
    session = ScriptedSession()
    session.pages = 2
    bench.cart_open = True
    worker = bench.worker(session, heartbeat_s=60)
    started = time.monotonic()
    worker.start()
    until(lambda: worker.state.online)
    assert time.monotonic() - started >= 0.5


def test_stopping_between_pages_is_prompt(bench: Bench, until: Until) -> None:
    session = ScriptedSession()
    session.pages = 1000
    bench.cart_open = True
    worker = bench.worker(session)
    worker.start()
    until(lambda: bool(session.passes))
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 1
    assert bench.told == []


def test_a_failure_is_logged_once(bench: Bench, until: Until, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    session = ScriptedSession()
    worker = bench.worker(session)
    worker.start()
    until(lambda: worker.state.online)
    session.failures += [HubAway("a"), HubAway("b")]
    until(lambda: not session.failures)
    until(lambda: worker.state.online)
    assert caplog.text.count("offline:") == 1


# --- with a real line ----------------------------------------------------------------------------


def test_a_till_and_its_hub(till: Till, bench: Bench, until: Until) -> None:
    till.hub.put_member("30000001", 1)
    worker = bench.worker(till.session, till.transport.close, clock=till.transport.clock)
    worker.start()
    until(lambda: worker.state.online)
    till.outbox.add()
    worker.nudge()
    until(lambda: till.outbox.confirmed == 1)
    till.hub.always = "html"
    until(lambda: not worker.state.online)
    spoilt = worker.state
    till.hub.always = None
    until(lambda: worker.state.online)
    assert (spoilt.problem is None, worker.state.problem is None) == (False, True)
    assert worker.state.clock_offset_ms is not None


def test_a_refused_till_says_so(till: Till, bench: Bench, until: Until) -> None:
    till.hub.refuses = Problem("terminal_revoked", "这台收银机已被停用。", "请联系联盟总部。")
    worker = bench.worker(till.session, till.transport.close)
    worker.start()
    until(lambda: worker.state.problem is not None)
    assert "停用" in str(worker.state.problem)
    assert not worker.state.online


def test_stopping_while_a_request_hangs_is_prompt(till: Till, bench: Bench, until: Until) -> None:
    till.transport = till.connect(Limits(read_s=20, total_s=20))
    till.hub.always = "hang"
    worker = bench.worker(till.restart(), till.transport.close)
    worker.start()
    until(lambda: bool(till.hub.seen))
    started = time.monotonic()
    worker.stop()
    assert time.monotonic() - started < 2
