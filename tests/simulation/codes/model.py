"""What should be so, reckoned from what tills and phones saw and from the entries as bytes.

Shares no code with the product: entries are read as plain JSON, codes as the digits' own numbers, balances
as sums. It books in the order in which entries reached the hub.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field

Place = tuple[str, int]
"""Terminal and epoch."""
Key = tuple[str, int, int]
"""Terminal, epoch and number: what names a code."""

ASSET = "points"


class Violation(AssertionError):  # noqa: N818 - what the simulation looks for
    """Something that must never happen has happened."""


@dataclass(slots=True)
class Account:
    """A member's points at the hub, in minor units, as they should stand."""

    balance: int
    holds: dict[Key, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        return self.balance - sum(self.holds.values())


@dataclass(slots=True)
class Books:
    """The hub's side of the model; a restored hub goes back to a copy of it."""

    accounts: dict[str, Account]
    clawback: dict[str, int] = field(default_factory=dict)
    """Receipt to what the clawback account still bears of it."""
    by_code: dict[str, int] = field(default_factory=dict)
    """The same of what was redeemed with a pay code, all in all."""
    closed: dict[Place, int] = field(default_factory=dict)
    booked: set[str] = field(default_factory=set)
    sales: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """Receipt to member, redeemed and taken from the account."""

    def copy(self) -> Books:
        accounts = {no: Account(one.balance, dict(one.holds)) for no, one in self.accounts.items()}
        return Books(
            accounts,
            dict(self.clawback),
            dict(self.by_code),
            dict(self.closed),
            set(self.booked),
            dict(self.sales),
        )


class Model:
    """`tags` maps a member's tag in codes to their number, `opening` numbers to points at the start."""

    def __init__(self, opening: dict[str, int], tags: dict[str, str]) -> None:
        self.books = Books({no: Account(points) for no, points in opening.items()})
        self.tags = tags
        self.issued: dict[Key, int] = {}
        self.owner: dict[Key, str] = {}
        self.paid: dict[str, bytes] = {}
        self.uses: dict[Key, list[str]] = defaultdict(list)
        self.copies: dict[Place, int] = defaultdict(int)
        self._let_go = 0

    # --- at the phone and at the tills

    def note_issued(self, member_no: str, key: Key, amount: int) -> None:
        """The hub has answered with a code; the same number again is the same code."""
        account = self.books.accounts[member_no]
        held = account.holds.get(key, 0)
        if self.owner.setdefault(key, member_no) != member_no:
            raise Violation(f"{key} was given to {self.owner[key]} and to {member_no}")
        if key in self.issued and key not in account.holds:
            raise Violation(f"number {key} was drawn again")
        if amount > account.free + held:
            raise Violation(f"{key}: {amount} reserved, only {account.free + held} was free")
        account.holds[key] = max(held, amount)
        self.issued[key] = max(self.issued.get(key, 0), amount)

    def note_paid(self, receipt_no: str, body: bytes) -> None:
        """A till has said "paid"."""
        self.paid[receipt_no] = body
        for key, used in used_codes(body):
            if used > self.issued.get(key, 0):
                raise Violation(
                    f"{receipt_no}: {used} spent of {key}, which is good for {self.issued.get(key)}"
                )
            if key[2] <= self.books.closed.get(key[:2], 0) and key[:2] not in self.copies:
                raise Violation(f"{receipt_no}: {key} was closed, its points were free again")
            if self.uses[key] and key[:2] not in self.copies:
                raise Violation(f"{key} was spent by {self.uses[key][0]} and again by {receipt_no}")
            self.uses[key].append(receipt_no)

    # --- what may cost something

    def note_copied(self, place: Place) -> None:
        """There is one more copy of this chain: it may take each of its codes once more."""
        self.copies[place] += 1

    def note_lost(self, terminal: str) -> None:
        """All holds of a terminal are let go; its codes may still be spent, each once."""
        for account in self.books.accounts.values():
            for key in [key for key in account.holds if key[0] == terminal]:
                self._let_go += account.holds.pop(key)

    def note_restored(self, then: Books, issued_then: set[Key]) -> None:
        """The hub is what it was then; codes that it has forgotten have no hold any more."""
        self.books = then
        self._let_go += sum(amount for key, amount in self.issued.items() if key not in issued_then)

    @property
    def bound(self) -> int:
        """The most that pay codes may have overdrawn by now; 0 while nothing was copied, lost or restored."""
        again = sum(self.copies.get(key[:2], 0) * amount for key, amount in self.issued.items())
        return again + self._let_go

    # --- what reached the hub

    def book(self, place: Place, body: bytes, *, main_branch: bool, mark: str) -> None:
        """One entry that the hub has taken, in the order in which it did; `mark` begins its hash.

        Two copies of a till give a number twice: the second is booked with its mark behind the number.
        """
        entry = json.loads(body)
        if entry.get("receipt_no") in self.books.booked:
            entry["receipt_no"] += f"~{mark}"
        match entry["kind"]:
            case "sale":
                self._book_sale(entry, body)
            case "refund":
                self._book_refund(entry)
            case "codes_closed" if main_branch:
                self._close(place, entry["up_to"])

    def _book_sale(self, sale: dict, body: bytes) -> None:  # type: ignore[type-arg]
        receipt_no = sale["receipt_no"]
        if receipt_no in self.books.booked:
            raise Violation(f"{receipt_no} is booked twice")
        self.books.booked.add(receipt_no)
        member = sale["basket"].get("member")
        if member is None:
            return
        account = self.books.accounts[self._number(member["member_no"])]
        redeemed = sum(one["amount"] for one in sale["result"]["redeemed"] if one["asset"] == ASSET)
        held = 0
        keys = [key for key, _ in used_codes(body)]
        for key in keys:
            held += account.holds.pop(key, 0)
        taken = min(redeemed, max(held, account.free, 0))
        account.balance -= taken
        short = redeemed - taken
        if short:
            self.books.clawback[receipt_no] = short
            if keys:
                self.books.by_code[receipt_no] = short
        self.books.sales[receipt_no] = (self._number(member["member_no"]), redeemed, taken)
        account.balance += _earned(sale["result"]["outcome"]["earned"])

    def _book_refund(self, refund: dict) -> None:  # type: ignore[type-arg]
        receipt_no = refund["receipt_no"]
        if receipt_no in self.books.booked:
            raise Violation(f"{receipt_no} is booked twice")
        self.books.booked.add(receipt_no)
        if refund.get("member_no") is None:
            return
        account = self.books.accounts[self._number(refund["member_no"])]
        back = sum(one["amount"] for one in refund["result"]["points_back"] if one["asset"] == ASSET)
        owed = min(back, self.books.clawback.get(refund["of"], 0))
        if owed:
            self.books.clawback[refund["of"]] -= owed
        account.balance += back - owed
        account.balance += _earned(refund["result"]["earned_change"])

    def _close(self, place: Place, up_to: int) -> None:
        for account in self.books.accounts.values():
            for key in [key for key in account.holds if key[:2] == place and key[2] <= up_to]:
                del account.holds[key]
        self.books.closed[place] = max(up_to, self.books.closed.get(place, 0))

    def _number(self, written: str) -> str:
        return self.tags[written.removeprefix("tag:")] if written.startswith("tag:") else written


def used_codes(body: bytes) -> list[tuple[Key, int]]:
    """The codes that a sale's entry says it used, and how much of each; read from the digits themselves."""
    sale = json.loads(body)
    return [(key_of(one["code"]), one["used"]) for one in sale.get("pay_codes", ())]


_terminals: dict[str, str] = {}
"""Mark to terminal; the driver fills it in."""


def know_terminal(mark: str, terminal: str) -> None:
    _terminals[mark] = terminal


def key_of(digits: str) -> Key:
    """Terminal, epoch and number in a code's digits (bytes 2 to 13 of what they stand for)."""
    content = int(digits[1:-2]).to_bytes(104, "big")
    number, epoch = int.from_bytes(content[2:6], "big"), int.from_bytes(content[12:14], "big")
    return _terminals[content[6:9].hex()], epoch, number


def _earned(changes: list[dict]) -> int:  # type: ignore[type-arg]
    return sum(one["amount"] for one in changes if one["asset"] == ASSET and one["role"] == "member")
