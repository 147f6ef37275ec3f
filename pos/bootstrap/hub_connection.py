"""The till's line to its hub, made from the sync client and the store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from pos.bootstrap.hub_orders import HubOrders
from pos.bootstrap.machine import SystemClock
from pos.domain.journal import ChainIdentity
from pos.domain.message import Message, say
from pos.store.alliance_keys import StoredKeys
from pos.store.chain_facts import HubEnrolment
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from pos.usecases.ports import Denied, Granted, HubState, Journal
from pos.usecases.report_day import AskHub
from sync.client.trouble import HubFailure, HubRefused
from sync.protocol.asking import CodeRequest, RejoinRequest, RightRequest
from sync.protocol.messages import DayStatement
from sync.protocol.trust import rejoin_claim

if TYPE_CHECKING:
    from sync.client.session import SyncSession
    from sync.client.transport import HubTransport, Limits
    from sync.client.worker import SyncWorker

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubAccess:
    """What it takes to speak to the hub as this till; sentences come back in `language`.

    `keys` names the alliance's own TLS authorities, if any.
    """

    enrolment: HubEnrolment
    identity: ChainIdentity
    folder: DataFolder
    clock: SystemClock
    language: str
    keys: StoredKeys

    def transport(self, limits: Limits | None = None) -> HubTransport:
        """A connection of its own: one is never shared between threads.

        Raises:
            StorageTrouble: the terminal's key cannot be read.

        """
        from sync.client.transport import HubTransport  # noqa: PLC0415 - after the window is there

        key, listed = self.folder.load_terminal_key(), self.keys.key_list()
        return HubTransport(
            self.enrolment.hub_url,
            self.identity,
            key,
            now=self.clock.now,
            limits=limits,
            language=self.language,
            authorities=listed.tls if listed is not None else (),
        )


def hub_access(
    enrolment: HubEnrolment | None,
    journal: Journal,
    folder: DataFolder,
    clock: SystemClock,
    *,
    language: str,
    keys: StoredKeys,
) -> HubAccess | None:
    """A till's access to its hub; None for one that was set up without."""
    return HubAccess(enrolment, journal.identity, folder, clock, language, keys) if enrolment else None


class HubConnection:
    """The till's line to its hub: a sync thread that starts when it is told to.

    Starting is apart from making, because the libraries behind it take a while to import and the
    window should be there first.
    """

    def __init__(
        self,
        store: TillStore,
        access: HubAccess | None,
        clock: SystemClock,
        *,
        on_orders: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._access, self._on_orders = store, access, on_orders
        self._worker: SyncWorker | None = None
        self._started_at = clock.now()
        self._problem: Message | None = None
        self._starting: threading.Thread | None = None

    def state(self) -> HubState:
        """What the badge shows."""
        if self._access is None:
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

    def ask_member(self, member_no: str) -> bool:
        """Makes this store one of the member's; their balances come with the next pass, which is now.

        Waits for the hub, a second or two at most. False when it did not answer.
        """
        answer = self._asked(lambda hub: hub.member(member_no), seconds=2.0)
        if answer is None or isinstance(answer, HubFailure):
            return False
        assert self._worker is not None
        self._worker.look()
        return True

    def ask_code(self, member_no: str, asset: str, amount: int) -> str | Message:
        """The digits of a pay code that reserves up to an amount; a sentence when the hub gives none.

        Waits for the hub, a second at most: a customer stands there.
        """
        answer = self._asked(lambda hub: hub.code(CodeRequest(member_no, asset, amount)), seconds=1.0)
        if answer is None:
            return say("现在连不上总部")
        return answer.message if isinstance(answer, HubFailure) else answer.code

    def ask_right(self, kind: Literal["coupon", "refund"], key: str) -> Granted | Denied | None:
        """Whether this till may use a right that others could use, too; None when the hub did not answer."""
        answer = self._asked(lambda hub: hub.right(RightRequest(kind, key)), seconds=1.0)
        if isinstance(answer, HubRefused):
            problem = answer.problem
            return Denied(
                problem.error,
                say("{message}{hint}", message=problem.message[:200], hint=problem.hint[:200]),
            )
        return None if answer is None or isinstance(answer, HubFailure) else Granted(answer.entries)

    def _asked(
        self, question: Callable[[HubTransport], Answer], *, seconds: float
    ) -> Answer | HubFailure | None:
        """The hub's answer to somebody who waits; None where there is no line to it yet."""
        from sync.client.transport import Limits  # noqa: PLC0415 - after the window is there

        if self._access is None or self._worker is None:
            return None
        transport = self._access.transport(Limits(connect_s=0.5, read_s=seconds, total_s=seconds))
        try:
            return question(transport)
        except HubFailure as failure:
            return failure
        finally:
            transport.close()

    def start(self) -> None:
        """Begins to talk to the hub; returns at once."""
        if self._access is not None:
            self._starting = threading.Thread(target=self._start, name="sync-start", daemon=True)
            self._starting.start()

    def stop(self) -> None:
        if self._starting is not None:
            self._starting.join()
        if self._worker is not None:
            self._worker.stop()

    def fetch_once(self) -> Message | None:
        """One pass of synchronisation, here and now; a sentence when it did not come about."""
        assert self._access is not None, "only an enrolled till has a hub to fetch from"
        transport = self._access.transport()
        try:
            _session(self._store, self._access, transport, self._on_orders).sync_once(feeds=True)
        except HubFailure as failure:
            return failure.message
        finally:
            transport.close()
        return None

    def _start(self) -> None:
        assert self._access is not None
        try:
            self._worker = _sync_worker(self._store, self._access, self._on_orders)
        except Exception:
            log.exception("the sync thread could not be started")
            self._problem = say("同步没有启动，收银照常。请重新启动收银程序；不行请把日志交给技术员")
            return
        self._worker.start()


def _sync_worker(store: TillStore, access: HubAccess, on_orders: Callable[[], None]) -> SyncWorker:
    from sync.client.worker import SyncWorker  # noqa: PLC0415 - after the window is there

    transport, now = access.transport(), access.clock.now
    session = _session(store, access, transport, on_orders)

    def customer_waits() -> bool:
        cart = store.journal.open_cart()
        return cart is not None and bool(cart.lines)

    return SyncWorker(session, transport.close, clock=transport.clock, now=now, pause_while=customer_waits)


def _session(
    store: TillStore, access: HubAccess, transport: HubTransport, on_orders: Callable[[], None]
) -> SyncSession:
    from sync.client.first_filling import FirstFilling  # noqa: PLC0415 - after the window is there
    from sync.client.session import SyncSession  # noqa: PLC0415 - after the window is there
    from sync.protocol.trust import Untrusted  # noqa: PLC0415 - after the window is there

    keys = store.keys.key_list()
    if keys is None:
        raise Untrusted("the stored key list was changed")
    return SyncSession(
        transport,
        store.outbox,
        store.replica,
        store.folder.load_terminal_key(),
        keys,
        hub_epoch=store.hub_epoch() or access.enrolment.hub_epoch,
        newest_pack=store.newest_pack,
        now=access.clock.now,
        first_filling=FirstFilling(transport, store.snapshots),
        orders=HubOrders(store, access.clock, transport.clock, on_orders),
        keyring=store.keys,
        rejoin=_rejoining(access, transport),
    )


def _rejoining(access: HubAccess, transport: HubTransport) -> Callable[[], None] | None:
    """How this till shows a restored hub who it is; None where it has not kept the hub's word."""
    reply = access.enrolment.reply
    if reply is None:
        return None
    proof = access.folder.load_terminal_key().sign(rejoin_claim(reply.payload))
    return lambda: transport.rejoin(RejoinRequest(reply, proof))


def ask_hub_with(access: HubAccess | None) -> AskHub:
    """Asks for a day's figures, each time on a connection of its own."""

    def ask(date: str) -> DayStatement | Message:
        from sync.client.days import ask_day  # noqa: PLC0415 - after the window is there

        if access is None:
            return say("没有加入联盟，只有本机的数字")
        transport = access.transport()
        try:
            return ask_day(transport, date)
        finally:
            transport.close()

    return ask
