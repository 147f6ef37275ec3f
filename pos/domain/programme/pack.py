"""A programme pack: the rules of an alliance as data.

The hub signs the pack's bytes; till and hub apply the same version with the same code. Amounts are
in minor units with the unit in the key's name; rates are basis points or exact decimals in text.
`docs/programmes.md` describes every key.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pos.domain.programme.assets import (
    Accrual,
    Asset,
    Burn,
    CouponIssue,
    Exchange,
    FeePayment,
    Gate,
    OfflineLimits,
    Redemption,
)
from pos.domain.programme.part import Id, Name, Part
from pos.domain.programme.rules import PriceRule
from pos.domain.programme.terms import (
    Alerts,
    CashRounding,
    Exclusions,
    Merchants,
    Plan,
    Rebate,
    Returns,
    Share,
)
from pos.domain.programme.timed import (
    Activity,
    DailyPool,
    Distribution,
    Invitation,
    Joining,
    Milestone,
    Release,
)

FORMAT = 1
USUALLY_EXCLUDED = Exclusions(
    categories=("烟草", "购物袋"),
    codes=("20000011", "20000028", "6947915908011", "6947915908028", "6947915908035"),
)
"""Tobacco, and carrier bags by their barcodes: in-store ones and those of a common make."""


class Pack(Part, frozen=True):
    """A whole programme, decoded and checked. Make one with `load_pack`."""

    format: int
    id: Id
    version: Annotated[int, Meta(ge=1, le=1_000_000_000)]
    name: Name
    plans: Annotated[tuple[Plan, ...], Meta(min_length=1)]
    share: Share
    assets: tuple[Asset, ...] = ()
    price_rules: tuple[PriceRule, ...] = ()
    exclusions: Exclusions = USUALLY_EXCLUDED
    accruals: tuple[Accrual, ...] = ()
    redemptions: tuple[Redemption, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    fee_payments: tuple[FeePayment, ...] = ()
    coupon_issues: tuple[CouponIssue, ...] = ()
    rebate: Rebate | None = None
    burns: tuple[Burn, ...] = ()
    gates: tuple[Gate, ...] = ()
    cash_rounding: CashRounding | None = None
    returns: Returns = Returns()
    merchants: Merchants = Merchants()
    alerts: Alerts = Alerts()
    activities: tuple[Activity, ...] = ()
    joining: tuple[Joining, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    releases: tuple[Release, ...] = ()
    daily_pools: tuple[DailyPool, ...] = ()
    distribution: Distribution | None = None
    offline: tuple[OfflineLimits, ...] = ()

    def plan(self, plan_id: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.id == plan_id), None)

    def asset(self, asset_id: str) -> Asset:
        """The asset of that id, which the checked pack is known to have."""
        return next(asset for asset in self.assets if asset.id == asset_id)

    def rule(self, rule_id: str) -> PriceRule | None:
        return next((rule for rule in self.price_rules if rule.id == rule_id), None)

    def redemption(self, asset_id: str) -> Redemption | None:
        return next((one for one in self.redemptions if one.asset == asset_id), None)

    def names(self) -> dict[str, str]:
        """What people call the plans, assets and rules, by id."""
        return {part.id: part.name for part in (*self.plans, *self.assets, *self.price_rules)}

    def offline_limits(self, asset_id: str) -> OfflineLimits | None:
        return next((limits for limits in self.offline if limits.asset == asset_id), None)
