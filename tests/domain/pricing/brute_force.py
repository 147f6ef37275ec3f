"""The rules once more, without any cleverness: every way to spread units over rules is put together.

Written from the rules' own words, not from the search: bundles are filled one set after the other, each
line's units are given out in every way, and every set of at most one basket rule per stacking group
that fits is tried on each. The only economy is that of two ways that cannot be told apart by anything later
(same saving in each basket rule's scope, same quotas used up) the worse is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, combinations_with_replacement, product
from typing import NamedTuple

from pos.domain.basket import Basket, BasketLine
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import BasketRule, Bundle, Coupon, FirstOrder, Flash, Gift, UnitRule
from tests.domain.pricing.plain_rules import Key, Shop, in_scope, percent, step_of


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
    return min(_combinations(Shop(basket, pack)))


def literally_cheapest(basket: Basket, pack: Pack) -> Answer:
    """The same with nothing dropped at all; for very small baskets."""
    return min(_combinations(Shop(basket, pack), drop=False))


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
    shop = Shop(basket, pack)
    left = list(shop.caps)
    saved = [0] * len(shop.lines)
    for number, line in enumerate(shop.lines):
        units = line.quantity
        rules = sorted(
            (one for one in shop.unit_rules if shop.saving(one, line, step_of(one[1])) is not None),
            key=lambda one: (-shop.rate(one, line), one[0]),
        )
        for one in rules:
            place = shop.capped.get(one[0])
            taken = units if place is None else min(units, left[place])
            taken -= taken % step_of(one[1])
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
        total = sum(fen for fen, line in zip(totals, shop.lines, strict=True) if in_scope(rule, line))
        if total >= rule.min_fen:
            best = max(best, _off(rule, total))
    return shop.excluded_fen + sum(totals) - best


# --- every combination -----------------------------------------------------------------------------------


def _combinations(shop: Shop, *, drop: bool = True) -> Iterator[Answer]:
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


def _bundlings(shop: Shop) -> Iterator[tuple[Bundled, tuple[int, ...]]]:
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


def _sets_of(shop: Shop, rule: Bundle, stocks: tuple[int, ...]) -> set[tuple[tuple[int, ...], int]]:
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


def _bundle_parts(shop: Shop, rule: Bundle, units: tuple[int, ...], sets: int) -> list[int]:
    """What a bundle takes off each line: off its list total, in proportion to the lines' own."""
    listed = [line.product.price_fen * n for line, n in zip(shop.lines, units, strict=True)]
    if rule.off_bp is not None:
        off = percent(sum(listed), rule.off_bp)
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
    shop: Shop, bundled: Bundled, left: tuple[int, ...], *, drop: bool
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


def _ways(shop: Shop, line: BasketLine, units: int, *, drop: bool) -> list[Way]:
    """Every way to give the units of one line to the unit rules, or to none."""
    rules = [one for one in shop.unit_rules if shop.saving(one, line, 0) is not None]
    ways: list[tuple[int, Way]] = [(units, Way(0, NOTHING, (0,) * len(shop.caps)))]
    for one in rules:
        further = []
        for free, way in ways:
            for taken in range(0, free + 1, step_of(one[1])):
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


def _rule_sets(shop: Shop) -> Iterator[Rules]:
    """Every set of basket rules with at most one of each stacking group."""
    for size in range(len(shop.basket_rules) + 1):
        for chosen in combinations(shop.basket_rules, size):
            if len({rule.group for _, rule in chosen}) == size:
                yield chosen


def _basket_savings(shop: Shop, totals: list[int], rules: Rules) -> tuple[int, Key] | None:
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


def _borne(shop: Shop, totals: list[int], offs: list[tuple[int, int]]) -> int:
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
    off = percent(total, rule.off_bp) if rule.off_bp is not None else rule.off_fen or 0
    return min(off, total, *([rule.max_fen] if rule.max_fen is not None else []))
