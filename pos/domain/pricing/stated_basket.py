"""A basket as a file states it: codes and decimal text, without a till around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from pos.domain import cart as carts
from pos.domain.basket import Basket, HeldCoupon, MemberInput, MerchantInput
from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.domain.message import Refusal, say
from pos.domain.money import parse_decimal
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import is_decimal
from pos.domain.programme.rules import HELD_KINDS

UNKNOWN_MEMBER = "stated"


class StatedLine(msgspec.Struct, frozen=True):
    """A code, and pieces or grams."""

    code: str
    qty: int | None = None
    weight_g: int | None = None


class StatedMember(msgspec.Struct, frozen=True):
    """A member; balances are decimal text in whole units. `activated` unless it says not."""

    plan: str
    balances: dict[str, str | int] = {}
    first_order: bool = False
    activated: bool = True
    home_store: str | None = None
    referrer: bool = False


class StatedMerchant(msgspec.Struct, frozen=True):
    """The seller; `rebate_bp` is its own rate."""

    rebate_bp: int | None = None
    balances: dict[str, str | int] = {}
    referrer: bool = False
    area_agent: bool = True


class StatedBasket(msgspec.Struct, frozen=True):
    """One basket; `docs/programmes.md` describes every key."""

    lines: tuple[StatedLine, ...]
    at: str
    member: StatedMember | None = None
    coupons: tuple[str, ...] = ()
    redeem: dict[str, str | int] = {}
    store: str = ""
    merchant: StatedMerchant | None = None
    asset_price: dict[str, str | int] = {}
    used: dict[str, int] = {}


def stated(content: Any, catalogue: Mapping[str, Product], pack: Pack) -> Basket:
    """The basket that decoded JSON states, with goods from a catalogue.

    Raises:
        Refusal: `basket`, `unknown_goods`, or what the till would refuse: a sentence naming the place.

    """
    try:
        given = msgspec.convert(content, StatedBasket)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from error
    _check_moment(given.at)
    cart = Cart()
    for line in given.lines:
        cart = _added(cart, line, catalogue)
    return Basket(
        lines=cart.lines,
        member=_member(given.member, pack),
        redeem=_amounts(given.redeem, pack, "redeem"),
        at=given.at,
        store=given.store,
        merchant=_merchant(given.merchant or StatedMerchant(), pack),
        coupons=tuple(HeldCoupon(_coupon(one, pack)) for one in given.coupons),
        used=_used(given.used),
        asset_prices=_prices(given.asset_price, pack),
    )


def _wrong(detail: str) -> Refusal:
    return Refusal("basket", say("购物篮写得不对：{detail}", detail=detail[:300]))


def _check_moment(at: str) -> None:
    try:
        datetime.fromisoformat(at)
    except ValueError:
        raise _wrong(f"at: {at[:40]!r} is no moment such as 2026-11-23T18:30:00+08:00") from None
    if len(at) < len("2026-11-23T18:30") or at[10] != "T":
        raise _wrong(f"at: {at[:40]!r} has no time of day")


def _added(cart: Cart, line: StatedLine, catalogue: Mapping[str, Product]) -> Cart:
    product = catalogue.get(line.code)
    if product is None:
        raise Refusal(
            "unknown_goods", say("没有条码为 {code} 的商品，请核对条码或先录入商品", code=line.code[:40])
        )
    if not product.weighed and line.weight_g is not None:
        raise Refusal("not_weighed", say("「{name}」按件卖，请改数量", name=product.name))
    if product.weighed and line.qty not in {None, 1}:
        raise Refusal("weighed", say("「{name}」按重量卖，请改重量", name=product.name))
    quantity = 1 if line.qty is None else line.qty
    return carts.add(cart, product, quantity=quantity, weight_g=line.weight_g)


def _member(given: StatedMember | None, pack: Pack) -> MemberInput | None:
    if given is None:
        return None
    if pack.plan(given.plan) is None:
        raise _wrong(f"member.plan: {given.plan[:40]!r} is no plan of {pack.id}")
    return MemberInput(
        member_no=UNKNOWN_MEMBER,
        plan=given.plan,
        balances=_amounts(given.balances, pack, "member.balances"),
        first_order=given.first_order,
        activated=given.activated,
        home_store=given.home_store,
        referrer=given.referrer,
    )


def _merchant(given: StatedMerchant, pack: Pack) -> MerchantInput:
    return MerchantInput(
        rebate_bp=given.rebate_bp,
        balances=_amounts(given.balances, pack, "merchant.balances"),
        referrer=given.referrer,
        area_agent=given.area_agent,
    )


def _amounts(given: Mapping[str, str | int], pack: Pack, key: str) -> dict[str, int]:
    """Decimal text in whole units as minor units; a minus is a debt."""
    amounts = {}
    scales = {asset.id: asset.scale for asset in pack.assets}
    for name, amount in given.items():
        text = str(amount)
        if name not in scales:
            raise _wrong(f"{key}: {name[:40]!r} is no asset of {pack.id}")
        minor = parse_decimal(text.removeprefix("-"), scales[name])
        if minor is None:
            raise _wrong(f"{key}.{name}: {text[:40]!r} is no amount with at most {scales[name]} decimals")
        amounts[name] = -minor if text.startswith("-") else minor
    return amounts


def _coupon(rule_id: str, pack: Pack) -> str:
    if not isinstance(pack.rule(rule_id), HELD_KINDS):
        raise _wrong(f"coupons: {rule_id[:40]!r} is no coupon of {pack.id}")
    return rule_id


def _used(given: Mapping[str, int]) -> dict[str, int]:
    for name, units in given.items():
        if units < 0:
            raise _wrong(f"used.{name[:40]}: {units} is below 0")
    return dict(given)


def _prices(given: Mapping[str, str | int], pack: Pack) -> dict[str, str]:
    known = {asset.id for asset in pack.assets}
    prices = {}
    for name, price in given.items():
        prices[name] = text = str(price)
        if name not in known:
            raise _wrong(f"asset_price: {name[:40]!r} is no asset of {pack.id}")
        if not is_decimal(text) or not text.strip("0."):
            raise _wrong(f"asset_price.{name}: {text[:40]!r} is no price above 0")
    return prices
