"""Why the rules that did not apply did not: what is missing, or what was better."""

from __future__ import annotations

import msgspec

from pos.domain.basket import Basket, BasketLine
from pos.domain.message import Message, named, say
from pos.domain.money import yuan
from pos.domain.pricing.openness import closed
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    BasketRule,
    Benefit,
    Bundle,
    CashVoucher,
    NthItem,
    PriceRule,
    Rule,
    UnitRule,
)


class NotApplied(msgspec.Struct, frozen=True):
    """A rule that did not apply, or an asset that paid less than wished, and why.

    `missing_fen` is what the eligible total lacks where that alone is missing, else 0.
    """

    rule: str
    text: Message
    missing_fen: int = 0


def not_applied(basket: Basket, pack: Pack, sale: PricedSale) -> tuple[NotApplied, ...]:
    """Every rule of the pack that took nothing off, in pack order; then wishes to redeem that were cut."""
    applied = {one.rule for line in sale.lines for one in line.adjustments}
    applied |= {one.asset for one in sale.redeemed if one.value_fen}
    applied |= {one.rule for one in sale.coupons_used}
    reasons = [_why(rule, basket, pack, sale) for rule in pack.price_rules if rule.id not in applied]
    cut = [NotApplied(one.asset, one.held_back) for one in sale.redeemed if one.held_back is not None]
    return (*reasons, *cut, *_wishes_in_vain(basket, pack))


def _wishes_in_vain(basket: Basket, pack: Pack) -> list[NotApplied]:
    """Wishes to pay with what does not pay."""
    if basket.member is None:
        return [
            NotApplied(asset, say("{asset}：会员专享，扫会员码后可用", asset=_asset_name(asset, pack)))
            for asset, wish in basket.redeem.items()
            if wish > 0
        ]
    return [
        NotApplied(asset, say("{asset}不能在收银台抵扣", asset=_asset_name(asset, pack)))
        for asset, wish in basket.redeem.items()
        if wish > 0 and pack.redemption(asset) is None
    ]


def _asset_name(asset_id: str, pack: Pack) -> Message:
    return named(next((asset.name for asset in pack.assets if asset.id == asset_id), asset_id))


def next_offer(basket: Basket, pack: Pack, sale: PricedSale) -> NotApplied | None:
    """The rule that is nearest to applying: only a little more must be bought."""
    near = [one for one in not_applied(basket, pack, sale) if one.missing_fen > 0]
    return min(near, key=lambda one: one.missing_fen, default=None)


def _why(rule: PriceRule, basket: Basket, pack: Pack, sale: PricedSale) -> NotApplied:
    shut = closed(rule, basket, pack)
    if shut is not None:
        return NotApplied(rule.id, say("{rule}：{reason}", rule=named(rule.name), reason=shut))
    match rule:
        case BasketRule() | CashVoucher():
            return _why_not_basket(rule, pack, sale)
        case Bundle():
            return NotApplied(rule.id, _why_not_bundle(rule, basket, pack))
        case UnitRule():
            return NotApplied(rule.id, _why_not_unit(rule, basket, pack))
        case Benefit():
            return NotApplied(rule.id, say("{rule}：先扫商品", rule=named(rule.name)))


def _why_not_basket(rule: BasketRule | CashVoucher, pack: Pack, sale: PricedSale) -> NotApplied:
    reached = _eligible_fen(rule, sale)
    if reached < rule.min_fen:
        missing_fen = rule.min_fen - reached
        text = say("还差 {missing} 元可用{rule}", missing=yuan(missing_fen), rule=named(rule.name))
        return NotApplied(rule.id, text, missing_fen)
    if reached == 0:
        return NotApplied(rule.id, _nothing_meant(rule))
    if isinstance(rule, BasketRule):
        other = _used_instead(rule, pack, sale)
        if other is not None:
            text = say(
                "{rule}：一单只用一个，已用更省的{other}", rule=named(rule.name), other=named(other.name)
            )
            return NotApplied(rule.id, text)
    return NotApplied(rule.id, say("{rule}：其他优惠已更省", rule=named(rule.name)))


def _eligible_fen(rule: BasketRule | CashVoucher, sale: PricedSale) -> int:
    """What the rule's threshold is judged on; a cash voucher's counts all goods."""
    counted = [
        line
        for line in sale.lines
        if isinstance(rule, CashVoucher) or rule.scope.covers(line.code, line.category)
    ]
    return sum(line.threshold_fen for line in counted)


def _used_instead(rule: BasketRule, pack: Pack, sale: PricedSale) -> PriceRule | None:
    """The rule of the same stacking group that was used."""
    used = {one.rule for line in sale.lines for one in line.adjustments}
    return next(
        (
            one
            for one in pack.price_rules
            if isinstance(one, BasketRule) and one.group == rule.group and one.id in used
        ),
        None,
    )


def _why_not_unit(rule: UnitRule, basket: Basket, pack: Pack) -> Message:
    lines = _lines_meant(rule, basket, pack)
    if not lines:
        return _nothing_meant(rule)
    if isinstance(rule, NthItem):
        missing = min(rule.n - line.quantity % rule.n for line in lines)
        if all(line.quantity < rule.n for line in lines):
            return say("再买 {n} 件可用{rule}", n=missing, rule=named(rule.name))
    return say("{rule}：没有比现价更低，或其他优惠更省", rule=named(rule.name))


def _why_not_bundle(rule: Bundle, basket: Basket, pack: Pack) -> Message:
    have: dict[str, int] = {}
    for line in basket.lines:
        if line.weight_g is None and not pack.exclusions.cover(line.product):
            have[line.product.code] = have.get(line.product.code, 0) + line.quantity
    short = [
        (item, item.quantity - sum(have.get(code, 0) for code in item.products))
        for item in rule.items
        if sum(have.get(code, 0) for code in item.products) < item.quantity
    ]
    if len(short) == len(rule.items):
        return _nothing_meant(rule)
    if short:
        item, missing = short[0]
        return say(
            "还差 {n} 件 {codes} 可用{rule}",
            n=missing,
            codes="/".join(item.products[:4]),
            rule=named(rule.name),
        )
    return say("{rule}：其他优惠已更省", rule=named(rule.name))


def _lines_meant(rule: UnitRule, basket: Basket, pack: Pack) -> list[BasketLine]:
    return [
        line
        for line in basket.lines
        if not pack.exclusions.cover(line.product)
        and rule.scope.covers(line.product.code, line.product.category)
    ]


def _nothing_meant(rule: Rule) -> Message:
    return say("{rule}：购物车里没有参加的商品", rule=named(rule.name))
