"""Price rules and coupons without sense: two prices at once, none at all, goods that never get one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pos.domain.message import Message, say
from pos.domain.programme.mistakes import Mistake, mistake
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    HELD_KINDS,
    BasketRule,
    Benefit,
    Bundle,
    CashVoucher,
    FirstOrder,
    Flash,
    Gift,
    NthItem,
    PlanDiscount,
    PriceCut,
    PriceRule,
    When,
    Window,
)
from pos.domain.programme.terms import Exclusions


def rule_mistakes(pack: Pack) -> Iterator[Mistake]:
    """What single price rules contradict themselves in, and what the exclusions leave nothing of."""
    for rule in pack.price_rules:
        key = f"price_rules.{rule.id}"
        yield from _audience_mistakes(key, rule)
        yield from _scope_mistakes(key, rule, pack.exclusions)
        yield from _kind_mistakes(key, rule)
        if rule.when is not None:
            yield from _when_mistakes(f"{key}.when", rule.when)


def _audience_mistakes(key: str, rule: PriceRule) -> Iterator[Mistake]:
    if rule.funder == "issuer" and not isinstance(rule, HELD_KINDS):
        yield mistake(key, "funder", say("issuer 只用于券：由发券的商家承担"))
    if rule.audience == "everyone":
        if isinstance(rule, (FirstOrder, *HELD_KINDS)):
            yield mistake(key, "audience", say("首单优惠和券只给会员"))
        if rule.scope.plans:
            yield mistake(key, "audience scope.plans", say("只给某些等级的优惠，不能同时给所有人"))


def _scope_mistakes(key: str, rule: PriceRule, exclusions: Exclusions) -> Iterator[Mistake]:
    scope = rule.scope
    for name, products, listed in (
        ("products", scope.products, exclusions.codes),
        ("categories", scope.categories, exclusions.categories),
    ):
        both = set(products).intersection(getattr(scope, f"except_{name}"))
        for one in sorted(both):
            yield mistake(
                key, f"scope.{name} scope.except_{name}", say("{name} 既包括在内又被排除", name=one)
            )
        for one in sorted(set(products).intersection(listed)):
            yield mistake(key, f"scope.{name}", _never(one))
    if isinstance(rule, Bundle | CashVoucher | Benefit):
        for name in _GOODS:
            if getattr(scope, name):
                yield mistake(key, f"scope.{name}", say("这一类规则不看商品范围；套餐的商品写在 items 里"))
    for item in rule.items if isinstance(rule, Bundle) else ():
        for one in sorted(set(item.products).intersection(exclusions.codes)):
            yield mistake(key, "items", _never(one))


_GOODS = ("products", "categories", "except_products", "except_categories")


def _never(name: str) -> Message:
    return say("{name} 在 exclusions 里，什么优惠都不会有", name=name)


def _kind_mistakes(key: str, rule: PriceRule) -> Iterator[Mistake]:
    match rule:
        case PriceCut() | Bundle():
            yield from _cut_mistakes(key, rule)
        case BasketRule():
            yield from _basket_mistakes(key, rule)
        case PlanDiscount():
            if rule.off_bp == 0:
                yield mistake(key, "off_bp", _POSITIVE)
            if rule.below_member_price == "issuer":
                yield mistake(key, "below_member_price", say("issuer 只用于券：由发券的商家承担"))
        case Gift() if not rule.scope.products and not rule.scope.categories:
            yield mistake(key, "scope", say("礼品券要写明能领哪些商品（products 或 categories）"))
        case _:
            pass


_POSITIVE = say("应是正数")


def _cut_mistakes(key: str, rule: PriceCut | Bundle) -> Iterator[Mistake]:
    if (rule.off_bp is None) == (rule.price_fen is None):
        yield mistake(key, "off_bp price_fen", say("off_bp 和 price_fen 必须且只能写一个"))
    if rule.off_bp == 0:
        yield mistake(key, "off_bp", _POSITIVE)
    match rule:
        case Bundle() if sum(item.quantity for item in rule.items) < 2:
            yield mistake(key, "items", say("套餐至少要有两件"))
        case Window() if rule.when is None:
            yield mistake(key, "when", say("时段价要写明时间"))
        case NthItem() if rule.max_units is not None and rule.max_units < rule.n:
            yield mistake(key, "max_units n", say("max_units 少于 n，就一次也用不上"))
        case Flash() if rule.max_units is not None and rule.max_units > rule.quota:
            yield mistake(key, "max_units quota", say("每单的 max_units 不能多于总数 quota"))
        case _:
            pass


def _basket_mistakes(key: str, rule: BasketRule) -> Iterator[Mistake]:
    if (rule.off_fen is None) == (rule.off_bp is None):
        yield mistake(key, "off_fen off_bp", say("off_fen 和 off_bp 必须且只能写一个"))
    if rule.off_bp == 0:
        yield mistake(key, "off_bp", _POSITIVE)
    if rule.max_fen is not None and rule.off_bp is None:
        yield mistake(key, "max_fen off_bp", say("只有按比例的优惠才有上限 max_fen"))


def _when_mistakes(key: str, when: When) -> Iterator[Mistake]:
    for name, days in (("dates", when.dates), ("first", (when.first,)), ("last", (when.last,))):
        for day in days:
            if day is not None and not _is_date(day):
                yield mistake(key, name, say("{date} 不是日期", date=day))
    if when.opens >= when.closes:
        yield mistake(
            key,
            "opens closes",
            say("开始时间 {opens} 应早于结束时间 {closes}", opens=when.opens, closes=when.closes),
        )
    if when.first is not None and when.last is not None and when.first > when.last:
        yield mistake(
            key, "first last", say("第一天 {first} 晚于最后一天 {last}", first=when.first, last=when.last)
        )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
