"""A basket as a file states it: codes and decimal text, without a till around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from pos.commands.schedules.stated import decoded
from pos.domain import cart as carts
from pos.domain.basket import Basket, HeldCoupon, MemberInput, MerchantInput
from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.domain.message import Refusal, say
from pos.domain.money import parse_decimal
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import is_decimal
from pos.domain.programme.rules import HELD_KINDS
from pos.domain.programme.spoken import listed

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


def unknown_keys(content: Any) -> list[str]:
    """Keys that no basket has: most likely a slip of the pen, so whoever wrote them is told."""
    if not isinstance(content, dict):
        return []
    parts: list[tuple[str, Any, type[msgspec.Struct]]] = [
        ("", content, StatedBasket),
        ("member.", content.get("member"), StatedMember),
        ("merchant.", content.get("merchant"), StatedMerchant),
    ]
    lines = content.get("lines")
    if isinstance(lines, list):
        parts += [(f"lines[{i}].", line, StatedLine) for i, line in enumerate(lines)]
    return [
        f"{prefix}{key}"[:60]
        for prefix, part, shape in parts
        if isinstance(part, dict)
        for key in part
        if key not in shape.__struct_fields__
    ]


def stated(content: bytes, catalogue: Mapping[str, Product], pack: Pack) -> Basket:
    """The basket that JSON states, with goods from a catalogue.

    Raises:
        Refusal: `basket`, `unknown_goods`, or what the till would refuse: a sentence naming the place.

    """
    given = decoded(content, StatedBasket)
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
        used=_used(given.used, pack),
        asset_prices=_prices(given.asset_price, pack),
    )


def _check_moment(at: str) -> None:
    try:
        datetime.fromisoformat(at)
    except ValueError:
        right = False
    else:
        right = len(at) >= len("2026-11-23T18:30") and at[10] == "T"
    if not right:
        raise Refusal(
            "basket",
            say("{key}：{value} 不是一个时刻，请写成 2026-11-23T18:30:00+08:00", key="at", value=at[:40]),
        )


def _not_in_pack(key: str, name: str, known: Iterable[str], pack: Pack) -> Refusal:
    return Refusal(
        "basket",
        say(
            "{key}：方案 {pack} 里没有 {name}，有的是 {known}",
            key=key,
            pack=pack.id,
            name=name[:40],
            known=listed(list(known)) if known else say("无"),
        ),
    )


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
        raise _not_in_pack("member.plan", given.plan, [plan.id for plan in pack.plans], pack)
    return MemberInput(
        member_no=UNKNOWN_MEMBER,
        plan=given.plan,
        balances=_amounts(given.balances, pack, "member.balances", signed=True),
        first_order=given.first_order,
        activated=given.activated,
        home_store=given.home_store,
        referrer=given.referrer,
    )


def _merchant(given: StatedMerchant, pack: Pack) -> MerchantInput:
    if given.rebate_bp is not None and given.rebate_bp < 0:
        raise _negative("merchant.rebate_bp", str(given.rebate_bp))
    return MerchantInput(
        rebate_bp=given.rebate_bp,
        balances=_amounts(given.balances, pack, "merchant.balances", signed=True),
        referrer=given.referrer,
        area_agent=given.area_agent,
    )


def _negative(key: str, value: str) -> Refusal:
    return Refusal("basket", say("{key}：{value} 不能是负数", key=key, value=value[:40]))


def _amounts(given: Mapping[str, str | int], pack: Pack, key: str, *, signed: bool = False) -> dict[str, int]:
    """Decimal text in whole units as minor units; a minus is a debt, where there can be one."""
    amounts = {}
    scales = {asset.id: asset.scale for asset in pack.assets}
    for name, amount in given.items():
        text = str(amount)
        if name not in scales:
            raise _not_in_pack(key, name, scales, pack)
        minor = parse_decimal(text.removeprefix("-"), scales[name])
        if minor is None:
            raise Refusal(
                "basket",
                say(
                    "{key}：{value} 应是最多 {scale} 位小数的数字",
                    key=f"{key}.{name}",
                    value=text[:40],
                    scale=scales[name],
                ),
            )
        if text.startswith("-") and minor and not signed:
            raise _negative(f"{key}.{name}", text)
        amounts[name] = -minor if text.startswith("-") else minor
    return amounts


def _coupon(rule_id: str, pack: Pack) -> str:
    if not isinstance(pack.rule(rule_id), HELD_KINDS):
        held = [rule.id for rule in pack.price_rules if isinstance(rule, HELD_KINDS)]
        raise _not_in_pack("coupons", rule_id, held, pack)
    return rule_id


def _used(given: Mapping[str, int], pack: Pack) -> dict[str, int]:
    for name, units in given.items():
        if pack.rule(name) is None:
            raise _not_in_pack("used", name, [rule.id for rule in pack.price_rules], pack)
        if units < 0:
            raise _negative(f"used.{name}", str(units))
    return dict(given)


def _prices(given: Mapping[str, str | int], pack: Pack) -> dict[str, str]:
    known = [asset.id for asset in pack.assets]
    prices = {}
    for name, price in given.items():
        prices[name] = text = str(price)
        if name not in known:
            raise _not_in_pack("asset_price", name, known, pack)
        if not is_decimal(text) or not text.strip("0."):
            raise Refusal(
                "basket",
                say("{key}：价格应是正数，不能是 {value}", key=f"asset_price.{name}", value=text[:40]),
            )
    return prices
