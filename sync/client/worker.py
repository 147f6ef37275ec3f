"""The thread that keeps the till in touch with its hub, and the truth about whether it is."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from pos.domain.message import Message, say
from sync.client.back_off import FIRST_S, delay_s
from sync.client.clock import HubClock
from sync.client.state import SyncState
from sync.client.trouble import HubAway, HubFailure

HEARTBEAT_S = 10.0
PAUSE_S = 0.25
STOP_WAIT_S = 12.0

_log = logging.getLogger(__name__)
_dice = random.SystemRandom()


class Session(Protocol):
    """One pass at a time; see `session.SyncSession`."""

    @property
    def quarantined(self) -> int: ...

    @property
    def problem(self) -> Message | None: ...

    def sync_once(self, *, feeds: bool, breathe: Callable[[], None]) -> None: ...


class SyncWorker:
    """Runs a session on a thread of its own, named "sync".

    `close` ends an exchange under way (`HubTransport.close`). `pause_while` says that a cart is open:
    pages of a feed then keep `PAUSE_S` apart. `on_change` is called on the sync thread with each new
    state. `chance` gives numbers in [0, 1) for the jitter.
    """

    def __init__(
        self,
        session: Session,
        close: Callable[[], None],
        *,
        clock: HubClock,
        now: Callable[[], datetime],
        on_change: Callable[[SyncState], None] = lambda _: None,
        pause_while: Callable[[], bool] = lambda: False,
        heartbeat_s: float = HEARTBEAT_S,
        chance: Callable[[], float] = _dice.random,
    ) -> None:
        self._session, self._close, self._clock, self._now = session, close, clock, now
        self._on_change, self._pause_while = on_change, pause_while
        self._heartbeat_s, self._chance = heartbeat_s, chance
        self._state = SyncState(offline_since=now())
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._failures = 0
        self._feeds_due_s = 0.0
        self._feeds_wanted = threading.Event()

    @property
    def state(self) -> SyncState:
        """The latest snapshot; from any thread."""
        return self._state

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """Something is there to upload: come soon. From any thread."""
        self._wake.set()

    def look(self) -> None:
        """There is something to download: come soon, and ask for all feeds. From any thread."""
        self._feeds_wanted.set()
        self._wake.set()

    def stop(self) -> None:
        """Ends the thread, also in the middle of an exchange, and waits for it."""
        self._stopping.set()
        self._wake.set()
        self._close()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(STOP_WAIT_S)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._pass()
            self._rest()

    def _pass(self) -> None:
        feeds = self._feeds_wanted.is_set() or time.monotonic() >= self._feeds_due_s
        self._feeds_wanted.clear()
        try:
            self._session.sync_once(feeds=feeds, breathe=self._breathe)
        except _Stopped:
            return
        except HubFailure as failure:
            self._failed(failure.message, away=isinstance(failure, HubAway))
        except Exception:  # noqa: BLE001 - the thread must outlive a full disk and our own mistakes
            _log.exception("synchronisation failed on this till's side")
            self._failed(say("本机同步出错，收银照常，稍后自动重试。一直这样请把日志交给技术员"), away=False)
        else:
            self._succeeded(feeds=feeds)

    def _succeeded(self, *, feeds: bool) -> None:
        self._failures = 0
        if feeds:
            self._feeds_due_s = time.monotonic() + self._heartbeat_s
        self._show(online=True, problem=self._session.problem, last_contact=self._now(), offline_since=None)

    def _failed(self, message: Message, *, away: bool) -> None:
        """Offline at once. Being away is no problem to look into; an odd answer is."""
        if self._stopping.is_set():
            return
        self._failures += 1
        self._feeds_due_s = 0.0
        problem = self._session.problem or (None if away else message)
        since = self._state.offline_since or self._now()
        if self._state.online:
            _log.info("offline: %s", message)
        self._show(online=False, problem=problem, last_contact=self._state.last_contact, offline_since=since)

    def _show(
        self,
        *,
        online: bool,
        problem: Message | None,
        last_contact: datetime | None,
        offline_since: datetime | None,
    ) -> None:
        before, self._state = (
            self._state,
            SyncState(
                online=online,
                offline_since=offline_since,
                last_contact=last_contact,
                clock_offset_ms=self._clock.offset_ms,
                quarantined=self._session.quarantined,
                problem=problem,
            ),
        )
        if msgspec.structs.replace(before, last_contact=last_contact) != self._state:
            self._tell()

    def _tell(self) -> None:
        try:
            self._on_change(self._state)
        except Exception:  # noqa: BLE001 - a listener's fault is not the connection's
            _log.exception("a listener of the sync state failed")

    def _rest(self) -> None:
        """Waits for the next pass: a nudge shortens the wait, but not below a second after a failure."""
        if self._failures:
            wait_s = delay_s(self._failures, self._chance())
            if self._stopping.wait(FIRST_S):
                return
            wait_s -= FIRST_S
        else:
            wait_s = max(0.0, self._feeds_due_s - time.monotonic())
        self._wake.wait(wait_s)
        self._wake.clear()

    def _breathe(self) -> None:
        if self._stopping.is_set():
            raise _Stopped
        if self._pause_while() and self._stopping.wait(PAUSE_S):
            raise _Stopped


class _Stopped(Exception):  # noqa: N818 - asked for
    """The till is closing."""
