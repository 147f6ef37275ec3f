"""Refunds that undo exactly what the sale did.

A line of n units keeps round half up(each of its parts x remaining / n); a return gives back the
difference of each part, so what was paid in points goes back as points. Earning and share are
reckoned again on what remains. Any sequence of partial refunds ends where one full refund would.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from pos.domain.basket import Basket, HeldCoupon
from pos.domain.message import Refusal, say
from pos.domain.money import round_half_up
from pos.domain.pricing.outcome import outcome
from pos.domain.pricing.result import (
    Burned,
    Earned,
    IssuedCoupon,
    Outcome,
    PricedLine,
    PricedSale,
)
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import Funder


class ReturnedLine(msgspec.Struct, frozen=True):
    """`quantity` pieces of the sale's line `line` (counted from 0) come back; a weighed line is one."""

    line: int
    quantity: int


class PointsBack(msgspec.Struct, frozen=True):
    """An asset given back in kind: minor units, and the fen they had paid."""

    asset: str
    amount: int
    scale: int
    value_fen: int
    funder: Funder
    to_deposit: bool = False


class RefundedLine(msgspec.Struct, frozen=True):
    """What came back of one line, in fen."""

    code: str
    name: str
    unit: str
    quantity: int
    weight_g: int | None
    gross_fen: int
    adjustments_fen: int
    payable_fen: int


class Refund(msgspec.Struct, frozen=True):
    """One refund. Changes are after minus before: earned, received, share and burn are zero or negative.

    `complete` says that nothing of the sale is left; only then do the `coupons_used` come back
    (`coupons_back`), and those that the sale gave out are taken back (`issued_back`).
    """

    lines: tuple[RefundedLine, ...]
    gross_fen: int
    adjustments_fen: int
    payable_fen: int
    points_back: tuple[PointsBack, ...]
    cash_back_fen: int
    cash_withheld_fen: int
    earned_change: tuple[Earned, ...]
    received_change_fen: int
    share_change_fen: int
    reimbursement_change_fen: int
    reimbursed_change: dict[str, int] = {}
    rebate_change_fen: int = 0
    burned_change: tuple[Burned, ...] = ()
    complete: bool = False
    coupons_used: tuple[HeldCoupon, ...] = ()
    coupons_back: tuple[HeldCoupon, ...] = ()
    issued_back: tuple[IssuedCoupon, ...] = ()


def remaining_lines(sale: PricedSale, returned: Mapping[int, int]) -> tuple[PricedLine, ...]:
    """The sale's lines with `returned` (line to pieces) taken off; a line fully back has all parts 0."""
    return tuple(_kept(line, line.quantity - returned.get(index, 0)) for index, line in enumerate(sale.lines))


def refund(
    sale: PricedSale,
    basket: Basket,
    pack: Pack,
    *,
    before: Mapping[int, int],
    cash_back_before_fen: int,
    returning: tuple[ReturnedLine, ...],
) -> Refund:
    """What this return gives back, after `before` (line to pieces) and the cash already given back.

    Cash is clamped to 0 .. cash still outstanding on the sale; `cash_withheld_fen` is what the clamp
    keeps (negative: gave), and the next refund settles it.

    Raises:
        Refusal: `nothing_returned`, `no_such_line` or `more_than_sold`.

    """
    after = _after(sale, before, returning)
    kept_before, kept_after = remaining_lines(sale, before), remaining_lines(sale, after)
    outcome_before, outcome_after = outcome(kept_before, basket, pack), outcome(kept_after, basket, pack)
    complete = all(line.quantity == after.get(index, 0) for index, line in enumerate(sale.lines))
    wanted_fen = sale.due_fen - _due(kept_after) - cash_back_before_fen
    cash_back_fen = min(max(0, wanted_fen), sale.due_fen - cash_back_before_fen)
    gross_fen = _gross(kept_before) - _gross(kept_after)
    payable_fen = _payable(kept_before) - _payable(kept_after)
    return Refund(
        lines=_refunded_lines(sale, kept_before, kept_after, returning),
        gross_fen=gross_fen,
        adjustments_fen=gross_fen - payable_fen,
        payable_fen=payable_fen,
        points_back=_points_back(sale, pack, kept_before, kept_after),
        cash_back_fen=cash_back_fen,
        cash_withheld_fen=wanted_fen - cash_back_fen,
        earned_change=_earned_change(outcome_before, outcome_after),
        received_change_fen=outcome_after.received_fen - outcome_before.received_fen,
        share_change_fen=outcome_after.share_fen - outcome_before.share_fen,
        reimbursement_change_fen=outcome_after.reimbursement_fen - outcome_before.reimbursement_fen,
        reimbursed_change=_reimbursed_change(outcome_before, outcome_after),
        rebate_change_fen=outcome_after.rebate_fen - outcome_before.rebate_fen,
        burned_change=_burned_change(outcome_before, outcome_after),
        complete=complete,
        coupons_used=sale.coupons_used,
        coupons_back=sale.coupons_used if complete else (),
        issued_back=sale.issued if complete else (),
    )


def add_returned(before: Mapping[int, int], returning: tuple[ReturnedLine, ...]) -> dict[int, int]:
    """Line to pieces returned so far, with `returning` added."""
    after = dict(before)
    for one in returning:
        after[one.line] = after.get(one.line, 0) + one.quantity
    return after


def _after(
    sale: PricedSale, before: Mapping[int, int], returning: tuple[ReturnedLine, ...]
) -> dict[int, int]:
    if not returning or any(one.quantity < 1 for one in returning):
        raise Refusal("nothing_returned", say("请选择要退的商品和数量"))
    after = add_returned(before, returning)
    for index, quantity in after.items():
        if not 0 <= index < len(sale.lines):
            raise Refusal("no_such_line", say("这张小票没有第 {line} 行，请核对小票", line=index + 1))
        if quantity > sale.lines[index].quantity:
            raise Refusal(
                "more_than_sold",
                say(
                    "「{name}」只剩 {left} 件可退，请减少数量",
                    name=sale.lines[index].name,
                    left=sale.lines[index].quantity - before.get(index, 0),
                ),
            )
    return after


def _kept(line: PricedLine, remaining: int) -> PricedLine:
    def part(amount: int) -> int:
        return round_half_up(Fraction(amount * remaining, line.quantity))

    return msgspec.structs.replace(
        line,
        gross_fen=part(line.gross_fen),
        adjustments=tuple(
            msgspec.structs.replace(one, amount_fen=part(one.amount_fen)) for one in line.adjustments
        ),
        redeemed=tuple(
            msgspec.structs.replace(one, amount=part(one.amount), value_fen=part(one.value_fen))
            for one in line.redeemed
        ),
    )


def _gross(lines: tuple[PricedLine, ...]) -> int:
    return sum(line.gross_fen for line in lines)


def _payable(lines: tuple[PricedLine, ...]) -> int:
    return sum(line.payable_fen for line in lines)


def _due(lines: tuple[PricedLine, ...]) -> int:
    return _payable(lines) - sum(part.value_fen for line in lines for part in line.redeemed)


def _refunded_lines(
    sale: PricedSale,
    kept_before: tuple[PricedLine, ...],
    kept_after: tuple[PricedLine, ...],
    returning: tuple[ReturnedLine, ...],
) -> tuple[RefundedLine, ...]:
    pieces = add_returned({}, returning)
    return tuple(
        RefundedLine(
            code=sale.lines[index].code,
            name=sale.lines[index].name,
            unit=sale.lines[index].unit,
            quantity=quantity,
            weight_g=sale.lines[index].weight_g,
            gross_fen=kept_before[index].gross_fen - kept_after[index].gross_fen,
            adjustments_fen=kept_before[index].saved_fen - kept_after[index].saved_fen,
            payable_fen=kept_before[index].payable_fen - kept_after[index].payable_fen,
        )
        for index, quantity in sorted(pieces.items())
    )


def _points_back(
    sale: PricedSale, pack: Pack, kept_before: tuple[PricedLine, ...], kept_after: tuple[PricedLine, ...]
) -> tuple[PointsBack, ...]:
    """Assets go back in kind. A cash voucher is no asset: it comes back whole, or not at all."""
    assets = {asset.id for asset in pack.assets}
    back = []
    for one in (one for one in sale.redeemed if one.asset in assets):
        amount = _redeemed(kept_before, one.asset) - _redeemed(kept_after, one.asset)
        value_fen = _redeemed_value(kept_before, one.asset) - _redeemed_value(kept_after, one.asset)
        if amount or value_fen:
            rule = pack.redemption(one.asset)
            to_deposit = rule is not None and rule.to_deposit
            back.append(PointsBack(one.asset, amount, one.scale, value_fen, one.funder, to_deposit))
    return tuple(back)


def _redeemed(lines: tuple[PricedLine, ...], asset: str) -> int:
    return sum(part.amount for line in lines for part in line.redeemed if part.asset == asset)


def _redeemed_value(lines: tuple[PricedLine, ...], asset: str) -> int:
    return sum(part.value_fen for line in lines for part in line.redeemed if part.asset == asset)


def _earned_change(before: Outcome, after: Outcome) -> tuple[Earned, ...]:
    return tuple(
        msgspec.structs.replace(new, amount=new.amount - old.amount)
        for old, new in zip(before.earned, after.earned, strict=True)
        if new.amount != old.amount
    )


def _burned_change(before: Outcome, after: Outcome) -> tuple[Burned, ...]:
    return tuple(
        msgspec.structs.replace(new, amount=new.amount - old.amount)
        for old, new in zip(before.burned, after.burned, strict=True)
        if new.amount != old.amount
    )


def _reimbursed_change(before: Outcome, after: Outcome) -> dict[str, int]:
    changes = {funder: after.reimbursed.get(funder, 0) - fen for funder, fen in before.reimbursed.items()}
    return {funder: fen for funder, fen in changes.items() if fen}
