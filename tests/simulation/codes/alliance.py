"""The hub of the simulation: the real one on SQLite, called in process, with a clock that the driver moves."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import select

from pos.domain.member_codes import card_hash
from pos.domain.pay_codes import member_tag, terminal_mark
from sync.client.trouble import HubRefused
from sync.hub.alliance import members
from sync.hub.alliance.founding import found
from sync.hub.codes import fencing, issuing, losing
from sync.hub.codes.issuing import Asked, Issued
from sync.hub.feeds import feed_rows
from sync.hub.feeds.commands import scope
from sync.hub.hub import Hub, mark, opened
from sync.hub.journal import ingest
from sync.hub.ledger import accounts
from sync.hub.operation import restore
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust import enrolment
from sync.hub.web.refusals import Refused
from sync.hub.words import stamp
from sync.protocol import trust
from sync.protocol.asking import RejoinRequest
from sync.protocol.messages import (
    FEED_ROWS_MAX,
    Enrolment,
    EnrolRequest,
    Feed,
    FeedPage,
    HighWater,
    HubIntroduction,
    HubMark,
    Problem,
    SignedBytes,
    UploadBatch,
    UploadReply,
)
from tests.simulation.codes import model

TERMINALS = ("S1-1", "S1-2")
MEMBERS = ("30006012", "30007572", "30005542")
GOODS = ("6921168509256", "6954767410388", "4891028164456", "6945930678841")
NOON = dt.datetime(2026, 11, 26, 4, tzinfo=dt.UTC)


@cache
def _template() -> Path:
    """A sample hub with two terminals, made once in a process."""
    path = Path(tempfile.mkdtemp(prefix="codes-template-")) / "hub"
    found(path, None)
    with opened(DataFolder(path)) as hub, hub.database.write() as connection:
        connection.execute(schema.terminals.insert().values(id="S1-2", store="S1", label="2 号机"))
    return path


class Clock:
    """The hub's true time."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now


class SimulatedHub:
    """A hub of its own in `folder`; `model` is told what the hub has taken, in its order."""

    def __init__(self, folder: Path, clock: Clock, book: model.Model | None = None) -> None:
        self.folder, self.clock = folder, clock
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(_template(), folder / "hub")
        self._stack = ExitStack()
        self.hub = self._open()
        self.model = book or self._model()
        self._told = 0
        self._note_entries(quietly=True)

    def _open(self) -> Hub:
        hub = self._stack.enter_context(opened(DataFolder(self.folder / "hub")))
        return replace(hub, now=self.clock)

    def close(self) -> None:
        self._stack.close()

    def _model(self) -> model.Model:
        with self.hub.database.read() as connection:
            points = {no: accounts.member_balances(connection, no).get(model.ASSET, 0) for no in MEMBERS}
            cards = {no: members.known(connection, no).card_code for no in MEMBERS}
        self.cards = cards
        for terminal in TERMINALS:
            model.know_terminal(terminal_mark(terminal, "")[:6], terminal)
        return model.Model(points, {member_tag(card_hash(card)): no for no, card in cards.items()})

    # --- what people do at it

    def enrol(
        self, terminal: str, public_key: bytes, prove: Callable[[bytes], bytes], incarnation: str
    ) -> tuple[SignedBytes, Enrolment]:
        code, _ = enrolment.make_code(self.hub, terminal, dt.timedelta(hours=1))
        claim = trust.enrolment_claim(code.one_time, public_key, incarnation, code.fingerprint)
        request = EnrolRequest(code.one_time, public_key, incarnation, prove(claim))
        reply = msgspec.json.decode(enrolment.enrol(self.hub, request), type=SignedBytes)
        return reply, msgspec.json.decode(reply.payload, type=Enrolment)

    def rejoin(self, request: RejoinRequest) -> None:
        try:
            enrolment.rejoin(self.hub, request)
        except Refused as refused:
            raise _refused(refused) from refused

    def issue(self, member_no: str, terminal: str, amount: int) -> Issued:
        """A code for a phone; the model is told.

        Raises:
            Told: the hub says no.

        """
        with self.hub.database.write() as connection:
            asked = Asked(member_no, terminal, model.ASSET, amount, "phone")
            issued = issuing.issue(self.hub, connection, asked)
        self.model.note_issued(member_no, (issued.terminal, issued.epoch, issued.number), issued.amount)
        return issued

    def declare_lost(self, terminal: str) -> None:
        with self.hub.database.write() as connection:
            losing.declare_lost(self.hub, connection, terminal)
        self.model.note_lost(terminal)

    def backup(self) -> Backup:
        """What the hub is now, to go back to."""
        self._stack.close()
        copy = self.folder / f"backup-{self.clock.now.timestamp():.0f}"
        shutil.copytree(self.folder / "hub", copy, dirs_exist_ok=True)
        self.hub = self._open()
        return Backup(
            copy, self.model.books.copy(), set(self.model.issued), self._told, stamp(self.clock.now)
        )

    def restore(self, backup: Backup) -> None:
        self._stack.close()
        shutil.rmtree(self.folder / "hub")
        shutil.copytree(backup.folder, self.folder / "hub")
        self.hub = self._open()
        with self.hub.database.write() as connection:
            restore.begin_anew(connection, backup.made_at, self.clock.now)
        self.model.note_restored(backup.books.copy(), backup.issued)
        self._told = backup.told

    # --- what a till says to it

    def upload(self, batch: UploadBatch) -> UploadReply:
        self._let_in(batch.terminal, batch.incarnation, {"current", "replaced"})
        read, entries = ingest.read_batch(msgspec.json.encode(batch))
        try:
            reply = ingest.take(self.hub, read, entries, "zh")
        except Refused as refused:
            raise _refused(refused) from refused
        self._note_entries()
        return reply

    def feed(self, feed: Feed, after: int, place: Caller) -> FeedPage:
        self._let_in(place.terminal, place.incarnation, {"current"})
        with self.hub.database.read() as connection:
            where = scope(place.terminal) if feed == "commands" else "S1"
            rows, more = feed_rows.after(connection, feed, store=where, change=after, limit=FEED_ROWS_MAX)
        page = FeedPage(self.mark(place), feed, rows, rows[-1].change if rows else after, more)
        return msgspec.json.decode(msgspec.json.encode(page), type=FeedPage)

    def introduce(self) -> HubIntroduction:
        return HubIntroduction((1,), 1, stamp(self.clock.now), self.hub.keys.signed_list)

    def report(self, place: Caller) -> HubMark:
        self._let_in(place.terminal, place.incarnation, {"current"})
        with self.hub.database.write() as connection:
            fencing.raise_fence(self.hub, connection, place.terminal, place.epoch)
        return self.mark(place)

    def mark(self, place: Caller) -> HubMark:
        table = schema.chains
        with self.hub.database.read() as connection:
            row = connection.execute(
                select(table.c.high_seq, table.c.high_hash).where(
                    table.c.terminal == place.terminal, table.c.epoch == place.epoch
                )
            ).one()
            high_water = HighWater(row.high_seq, row.high_hash.hex())
            return mark(self.hub, connection, high_water, terminal=place.terminal, epoch=place.epoch)

    def _let_in(self, terminal: str, incarnation: str, standings: set[str]) -> None:
        table = schema.chains
        query = select(table.c.standing).where(
            table.c.terminal == terminal, table.c.incarnation == incarnation
        )
        with self.hub.database.read() as connection:
            standing = connection.execute(query.order_by(table.c.epoch.desc()).limit(1)).scalar()
        if standing is None:
            raise HubRefused(401, Problem("unknown_terminal", "", ""))  # lost with the hub's last days
        if standing not in standings:
            raise HubRefused(403, Problem(str(standing), "", ""))

    def _note_entries(self, *, quietly: bool = False) -> None:
        table = schema.journal_entries
        query = select(table).where(table.c.id > self._told).order_by(table.c.id)
        with self.hub.database.read() as connection:
            rows = connection.execute(query).all()
            booked = set(connection.execute(select(schema.receipts.c.entry_id)).scalars())
        for row in rows:
            self._told = row.id
            is_receipt = row.kind in {"sale", "refund", "membership"}
            if not quietly and (row.id in booked or (not is_receipt and row.verdict == "accepted")):
                place = (row.terminal, row.epoch)
                self.model.book(
                    place,
                    row.body,
                    main_branch=row.verdict == "accepted",
                    mark=bytes(row.hash).hex()[:6],
                )

    # --- what stands in its books

    def standing(self) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
        """Per member balance and held; per receipt what the clawback account bears. Minor units of points."""
        balances, overdrafts = schema.balances, schema.overdrafts
        with self.hub.database.read() as connection:
            kept = {
                no: (row.amount, row.pending)
                for no in MEMBERS
                for row in connection.execute(
                    select(balances).where(
                        balances.c.account == f"member:{no}", balances.c.unit == model.ASSET
                    )
                )
            }
            borne = {
                row.receipt_no: row.remaining
                for row in connection.execute(select(overdrafts).where(overdrafts.c.asset == model.ASSET))
                if row.remaining
            }
        return kept, borne

    def receipts(self) -> set[str]:
        with self.hub.database.read() as connection:
            return set(connection.execute(select(schema.receipts.c.receipt_no)).scalars())


class Backup(msgspec.Struct, frozen=True):
    """A copy of the hub's folder, and of what the model knew then."""

    folder: Path
    books: model.Books
    issued: set[model.Key]
    told: int
    made_at: str


class Caller(NamedTuple):
    """Whose line it is."""

    terminal: str
    epoch: int
    incarnation: str


def _refused(refused: Refused) -> HubRefused:
    return HubRefused(refused.answer.status, Problem(refused.answer.error, "", ""))
