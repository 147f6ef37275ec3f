"""Carts and packs to price: twenty lines under five offers, fifty lines under a hundred rules."""

from __future__ import annotations

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.programme.assets import Accrual, Asset, Redemption
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import (
    BasketPercent,
    Bundle,
    BundleItem,
    Coupon,
    Flash,
    MemberPrice,
    NthItem,
    PlanDiscount,
    PriceRule,
    Scope,
    When,
    Window,
)
from pos.domain.programme.terms import Plan, Share

AT = "2026-11-23T18:30:00+08:00"


def good(number: int) -> Product:
    """A good with a price of its own and a member price 7 % below it."""
    price_fen = 180 + number * 37 % 1_400
    return Product(
        code=f"69{number:011d}",
        name=f"商品{number}",
        spec="500g",
        unit="件",
        category=("饮料", "零食", "乳品", "日用")[number % 4],
        price_fen=price_fen,
        member_price_fen=price_fen * 93 // 100,
    )


def lines(number: int) -> tuple[BasketLine, ...]:
    """One to three pieces each."""
    return tuple(checked_line(good(i), quantity=1 + i % 3) for i in range(number))


def basket(number: int, coupons: tuple[str, ...]) -> Basket:
    return Basket(
        lines=lines(number),
        member=MemberInput("30006012", "basic", {"points": 50_00}),
        redeem={"points": 7_00},
        at=AT,
        store="S1",
        coupons=tuple(HeldCoupon(rule) for rule in coupons),
    )


def pack(rules: tuple[PriceRule, ...]) -> Pack:
    """`tongyi`'s points under other price rules."""
    return Pack(
        format=1,
        id="measured",
        version=1,
        name="测",
        plans=(Plan("basic", "基础", 0, floor_bp=8_000),),
        share=Share(basis="received", rate_bp=300),
        assets=(Asset("points", "积分", 2, "1"),),
        accruals=(Accrual("consumption", "member", "points", "unpaid", "1"),),
        redemptions=(Redemption("points", "alliance", 100, cap_bp=3_000),),
        price_rules=rules,
    )


def five_offers() -> Pack:
    """Member price, an offer on two goods, second piece cheaper, a bundle, and a coupon in reach."""
    return pack(
        (
            MemberPrice("member_price", "会员价", "merchant"),
            Window("evening", "晚市", "merchant", scope=_goods(1, 2), when=When(opens="18:00"), off_bp=1_500),
            NthItem("second", "第二件", "merchant", scope=_goods(4), off_bp=5_000, n=2),
            _bundle("breakfast", 5, 6, 7),
            Coupon("coupon", "满减", "merchant", min_fen=200_00, off_fen=20_00),
        )
    )


def hundred_rules() -> Pack:
    """Twelve bundles that overlap, thirty flash items, windows, second pieces, coupons, percentages."""
    rules: list[PriceRule] = [
        MemberPrice("member_price", "会员价", "merchant"),
        PlanDiscount("plan", "等级折扣", "merchant", off_bp=500),
    ]
    rules += [_bundle(f"bundle_{i}", 4 * i, 4 * i + 1, 4 * i + 5) for i in range(12)]
    rules += [
        Flash(f"flash_{i}", "秒杀", "merchant", scope=_goods(i, i + 1), max_units=2, price_fen=150, quota=20)
        for i in range(30)
    ]
    rules += [
        Window(
            f"window_{i}",
            "时段",
            "merchant",
            scope=_goods(i, i + 7),
            when=When(opens="18:00"),
            off_bp=900 + i,
        )
        for i in range(20)
    ]
    rules += [
        NthItem(f"nth_{i}", "第二件", "merchant", scope=_goods(2 * i + 1), off_bp=4_000, n=2)
        for i in range(16)
    ]
    rules += [
        Coupon(f"coupon_{i}", "满减", "merchant", min_fen=100_00 + 25_00 * i, off_fen=6_00 + 2_00 * i)
        for i in range(16)
    ]
    rules += [
        BasketPercent(f"percent_{i}", "整单", "merchant", off_bp=200 + 50 * i, max_fen=15_00)
        for i in range(4)
    ]
    assert len(rules) == 100, len(rules)
    return pack(tuple(rules))


def _goods(*numbers: int) -> Scope:
    return Scope(products=tuple(good(number).code for number in numbers))


def _bundle(rule_id: str, *numbers: int) -> Bundle:
    items = tuple(BundleItem((good(number).code,)) for number in numbers)
    return Bundle(rule_id, "套餐", "merchant", items=items, off_bp=1_800)
