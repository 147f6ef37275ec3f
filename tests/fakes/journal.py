"""The journal in memory: a true chain, and transactions that leave nothing behind when they fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal, TypeVar

from pos.domain.cart import Cart
from pos.domain.day import ReceiptFigures, figures_of
from pos.domain.events import (
    ChainOpened,
    CodesClosed,
    ConfigurationApplied,
    Event,
    LockOutLifted,
    LoggedIn,
    MembershipSold,
    PackRef,
    ReceiptEvent,
    RefundMade,
    SaleMade,
    encode,
)
from pos.domain.journal import GENESIS, ChainIdentity, Entry, link
from pos.domain.offline import Redeemed
from pos.domain.oversight import Noteworthy, of_interest
from pos.domain.receipt import BalanceAfter, StoreCard
from pos.domain.rights import Right, rights_given_back, rights_of
from pos.usecases.ports import Pending, ReceiptRow, RightSpent, StorageTrouble, StoredReceipt, WrongPins
from tests.fakes.print_queue import FakePrintQueue

IDENTITY = ChainIdentity("S1-1", 1, "3c81f00d5eedbeef")
Kind = TypeVar("Kind", bound=Event)
_KINDS: dict[type[ReceiptEvent], Literal["sale", "refund", "membership"]] = {
    SaleMade: "sale",
    RefundMade: "refund",
    MembershipSold: "membership",
}


class FakeTransaction:
    """Collects what happens; `FakeJournal` takes it over when the block ends well."""

    def __init__(self, journal: FakeJournal) -> None:
        self._journal = journal
        self.entries: list[tuple[Entry, Event]] = []
        self.jobs: list[tuple[int, tuple[BalanceAfter, ...], bool]] = []
        self.rights: list[Right] = []
        self.numbers_taken = 0
        self.cart_forgotten = False

    def next_receipt_no(self) -> str:
        self.numbers_taken += 1
        return self._journal.identity.receipt_no(self._journal.numbers_taken + self.numbers_taken)

    def append(self, event: Event) -> Entry:
        for right in rights_of(event):
            if self._journal.right_spent(right) or right in self.rights:
                raise RightSpent(right)
            self.rights.append(right)
        last = self.entries[-1][0] if self.entries else self._journal.head
        entry = link(
            self._journal.identity,
            last.seq + 1 if last else 1,
            last.hash if last else GENESIS,
            encode(event),
        )
        self.entries.append((entry, event))
        return entry

    def queue_receipt(self, seq: int, balances: tuple[BalanceAfter, ...], *, copy: bool = False) -> int:
        self.jobs.append((seq, balances, copy))
        return len(self._journal.queue.jobs) + len(self.jobs)

    def forget_cart(self) -> None:
        self.cart_forgotten = True


class FakeJournal:
    """`trouble` is raised by the next transactions until it is taken away; `confirmed` is the hub's mark."""

    def __init__(
        self,
        store: StoreCard,
        identity: ChainIdentity = IDENTITY,
        on_append: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._store = store
        self._identity = identity
        self._on_append = on_append
        self.queue = FakePrintQueue()
        self.entries: list[tuple[Entry, Event]] = []
        self.numbers_taken = 0
        self.cart: Cart | None = None
        self.carts_saved: list[Cart] = []
        self.confirmed = 0
        self.is_copied = False
        self.trouble: StorageTrouble | None = None
        with self.transaction() as transaction:
            transaction.append(ChainOpened("2026-01-01T00:00:00+08:00", store.store, "00" * 32, "test"))
        self.confirm_all()

    @property
    def identity(self) -> ChainIdentity:
        return self._identity

    @property
    def store(self) -> StoreCard:
        return self._store

    @property
    def head(self) -> Entry | None:
        return self.entries[-1][0] if self.entries else None

    @contextmanager
    def transaction(self) -> Iterator[FakeTransaction]:
        transaction = FakeTransaction(self)
        yield transaction
        if self.trouble is not None:
            raise self.trouble
        self._commit(transaction)

    def _commit(self, transaction: FakeTransaction) -> None:
        self.entries += transaction.entries
        self.numbers_taken += transaction.numbers_taken
        for seq, balances, copy in transaction.jobs:
            self.queue.add(seq, balances, copy=copy)
        if transaction.cart_forgotten:
            self.cart = None
        for _, event in transaction.entries:
            self._on_append(event)

    def events(self) -> list[Event]:
        return [event for _, event in self.entries]

    def confirm_all(self) -> None:
        """The hub has confirmed everything."""
        self.confirmed = self.last_seq()

    def receipt(self, receipt_no: str) -> StoredReceipt | None:
        return next((one for one in self._stored() if one.event.receipt_no == receipt_no), None)

    def receipt_at(self, seq: int) -> StoredReceipt:
        return next(one for one in self._stored() if one.seq == seq)

    def last_configuration(self) -> PackRef | None:
        applied = [event.pack for event in self.events() if isinstance(event, ConfigurationApplied)]
        return applied[-1] if applied else None

    def refunds_of(self, receipt_no: str) -> tuple[RefundMade, ...]:
        return tuple(
            one.event
            for one in self._stored()
            if isinstance(one.event, RefundMade) and one.event.of == receipt_no
        )

    def receipts(self, *, date: str | None = None, limit: int = 100) -> tuple[ReceiptRow, ...]:
        rows = [self._row(one) for one in self._stored() if date in (None, one.event.date)]
        return tuple(reversed(rows))[:limit]

    def figures(self, date: str) -> tuple[ReceiptFigures, ...]:
        return tuple(
            ReceiptFigures(one.event.receipt_no, figures_of(one.event))
            for one in self._stored()
            if one.event.date == date
        )

    def for_the_owner(self, date: str, tries: int) -> tuple[Noteworthy, ...]:
        return tuple(of_interest(date, self.events(), tries))

    def offline_redeemed(self, member_no: str, asset: str, date: str) -> Redeemed:
        limited = {
            event.receipt_no: (entry.seq, event)
            for entry, event in self.entries
            if isinstance(event, SaleMade) and asset in event.basket.ceilings_fen
        }
        today = member = outage = 0
        for event in self.events():
            if not isinstance(event, SaleMade | RefundMade) or _sale_no(event) not in limited:
                continue
            seq, sale = limited[_sale_no(event)]
            fen, theirs = _redeemed_fen(event, asset), _member_no(sale) == member_no
            today += fen * (theirs and sale.date == date)
            member += fen * (theirs and seq > self.confirmed)
            outage += fen * (seq > self.confirmed)
        return Redeemed(today, member, outage)

    def rule_units(self, rule: str, first_date: str, last_date: str) -> int:
        undone = {one.of for one in self._of(RefundMade) if one.result.complete}
        return sum(
            one.units
            for sale in self._of(SaleMade)
            if first_date <= sale.date <= last_date and sale.receipt_no not in undone
            for line in sale.result.lines
            for one in line.adjustments
            if one.rule == rule
        )

    def right_spent(self, right: Right) -> bool:
        standing = 0
        for event in self.events():
            standing += right in rights_of(event)
            standing -= right in rights_given_back(event)
        return standing > 0

    def codes_closed(self) -> int:
        return max((one.up_to for one in self._of(CodesClosed)), default=0)

    def copied(self) -> bool:
        return self.is_copied

    def pending(self) -> Pending:
        waiting = [(entry, event) for entry, event in self.entries if entry.seq > self.confirmed]
        receipts = sum(isinstance(event, ReceiptEvent) for _, event in waiting)
        return Pending(len(waiting), receipts, waiting[0][1].at if waiting else None)

    def last_seq(self) -> int:
        return self.head.seq if self.head else 0

    def open_cart(self) -> Cart | None:
        return self.cart

    def save_cart(self, cart: Cart) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.cart = cart
        self.carts_saved.append(cart)

    def wrong_pins(self, number: str) -> WrongPins:
        count, last = 0, None
        for event in self.events():
            if isinstance(event, LoggedIn) and event.number == number:
                count, last = (0, None) if event.ok else (count + 1, datetime.fromisoformat(event.at))
            elif isinstance(event, LockOutLifted) and event.number == number:
                count, last = 0, None
        return WrongPins(count, last)

    def numbers_with_wrong_pins(self, count: int) -> tuple[str, ...]:
        numbers = dict.fromkeys(one.number for one in self._of(LoggedIn))
        return tuple(one for one in numbers if self.wrong_pins(one).count >= count)

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [event for event in self.events() if isinstance(event, kind)]

    def _stored(self) -> list[StoredReceipt]:
        return [
            StoredReceipt(entry.seq, entry.hash, event)
            for entry, event in self.entries
            if isinstance(event, ReceiptEvent)
        ]

    def _row(self, stored: StoredReceipt) -> ReceiptRow:
        event = stored.event
        return ReceiptRow(
            seq=stored.seq,
            receipt_no=event.receipt_no,
            kind=_KINDS[type(event)],
            of=event.of if isinstance(event, RefundMade) else None,
            at=event.at,
            date=event.date,
            cashier=event.cashier,
            member_no=_member_no(event),
            figures=figures_of(event),
            confirmed=stored.seq <= self.confirmed,
        )


def _member_no(event: ReceiptEvent) -> str | None:
    if isinstance(event, SaleMade):
        return event.basket.member.member_no if event.basket.member else None
    return event.member_no


def _sale_no(event: SaleMade | RefundMade) -> str:
    """The sale that an event is or belongs to."""
    return event.of if isinstance(event, RefundMade) else event.receipt_no


def _redeemed_fen(event: SaleMade | RefundMade, asset: str) -> int:
    """What an asset paid; negative where it came back."""
    if isinstance(event, RefundMade):
        return -sum(one.value_fen for one in event.result.points_back if one.asset == asset)
    return sum(one.value_fen for one in event.result.redeemed if one.asset == asset)
