"""What each rule says by itself: whether it is open, to which goods, and what it takes off so many of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from pos.domain.basket import Basket, BasketLine
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    HELD_KINDS,
    BasketRule,
    Bundle,
    FirstOrder,
    Flash,
    Gift,
    MemberPrice,
    NthItem,
    PlanDiscount,
    PriceRule,
    UnitRule,
    When,
    Window,
)


class Key(NamedTuple):
    """What ruling 7 compares among equally cheap combinations, in this order."""

    single_use: int = 0
    alliance_fen: int = 0
    rules: int = 0
    order: int = 0

    def plus(self, other: Key) -> Key:
        return Key(*(a + b for a, b in zip(self, other, strict=True)))


class Shop:
    """The basket under the pack: the lines that rules may touch, and the rules that are open."""

    def __init__(self, basket: Basket, pack: Pack) -> None:
        lines = basket.lines
        self.basket, self.pack = basket, pack
        self.lines = [line for line in lines if not _excluded(line, pack)]
        self.excluded_fen = sum(line.gross_fen for line in lines if _excluded(line, pack))
        usable = [(p, rule) for p, rule in enumerate(pack.price_rules) if _usable(rule, basket)]
        self.unit_rules = [(p, r) for p, r in usable if isinstance(r, UnitRule) and not isinstance(r, Bundle)]
        self.bundles = [(p, r) for p, r in usable if isinstance(r, Bundle)]
        self.basket_rules = [(p, r) for p, r in usable if isinstance(r, BasketRule)]
        limited = {p: cap for p, r in self.unit_rules if (cap := _cap(r, basket)) is not None}
        self.capped = {p: place for place, p in enumerate(limited)}
        self.caps = tuple(limited.values())
        memberships = [tuple(in_scope(rule, line) for _, rule in self.basket_rules) for line in self.lines]
        self.classes = sorted(set(memberships))
        self.class_of = [self.classes.index(one) for one in memberships]

    def saving(self, one: tuple[int, PriceRule], line: BasketLine, units: int) -> int | None:
        """What a unit rule takes off that many units of a line; None where it does not apply to it."""
        rule = one[1]
        if not in_scope(rule, line):
            return None
        pieces = line.weight_g is None
        each = line.product.price_fen if pieces else line.gross_fen
        match rule:
            case MemberPrice():
                return units * self.member_cut(line)
            case PlanDiscount():
                plan = (
                    next((one for one in self.pack.plans if one.id == self.basket.member.plan), None)
                    if self.basket.member
                    else None
                )
                deepest = 10_000 - (plan.floor_bp if plan else 0)
                return percent(each * units, min(rule.off_bp, deepest))
            case Gift():
                return each * units if pieces else None
            case NthItem(n=n) if not pieces or units % n:
                return None
            case NthItem(n=n, off_bp=None):
                return units // n * max(0, each - (rule.price_fen or 0))
            case NthItem(n=n):
                return percent(each * (units // n), rule.off_bp or 0)
            case Window() | Flash() if rule.off_bp is None:
                lower = rule.price_fen or 0
                lower = lower if pieces else line.amount_at(lower)
                return units * max(0, each - lower)
            case Window() | Flash():
                return percent(each * units, rule.off_bp or 0)
        raise AssertionError(rule)

    def rate(self, one: tuple[int, PriceRule], line: BasketLine) -> Fraction:
        """What a rule takes off a unit of a line, before any rounding."""
        step = step_of(one[1])
        # so many that a percentage comes out whole
        return Fraction(self.saving(one, line, 10_000 * step) or 0, 10_000 * step)

    def member_cut(self, line: BasketLine) -> int:
        if line.weight_g is not None:
            return max(0, line.gross_fen - line.amount_at(line.product.member_price_fen))
        return max(0, line.product.price_fen - line.product.member_price_fen)

    def key(self, one: tuple[int, PriceRule], line: BasketLine, units: int, saved_fen: int) -> Key:
        position, rule = one
        below = 0
        if isinstance(rule, PlanDiscount) and rule.below_member_price is not None:
            below = max(0, saved_fen - units * self.member_cut(line))
        alliance = (saved_fen - below) if rule.funder == "alliance" else 0
        if below and rule.below_member_price == "alliance":  # type: ignore[union-attr]
            alliance += below
        return Key(units if isinstance(rule, Flash | Gift) else 0, alliance, 1, position)


def _usable(rule: PriceRule, basket: Basket) -> bool:
    member = basket.member
    if rule.audience == "member" and member is None:
        return False
    if rule.scope.plans and (member is None or member.plan not in rule.scope.plans):
        return False
    if rule.scope.stores and basket.store not in rule.scope.stores:
        return False
    if rule.when is not None and not _now(rule.when, basket.at):
        return False
    if isinstance(rule, FirstOrder):
        return member is not None and member.first_order
    if isinstance(rule, HELD_KINDS):
        return member is not None and any(one.rule == rule.id for one in basket.coupons)
    return True


def _now(when: When, at: str) -> bool:
    day = date.fromisoformat(at[:10])
    if when.first is not None and day < date.fromisoformat(when.first):
        return False
    if when.last is not None and day > date.fromisoformat(when.last):
        return False
    if when.dates:
        if at[:10] not in when.dates:
            return False
    else:
        if when.weekdays and day.strftime("%a").lower() not in when.weekdays:
            return False
        if when.month_days and day.day not in when.month_days:
            return False
    return _minutes(when.opens) <= _minutes(at[11:16]) < _minutes(when.closes)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:5])


def _cap(rule: PriceRule, basket: Basket) -> int | None:
    caps = []
    if isinstance(rule, UnitRule) and rule.max_units is not None:
        caps.append(rule.max_units)
    if isinstance(rule, Flash):
        caps.append(max(0, rule.quota - basket.used.get(rule.id, 0)))
    if isinstance(rule, Gift):
        caps.append(sum(one.rule == rule.id for one in basket.coupons))
    return min(caps) if caps else None


def _excluded(line: BasketLine, pack: Pack) -> bool:
    return line.product.code in pack.exclusions.codes or line.product.category in pack.exclusions.categories


def in_scope(rule: PriceRule, line: BasketLine) -> bool:
    scope, code, category = rule.scope, line.product.code, line.product.category
    if code in scope.except_products or category in scope.except_categories:
        return False
    named = scope.products or scope.categories
    return not named or code in scope.products or category in scope.categories


def step_of(rule: PriceRule) -> int:
    return rule.n if isinstance(rule, NthItem) else 1


def percent(fen: int, bp: int) -> int:
    """Rounded half up."""
    return (fen * bp * 2 + 10_000) // 20_000
