"""The till's line to its hub, made from the sync client and the store."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from pos.bootstrap.machine import SystemClock
from pos.domain.journal import ChainIdentity
from pos.domain.message import Message, say
from pos.store.chain_facts import HubEnrolment
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from pos.usecases.ports import HubState, Journal
from pos.usecases.report_day import AskHub
from sync.protocol.messages import DayStatement

if TYPE_CHECKING:
    from sync.client.transport import HubTransport
    from sync.client.worker import SyncWorker

log = logging.getLogger(__name__)


class HubConnection:
    """The till's line to its hub: a sync thread that starts when it is told to.

    Starting is apart from making, because the libraries behind it take a while to import and the
    window should be there first.
    """

    def __init__(self, store: TillStore, enrolment: HubEnrolment | None, clock: SystemClock) -> None:
        self._store, self._enrolment, self._clock = store, enrolment, clock
        self._worker: SyncWorker | None = None
        self._started_at = clock.now()
        self._problem: Message | None = None
        self._starting: threading.Thread | None = None

    def state(self) -> HubState:
        """What the badge shows."""
        if self._enrolment is None:
            return HubState(provisioned=False, online=False)
        if self._worker is None:
            return HubState(
                provisioned=True, online=False, offline_since=self._started_at, problem=self._problem
            )
        state = self._worker.state
        return HubState(
            provisioned=True,
            online=state.online,
            offline_since=state.offline_since,
            clock_offset_ms=state.clock_offset_ms,
            quarantined=self._store.outbox.quarantined_count(),
            problem=state.problem,
        )

    def nudge(self) -> None:
        if self._worker is not None:
            self._worker.nudge()

    def start(self) -> None:
        """Begins to talk to the hub; returns at once."""
        if self._enrolment is not None:
            self._starting = threading.Thread(target=self._start, name="sync-start", daemon=True)
            self._starting.start()

    def stop(self) -> None:
        if self._starting is not None:
            self._starting.join()
        if self._worker is not None:
            self._worker.stop()

    def _start(self) -> None:
        try:
            self._worker = _sync_worker(self._store, self._enrolment, self._clock)
        except Exception:
            log.exception("the sync thread could not be started")
            self._problem = say("同步没有启动，收银照常。请重新启动收银程序；不行请把日志交给技术员")
            return
        self._worker.start()


def _sync_worker(store: TillStore, enrolment: HubEnrolment | None, clock: SystemClock) -> SyncWorker:
    from sync.client.session import SyncSession  # noqa: PLC0415 - after the window is there
    from sync.client.worker import SyncWorker  # noqa: PLC0415
    from sync.protocol.trust import read_key_list  # noqa: PLC0415

    assert enrolment is not None
    key = store.folder.load_terminal_key()
    transport = open_transport(enrolment, store.journal.identity, store.folder, clock)
    said = store.outbox.hub_said()
    session = SyncSession(
        transport,
        store.outbox,
        store.replica,
        key,
        read_key_list(enrolment.keys, enrolment.fingerprint),
        hub_epoch=said.hub_epoch if said else enrolment.hub_epoch,
        newest_pack=store.newest_pack,
        now=clock.now,
    )

    def customer_waits() -> bool:
        cart = store.journal.open_cart()
        return cart is not None and bool(cart.lines)

    return SyncWorker(
        session, transport.close, clock=transport.clock, now=clock.now, pause_while=customer_waits
    )


def open_transport(
    enrolment: HubEnrolment, identity: ChainIdentity, folder: DataFolder, clock: SystemClock
) -> HubTransport:
    from sync.client.transport import HubTransport  # noqa: PLC0415 - after the window is there

    return HubTransport(enrolment.hub_url, identity, folder.load_terminal_key(), now=clock.now)


def ask_hub_with(
    enrolment: HubEnrolment | None, journal: Journal, folder: DataFolder, clock: SystemClock
) -> AskHub:
    """Each question on a connection of its own: the sync thread has its own, too."""

    def ask(date: str) -> DayStatement | Message:
        from sync.client.days import ask_day  # noqa: PLC0415 - after the window is there

        if enrolment is None:
            return say("没有加入联盟，只有本机的数字")
        transport = open_transport(enrolment, journal.identity, folder, clock)
        try:
            return ask_day(transport, date)
        finally:
            transport.close()

    return ask
