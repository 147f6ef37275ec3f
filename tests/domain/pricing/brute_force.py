"""The rules once more, without any cleverness: every way to spread units over rules is put together.

Written from the rules' own words, not from the search: bundles are filled one set after the other, each
line's units are given out in every way, and every set of at most one basket rule per stacking group
that fits is tried on each. The only economy is that of two ways that cannot be told apart by anything later
(same saving in each basket rule's scope, same quotas used up) the worse is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import chain, combinations, combinations_with_replacement, product
from typing import NamedTuple

from pos.domain.basket import Basket, BasketLine
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    HELD_KINDS,
    BasketRule,
    Bundle,
    Coupon,
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


class Answer(NamedTuple):
    payable_fen: int
    key: Key


class Way(NamedTuple):
    """One way for a line: what it saves, its key, and the units of capped rules it used."""

    saved_fen: int
    key: Key
    used: tuple[int, ...]


NOTHING = Key()


def cheapest(basket: Basket, pack: Pack) -> Answer:
    """The least payable of all combinations, and the best key of those that reach it."""
    return min(_combinations(_Shop(basket, pack)))


def literally_cheapest(basket: Basket, pack: Pack) -> Answer:
    """The same with nothing dropped at all; for very small baskets."""
    return min(_combinations(_Shop(basket, pack), drop=False))


def key_of(sale: PricedSale, pack: Pack) -> Key:
    """The key of a priced sale, read off its adjustments."""
    kinds = {rule.id: (position, rule) for position, rule in enumerate(pack.price_rules)}
    seen: set[tuple[int | None, str]] = set()
    key = NOTHING
    for index, line in enumerate(sale.lines):
        for one in line.adjustments:
            position, rule = kinds[one.rule]
            if one.funder == "alliance":
                key = key.plus(Key(alliance_fen=one.amount_fen))
            if isinstance(rule, Flash | Gift):
                key = key.plus(Key(single_use=one.units))
            place = index if isinstance(rule, UnitRule) and not isinstance(rule, Bundle) else None
            if (place, one.rule) not in seen:
                seen.add((place, one.rule))
                single = 1 if isinstance(rule, Coupon | FirstOrder) else 0
                key = key.plus(Key(single_use=single, rules=1, order=position))
    return key


def greedy(basket: Basket, pack: Pack) -> int:
    """What a simple till would ask for: each unit its best rule, then the best single basket rule that fits."""
    shop = _Shop(basket, pack)
    left = list(shop.caps)
    saved = [0] * len(shop.lines)
    for number, line in enumerate(shop.lines):
        units = line.quantity
        rules = sorted(
            (one for one in shop.unit_rules if shop.saving(one, line, _step(one[1])) is not None),
            key=lambda one: (-shop.rate(one, line), one[0]),
        )
        for one in rules:
            place = shop.capped.get(one[0])
            taken = units if place is None else min(units, left[place])
            taken -= taken % _step(one[1])
            fen = shop.saving(one, line, taken) or 0
            if fen <= 0:
                continue
            saved[number] += fen
            units -= taken
            if place is not None:
                left[place] -= taken
    totals = [line.gross_fen - fen for line, fen in zip(shop.lines, saved, strict=True)]
    best = 0
    for _, rule in shop.basket_rules:
        total = sum(fen for fen, line in zip(totals, shop.lines, strict=True) if _in_scope(rule, line))
        if total >= rule.min_fen:
            best = max(best, _off(rule, total))
    return shop.excluded_fen + sum(totals) - best


# --- what is open ------------------------------------------------------------------------------------


class _Shop:
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
        memberships = [tuple(_in_scope(rule, line) for _, rule in self.basket_rules) for line in self.lines]
        self.classes = sorted(set(memberships))
        self.class_of = [self.classes.index(one) for one in memberships]

    def saving(self, one: tuple[int, PriceRule], line: BasketLine, units: int) -> int | None:
        """What a unit rule takes off that many units of a line; None where it does not apply to it."""
        rule = one[1]
        if not _in_scope(rule, line):
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
                return _percent(each * units, min(rule.off_bp, deepest))
            case Gift():
                return each * units if pieces else None
            case NthItem(n=n) if not pieces or units % n:
                return None
            case NthItem(n=n, off_bp=None):
                return units // n * max(0, each - (rule.price_fen or 0))
            case NthItem(n=n):
                return _percent(each * (units // n), rule.off_bp or 0)
            case Window() | Flash() if rule.off_bp is None:
                lower = rule.price_fen or 0
                lower = lower if pieces else line.amount_at(lower)
                return units * max(0, each - lower)
            case Window() | Flash():
                return _percent(each * units, rule.off_bp or 0)
        raise AssertionError(rule)

    def rate(self, one: tuple[int, PriceRule], line: BasketLine) -> Fraction:
        """What a rule takes off a unit of a line, before any rounding."""
        step = _step(one[1])
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


def _in_scope(rule: PriceRule, line: BasketLine) -> bool:
    scope, code, category = rule.scope, line.product.code, line.product.category
    if code in scope.except_products or category in scope.except_categories:
        return False
    named = scope.products or scope.categories
    return not named or code in scope.products or category in scope.categories


def _step(rule: PriceRule) -> int:
    return rule.n if isinstance(rule, NthItem) else 1


def _percent(fen: int, bp: int) -> int:
    """Rounded half up."""
    return (fen * bp * 2 + 10_000) // 20_000


# --- every combination -----------------------------------------------------------------------------------


def _combinations(shop: _Shop, *, drop: bool = True) -> Iterator[Answer]:
    gross = [0] * len(shop.classes)
    for line, kind in zip(shop.lines, shop.class_of, strict=True):
        gross[kind] += line.gross_fen
    for bundled, left in _bundlings(shop):
        for saved, _, key in _line_choices(shop, bundled, left, drop=drop):
            totals = [whole - off for whole, off in zip(gross, saved, strict=True)]
            for rules in _rule_sets(shop):
                more = _basket_savings(shop, totals, rules)
                if more is not None:
                    payable = shop.excluded_fen + sum(totals) - more[0]
                    yield Answer(payable, key.plus(more[1]))


Bundled = tuple[tuple[int, ...], Key]


def _bundlings(shop: _Shop) -> Iterator[tuple[Bundled, tuple[int, ...]]]:
    """Every way to fill bundles: what they save per class and their key, and the units left of each line."""
    stocks = tuple(0 if line.weight_g is not None else line.quantity for line in shop.lines)
    ways = [_sets_of(shop, rule, stocks) for _, rule in shop.bundles]
    for chosen in product(*ways):
        taken = tuple(map(sum, zip(*(units for units, _ in chosen), strict=True))) if chosen else ()
        if any(one > most for one, most in zip(taken, stocks, strict=False)):
            continue
        saved, key = [0] * len(shop.classes), NOTHING
        for (position, rule), (units, sets) in zip(shop.bundles, chosen, strict=True):
            parts = _bundle_parts(shop, rule, units, sets)
            if sum(parts):
                alliance = sum(parts) if rule.funder == "alliance" else 0
                key = key.plus(Key(0, alliance, 1, position))
            for kind, part in zip(shop.class_of, parts, strict=True):
                saved[kind] += part
        used = taken or (0,) * len(shop.lines)
        yield (
            (tuple(saved), key),
            tuple(line.quantity - one for line, one in zip(shop.lines, used, strict=True)),
        )


def _sets_of(shop: _Shop, rule: Bundle, stocks: tuple[int, ...]) -> set[tuple[tuple[int, ...], int]]:
    """Units of each line and number of sets, for every way to fill any number of sets of a bundle."""
    fillings = set()
    slots = [
        list(
            combinations_with_replacement(
                [i for i, line in enumerate(shop.lines) if line.product.code in item.products and stocks[i]],
                item.quantity,
            )
        )
        for item in rule.items
    ]
    for chosen in product(*slots):
        flat = list(chain.from_iterable(chosen))
        fillings.add(tuple(flat.count(i) for i in range(len(shop.lines))))
    found = {((0,) * len(shop.lines), 0)}
    newest = found
    while newest:
        newest = {
            (tuple(a + b for a, b in zip(units, filling, strict=True)), sets + 1)
            for units, sets in newest
            for filling in fillings
            if (rule.max_units is None or sets < rule.max_units)
            and all(a + b <= most for a, b, most in zip(units, filling, stocks, strict=True))
        }
        found = found | newest
    return found


def _bundle_parts(shop: _Shop, rule: Bundle, units: tuple[int, ...], sets: int) -> list[int]:
    """What a bundle takes off each line: off its list total, in proportion to the lines' own."""
    listed = [line.product.price_fen * n for line, n in zip(shop.lines, units, strict=True)]
    if rule.off_bp is not None:
        off = _percent(sum(listed), rule.off_bp)
    else:
        off = max(0, sum(listed) - (rule.price_fen or 0) * sets)
    return largest_remainder(off, listed)


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    while sum(parts) < total:
        behind = [total * w - part * whole for part, w in zip(parts, weights, strict=True)]
        parts[behind.index(max(behind))] += 1
    return parts


def _line_choices(
    shop: _Shop, bundled: Bundled, left: tuple[int, ...], *, drop: bool
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Key]]:
    """Saved per class, capped units used, and the key, for every way to give out the units that are left."""
    states = [(bundled[0], (0,) * len(shop.caps), bundled[1])]
    for line, units, kind in zip(shop.lines, left, shop.class_of, strict=True):
        reached = []
        ways = _ways(shop, line, units, drop=drop)
        for saved, used, key in states:
            for way in ways:
                now = tuple(a + b for a, b in zip(used, way.used, strict=True))
                if all(a <= b for a, b in zip(now, shop.caps, strict=True)):
                    after = tuple(fen + way.saved_fen * (i == kind) for i, fen in enumerate(saved))
                    reached.append((after, now, key.plus(way.key)))
        states = _best_of_each(reached) if drop else reached
    yield from states


def _best_of_each(
    states: list[tuple[tuple[int, ...], tuple[int, ...], Key]],
) -> list[tuple[tuple[int, ...], tuple[int, ...], Key]]:
    best: dict[tuple[tuple[int, ...], tuple[int, ...]], Key] = {}
    for saved, used, key in states:
        best[saved, used] = min(key, best.get((saved, used), key))
    return [(saved, used, key) for (saved, used), key in best.items()]


def _ways(shop: _Shop, line: BasketLine, units: int, *, drop: bool) -> list[Way]:
    """Every way to give the units of one line to the unit rules, or to none."""
    rules = [one for one in shop.unit_rules if shop.saving(one, line, 0) is not None]
    ways: list[tuple[int, Way]] = [(units, Way(0, NOTHING, (0,) * len(shop.caps)))]
    for one in rules:
        further = []
        for free, way in ways:
            for taken in range(0, free + 1, _step(one[1])):
                saved_fen = shop.saving(one, line, taken)
                assert saved_fen is not None
                used = tuple(
                    n + taken * (place == shop.capped.get(one[0])) for place, n in enumerate(way.used)
                )
                key = way.key.plus(shop.key(one, line, taken, saved_fen)) if taken else way.key
                further.append((free - taken, Way(way.saved_fen + saved_fen, key, used)))
        ways = further
    found = [way for _, way in ways]
    if not drop:
        return found
    best: dict[tuple[int, tuple[int, ...]], Way] = {}
    for way in found:
        best[way.saved_fen, way.used] = min(way, best.get((way.saved_fen, way.used), way))
    return list(best.values())


# --- basket rules --------------------------------------------------------------------------------------

Rules = tuple[tuple[int, BasketRule], ...]


def _rule_sets(shop: _Shop) -> Iterator[Rules]:
    """Every set of basket rules with at most one of each stacking group."""
    for size in range(len(shop.basket_rules) + 1):
        for chosen in combinations(shop.basket_rules, size):
            if len({rule.group for _, rule in chosen}) == size:
                yield chosen


def _basket_savings(shop: _Shop, totals: list[int], rules: Rules) -> tuple[int, Key] | None:
    """What the rules take off together, and their key; None where a threshold is not reached.

    Each is reckoned on its own, on the total of its goods after unit rules. Together they take no more
    than the goods cost: in pack order each takes what the goods can still bear.
    """
    offs = []
    for position, rule in rules:
        at = next(place for place, one in enumerate(shop.basket_rules) if one[0] == position)
        total = sum(fen for fen, kind in zip(totals, shop.classes, strict=True) if kind[at])
        if not any(kind[at] for kind in shop.classes) or total < rule.min_fen:
            return None
        offs.append((_off(rule, total), at))
    key, before = NOTHING, 0
    for number, (position, rule) in enumerate(rules, start=1):
        together = _borne(shop, totals, offs[:number])
        fen = together - before
        before = together
        single = 1 if isinstance(rule, Coupon | FirstOrder) else 0
        key = key.plus(Key(single, fen if rule.funder == "alliance" else 0, 1, position))
    return before, key


def _borne(shop: _Shop, totals: list[int], offs: list[tuple[int, int]]) -> int:
    """The most that can be taken off in all, no rule more than its own and no goods more than their total.

    For each choice of rules that take what they may, the others are bounded by the goods they count.
    """
    least = None
    for freely in product((True, False), repeat=len(offs)):
        bound = sum(off for (off, _), free in zip(offs, freely, strict=True) if free)
        counted = {at for (_, at), free in zip(offs, freely, strict=True) if not free}
        bound += sum(
            fen for fen, kind in zip(totals, shop.classes, strict=True) if any(kind[at] for at in counted)
        )
        least = bound if least is None else min(least, bound)
    return least or 0


def _off(rule: BasketRule, total: int) -> int:
    off = _percent(total, rule.off_bp) if rule.off_bp is not None else rule.off_fen or 0
    return min(off, total, *([rule.max_fen] if rule.max_fen is not None else []))
