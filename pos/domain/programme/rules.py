"""Price rules: the reasons for a lower price that a pack can state.

Unit rules (member price, plan discount, window, flash, nth item, bundle, gift) are each reckoned from
the list price and exclude one another per unit. Basket rules (coupon, first order, basket percentage)
are judged on the eligible total after unit rules; one per stacking group. Cash vouchers pay, benefits
carry no money.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pos.domain.programme.part import (
    BasisPoints,
    ClockTime,
    Count,
    Date,
    Days,
    Fen,
    Funder,
    Id,
    Name,
    Part,
    PositiveFen,
    Weekday,
)

DEFAULT_GROUP = "basket"


class Scope(Part, frozen=True):
    """To what a rule applies; an empty list does not limit.

    `products` are codes, `categories` names as in the catalogue, `stores` store ids, `plans` plan ids.
    """

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    plans: tuple[Id, ...] = ()
    except_products: tuple[str, ...] = ()
    except_categories: tuple[str, ...] = ()

    def covers(self, code: str, category: str) -> bool:
        """Whether a good is meant."""
        limited = bool(self.products or self.categories)
        if limited and code not in self.products and category not in self.categories:
            return False
        return code not in self.except_products and category not in self.except_categories


class When(Part, frozen=True):
    """Store-local time: `from` is included, `to` is not.

    `dates`, where listed, replace `weekdays` and `month_days`. `first` and `last` bound the days.
    """

    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[Annotated[int, Meta(ge=1, le=31)], ...] = ()
    dates: tuple[Date, ...] = ()
    opens: ClockTime = "00:00"
    closes: ClockTime = "24:00"
    first: Date | None = None
    last: Date | None = None


class Rule(Part, frozen=True):
    """What all price rules state. `audience` says whether walk-ins get it, too."""

    id: Id
    name: Name
    funder: Funder
    scope: Scope = Scope()
    when: When | None = None
    audience: Literal["member", "everyone"] = "member"


class UnitRule(Rule, frozen=True):
    """A rule for single units; `max_units` caps how many of a sale may take it."""

    max_units: Count | None = None


class MemberPrice(UnitRule, frozen=True, tag="member_price", tag_field="kind"):
    """The merchant's member price, where it is below the list price."""


class PlanDiscount(UnitRule, frozen=True, kw_only=True, tag="plan_discount", tag_field="kind"):
    """`off_bp` of the list price, no deeper than the plan's floor.

    `below_member_price` bears the part of it that goes below the merchant's member price.
    """

    off_bp: BasisPoints
    below_member_price: Funder | None = None


class PriceCut(UnitRule, frozen=True):
    """Either `off_bp` of the list price or the fixed `price_fen` a piece (a kg where weighed)."""

    off_bp: BasisPoints | None = None
    price_fen: Fen | None = None


class Window(PriceCut, frozen=True, tag="window", tag_field="kind"):
    """A price at certain times; `when` says at which."""


class Flash(PriceCut, frozen=True, kw_only=True, tag="flash", tag_field="kind"):
    """A price for the first `quota` units per day, per week (Monday to Sunday), or in all."""

    quota: Count
    per: Literal["day", "week", "ever"] = "week"


class NthItem(PriceCut, frozen=True, tag="nth_item", tag_field="kind"):
    """Of every `n` pieces of one product, one at a lower price; all `n` are bound to this rule."""

    n: Annotated[int, Meta(ge=2, le=100)] = 2


class BundleItem(Part, frozen=True):
    """`quantity` pieces of any of `products`."""

    products: Annotated[tuple[str, ...], Meta(min_length=1)]
    quantity: Annotated[int, Meta(ge=1, le=20)] = 1


class Bundle(UnitRule, frozen=True, kw_only=True, tag="bundle", tag_field="kind"):
    """Goods that are cheaper together: `off_bp` of their list total, or `price_fen` for the set."""

    items: Annotated[tuple[BundleItem, ...], Meta(min_length=1, max_length=10)]
    off_bp: BasisPoints | None = None
    price_fen: Fen | None = None


class Gift(UnitRule, frozen=True, tag="gift", tag_field="kind"):
    """礼品券: one unit of a good in scope for nothing, against the coupon."""

    valid_days: Days | None = None


class BasketRule(Rule, frozen=True):
    """Judged once on the eligible total (of the goods in scope) after unit rules.

    Takes off `off_fen`, or `off_bp` up to `max_fen`; at most one rule of each `group` per sale.
    """

    min_fen: Fen = 0
    off_fen: PositiveFen | None = None
    off_bp: BasisPoints | None = None
    max_fen: PositiveFen | None = None
    group: Id = DEFAULT_GROUP


class Coupon(BasketRule, frozen=True, tag="coupon", tag_field="kind"):
    """优惠券: applies only against a coupon that the member holds, and uses it up."""

    valid_days: Days | None = None


class FirstOrder(BasketRule, frozen=True, tag="first_order", tag_field="kind"):
    """Once per member, by itself, on the first paid sale in the alliance."""


class BasketPercent(BasketRule, frozen=True, tag="basket_percent", tag_field="kind"):
    """A reduction of the whole sale that needs no coupon."""


class CashVoucher(Rule, frozen=True, kw_only=True, tag="cash_voucher", tag_field="kind"):
    """代金券: pays up to `value_fen` of the eligible amount once that is `min_fen`; no change is given.

    `earns` says whether the part paid with it still earns.
    """

    value_fen: PositiveFen
    min_fen: Fen = 0
    earns: bool = False
    valid_days: Days | None = None


class Benefit(Rule, frozen=True, tag="benefit", tag_field="kind"):
    """福利券: a right without money, such as a free delivery; used up when it is granted."""

    valid_days: Days | None = None


PriceRule = (
    MemberPrice
    | PlanDiscount
    | Window
    | Flash
    | NthItem
    | Bundle
    | Gift
    | Coupon
    | FirstOrder
    | BasketPercent
    | CashVoucher
    | Benefit
)
HeldRule = Coupon | Gift | CashVoucher | Benefit
"""What must be held as a coupon before it can be used."""

HELD_KINDS = (Coupon, Gift, CashVoucher, Benefit)
COUPON_PREFIX = "coupon:"


def coupon_unit(rule_id: str, issuer: str | None = None) -> str:
    """The unit in which coupons of a rule are counted in the ledger, at scale 0.

    Of coupons that their issuer pays for, each merchant's are a unit of their own.
    """
    return f"{COUPON_PREFIX}{rule_id}" + (f"@{issuer}" if issuer else "")


def coupon_of(unit: str) -> tuple[str, str | None] | None:
    """Rule and issuer of a coupon's unit; None for any other unit."""
    if not unit.startswith(COUPON_PREFIX):
        return None
    rule_id, _, issuer = unit.removeprefix(COUPON_PREFIX).partition("@")
    return rule_id, issuer or None
