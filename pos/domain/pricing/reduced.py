"""Puts the combination that the search found onto the lines, as adjustments with a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from pos.domain.basket import Basket, BasketLine, HeldCoupon
from pos.domain.message import Message, named, say
from pos.domain.money import yuan
from pos.domain.pricing.allotment import split_together
from pos.domain.pricing.offers import offers_for
from pos.domain.pricing.result import Adjustment, PricedLine
from pos.domain.pricing.search.best import STEPS_MAX, Best, best
from pos.domain.pricing.search.group import bundle_parts
from pos.domain.pricing.search.offer import Offer
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import Funder
from pos.domain.programme.rules import Coupon, Flash, Gift, MemberPrice, PlanDiscount, PriceRule, Window

Bearer = tuple[Funder, str | None]
"""Who bears a reduction, and which merchant where that is the issuer of a coupon."""


class Reduced(msgspec.Struct, frozen=True):
    """Priced lines before any redemption, the coupons that were used, and whether the price is proven."""

    lines: tuple[PricedLine, ...]
    coupons: tuple[HeldCoupon, ...]
    proven: bool
    steps: int


def reduce(basket: Basket, pack: Pack, steps_max: int = STEPS_MAX) -> Reduced:
    """The cheapest combination of the pack's rules for a basket."""
    offers = offers_for(basket, pack)
    found = best(offers.lines, offers.bundles, offers.caps, offers.basket, steps_max)
    reductions = _Reductions(basket, pack)
    reductions.add_unit_rules(found)
    eligible = [not pack.exclusions.cover(line.product) for line in basket.lines]
    reductions.add_basket_rules(found, eligible)
    return Reduced(
        lines=tuple(reductions.line(i, eligible=one) for i, one in enumerate(eligible)),
        coupons=tuple(reductions.used),
        proven=found.proven,
        steps=found.steps,
    )


def bearer_of(rule: PriceRule, coupon: HeldCoupon | None, basket: Basket) -> Bearer:
    """Who bears a rule, and which merchant where that is the issuer.

    A coupon that the seller itself gave out is the seller's own matter.
    """
    if rule.funder != "issuer":
        return rule.funder, None
    issuer = coupon.issuer if coupon is not None else None
    if issuer is None or issuer == basket.merchant.merchant:
        return "merchant", None
    return "issuer", issuer


def take_coupon(rule: PriceRule, basket: Basket, used: list[HeldCoupon]) -> HeldCoupon | None:
    """The next coupon of a rule that has not been used yet; put onto `used`."""
    for one in basket.coupons:
        if one.rule == rule.id and basket.coupons.count(one) > used.count(one):
            used.append(one)
            return one
    return None


class _Reductions:
    """The adjustments of each line as they are found, in pack order by the rule's position."""

    def __init__(self, basket: Basket, pack: Pack) -> None:
        self.basket, self.pack = basket, pack
        self.used: list[HeldCoupon] = []
        self.adjustments: list[list[tuple[int, Adjustment]]] = [[] for _ in basket.lines]
        self.price_fen = [line.product.price_fen for line in basket.lines]
        self.gross_fen = [line.gross_fen for line in basket.lines]

    def line(self, index: int, *, eligible: bool) -> PricedLine:
        line = self.basket.lines[index]
        product = line.product
        return PricedLine(
            code=product.code,
            name=product.name,
            spec=product.spec,
            unit=product.unit,
            category=product.category,
            quantity=line.quantity,
            weight_g=line.weight_g,
            list_price_fen=product.price_fen,
            unit_price_fen=self.price_fen[index],
            eligible=eligible,
            gross_fen=self.gross_fen[index],
            adjustments=tuple(
                adjustment for _, adjustment in sorted(self.adjustments[index], key=lambda one: one[0])
            ),
        )

    # --- unit rules ------------------------------------------------------------------------------

    def add_unit_rules(self, found: Best) -> None:
        for group, choice in found.groups:
            for one in choice.bundled:
                position = one.bundle.position
                rule = self.pack.price_rules[position]
                parts = bundle_parts(group.lines, one)
                for line, units, part in zip(group.lines, one.units, parts, strict=True):
                    if part:
                        self._add(line.index, position, part, (rule.funder, None), units)
            for line, way in zip(group.lines, choice.ways, strict=True):
                for offer, units in zip(line.offers, way.counts, strict=True):
                    if units:
                        self._add_offer(line.index, offer, units)

    def _add_offer(self, index: int, offer: Offer, units: int) -> None:
        line, rule = self.basket.lines[index], self.pack.price_rules[offer.position]
        if isinstance(rule, MemberPrice):
            saved_fen = offer.saved(units)
            text = say(
                "{rule} {price} 元，省 {saved} 元",
                rule=named(rule.name),
                price=yuan(line.product.member_price_fen),
                saved=yuan(saved_fen),
            )
            adjustment = Adjustment(rule.id, saved_fen, rule.funder, text, units)
            self.adjustments[index].append((offer.position, adjustment))
        else:
            for amount_fen, bearer, those in self._borne(rule, offer, units):
                self._add(index, offer.position, amount_fen, bearer, those)
        fixed_fen = _fixed_price(rule, line)
        if units == line.quantity and fixed_fen is not None:
            self.price_fen[index] = fixed_fen

    def _borne(self, rule: PriceRule, offer: Offer, units: int) -> Iterator[tuple[int, Bearer, int]]:
        """Amount, who bears it, and units: in several where several bear it."""
        saved_fen = offer.saved(units)
        if isinstance(rule, Gift):
            coupons = [take_coupon(rule, self.basket, self.used) for _ in range(units)]
            bearers = Counter(bearer_of(rule, one, self.basket) for one in coupons)
            for bearer, those in bearers.items():
                yield offer.saved(those), bearer, those
        elif isinstance(rule, PlanDiscount) and rule.below_member_price:
            below_fen = max(0, saved_fen - offer.member_cut_fen * units)
            if saved_fen > below_fen:
                yield saved_fen - below_fen, (rule.funder, None), units
            if below_fen:
                yield below_fen, (rule.below_member_price, None), units
        else:
            yield saved_fen, (rule.funder, None), units

    def _add(self, index: int, position: int, amount_fen: int, bearer: Bearer, units: int) -> None:
        rule, (funder, issuer) = self.pack.price_rules[position], bearer
        adjustment = Adjustment(rule.id, amount_fen, funder, _text(rule, amount_fen, funder), units, issuer)
        self.adjustments[index].append((position, adjustment))

    # --- basket rules ----------------------------------------------------------------------------

    def add_basket_rules(self, found: Best, eligible: list[bool]) -> None:
        """Spreads each basket rule over the eligible lines in its scope, by their totals after unit rules."""
        if not found.basket:
            return
        totals = [
            gross_fen - sum(one.amount_fen for _, one in adjustments) if may else 0
            for gross_fen, adjustments, may in zip(self.gross_fen, self.adjustments, eligible, strict=True)
        ]
        rules = [self.pack.price_rules[offer.position] for offer, _ in found.basket]
        weights = [
            [
                total if rule.scope.covers(line.product.code, line.product.category) else 0
                for total, line in zip(totals, self.basket.lines, strict=True)
            ]
            for rule in rules
        ]
        spread = split_together([fen for _, fen in found.basket], weights, totals)
        for (offer, _), rule, parts in zip(found.basket, rules, spread, strict=True):
            coupon = take_coupon(rule, self.basket, self.used) if isinstance(rule, Coupon) else None
            bearer = bearer_of(rule, coupon, self.basket)
            for index, part in enumerate(parts):
                if part:
                    self._add(index, offer.position, part, bearer, 0)


def _fixed_price(rule: PriceRule, line: BasketLine) -> int | None:
    """The price of a piece or a kg that a rule fixes."""
    if isinstance(rule, MemberPrice):
        return line.product.member_price_fen
    return rule.price_fen if isinstance(rule, Window | Flash) else None


def _text(rule: PriceRule, amount_fen: int, funder: Funder) -> Message:
    if funder == "alliance":
        return say("{rule} 省 {saved} 元（联盟补贴）", rule=named(rule.name), saved=yuan(amount_fen))
    if funder == "issuer":
        return say("{rule} 省 {saved} 元（发券商家承担）", rule=named(rule.name), saved=yuan(amount_fen))
    return say("{rule} 省 {saved} 元", rule=named(rule.name), saved=yuan(amount_fen))
