"""The books while a batch is taken: read at once, kept in memory while receipts are booked, written at once.

Bookings of one batch see each other's effects here, just as if each had been written before the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain.day import FIGURE_NAMES
from pos.domain.events import ReceiptEvent, RefundMade, SaleMade
from pos.domain.ledger import Posting, member_account
from pos.domain.programme.part import CNY
from sync.hub.alliance import coupon_book, members, merchants, terms
from sync.hub.alliance.coupon_book import CouponBook
from sync.hub.alliance.members import Member
from sync.hub.alliance.merchants import Merchant
from sync.hub.codes.code_book import CodeBook
from sync.hub.journal.bearing import CLAWBACK_RETURNED, OVERDRAWN
from sync.hub.storage import bulk, schema

_RECEIPT_COLUMNS = (
    *("receipt_no", "entry_id", "entry_hash", "terminal", "incarnation", "epoch", "store", "date"),
    *("kind", "of", "member_no", "known", *FIGURE_NAMES),
)
TRANSFER_COLUMNS = ("linked", "debit", "credit", "unit", "amount", "code", "booked_at")
_OVERDRAFT_COLUMNS = ("receipt_no", "asset", "member_no", "amount", "remaining")

TransferRow = tuple[str, str, str, str, int, str, str]


@dataclass(slots=True)
class Overdraft:
    """What the clawback account still bears (`remaining`) of what a sale took of a unit beyond a balance."""

    receipt_no: str
    asset: str
    member_no: str | None
    amount: int
    remaining: int
    is_new: bool = False


@dataclass(slots=True)
class Books:
    """What bookings know and have written. An empty one knows nothing and is fine for reckoning alone.

    `receipts` are booked ones that are asked for, and what was kept with them; `balances` are per account
    and unit, of members only, and `pending` what of them is held; `moved` are the accounts that tills must
    be told about.
    """

    merchant: Merchant | None = None
    members: dict[str, Member] = field(default_factory=dict)
    prices: dict[str, dict[str, str]] = field(default_factory=dict)
    balances: dict[str, dict[str, int]] = field(default_factory=dict)
    pending: dict[str, dict[str, int]] = field(default_factory=dict)
    receipts: dict[str, str | None] = field(default_factory=dict)
    codes: CodeBook = field(default_factory=CodeBook)
    coupons: CouponBook = field(default_factory=CouponBook)
    overdrafts: dict[str, dict[str, Overdraft]] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    receipt_rows: list[dict[str, Any]] = field(default_factory=list)
    transfer_rows: list[TransferRow] = field(default_factory=list)
    _changed_members: set[str] = field(default_factory=set)
    _changed_overdrafts: list[Overdraft] = field(default_factory=list)

    # --- asking

    def held(self, account: str) -> dict[str, int]:
        """As `accounts.held`."""
        units = self.balances.get(account, {})
        return {unit: amount for unit, amount in sorted(units.items()) if amount and unit != CNY}

    def takable(self, account: str, reserved: Mapping[str, int]) -> dict[str, int]:
        """What a deed may take of an account: what nobody has reserved, and what is `reserved` for itself.

        A refund may have left less than that behind; what was reserved is honoured all the same.
        """
        found = self.held(account)
        for unit, pending in self.pending.get(account, {}).items():
            own = reserved.get(unit, 0)
            found[unit] = max(found.get(unit, 0) - pending + own, own)
        return {unit: amount for unit, amount in found.items() if amount}

    def free(self, held: Mapping[tuple[str, str], int]) -> None:
        """Holds have ended."""
        for (account, unit), amount in held.items():
            units = self.pending.setdefault(account, {})
            units[unit] = units.get(unit, 0) - amount

    def still_overdrawn(self, sale_no: str) -> dict[str, int]:
        return {asset: one.remaining for asset, one in self.overdrafts.get(sale_no, {}).items()}

    # --- writing down

    def add_receipt(self, row: dict[str, Any]) -> None:
        self.receipt_rows.append(row)
        self.receipts[row["receipt_no"]] = row["known"]

    def post(self, linked: str, postings: Iterable[Posting], booked_at: str) -> None:
        """As `accounts.post`."""
        for one in postings:
            self.transfer_rows.append(
                (linked, one.debit, one.credit, one.unit, one.amount, one.code, booked_at)
            )
            for account, amount in ((one.debit, -one.amount), (one.credit, one.amount)):
                self.moved.add(account)
                units = self.balances.get(account)
                if units is not None:
                    units[one.unit] = units.get(one.unit, 0) + amount

    def change_member(self, member_no: str, change: Callable[[Member], Member]) -> None:
        """Numbers the hub does not know are passed over."""
        member = self.members.get(member_no)
        if member is not None:
            self.members[member_no] = change(member)
            self._changed_members.add(member_no)

    def set_home_store(self, member_no: str, store: str | None) -> None:
        """The first paid sale makes the home store; given back whole, the next one is the first again."""
        self.change_member(member_no, lambda member: msgspec.structs.replace(member, home_store=store))

    def note_overdrafts(
        self, receipt_no: str, member_no: str | None, sale_no: str | None, postings: Sequence[Posting]
    ) -> None:
        """Keeps per sale and unit what the clawback account bears; a refund's part counts for `sale_no`."""
        borne: Counter[str] = Counter()
        for one in postings:
            if one.code == OVERDRAWN:
                borne[one.unit] += one.amount
            elif one.code == CLAWBACK_RETURNED and sale_no is not None:
                self.make_good(sale_no, one.unit, one.amount)
        for unit, amount in borne.items():
            made = Overdraft(receipt_no, unit, member_no, amount, amount, is_new=True)
            self.overdrafts.setdefault(receipt_no, {})[unit] = made
            self._changed_overdrafts.append(made)

    def make_good(self, sale_no: str, unit: str, amount: int) -> None:
        standing = self.overdrafts.get(sale_no, {}).get(unit)
        if standing is not None:
            standing.remaining -= amount
            self._changed_overdrafts.append(standing)

    # --- handing over

    def hand_over(self) -> tuple[list[dict[str, Any]], list[TransferRow]]:
        """The rows that would be written, to who only reckons; they are forgotten here."""
        rows = self.receipt_rows, self.transfer_rows
        self.receipt_rows, self.transfer_rows = [], []
        self.receipts.clear()
        self.moved.clear()
        return rows

    def write(self, connection: Connection) -> None:
        """Writes everything, after the entries that it belongs to."""
        receipts = [tuple(row[name] for name in _RECEIPT_COLUMNS) for row in self.receipt_rows]
        if receipts:
            bulk.insert(connection, schema.receipts, _RECEIPT_COLUMNS, receipts)
        self.codes.write(connection)
        self.coupons.write(connection)
        self._write_overdrafts(connection)
        if self.transfer_rows:
            bulk.insert(connection, schema.transfers, TRANSFER_COLUMNS, self.transfer_rows)
        members.write(connection, [self.members[number] for number in sorted(self._changed_members)])

    def _write_overdrafts(self, connection: Connection) -> None:
        table = schema.overdrafts
        changed = {(one.receipt_no, one.asset): one for one in self._changed_overdrafts}.values()
        made = [tuple(getattr(one, name) for name in _OVERDRAFT_COLUMNS) for one in changed if one.is_new]
        if made:
            bulk.insert(connection, table, _OVERDRAFT_COLUMNS, made)
        for one in changed:
            if not one.is_new:
                here = (table.c.receipt_no == one.receipt_no) & (table.c.asset == one.asset)
                connection.execute(update(table).where(here).values(remaining=one.remaining))


def member_of(event: ReceiptEvent) -> str | None:
    if isinstance(event, SaleMade):
        return event.basket.member.member_no if event.basket.member else None
    return event.member_no


def load(connection: Connection, store: str, events: Sequence[ReceiptEvent], codes: CodeBook) -> Books:
    """The books as far as these receipts of a store need them."""
    named = {member_no for event in events if (member_no := member_of(event)) is not None}
    refunded = {event.of for event in events if isinstance(event, RefundMade)}
    coupons = coupon_book.load(connection, events)
    balances, pending = _balances(connection, {member_account(member_no) for member_no in named})
    return Books(
        merchant=merchants.of_store(connection, store),
        members=members.find_all(connection, named),
        prices={
            date: terms.prices_on(connection, date)
            for date in {event.date for event in events if isinstance(event, SaleMade)}
        },
        balances=balances,
        pending=pending,
        codes=codes,
        receipts=_receipts(connection, {event.receipt_no for event in events} | refunded),
        coupons=coupons,
        overdrafts=_overdrafts(connection, refunded | coupons.sales),
    )


_Amounts = dict[str, dict[str, int]]


def _balances(connection: Connection, accounts: set[str]) -> tuple[_Amounts, _Amounts]:
    """Per account and unit what there is, and what of it is held."""
    table = schema.balances
    query = select(table.c.account, table.c.unit, table.c.amount, table.c.pending)
    amounts: _Amounts = {account: {} for account in accounts}
    pending: _Amounts = {}
    for row in bulk.matching(connection, query, table.c.account, accounts):
        amounts[row.account][row.unit] = row.amount
        if row.pending:
            pending.setdefault(row.account, {})[row.unit] = row.pending
    return amounts, pending


def _receipts(connection: Connection, numbers: set[str]) -> dict[str, str | None]:
    table = schema.receipts
    query = select(table.c.receipt_no, table.c.known)
    return {
        row.receipt_no: row.known for row in bulk.matching(connection, query, table.c.receipt_no, numbers)
    }


def _overdrafts(connection: Connection, sales: set[str]) -> dict[str, dict[str, Overdraft]]:
    table = schema.overdrafts
    query = select(*(table.c[name] for name in _OVERDRAFT_COLUMNS))
    found: dict[str, dict[str, Overdraft]] = {}
    for row in bulk.matching(connection, query, table.c.receipt_no, sales):
        found.setdefault(row.receipt_no, {})[row.asset] = Overdraft(*row)
    return found
