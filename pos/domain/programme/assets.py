"""Assets: how points come about, what they pay, and what they turn into."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from msgspec import Meta

from pos.domain.programme.part import BasisPoints, Days, Decimal, Fen, Funder, Id, Name, Part, Role, exact

AssetId = Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,39}|CNY)$", examples=["x"])]
Base = Literal["unpaid", "eligible", "rebate"]


class Asset(Part, frozen=True):
    """A kind of points. `scale` is its minor digits, `step` what it is earned (and spent) in, decimal text.

    A lot earned on day D can be used through D + `expires_days`. `price_yuan` is what a whole unit is
    worth until the hub tells the day's price, for assets that have one.
    """

    id: Id
    name: Name
    scale: Annotated[int, Meta(ge=0, le=9)]
    step: Decimal
    expires_days: Days | None = None
    transferable: bool = False
    price_yuan: Decimal | None = None

    @property
    def step_minor(self) -> int:
        return self.minor(self.step)

    def minor(self, text: str) -> int:
        """Decimal text in whole units as minor units, rounded down."""
        return int(exact(text) * 10**self.scale)


class Accrual(Part, frozen=True):
    """What a member sale gives to one role in one asset: `rate` whole units per yuan of `base`.

    `unpaid` is the eligible amount less what was paid with assets that do not earn; `eligible` the
    whole eligible payable; `rebate` what the merchant gives up. With `at_price` the result is worth
    that many yuan at the asset's price. A member's amount is multiplied by the plan's
    `earn_multiplier` unless `plan_multiplier` is false. Of a home store, `elsewhere_only` leaves out
    its own sales. Chains of reward are one level deep: `levels` may only be 1.
    """

    id: Id
    role: Role
    asset: AssetId
    base: Base
    rate: Decimal
    plans: tuple[Id, ...] = ()
    plan_multiplier: bool = True
    at_price: bool = False
    max_per_sale: Decimal | None = None
    activated_only: bool = False
    elsewhere_only: bool = False
    levels: int = 1

    @property
    def exact_rate(self) -> Fraction:
        return exact(self.rate)


class Redemption(Part, frozen=True):
    """An asset as a means of payment.

    One whole unit pays `value_fen`, or its price with `at_price`. At least `min`, in steps of `step`
    (the asset's where it names none), at most `cap_bp` of the eligible amount that earlier assets
    left, at most `cap_fen`. `earns` says whether the part paid with it still earns. With
    `to_deposit` the seller gets the asset itself instead of money.
    """

    asset: Id
    funder: Funder
    value_fen: Fen = 0
    at_price: bool = False
    cap_bp: BasisPoints = 10_000
    cap_fen: Fen | None = None
    min: Decimal = "0"
    step: Decimal | None = None
    earns: bool = False
    to_deposit: bool = False


class Exchange(Part, frozen=True):
    """`gives` units of `to` for every `takes` units of `source`; only whole multiples are exchanged.

    With `merchant_ratio` the merchant's own ratio takes the place of `gives`.
    """

    id: Id
    source: Id
    to: AssetId
    takes: Decimal
    gives: Decimal
    merchant_ratio: bool = False


class FeePayment(Part, frozen=True):
    """An asset that pays membership fees: one whole unit pays `value_fen`, in steps of `step`."""

    asset: Id
    value_fen: Fen
    step: Decimal


class Burn(Part, frozen=True):
    """What a member sale takes from the merchant's deposit: the rebate at the asset's price, rounded up."""

    asset: Id


class Gate(Part, frozen=True):
    """Member sales need at least `min` of the asset in the merchant's deposit, judged before the sale."""

    id: Id
    asset: Id
    min: Decimal = "0"


class CouponIssue(Part, frozen=True):
    """One coupon for a member sale of at least `min_fen` eligible (to `bearer`: printed, for anyone)."""

    id: Id
    coupon: Id
    min_fen: Fen = 0
    plans: tuple[Id, ...] = ()
    to: Literal["member", "bearer"] = "member"


class OfflineLimits(Part, frozen=True):
    """What may be redeemed with a card code while the hub cannot be asked, per asset, in fen."""

    asset: Id
    per_sale_fen: Fen
    per_member_day_fen: Fen
    cache_age_max_h: Annotated[int, Meta(ge=0, le=8_760)]
    per_outage_fen: Fen | None = None
