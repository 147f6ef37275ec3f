"""A few goods and packs made of single rules, for tables of cases."""

from __future__ import annotations

from typing import Any

import msgspec

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput, MerchantInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.pricing.price import price
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import MemberPrice, PriceRule
from pos.domain.programme.terms import Exclusions, Plan, Share

WEDNESDAY = "2026-03-04T19:30:00+08:00"

BREAD = Product("10", "面包", "", "个", "烘焙", 1000, 900)
MILK = Product("11", "牛奶", "", "盒", "饮料", 500, 480)
JUICE = Product("12", "果汁", "", "瓶", "饮料", 333, 333)
PEARS = Product("21", "梨", "", "kg", "水果", 1280, 1180)
TOBACCO = Product("90", "香烟", "", "包", "烟草", 6060, 6060)

MEMBER_PRICE = MemberPrice("member_price", "会员价", "merchant")


def good(price_fen: int, member_price_fen: int | None = None, **changes: Any) -> Product:
    """A good that costs so much; the member price is the list price where none is said."""
    lower = price_fen if member_price_fen is None else member_price_fen
    return msgspec.structs.replace(BREAD, price_fen=price_fen, member_price_fen=lower, **changes)


def pack(*rules: PriceRule, **changes: Any) -> Pack:
    """A pack of these rules; tobacco is excluded, the share is 3 %."""
    stated: dict[str, Any] = {
        "format": 1,
        "id": "any",
        "version": 1,
        "name": "any",
        "plans": (
            Plan("basic", "基础会员", 100_00, floor_bp=9000),
            Plan("co_creator", "共创会员", 1000_00, floor_bp=5000, earn_multiplier="1.5"),
        ),
        "share": Share("received", 300),
        "price_rules": rules,
        "exclusions": Exclusions(categories=("烟草",)),
    }
    return Pack(**(stated | changes))


def line(product: Product, amount: int = 1) -> BasketLine:
    """So many pieces, or grams of a weighed good."""
    if product.weighed:
        return checked_line(product, weight_g=amount)
    return checked_line(product, quantity=amount)


def member(plan: str = "basic", **changes: Any) -> MemberInput:
    return MemberInput("30001234", plan, **changes)


def basket(*lines: BasketLine, **changes: Any) -> Basket:
    """A basic member's basket on a Wednesday evening at store S1 of merchant M1."""
    stated: dict[str, Any] = {
        "lines": lines,
        "member": member(),
        "at": WEDNESDAY,
        "store": "S1",
        "merchant": MerchantInput("M1"),
    }
    return Basket(**(stated | changes))


def held(*rules: str) -> tuple[HeldCoupon, ...]:
    """Coupons on the member's account, one of each rule named."""
    return tuple(HeldCoupon(rule) for rule in rules)


def took(sale: PricedSale) -> dict[str, int]:
    """What each rule took off in all, in fen."""
    found: dict[str, int] = {}
    for one in (one for priced in sale.lines for one in priced.adjustments):
        found[one.rule] = found.get(one.rule, 0) + one.amount_fen
    return found


def funded(sale: PricedSale) -> dict[str, int]:
    """What each funder bears of the adjustments, in fen."""
    found: dict[str, int] = {}
    for one in (one for priced in sale.lines for one in priced.adjustments):
        found[one.funder] = found.get(one.funder, 0) + one.amount_fen
    return found


def units(sale: PricedSale, rule: str) -> int:
    """How many units took a rule."""
    return sum(one.units for priced in sale.lines for one in priced.adjustments if one.rule == rule)


def sell(of: Pack, *lines: BasketLine, **changes: Any) -> PricedSale:
    """Prices a basket; see `basket` for what it may say beside its lines."""
    return price(basket(*lines, **changes), of)
