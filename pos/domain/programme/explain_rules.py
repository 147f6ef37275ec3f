"""Price rules in sentences that a shop owner understands."""

from __future__ import annotations

from pos.domain.message import Message, named, say
from pos.domain.money import yuan
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import WEEKDAYS
from pos.domain.programme.rules import (
    HELD_KINDS,
    BasketRule,
    Bundle,
    CashVoucher,
    Coupon,
    FirstOrder,
    Flash,
    Gift,
    MemberPrice,
    NthItem,
    PlanDiscount,
    PriceCut,
    PriceRule,
    Scope,
    UnitRule,
    When,
)
from pos.domain.programme.spoken import FUNDERS, joined, listed, percent, plan_names


def rule_sentence(pack: Pack, rule: PriceRule) -> Message:
    """One rule: what it takes off, from what, when, for whom, and who bears it."""
    return say(
        "「{name}」：{what}。由{funder}承担。",
        name=named(rule.name),
        what=joined([_effect(rule), *_scope(pack, rule.scope), *_when(rule.when), *_limits(pack, rule)]),
        funder=FUNDERS[rule.funder],
    )


def _effect(rule: PriceRule) -> Message:
    match rule:
        case MemberPrice():
            return say("按商家定的会员价卖，只在低于标价时")
        case PlanDiscount():
            return _plan_discount(rule)
        case Gift():
            return say("凭券白拿一件")
        case NthItem():
            return say("同一商品每 {n} 件里有一件{cut}", n=rule.n, cut=_cut(rule))
        case Bundle():
            return _bundle(rule)
        case PriceCut():
            return _cut(rule)
        case CashVoucher():
            return _voucher(rule)
        case BasketRule():
            return _basket(rule)
    return say("凭券享受一次，不涉及金额")


def _plan_discount(rule: PlanDiscount) -> Message:
    off = say("标价减 {percent}%，但不低于会员等级的底价", percent=percent(rule.off_bp))
    if rule.below_member_price is None:
        return off
    below = say("低于会员价的部分由{funder}承担", funder=FUNDERS[rule.below_member_price])
    return joined([off, below])


def _cut(rule: PriceCut | Bundle) -> Message:
    if rule.price_fen is not None:
        return say("只卖 {price} 元", price=yuan(rule.price_fen))
    return say("比标价便宜 {percent}%", percent=percent(rule.off_bp or 0))


def _bundle(rule: Bundle) -> Message:
    items = [
        say("{quantity} 件 {goods}", quantity=item.quantity, goods=_either(item.products))
        for item in rule.items
    ]
    return say("{items}一起买，{cut}", items=listed(items), cut=_cut(rule))


def _either(goods: tuple[str, ...]) -> Message:
    """Goods of which any will do."""
    if len(goods) == 1:
        return named(goods[0])
    return say("{first} 或 {rest}", first=named(goods[0]), rest=_either(goods[1:]))


def _voucher(rule: CashVoucher) -> Message:
    pays = say(
        "凭券当 {value} 元付款，可抵的商品满 {min} 元才能用，不找零",
        value=yuan(rule.value_fen),
        min=yuan(rule.min_fen),
    )
    return joined([pays, say("这部分照样得积分") if rule.earns else say("这部分不得积分")])


def _basket(rule: BasketRule) -> Message:
    if rule.off_fen is not None:
        less = say("减 {off} 元", off=yuan(rule.off_fen))
    else:
        less = say("减 {percent}%", percent=percent(rule.off_bp or 0))
    off = (
        say("整单满 {min} 元{less}", min=yuan(rule.min_fen), less=less)
        if rule.min_fen
        else say("整单{less}", less=less)
    )
    if rule.max_fen is not None:
        off = joined([off, say("最多减 {max} 元", max=yuan(rule.max_fen))])
    match rule:
        case Coupon():
            return joined([say("凭券"), off])
        case FirstOrder():
            return joined([say("会员在联盟的第一单"), off])
    return off


def _scope(pack: Pack, scope: Scope) -> list[Message]:
    told = []
    if scope.products or scope.categories:
        goods = listed([*scope.categories, *scope.products])
        told.append(say("只限这些商品：{goods}", goods=goods))
    if scope.except_products or scope.except_categories:
        told.append(say("不含 {goods}", goods=listed([*scope.except_categories, *scope.except_products])))
    if scope.stores:
        told.append(say("只在门店 {stores}", stores=listed(scope.stores)))
    if scope.plans:
        told.append(say("只给{plans}", plans=plan_names(pack, scope.plans)))
    return told


_DAYS = dict(
    zip(
        WEEKDAYS,
        (say("周一"), say("周二"), say("周三"), say("周四"), say("周五"), say("周六"), say("周日")),
        strict=True,
    )
)


def _when(when: When | None) -> list[Message]:
    if when is None:
        return []
    told = []
    if when.dates:
        told.append(say("只在 {days}", days=listed(when.dates)))
    elif when.weekdays:
        told.append(say("只在{days}", days=listed([_DAYS[day] for day in when.weekdays])))
    if when.month_days and not when.dates:
        told.append(say("每月 {days} 日", days=listed([str(day) for day in when.month_days])))
    if (when.opens, when.closes) != ("00:00", "24:00"):
        told.append(say("从 {opens} 到 {closes}", opens=when.opens, closes=when.closes))
    if when.first is not None:
        told.append(say("{day} 起", day=when.first))
    if when.last is not None:
        told.append(say("到 {day} 为止", day=when.last))
    return told


_QUOTAS = {
    "day": say("每天限 {quota} 件"),
    "week": say("每周限 {quota} 件"),
    "ever": say("一共限 {quota} 件"),
}


def _limits(pack: Pack, rule: PriceRule) -> list[Message]:
    told = []
    if isinstance(rule, Flash):
        told.append(Message(_QUOTAS[rule.per].id, {"quota": rule.quota}))
    if isinstance(rule, UnitRule) and rule.max_units is not None:
        if isinstance(rule, Bundle):
            told.append(say("每单最多 {n} 套", n=rule.max_units))
        else:
            told.append(say("每单最多 {n} 件", n=rule.max_units))
    if isinstance(rule, HELD_KINDS) and rule.valid_days is not None:
        told.append(say("券 {days} 天内有效", days=rule.valid_days))
    if rule.audience == "everyone":
        told.append(say("不是会员也有"))
    if (
        isinstance(rule, BasketRule)
        and len({one.group for one in pack.price_rules if isinstance(one, BasketRule)}) > 1
    ):
        told.append(say("同组（{group}）每单只用一个", group=rule.group))
    return told
