"""What a pack promises for one yuan of member sale, and what merchants pay for it.

A promise is counted at its face: what it pays in the end, whoever comes to spend it. Everything here is
exact; figures are rounded where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal

import msgspec

from pos.domain.money import BASIS_POINTS, FEN_PER_YUAN
from pos.domain.programme.assets import Accrual, CouponIssue
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, exact
from pos.domain.programme.rules import BasketRule, Benefit, CashVoucher, PlanDiscount, PriceRule
from pos.domain.programme.terms import Plan
from pos.domain.programme.timed import DailyPool, Release

Bearer = Literal["alliance", "merchant", "brand"]

BEARER_OF_COUPONS = "bearer"
"""Stands among the roles for whoever holds a coupon that was printed for anyone."""

SMALLEST_SALE_FEN = 100
"""A coupon that every sale brings, however small, is counted on a sale of 1.00."""


class Worth(msgspec.Struct, frozen=True):
    """What a whole unit of an asset pays in the end, in yuan, and who bears it.

    `release` or `pool` is on the way when it does not pay at once.
    """

    yuan: Fraction
    bearer: Bearer
    release: Release | None = None
    pool: DailyPool | None = None


class Issue(msgspec.Struct, frozen=True):
    """What one yuan of member sale brings one role, at its face in yuan."""

    id: str
    role: str
    yuan: Fraction
    worth: Worth


class Audit(msgspec.Struct, frozen=True):
    """Issued against collected per yuan of member sale, for the `plan` that gets the most."""

    pack: Pack
    plan: Plan
    issues: tuple[Issue, ...]
    collected: Fraction

    @property
    def issued(self) -> Fraction:
        """Everything issued, whoever bears it, in yuan."""
        return sum((one.yuan for one in self.issues), Fraction(0))

    def borne_by(self, bearer: Bearer) -> Fraction:
        """The part that the alliance, a merchant or a brand has to pay in the end, in yuan."""
        return sum((one.yuan for one in self.issues if one.worth.bearer == bearer), Fraction(0))

    @property
    def ratio(self) -> Fraction | None:
        """How many times what it collects the alliance promises; None when merchants pay nothing."""
        return self.borne_by("alliance") / self.collected if self.collected else None

    @property
    def ratio_by_role(self) -> dict[str, Fraction]:
        """The parts of the ratio, in the pack's order; empty when merchants pay nothing."""
        parts: dict[str, Fraction] = {}
        for one in self.issues:
            if self.collected and one.worth.bearer == "alliance":
                parts[one.role] = parts.get(one.role, Fraction(0)) + one.yuan / self.collected
        return parts

    @property
    def promises_more(self) -> bool:
        """Whether the alliance promises more than it collects."""
        return self.borne_by("alliance") > self.collected

    @property
    def break_even(self) -> Fraction | None:
        """Which part of the promises may be redeemed before what is collected is used up, at most 1.

        None where the alliance promises nothing.
        """
        promised = self.borne_by("alliance")
        return min(Fraction(1), self.collected / promised) if promised else None


def audit(pack: Pack) -> Audit:
    """The pack at its maximum: highest rebate, and the plan (the first of equals) that gets the most."""
    audits = [Audit(pack, plan, tuple(_issues(pack, plan)), collected(pack)) for plan in pack.plans]
    return max(audits, key=lambda one: one.issued)


def borne_offers(pack: Pack) -> tuple[PriceRule, ...]:
    """The reductions that the alliance pays for beside what is issued (as coupons that sales bring are)."""
    issued = {one.coupon for one in pack.coupon_issues}
    return tuple(
        rule
        for rule in pack.price_rules
        if rule.id not in issued
        and not isinstance(rule, Benefit)
        and (
            rule.funder == "alliance"
            or (isinstance(rule, PlanDiscount) and rule.below_member_price == "alliance")
        )
    )


def collected(pack: Pack) -> Fraction:
    """What merchants pay the alliance for one yuan of member sale, in yuan; what is burned is paid, too."""
    rebate = _rebate(pack)
    paid = rebate if pack.burns else Fraction(0)
    if pack.share.basis == "rebate":
        paid += rebate
    elif pack.share.basis == "received":
        paid += Fraction(pack.share.rate_bp, BASIS_POINTS)
    return paid


def _rebate(pack: Pack) -> Fraction:
    return Fraction(pack.rebate.max_bp if pack.rebate else 0, BASIS_POINTS)


def _issues(pack: Pack, plan: Plan) -> Iterator[Issue]:
    for accrual in pack.accruals:
        if not accrual.plans or plan.id in accrual.plans:
            worth = worth_of(pack, accrual.asset)
            yield Issue(accrual.id, accrual.role, _units(pack, plan, accrual) * worth.yuan, worth)
    for issue in pack.coupon_issues:
        if not issue.plans or plan.id in issue.plans:
            yield _coupon(pack, issue)


def _units(pack: Pack, plan: Plan, accrual: Accrual) -> Fraction:
    """Whole units per yuan of sale that is eligible and paid in money."""
    units = accrual.exact_rate
    if accrual.base == "rebate":
        units *= _rebate(pack)
    if accrual.role == "member" and accrual.plan_multiplier:
        units *= exact(plan.earn_multiplier)
    price = pack.asset(accrual.asset).price_yuan if accrual.at_price else None
    return units / exact(price) if price else units


def worth_of(pack: Pack, asset_id: str, seen: tuple[str, ...] = ()) -> Worth:
    """What a whole unit pays by the way that costs the alliance most; where it bears none, by the best way.

    0 where the pack opens no way at all.
    """
    if asset_id == CNY:
        return Worth(Fraction(1), "merchant")  # money to a home store is paid by the seller
    if asset_id in seen:
        return _NOTHING
    ways = [*_direct_ways(pack, asset_id), *_indirect_ways(pack, asset_id, (*seen, asset_id))]
    return max(ways, key=_burden, default=_NOTHING)


def _burden(worth: Worth) -> tuple[bool, Fraction]:
    return worth.bearer == "alliance" and worth.yuan > 0, worth.yuan


_NOTHING = Worth(Fraction(0), "alliance")


def _direct_ways(pack: Pack, asset_id: str) -> Iterator[Worth]:
    redemption = pack.redemption(asset_id)
    if redemption is not None:
        price = pack.asset(asset_id).price_yuan if redemption.at_price else None
        yuan = exact(price) if price else Fraction(redemption.value_fen, FEN_PER_YUAN)
        yield Worth(yuan, _bearer(redemption.funder))
    for fee in pack.fee_payments:
        if fee.asset == asset_id:
            yield Worth(Fraction(fee.value_fen, FEN_PER_YUAN), "alliance")


def _indirect_ways(pack: Pack, asset_id: str, seen: tuple[str, ...]) -> Iterator[Worth]:
    for release in pack.releases:
        if release.asset == asset_id:
            into = worth_of(pack, release.into, seen)
            yield Worth(into.yuan * release.cap_times, into.bearer, release)
    for pool in pack.daily_pools:
        if pool.by == asset_id:
            # used up by points × price: a whole unit is used up by one yuan's worth of points
            yield Worth(Fraction(1), worth_of(pack, pool.asset, seen).bearer, pool=pool)
    for exchange in pack.exchanges:
        if exchange.source == asset_id and not exchange.merchant_ratio:
            to = worth_of(pack, exchange.to, seen)
            rate = exact(exchange.gives) / exact(exchange.takes)
            yield msgspec.structs.replace(to, yuan=to.yuan * rate)


def _coupon(pack: Pack, issue: CouponIssue) -> Issue:
    """A coupon at its value, spread over the smallest sale that brings it."""
    rule = pack.rule(issue.coupon)
    least_fen = max(issue.min_fen, SMALLEST_SALE_FEN)
    value_fen = Fraction(0)  # a gift's value is not the pack's to say, a benefit has none
    if isinstance(rule, CashVoucher):
        value_fen = Fraction(rule.value_fen)
    elif isinstance(rule, BasketRule):
        on_fen = max(rule.min_fen, least_fen)
        value_fen = Fraction(rule.off_fen or Fraction(on_fen * (rule.off_bp or 0), BASIS_POINTS))
        value_fen = min(value_fen, Fraction(rule.max_fen)) if rule.max_fen else value_fen
    role = "member" if issue.to == "member" else BEARER_OF_COUPONS
    return Issue(
        issue.id, role, value_fen / least_fen, Worth(Fraction(1), _bearer(rule.funder if rule else ""))
    )


def _bearer(funder: str) -> Bearer:
    """Who pays: a coupon's issuer is a merchant."""
    return "merchant" if funder in {"merchant", "issuer"} else "brand" if funder == "brand" else "alliance"
