"""Paying with cash vouchers and assets: how much each may pay, and what it pays of which line."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from pos.domain.basket import Basket, HeldCoupon
from pos.domain.message import Message, named, say
from pos.domain.money import BASIS_POINTS, FEN_PER_YUAN, plain_text, round_down_to_step, split, yuan
from pos.domain.pricing.allotment import split_within
from pos.domain.pricing.openness import closed
from pos.domain.pricing.reduced import bearer_of, take_coupon
from pos.domain.pricing.result import AssetAmount, PricedLine, Redeemed, RedeemedPart
from pos.domain.programme.assets import Asset, Redemption
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import exact
from pos.domain.programme.rules import Benefit, CashVoucher


class Paid(msgspec.Struct, frozen=True):
    """Lines with their redeemed parts, and what each asset could and did pay."""

    lines: tuple[PricedLine, ...]
    redeemable: tuple[AssetAmount, ...]
    redeemed: tuple[Redeemed, ...]
    coupons: tuple[HeldCoupon, ...]


def redeem(lines: tuple[PricedLine, ...], basket: Basket, pack: Pack) -> Paid:
    """Cash vouchers pay first, then assets in pack order, each capped on what earlier ones left."""
    if basket.member is None:
        return Paid(lines, (), (), ())
    eligible_fen = sum(line.payable_fen for line in lines if line.eligible)
    lines, redeemed, coupons = _pay_vouchers(lines, eligible_fen, basket, pack)
    left_fen = eligible_fen - sum(one.value_fen for one in redeemed)
    redeemable = []
    for rule in pack.redemptions:
        most, one = _one_asset(rule, basket, pack, left_fen)
        redeemable.append(most)
        if one is not None:
            redeemed.append(one)
            left_fen -= one.value_fen
            lines = _allocate(lines, one, earns=rule.earns, to_deposit=rule.to_deposit)
    return Paid(lines, tuple(redeemable), tuple(redeemed), coupons)


def price_of(asset: Asset, basket: Basket) -> Fraction:
    """What a whole unit is worth today, in yuan: the hub's price, or the pack's until there is one."""
    return exact(basket.asset_prices.get(asset.id) or asset.price_yuan or "0")


def _pay_vouchers(
    lines: tuple[PricedLine, ...], eligible_fen: int, basket: Basket, pack: Pack
) -> tuple[tuple[PricedLine, ...], list[Redeemed], tuple[HeldCoupon, ...]]:
    """代金券 pay and 福利券 are granted, in pack order, while there is something to pay."""
    used: list[HeldCoupon] = []
    paid: list[Redeemed] = []
    left_fen, reached_fen = eligible_fen, sum(line.threshold_fen for line in lines)
    for rule in pack.price_rules:
        if not isinstance(rule, CashVoucher | Benefit) or closed(rule, basket, pack) is not None:
            continue
        if isinstance(rule, Benefit):
            if any(line.quantity for line in lines):
                take_coupon(rule, basket, used)
            continue
        while left_fen > 0 and reached_fen >= rule.min_fen:
            coupon = take_coupon(rule, basket, used)
            if coupon is None:
                break
            value_fen = min(rule.value_fen, left_fen)
            funder, issuer = bearer_of(rule, coupon, basket)
            one = Redeemed(rule.id, value_fen, 2, value_fen, funder, issuer=issuer)
            lines = _allocate(lines, one, earns=rule.earns, to_deposit=False)
            paid.append(one)
            left_fen -= value_fen
    return lines, paid, tuple(used)


def _one_asset(
    rule: Redemption, basket: Basket, pack: Pack, left_fen: int
) -> tuple[AssetAmount, Redeemed | None]:
    """The most an asset may pay, and what it pays of the wish (None: nothing was wished)."""
    member, asset = basket.member, pack.asset(rule.asset)
    balance = max(0, member.balances.get(rule.asset, 0)) if member else 0
    yuan_each = price_of(asset, basket) if rule.at_price else Fraction(rule.value_fen, FEN_PER_YUAN)
    ceiling_fen = basket.ceilings_fen.get(rule.asset)
    most, why = _most(rule, asset, yuan_each, left_fen, balance=balance, ceiling_fen=ceiling_fen)
    most, _ = _whole_fen(most, rule, asset, yuan_each)
    wish = max(0, basket.redeem.get(rule.asset, 0))
    paid = None
    if wish:
        amount, value_fen = _whole_fen(_stepped(min(wish, most), rule, asset), rule, asset, yuan_each)
        if wish <= most:
            why = _too_odd(wish, rule, asset)
        held_back = why if amount < wish else None
        paid = Redeemed(rule.asset, amount, asset.scale, value_fen, rule.funder, held_back)
    return AssetAmount(rule.asset, most, asset.scale), paid


def _too_odd(wish: int, rule: Redemption, asset: Asset) -> Message:
    """Why a wish within all limits is not paid as it is."""
    if wish < asset.minor(rule.min):
        return say("{asset}至少要用 {min}", asset=named(asset.name), min=rule.min)
    step = _step(rule, asset)
    if wish % step:
        return say(
            "{asset}每 {step} 一抵，零头不抵", asset=named(asset.name), step=plain_text(step, asset.scale)
        )
    return say("{asset}不足 1 分钱的零头不抵", asset=named(asset.name))


def _most(
    rule: Redemption,
    asset: Asset,
    yuan_each: Fraction,
    eligible_fen: int,
    *,
    balance: int,
    ceiling_fen: int | None,
) -> tuple[int, Message]:
    """The most an asset may pay, in whole steps of minor units, and which limit binds."""
    limits_fen = [
        (
            Fraction(eligible_fen * rule.cap_bp, BASIS_POINTS),
            say(
                "{asset}最多抵 {eligible} 元的 {percent}%",
                asset=named(asset.name),
                eligible=yuan(eligible_fen),
                percent=plain_text(rule.cap_bp, 2),
            ),
        )
    ]
    if rule.cap_fen is not None:
        limits_fen.append((Fraction(rule.cap_fen), say("每单最多抵 {max} 元", max=yuan(rule.cap_fen))))
    if ceiling_fen is not None:
        limits_fen.append((Fraction(ceiling_fen), say("离线时本单最多抵 {max} 元", max=yuan(ceiling_fen))))
    limits = [
        (Fraction(balance), say("余额只有这么多")),
        *((_within(fen, rule, asset, yuan_each), why) for fen, why in limits_fen),
    ]
    most, why = min(limits, key=lambda limit: limit[0])
    stepped = _stepped(max(0, int(most)), rule, asset)
    if stepped == 0 and asset.minor(rule.min) > int(most) > 0:
        why = say("{asset}至少要用 {min}", asset=named(asset.name), min=rule.min)
    return stepped, why


def _step(rule: Redemption, asset: Asset) -> int:
    return asset.minor(rule.step) if rule.step is not None else asset.step_minor


def _stepped(amount: int, rule: Redemption, asset: Asset) -> int:
    """Whole steps, and nothing at all below the minimum."""
    stepped = round_down_to_step(Fraction(amount), _step(rule, asset))
    return stepped if stepped >= asset.minor(rule.min) else 0


def _minor(value_fen: Fraction, yuan_each: Fraction, asset: Asset) -> Fraction:
    """How many minor units are worth that many fen."""
    return value_fen * 10**asset.scale / (yuan_each * FEN_PER_YUAN) if yuan_each else Fraction(0)


def _within(limit_fen: Fraction, rule: Redemption, asset: Asset, yuan_each: Fraction) -> Fraction:
    """Minor units that a limit allows: one step more for the last fen where a step is worth less."""
    amount, step = _minor(limit_fen, yuan_each, asset), _step(rule, asset)
    if yuan_each * FEN_PER_YUAN * step >= 10**asset.scale:
        return amount
    last = _minor(Fraction(int(limit_fen)), yuan_each, asset) / step
    return max(amount, Fraction(-(-last.numerator // last.denominator) * step))


def _whole_fen(amount: int, rule: Redemption, asset: Asset, yuan_each: Fraction) -> tuple[int, int]:
    """The fen that an amount pays, and no more of the asset than those take: a price may leave a crumb."""
    value_fen = int(Fraction(amount, 10**asset.scale) * yuan_each * FEN_PER_YUAN)
    if value_fen == 0:
        return 0, 0
    step = _step(rule, asset)
    steps = _minor(Fraction(value_fen), yuan_each, asset) / step
    return max(asset.minor(rule.min), -(-steps.numerator // steps.denominator) * step), value_fen


def _allocate(
    lines: tuple[PricedLine, ...], one: Redeemed, *, earns: bool, to_deposit: bool
) -> tuple[PricedLine, ...]:
    """Spreads a redemption over the eligible lines in proportion to what they cost."""
    if one.value_fen == 0:
        return lines
    weights = [line.payable_fen if line.eligible else 0 for line in lines]
    room = [line.payable_fen - line.redeemed_fen if line.eligible else 0 for line in lines]
    values = split_within(one.value_fen, weights, room)
    amounts = (
        values
        if one.amount == one.value_fen
        else split(one.amount, weights if values == split(one.value_fen, weights) else values)
    )
    return tuple(
        msgspec.structs.replace(
            line,
            redeemed=(
                *line.redeemed,
                RedeemedPart(one.asset, amount, value_fen, one.funder, earns, to_deposit, one.issuer),
            ),
        )
        if amount or value_fen
        else line
        for line, amount, value_fen in zip(lines, amounts, values, strict=True)
    )
