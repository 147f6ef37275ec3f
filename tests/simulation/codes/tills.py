"""Tills of the simulation: the real store, deeds and sync session, each with a clock that may be wrong."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pos.bootstrap.machine import TerminalSeal
from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.events import encode
from pos.domain.journal import ChainIdentity
from pos.domain.message import Refusal
from pos.store.chain_facts import HubEnrolment
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore, create_chain, open_store
from pos.usecases.complete_sale import complete_sale
from pos.usecases.desk import Desk, quote
from pos.usecases.ports import HubState
from pos.usecases.refund_sale import everything_left, find_sale, refund_sale
from pos.usecases.scan_code import GoodsAdded, MemberIdentified, PayCodeAccepted, scan_code
from sync.client.session import SyncSession
from sync.client.trouble import HubAway, HubFailure
from sync.protocol import trust
from sync.protocol.asking import RejoinRequest
from sync.protocol.commands import CommandDone, TerminalReport
from sync.protocol.messages import (
    Feed,
    FeedPage,
    HubIntroduction,
    ReportReply,
    UploadBatch,
    UploadReply,
)
from tests.simulation.codes.alliance import Caller, SimulatedHub

SHANGHAI = ZoneInfo("Asia/Shanghai")
Result = TypeVar("Result")


class TillClock:
    """The true time and how far this machine is off."""

    def __init__(self, true: Callable[[], dt.datetime]) -> None:
        self._true = true
        self.off_by = dt.timedelta()

    def now(self) -> dt.datetime:
        return (self._true() + self.off_by).astimezone(SHANGHAI)


class Line:
    """`session.Hub` over a line that loses questions and answers."""

    def __init__(self, hub: SimulatedHub, place: Caller, chance: random.Random) -> None:
        self._hub, self._place, self._chance = hub, place, chance
        self.loses = 0.0

    def upload(self, batch: UploadBatch) -> UploadReply:
        return self._carried(lambda: self._hub.upload(batch))

    def feed(self, feed: Feed, after: int) -> FeedPage:
        return self._carried(lambda: self._hub.feed(feed, after, self._place))

    def report(self, _report: TerminalReport) -> ReportReply:
        return self._carried(lambda: ReportReply(self._hub.report(self._place)))

    def introduce(self) -> HubIntroduction:
        return self._carried(self._hub.introduce)

    introduce_unverified = introduce

    def trust(self, authorities: tuple[bytes, ...]) -> None:
        raise NotImplementedError

    def _carried(self, question: Callable[[], Result]) -> Result:
        if self._chance.random() < self.loses:
            raise HubAway("the question was lost")
        answer = question()
        if self._chance.random() < self.loses:
            raise HubAway("the answer was lost")
        return answer


class _Reports:
    """`sync.client.ports.Orders` of a till that is sent no commands."""

    def carry_out(self) -> None:
        pass

    def report(self) -> TerminalReport:
        return TerminalReport("simulation")

    def note_told(self, done: tuple[CommandDone, ...]) -> None:
        pass


class SimulatedTill:
    """One data folder with the program open on it. `link` is the desk's, `faulty` may bend the desk."""

    def __init__(
        self,
        folder: DataFolder,
        hub: SimulatedHub,
        chance: random.Random,
        faulty: Callable[[Desk], Desk],
        clock: TillClock | None = None,
    ) -> None:
        self.folder, self.hub, self._chance, self._faulty = folder, hub, chance, faulty
        self.clock = clock or TillClock(hub.clock)
        self.offset_ms: int | None = None
        self.cart = Cart()
        self._open()

    def _open(self) -> None:
        self.store: TillStore = open_store(self.folder)
        identity = self.store.journal.identity
        self.place = Caller(identity.terminal, identity.epoch, identity.incarnation)
        self.line = Line(self.hub, self.place, self._chance)
        self.desk = self._faulty(
            Desk(
                clock=self.clock,
                goods=self.store.goods,
                members=self.store.members,
                staff=self.store.staff,
                packs=self.store.packs,
                journal=self.store.journal,
                hub=self,
                pin_check=lambda _hash, _pin: True,
                terms=self.store.terms,
                seal=TerminalSeal(self.folder.load_terminal_key),
                keys=self.store.keys,
            )
        )
        self._session = self._new_session()

    def _new_session(self) -> SyncSession:
        enrolment, keys = self.store.enrolment(), self.store.keys.key_list()
        assert enrolment is not None
        assert keys is not None
        return SyncSession(
            self.line,
            self.store.outbox,
            self.store.replica,
            self.folder.load_terminal_key(),
            keys,
            hub_epoch=self.store.hub_epoch() or enrolment.hub_epoch,
            newest_pack=self.store.newest_pack,
            now=self.clock.now,
            orders=_Reports(),
            keyring=self.store.keys,
            rejoin=self._rejoin,
        )

    def _rejoin(self) -> None:
        enrolment = self.store.enrolment()
        assert enrolment is not None
        assert enrolment.reply is not None
        proof = self.folder.load_terminal_key().sign(trust.rejoin_claim(enrolment.reply.payload))
        self.hub.rejoin(RejoinRequest(enrolment.reply, proof))

    # --- ports.HubLink

    def state(self) -> HubState:
        return HubState(provisioned=True, online=False, clock_offset_ms=self.offset_ms)

    def nudge(self) -> None:
        pass

    # --- what happens at it

    def sync(self, *, loses: float = 0.0) -> bool:
        """One pass; whether it came to its end."""
        self.line.loses = loses
        try:
            self._session.sync_once()
        except HubFailure:
            return False
        self.offset_ms = round((self.hub.clock.now - self.clock.now()).total_seconds() * 1000)
        return True

    def scan(self, code: str) -> bool:
        """Whether the code did something to the cart; a refusal leaves it as it was."""
        before = self.cart
        try:
            scanned = scan_code(self.cart, code, self.desk)
        except Refusal:
            assert self.cart is before
            return False
        if isinstance(scanned, GoodsAdded | MemberIdentified | PayCodeAccepted):
            self.cart = scanned.cart
            return True
        return False

    def wish_everything(self) -> None:
        """The member of a card wants to spend points."""
        if self.cart.member_no is not None:
            self.cart = carts.wish_to_redeem(self.cart, "points", carts.EVERYTHING)

    def pay(self) -> tuple[str, bytes] | None:
        """Receipt number and the entry's bytes, once they are on disk; None when the till says no."""
        cart, self.cart = self.cart, Cart()
        try:
            due_fen = quote(cart, self.desk).sale.due_fen
            done = self._book(lambda: complete_sale(cart, due_fen, "03", self.desk, shown_due_fen=due_fen))
        except Refusal:
            return None
        return done.sale.receipt_no, encode(done.sale)

    def give_back(self, receipt_no: str) -> bool:
        """A whole sale comes back, if the till lets it."""

        def deed() -> None:
            lines = everything_left(find_sale(receipt_no, self.desk))
            refund_sale(receipt_no, lines, "03", self.desk)

        try:
            self._book(deed)
        except Refusal:
            return False
        return True

    def restart(self) -> None:
        """Power off and on: the open cart, and what the session remembers, are gone."""
        self.close()
        self.cart = Cart()
        self._open()

    def copy_to(self, path: Path) -> DataFolder:
        """The data folder as it lies there now, copied."""
        self.close()
        shutil.copytree(self.folder.path, path)
        self._open()
        return DataFolder(path)

    def close(self) -> None:
        self.store.close()

    def _book(self, deed: Callable[[], Result]) -> Result:
        return self.store.journal_writer.submit(deed).result()


def enrolled(
    path: Path,
    terminal: str,
    hub: SimulatedHub,
    chance: random.Random,
    faulty: Callable[[Desk], Desk],
) -> SimulatedTill:
    """A new data folder that has just joined the hub as a terminal."""
    folder = DataFolder(path)
    folder.make()
    key = folder.make_terminal_key()
    public_key = key.public_key().public_bytes_raw()
    reply, told = hub.enrol(terminal, public_key, key.sign, f"{chance.getrandbits(64):016x}")
    clock = TillClock(hub.clock)
    create_chain(
        folder,
        ChainIdentity(told.terminal, told.epoch, told.incarnation),
        told.store,
        public_key=public_key,
        software="simulation",
        at=clock.now(),
        enrolment=HubEnrolment(
            "http://localhost",
            hub.hub.keys.signed_list,
            hub.hub.keys.fingerprint,
            told.hub_epoch,
            told.time,
            reply,
        ),
    )
    return SimulatedTill(folder, hub, chance, faulty, clock)
