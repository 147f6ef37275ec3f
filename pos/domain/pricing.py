"""Prices a basket under a pack: adjustments, redemption, earning, received, share.

Every figure is an integer of minor units. `gross - adjustments = payable`, and
`payable - redemptions = due`, which tenders pay. Basket-wide amounts are allocated to lines at the
moment of sale, so that a refund needs nothing but the lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from pos.domain.basket import Basket, BasketLine
from pos.domain.message import Message, named, say
from pos.domain.money import (
    BASIS_POINTS,
    FEN_PER_YUAN,
    plain_text,
    round_down_to_step,
    share_of,
    split,
    yuan,
)
from pos.domain.programme import Accrual, Funder, Pack, Redemption, Role


class Adjustment(msgspec.Struct, frozen=True):
    """A reduction of one line: which rule, how much, who bears it, and a sentence to read out."""

    rule: str
    amount_fen: int
    funder: Funder
    text: Message


class RedeemedPart(msgspec.Struct, frozen=True):
    """What an asset paid of one line: `amount` in the asset's minor units, worth `value_fen`."""

    asset: str
    amount: int
    value_fen: int
    funder: Funder


class PricedLine(msgspec.Struct, frozen=True):
    """One line with all its parts; `unit_price_fen` is what a piece or a kg costs after unit rules."""

    code: str
    name: str
    spec: str
    unit: str
    category: str
    quantity: int
    weight_g: int | None
    list_price_fen: int
    unit_price_fen: int
    eligible: bool
    gross_fen: int
    adjustments: tuple[Adjustment, ...] = ()
    redeemed: tuple[RedeemedPart, ...] = ()

    @property
    def saved_fen(self) -> int:
        return sum(adjustment.amount_fen for adjustment in self.adjustments)

    @property
    def payable_fen(self) -> int:
        return self.gross_fen - self.saved_fen


class AssetAmount(msgspec.Struct, frozen=True):
    """An amount of an asset, in its minor units, beside the scale that reads it."""

    asset: str
    amount: int
    scale: int


class Redeemed(msgspec.Struct, frozen=True):
    """What one asset paid in all. `held_back` says why it was less than wished, if it was."""

    asset: str
    amount: int
    scale: int
    value_fen: int
    funder: Funder
    held_back: Message | None = None


class Earned(msgspec.Struct, frozen=True):
    """What one role earned of one asset, in minor units."""

    role: Role
    asset: str
    amount: int
    scale: int


class Outcome(msgspec.Struct, frozen=True):
    """What follows from a set of lines: earning, received, share and reimbursement."""

    earned: tuple[Earned, ...]
    received_fen: int
    share_fen: int
    reimbursement_fen: int


class PricedSale(msgspec.Struct, frozen=True):
    """A priced basket. `redeemable` is the most each asset could pay, whatever was wished."""

    lines: tuple[PricedLine, ...]
    gross_fen: int
    payable_fen: int
    eligible_fen: int
    redeemable: tuple[AssetAmount, ...]
    redeemed: tuple[Redeemed, ...]
    due_fen: int
    outcome: Outcome

    @property
    def adjustments_fen(self) -> int:
        return self.gross_fen - self.payable_fen

    @property
    def redeemed_fen(self) -> int:
        return sum(one.value_fen for one in self.redeemed)


def price(basket: Basket, pack: Pack) -> PricedSale:
    """Prices a basket. The same basket and pack give the same answer on every machine."""
    lines = tuple(_price_line(line, basket, pack) for line in basket.lines)
    eligible_fen = sum(line.payable_fen for line in lines if line.eligible)
    redeemable, redeemed = _redeem(basket, pack, eligible_fen)
    lines = _allocate(lines, redeemed)
    payable_fen = sum(line.payable_fen for line in lines)
    plan = basket.member.plan if basket.member else None
    return PricedSale(
        lines=lines,
        gross_fen=sum(line.gross_fen for line in lines),
        payable_fen=payable_fen,
        eligible_fen=eligible_fen,
        redeemable=redeemable,
        redeemed=redeemed,
        due_fen=payable_fen - sum(one.value_fen for one in redeemed),
        outcome=outcome(lines, plan, pack),
    )


def outcome(lines: Iterable[PricedLine], plan: str | None, pack: Pack) -> Outcome:
    """What a member on `plan` (None: a walk-in) and the merchant get from these lines.

    A refund calls this on what remains of a sale. Received is what the merchant ends up with before
    the share: payable, less redemptions it funds itself, plus adjustments that others bear.
    """
    lines = tuple(lines)
    payable_fen = sum(line.payable_fen for line in lines)
    own_redemptions = sum(
        part.value_fen for line in lines for part in line.redeemed if part.funder == "merchant"
    )
    others_redemptions = sum(
        part.value_fen for line in lines for part in line.redeemed if part.funder != "merchant"
    )
    others_adjustments = sum(
        adjustment.amount_fen
        for line in lines
        for adjustment in line.adjustments
        if adjustment.funder != "merchant"
    )
    received_fen = payable_fen - own_redemptions + others_adjustments
    counts = pack.share.sales == "all" or plan is not None
    return Outcome(
        earned=_earned(lines, plan, pack),
        received_fen=received_fen,
        share_fen=share_of(received_fen, pack.share.rate_bp) if counts else 0,
        reimbursement_fen=others_redemptions + others_adjustments,
    )


def _price_line(line: BasketLine, basket: Basket, pack: Pack) -> PricedLine:
    product = line.product
    eligible = not pack.exclusions.cover(product)
    unit_price_fen = product.price_fen
    adjustments: tuple[Adjustment, ...] = ()
    if basket.member is not None and eligible:
        unit_price_fen, adjustments = _member_price(line, pack)
    return PricedLine(
        code=product.code,
        name=product.name,
        spec=product.spec,
        unit=product.unit,
        category=product.category,
        quantity=line.quantity,
        weight_g=line.weight_g,
        list_price_fen=product.price_fen,
        unit_price_fen=unit_price_fen,
        eligible=eligible,
        gross_fen=line.gross_fen,
        adjustments=adjustments,
    )


def _member_price(line: BasketLine, pack: Pack) -> tuple[int, tuple[Adjustment, ...]]:
    """The merchant's member price where it is lower; a member never pays more than the list."""
    product = line.product
    saved_fen = line.gross_fen - line.amount_at(product.member_price_fen)
    for rule in pack.price_rules:
        if rule.kind == "member_price" and saved_fen > 0:
            text = say(
                "{rule} {price} 元，省 {saved} 元",
                rule=named(rule.name),
                price=yuan(product.member_price_fen),
                saved=yuan(saved_fen),
            )
            return product.member_price_fen, (Adjustment(rule.id, saved_fen, rule.funder, text),)
    return product.price_fen, ()


def _redeem(
    basket: Basket, pack: Pack, eligible_fen: int
) -> tuple[tuple[AssetAmount, ...], tuple[Redeemed, ...]]:
    """Assets pay in pack order, each capped on what earlier ones left of the eligible amount."""
    if basket.member is None:
        return (), ()
    redeemable, redeemed, left_fen = [], [], eligible_fen
    for rule in pack.redemptions:
        asset = pack.asset(rule.asset)
        balance = max(0, basket.member.balances.get(rule.asset, 0))
        most, why = _most(rule, pack, left_fen, balance, basket.ceilings_fen.get(rule.asset))
        redeemable.append(AssetAmount(rule.asset, most, asset.scale))
        wish = basket.redeem.get(rule.asset, 0)
        amount = round_down_to_step(Fraction(min(max(0, wish), most)), asset.step_minor)
        if wish <= 0:
            continue
        value_fen = amount * rule.value_fen // 10**asset.scale
        redeemed.append(
            Redeemed(rule.asset, amount, asset.scale, value_fen, rule.funder, why if amount < wish else None)
        )
        left_fen -= value_fen
    return tuple(redeemable), tuple(redeemed)


def _most(
    rule: Redemption, pack: Pack, eligible_fen: int, balance: int, ceiling_fen: int | None
) -> tuple[int, Message]:
    """The most an asset may pay, in whole steps, and which limit binds."""
    asset = pack.asset(rule.asset)
    cap_fen = Fraction(eligible_fen * rule.cap_bp, BASIS_POINTS)
    limits = [
        (Fraction(balance), say("余额只有这么多")),
        (
            _units(cap_fen, rule, asset.scale),
            say(
                "积分最多抵 {eligible} 元的 {percent}%",
                eligible=yuan(eligible_fen),
                percent=_percent(rule.cap_bp),
            ),
        ),
    ]
    if ceiling_fen is not None:
        limits.append(
            (
                _units(Fraction(ceiling_fen), rule, asset.scale),
                say("离线时本单最多抵 {max} 元", max=yuan(ceiling_fen)),
            )
        )
    most, why = min(limits, key=lambda limit: limit[0])
    return round_down_to_step(max(Fraction(0), most), asset.step_minor), why


def _units(value_fen: Fraction, rule: Redemption, scale: int) -> Fraction:
    return value_fen * int(10**scale) / rule.value_fen


def _percent(basis_points: int) -> str:
    return plain_text(basis_points, 2)


def _allocate(lines: tuple[PricedLine, ...], redeemed: tuple[Redeemed, ...]) -> tuple[PricedLine, ...]:
    """Spreads each redemption over the eligible lines in proportion to what they cost."""
    weights = [line.payable_fen if line.eligible else 0 for line in lines]
    for one in redeemed:
        if one.amount == 0:
            continue
        amounts, values = split(one.amount, weights), split(one.value_fen, weights)
        lines = tuple(
            msgspec.structs.replace(
                line, redeemed=(*line.redeemed, RedeemedPart(one.asset, amount, value_fen, one.funder))
            )
            if amount or value_fen
            else line
            for line, amount, value_fen in zip(lines, amounts, values, strict=True)
        )
    return lines


def _earned(lines: tuple[PricedLine, ...], plan: str | None, pack: Pack) -> tuple[Earned, ...]:
    if plan is None:
        return ()
    base_fen = sum(
        line.payable_fen - sum(part.value_fen for part in line.redeemed) for line in lines if line.eligible
    )
    return tuple(_accrue(accrual, base_fen, plan, pack) for accrual in pack.accruals)


def _accrue(accrual: Accrual, base_fen: int, plan: str, pack: Pack) -> Earned:
    """Rate x multiplier on the exact base, rounded down once per sale and asset."""
    asset = pack.asset(accrual.asset)
    exact = Fraction(max(0, base_fen), FEN_PER_YUAN) * accrual.rate(plan) * 10**asset.scale
    amount = round_down_to_step(exact, asset.step_minor)
    return Earned(accrual.role, accrual.asset, amount, asset.scale)
