"""From a basket and a pack to what the search works on: reductions that lines may take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from pos.domain.basket import Basket, BasketLine
from pos.domain.catalogue import Product
from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.openness import cap_of, closed
from pos.domain.pricing.search.line import by_rate
from pos.domain.pricing.search.offer import BasketOffer, BundleOffer, Item, Offer, OfferedLine
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    BasketRule,
    Bundle,
    Coupon,
    FirstOrder,
    Flash,
    Gift,
    MemberPrice,
    NthItem,
    PlanDiscount,
    PriceCut,
    PriceRule,
    UnitRule,
)


class Offers(NamedTuple):
    """Everything a search needs. `caps` is what each rule shared by several lines may still give."""

    lines: tuple[OfferedLine, ...]
    bundles: tuple[BundleOffer, ...]
    caps: dict[int, int]
    basket: tuple[BasketOffer, ...]


class _Placed(NamedTuple):
    """A rule and its position in the pack."""

    position: int
    rule: PriceRule


class _Unit(NamedTuple):
    """A rule for single units, its position, and how many units of a sale may take it."""

    position: int
    rule: UnitRule
    cap: int | None


class _Meaning(NamedTuple):
    """The open rules that mean a good: those of single units, and the positions of those of the basket."""

    units: tuple[_Unit, ...]
    basket: tuple[int, ...]


class _Eligible(NamedTuple):
    """A line that rules may touch. `list_fen` is what a unit costs by list; a weighed line is one unit."""

    at: int
    line: BasketLine
    gross_fen: int
    list_fen: int
    rules: _Meaning


def offers_for(basket: Basket, pack: Pack) -> Offers:
    """The offers of every open rule to the eligible lines of a basket."""
    rules = [
        _Placed(position, rule)
        for position, rule in enumerate(pack.price_rules)
        if closed(rule, basket, pack) is None
    ]
    index = _Index(rules, basket)
    eligible = [
        _eligible(i, line, index)
        for i, line in enumerate(basket.lines)
        if not pack.exclusions.cover(line.product)
    ]
    deepest_bp = _deepest_discount(basket, pack)
    offers = [list(_line_offers(one, deepest_bp)) for one in eligible]
    caps = _share_caps(offers, eligible)
    numbers: dict[tuple[int, ...], int] = {}
    lines = tuple(
        OfferedLine(
            one.at,
            one.line.quantity,
            one.list_fen,
            one.gross_fen,
            by_rate(own),
            # the same for lines that the same basket rules count
            numbers.setdefault(one.rules.basket, len(numbers)),
        )
        for one, own in zip(eligible, offers, strict=True)
    )
    return Offers(
        lines, tuple(_bundles(rules, eligible)), caps, tuple(_basket_offers(rules, eligible, lines))
    )


def _eligible(at: int, line: BasketLine, rules: _Index) -> _Eligible:
    gross_fen = line.gross_fen
    list_fen = line.product.price_fen if line.weight_g is None else gross_fen
    return _Eligible(at, line, gross_fen, list_fen, rules.meaning(line.product))


class _Index:
    """Open rules by what they are limited to, so that a good is compared with few of them."""

    def __init__(self, rules: Iterable[_Placed], basket: Basket) -> None:
        self.everywhere: list[_Placed] = []
        self.by_code: dict[str, list[_Placed]] = {}
        self.by_category: dict[str, list[_Placed]] = {}
        self._known: dict[tuple[str, str], _Meaning] = {}
        self._units: dict[int, _Unit] = {}
        for one in rules:
            if isinstance(one.rule, UnitRule) and not isinstance(one.rule, Bundle):
                self._units[one.position] = _Unit(one.position, one.rule, cap_of(one.rule, basket))
            elif not isinstance(one.rule, BasketRule):
                continue
            scope = one.rule.scope
            if not scope.products and not scope.categories:
                self.everywhere.append(one)
            for code in scope.products:
                self.by_code.setdefault(code, []).append(one)
            for category in scope.categories:
                self.by_category.setdefault(category, []).append(one)

    def meaning(self, product: Product) -> _Meaning:
        """The rules that mean a good, in pack order."""
        key = (product.code, product.category)
        if key not in self._known:
            near = (
                *self.everywhere,
                *self.by_code.get(product.code, ()),
                *self.by_category.get(product.category, ()),
            )
            meant = sorted({position for position, rule in near if rule.scope.covers(*key)})
            self._known[key] = _Meaning(
                tuple(self._units[position] for position in meant if position in self._units),
                tuple(position for position in meant if position not in self._units),
            )
        return self._known[key]


# --- rules of single units --------------------------------------------------------------------------


def _deepest_discount(basket: Basket, pack: Pack) -> int:
    """How far the member's plan lets a plan discount go, in basis points."""
    plan = pack.plan(basket.member.plan) if basket.member else None
    return BASIS_POINTS - (plan.floor_bp if plan else 0)


def _line_offers(one: _Eligible, deepest_bp: int) -> Iterator[Offer]:
    if not one.rules.units:
        return
    quantity, member_fen = one.line.quantity, member_cut_fen(one.line, one.list_fen)
    for unit in one.rules.units:
        offer = _offer(unit, one, member_fen, deepest_bp)
        if offer is not None and offer.saved(quantity - quantity % offer.n) > 0:
            yield offer


def _offer(unit: _Unit, one: _Eligible, member_fen: int, deepest_bp: int) -> Offer | None:
    """What a rule offers to a unit of the line."""
    rule, list_fen, weighed = unit.rule, one.list_fen, one.line.weight_g is not None
    cut_fen: int | None = None
    off_bp, n, single_use, below = 0, 1, False, rule.funder
    if isinstance(rule, MemberPrice):
        cut_fen = member_fen
    elif isinstance(rule, PlanDiscount):
        off_bp = min(rule.off_bp, deepest_bp)
        below = rule.below_member_price or rule.funder
    elif isinstance(rule, PriceCut):
        n, single_use = rule.n if isinstance(rule, NthItem) else 1, isinstance(rule, Flash)
        if weighed and n > 1:
            return None
        off_bp = rule.off_bp or 0
        cut_fen = None if rule.price_fen is None else max(0, list_fen - _at(one.line, rule.price_fen))
    elif isinstance(rule, Gift) and not weighed:
        cut_fen, single_use = list_fen, True
    else:
        return None
    to_alliance = rule.funder == "alliance"
    return Offer(
        unit.position, list_fen, cut_fen, off_bp, n, unit.cap, False, single_use, to_alliance,  # noqa: FBT003
        below == "alliance", member_fen,
    )  # fmt: skip


def member_cut_fen(line: BasketLine, list_fen: int) -> int:
    """How far the merchant's member price of one unit lies below its list price, in fen."""
    return max(0, list_fen - _at(line, line.product.member_price_fen))


def _at(line: BasketLine, price_fen: int) -> int:
    """A unit of the line at another price."""
    return line.amount_at(price_fen) if line.weight_g is not None else price_fen


def _share_caps(offers: Sequence[list[Offer]], eligible: Sequence[_Eligible]) -> dict[int, int]:
    """Marks the offers whose cap several lines must share because it is not enough for all of them."""
    wanted: dict[int, list[tuple[list[Offer], int, int]]] = {}
    for own, one in zip(offers, eligible, strict=True):
        for at, offer in enumerate(own):
            if offer.cap is not None:
                wanted.setdefault(offer.position, []).append((own, at, one.line.quantity))
    caps: dict[int, int] = {}
    for position, those in wanted.items():
        cap = those[0][0][those[0][1]].cap or 0
        if len(those) > 1 and sum(units for _, _, units in those) > cap:
            caps[position] = cap
            for own, at, _ in those:
                own[at] = msgspec.structs.replace(own[at], shared=True)
    return caps


# --- bundles -----------------------------------------------------------------------------------------


def _bundles(rules: Iterable[_Placed], eligible: Sequence[_Eligible]) -> Iterator[BundleOffer]:
    """The bundles that the basket fills at least once."""
    pieces = [one for one in eligible if one.line.weight_g is None]
    by_code: dict[str, list[_Eligible]] = {}
    for one in pieces:
        by_code.setdefault(one.line.product.code, []).append(one)
    for position, rule in rules:
        if not isinstance(rule, Bundle):
            continue
        items = []
        for item in rule.items:
            lines = [one for code in dict.fromkeys(item.products) for one in by_code.get(code, ())]
            if sum(one.line.quantity for one in lines) < item.quantity:
                break
            items.append(Item(item.quantity, tuple(sorted(one.at for one in lines))))
        else:
            yield BundleOffer(
                position, tuple(items), rule.off_bp, rule.price_fen, rule.max_units, rule.funder == "alliance"
            )


# --- rules of the whole basket ------------------------------------------------------------------------


def _basket_offers(
    rules: Iterable[_Placed], eligible: Sequence[_Eligible], lines: Sequence[OfferedLine]
) -> Iterator[BasketOffer]:
    gross: dict[int, int] = {}
    kinds: dict[int, set[int]] = {}
    for one, line in zip(eligible, lines, strict=True):
        for position in one.rules.basket:
            gross[position] = gross.get(position, 0) + line.gross_fen
            kinds.setdefault(position, set()).add(line.kind)
    for position, rule in rules:
        if position in kinds and isinstance(rule, BasketRule):
            yield BasketOffer(
                position=position,
                group=rule.group,
                kinds=frozenset(kinds[position]),
                gross_fen=gross[position],
                min_fen=rule.min_fen,
                off_fen=rule.off_fen,
                off_bp=rule.off_bp,
                max_fen=rule.max_fen,
                single_use=isinstance(rule, Coupon | FirstOrder),
                alliance=rule.funder == "alliance",
            )
