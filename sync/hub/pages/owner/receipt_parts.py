"""What one receipt adds to an owner's page beyond its row of figures, read from the entry's body.

Only the fields that are shown are decoded. Everything is a count or minor units under a (subject, key) pair;
what a refund gives back is negative, and after a full refund everything is 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct

from pos.domain import events
from pos.domain.events import RefundMade, SaleMade, Tender
from pos.domain.ledger import ALLIANCE
from pos.domain.programme.part import CNY
from pos.domain.refund import add_returned, remaining_lines
from pos.domain.tender import CASH

TENDER, FUNDER, OWED, CATEGORY, EARNED, REDEEMED, ISSUED, TAKEN, HOUR, HOUR_SALES, CASHIER, CASHIER_SALES = (
    "tender", "funder", "owed", "category", "earned", "redeemed", "issued", "taken",
    "hour", "hour_sales", "cashier", "cashier_sales",
)  # fmt: skip

Parts = defaultdict[tuple[str, str], int]


class _Adjustment(Struct):
    amount_fen: int
    funder: str


class _Line(Struct):
    category: str
    gross_fen: int
    adjustments: tuple[_Adjustment, ...] = ()


class _Amount(Struct):
    asset: str
    amount: int


class _Outcome(Struct):
    earned: tuple[_Amount, ...]
    reimbursement_fen: int = 0
    reimbursed: dict[str, int] = {}


class _Rule(Struct):
    rule: str


class _Result(Struct):
    lines: tuple[_Line, ...]
    payable_fen: int
    redeemed: tuple[_Amount, ...]
    outcome: _Outcome
    issued: tuple[_Rule, ...] = ()
    coupons_used: tuple[_Rule, ...] = ()


class Sale(Struct):
    """The parts of a sale that owners see."""

    at: str
    cashier: str
    result: _Result
    tenders: tuple[Tender, ...]
    change_fen: int


class Membership(Struct):
    """The parts of a sold plan that owners see."""

    cashier: str
    tenders: tuple[Tender, ...]
    change_fen: int
    paid_in_points: tuple[_Amount, ...] = ()


_HOURS = frozenset(f"{hour:02}" for hour in range(24))

_sale, _membership = msgspec.json.Decoder(Sale), msgspec.json.Decoder(Membership)


def add_sale(parts: Parts, body: bytes) -> None:
    sale = _sale.decode(body)
    result = sale.result
    _add_paid(parts, sale.tenders, sale.change_fen)
    for line in result.lines:
        saved_fen = 0
        for one in line.adjustments:
            parts[FUNDER, one.funder] += one.amount_fen
            saved_fen += one.amount_fen
        parts[CATEGORY, line.category] += line.gross_fen - saved_fen
    for funder, fen in _owed(result.outcome.reimbursed, result.outcome.reimbursement_fen):
        parts[OWED, funder] += fen
    _count_assets(parts, EARNED, result.outcome.earned)
    _count_assets(parts, REDEEMED, result.redeemed)
    for rule in result.issued:
        parts[ISSUED, rule.rule] += 1
    for rule in result.coupons_used:
        parts[TAKEN, rule.rule] += 1
    if hour := _hour(sale.at):
        parts[HOUR, hour] += result.payable_fen
        parts[HOUR_SALES, hour] += 1
    parts[CASHIER, sale.cashier] += result.payable_fen
    parts[CASHIER_SALES, sale.cashier] += 1


def add_membership(parts: Parts, body: bytes) -> None:
    sold = _membership.decode(body)
    _add_paid(parts, sold.tenders, sold.change_fen)
    _count_assets(parts, REDEEMED, sold.paid_in_points)


def add_refund(parts: Parts, body: bytes, sale_body: bytes | None) -> None:
    """Who had borne what, and of which categories, follows from what the sale kept before and after."""
    refund = events.decode(body)
    assert isinstance(refund, RefundMade)
    result = refund.result
    parts[TENDER, CASH] -= result.cash_back_fen
    sale = None if sale_body is None else events.decode(sale_body)
    if isinstance(sale, SaleMade):
        with suppress(ArithmeticError, LookupError, ValueError):  # a till may claim what never can be
            for key, amount in _given_back(refund, sale).items():
                parts[key] += amount
    for funder, fen in _owed(result.reimbursed_change, result.reimbursement_change_fen):
        parts[OWED, funder] += fen
    _count_assets(parts, EARNED, result.earned_change)
    for back in result.points_back:
        parts[REDEEMED, back.asset] -= back.amount
    for issued in result.issued_back:
        parts[ISSUED, issued.rule] -= 1
    for coupon in result.coupons_back:
        parts[TAKEN, coupon.rule] -= 1
    if hour := _hour(refund.at):
        parts[HOUR, hour] -= result.payable_fen
    parts[CASHIER, refund.cashier] -= result.payable_fen


def _given_back(refund: RefundMade, sale: SaleMade) -> Parts:
    after = add_returned(refund.before, refund.returning)
    parts: Parts = defaultdict(int)
    for returned, sign in ((after, 1), (refund.before, -1)):
        for line in remaining_lines(sale.result, returned):
            parts[CATEGORY, line.category] += sign * line.payable_fen
            for one in line.adjustments:
                parts[FUNDER, one.funder] += sign * one.amount_fen
    return parts


def _hour(at: str) -> str:
    """The hour on the store's clock, `00` to `23`; empty where the till wrote no time."""
    hour = at[11:13]
    return hour if hour in _HOURS else ""


def _add_paid(parts: Parts, tenders: tuple[Tender, ...], change_fen: int) -> None:
    """What stayed of each kind of tender; change goes back in cash."""
    for one in tenders:
        parts[TENDER, one.kind] += one.amount_fen
    if change_fen:
        parts[TENDER, CASH] -= change_fen


def _owed(by_whom: dict[str, int], whole_fen: int) -> Iterator[tuple[str, int]]:
    """An entry of the first release names nobody: then it is the alliance."""
    yield from by_whom.items() if by_whom or not whole_fen else [(ALLIANCE, whole_fen)]


def _count_assets(parts: Parts, subject: str, amounts: tuple[Any, ...]) -> None:
    for one in amounts:
        if one.asset != CNY:
            parts[subject, one.asset] += one.amount
