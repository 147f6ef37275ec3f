"""What a settlement says: lines, their parts, totals, and who owes whom. Nothing here needs a database.

An amount is signed as its account sees it: above 0 the account gets it, below 0 the account owes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

import msgspec

from pos.domain.day import Figures
from pos.domain.ledger import ALLIANCE_CLAWBACK, merchant_account, store_account
from sync.hub.ledger.accounts import CORRECTION

BOOKING = "booking"

PartKind = Literal[
    "share",
    "fee",
    "reimbursement",
    "coupon_taken",
    "coupon_issued",
    "commission_paid",
    "commission_received",
    "correction",
    "other",
]


class Receipt(msgspec.Struct, frozen=True):
    """A receipt as the hub keeps it; `entry` counts stored entries in their order of arrival."""

    receipt_no: str
    entry: int
    store: str
    date: str
    kind: str
    of: str | None
    figures: Figures


class Booked(NamedTuple):
    """One transfer of money on an account, or (`transfer` 0) a receipt of the account's own store.

    `amount_fen` is signed as the account sees it, `other` the account on the other side, `date` the
    receipt's, and without a receipt the day of the booking.
    """

    transfer: int
    linked: str
    other: str
    amount_fen: int
    code: str
    reason: str
    date: str
    receipt: Receipt | None


class Part(msgspec.Struct, frozen=True):
    """Why a line moves an amount, and who is on the other side (`alliance`, `brand`, `merchant:M2`, …)."""

    kind: PartKind
    party: str
    amount_fen: int


class Line(msgspec.Struct, frozen=True):
    """One receipt, or what was booked without one, on one account.

    `figures` are those of a receipt of the account's own store, exactly as its till has them; a line
    without them belongs to another store's receipt, or was booked later. `date` is the day that it is
    from, `counted_on` the day whose statement counts it.
    """

    account: str
    date: str
    counted_on: str
    receipt_no: str
    kind: str
    of: str | None
    figures: Figures | None
    parts: tuple[Part, ...]
    transfers: tuple[int, ...]
    reason: str = ""

    @property
    def late(self) -> bool:
        return self.counted_on != self.date

    @property
    def net_fen(self) -> int:
        return sum(one.amount_fen for one in self.parts)

    def fen(self, *kinds: PartKind) -> int:
        """What the line moves for these reasons."""
        return sum(one.amount_fen for one in self.parts if one.kind in kinds)


class Totals(msgspec.Struct, frozen=True):
    """A statement's sums in fen.

    What is owed stands as a number above 0 under its name: share, fees, `coupons_issued` and
    `commission_paid`. What is due to the account as well: `reimbursed` (by `alliance` and `brand`),
    `coupons_taken` and `commission_received`. Dictionaries are by the other side. Corrections and other
    bookings are signed. `net` is all of it together: above 0 the alliance pays.
    """

    share_fen: int = 0
    fees_fen: int = 0
    reimbursed: dict[str, int] = {}
    coupons_taken: dict[str, int] = {}
    coupons_issued: dict[str, int] = {}
    commission_paid: dict[str, int] = {}
    commission_received: dict[str, int] = {}
    corrections_fen: int = 0
    other_fen: int = 0
    net_fen: int = 0


class Debt(msgspec.Struct, frozen=True):
    """Who owes whom, each as in `Part.party`."""

    debtor: str
    creditor: str
    amount_fen: int


class Disagreement(msgspec.Struct, frozen=True):
    """A receipt whose transfers do not add up to one of its figures."""

    receipt_no: str
    figure: str
    booked_fen: int
    receipt_fen: int


# --- lines ---------------------------------------------------------------------------------------


def lines_of(account: str, counted: Iterable[tuple[str, Booked]]) -> tuple[Line, ...]:
    """What was booked on an account, with the day that counts each, as lines in order of date and receipt."""

    def order(pair: tuple[str, Booked]) -> tuple[str, ...]:
        on, one = pair
        number = one.receipt.receipt_no if one.receipt else ""
        return (one.date, number, one.linked, on)

    rows = sorted(counted, key=lambda pair: (order(pair), pair[1].transfer))
    return tuple(_line(account, on[-1], [one for _, one in group]) for on, group in groupby(rows, order))


def _line(account: str, counted_on: str, booked: Sequence[Booked]) -> Line:
    first, receipt = booked[0], booked[0].receipt
    own = receipt is not None and account == store_account(receipt.store)
    moved = [one for one in booked if one.transfer]
    here = len(moved) < len(booked)  # the receipt itself; what came to it later is a line of its own
    return Line(
        account=account,
        date=first.date,
        counted_on=counted_on,
        receipt_no=receipt.receipt_no if receipt else "",
        kind=receipt.kind if receipt and (here or not own) else _kind_without_receipt(moved),
        of=receipt.of if receipt else None,
        figures=receipt.figures if receipt and here else None,
        parts=_parts(account, moved, own=own),
        transfers=tuple(one.transfer for one in moved),
        reason="；".join(dict.fromkeys(one.reason for one in moved if one.reason)),
    )


def _kind_without_receipt(moved: Sequence[Booked]) -> str:
    return CORRECTION if all(one.code == CORRECTION for one in moved) else BOOKING


def _parts(account: str, moved: Iterable[Booked], *, own: bool) -> tuple[Part, ...]:
    sums: Counter[tuple[PartKind, str]] = Counter()
    for one in moved:
        kind = _part_kind(account, one, own=own)
        sums[kind, _party(one.other)] += one.amount_fen
    return tuple(Part(kind, party, fen) for (kind, party), fen in sorted(sums.items()))


def _part_kind(account: str, one: Booked, *, own: bool) -> PartKind:
    code = one.code.removesuffix("_back")
    if code == "share":
        return "share"
    if code == "fee":
        return "fee"
    if code == "commission":
        return "commission_paid" if own else "commission_received"
    if code == CORRECTION:
        return "correction"
    if account.startswith(_MERCHANT):
        return "coupon_issued" if code in _FOR_COUPONS else "other"
    if code in _FOR_COUPONS and one.other.startswith(_MERCHANT):
        return "coupon_taken"
    if code == "reimbursement" or (code in _FOR_COUPONS and one.other == ALLIANCE_CLAWBACK):
        return "reimbursement"
    return "other"


_MERCHANT, _STORE = merchant_account(""), store_account("")
_FOR_COUPONS = ("reimbursement", "overdrawn", "clawback_returned")


def _party(account: str) -> str:
    """Who is behind an account. A member's number is nothing that a shop's paper has to say."""
    if account.startswith((_MERCHANT, _STORE)):
        return account
    return account.partition(":")[0]


# --- sums ----------------------------------------------------------------------------------------


def totals_of(lines: Iterable[Line]) -> Totals:
    by_kind: dict[str, Counter[str]] = {}
    for line in lines:
        for one in line.parts:
            by_kind.setdefault(one.kind, Counter())[one.party] += one.amount_fen

    def get(kind: PartKind, sign: int = 1) -> dict[str, int]:
        return {party: sign * fen for party, fen in sorted(by_kind.get(kind, {}).items()) if fen}

    return Totals(
        share_fen=sum(get("share", -1).values()),
        fees_fen=sum(get("fee", -1).values()),
        reimbursed=get("reimbursement"),
        coupons_taken=get("coupon_taken"),
        coupons_issued=get("coupon_issued", -1),
        commission_paid=get("commission_paid", -1),
        commission_received=get("commission_received"),
        corrections_fen=sum(get("correction").values()),
        other_fen=sum(get("other").values()),
        net_fen=sum(sum(one.values()) for one in by_kind.values()),
    )


def debts_of(party: str, own: Iterable[str], lines: Iterable[Line]) -> tuple[Debt, ...]:
    """What `party`, to whom the accounts `own` belong, and each of the others owe one another."""
    inside, sums = {party, *own}, Counter[str]()
    for line in lines:
        for one in line.parts:
            if one.party not in inside:
                sums[one.party] += one.amount_fen
    return tuple(
        Debt(other, party, fen) if fen > 0 else Debt(party, other, -fen)
        for other, fen in sorted(sums.items())
        if fen
    )


def disagreements_of(lines: Iterable[Line]) -> tuple[Disagreement, ...]:
    """Where a receipt's transfers and its figures are not the same to the fen."""
    return tuple(
        Disagreement(line.receipt_no, figure, booked, stated)
        for line in lines
        if line.figures is not None
        for figure, booked, stated in (
            ("share_fen", -line.fen("share"), line.figures.share_fen),
            (
                "reimbursements_fen",
                line.fen("reimbursement", "coupon_taken"),
                line.figures.reimbursements_fen,
            ),
            ("fees_fen", -line.fen("fee"), line.figures.fees_fen),
        )
        if booked != stated
    )


# --- which day counts ----------------------------------------------------------------------------


class Mark(msgspec.Struct, frozen=True):
    """How far a frozen day had heard when it was frozen: the newest transfer and entry of that moment."""

    date: str
    transfer: int
    entry: int

    def heard(self, one: Booked) -> bool:
        if one.transfer:
            return one.transfer <= self.transfer
        return one.receipt is not None and one.receipt.entry <= self.entry


def counted_on(marks: Sequence[Mark], open_from: str, one: Booked) -> str:
    """The day that counts a booking: its own, or where that was frozen without it, the next that heard of it.

    `marks` are the account's frozen days in order, each of which had heard all that an earlier one had;
    `open_from` is the first day after them.
    """
    for mark in marks:
        if mark.date >= one.date and mark.heard(one):
            return mark.date
    return max(one.date, open_from)
