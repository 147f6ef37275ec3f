"""Packs of the right form without sense: each case plants one thing and names the key that is told."""

from __future__ import annotations

from typing import Any

import pytest

from pos.domain.programme.loading import load_pack
from tests.domain.programme.shipped import mistakes, planted, toml, wrong_keys

NOON = {"opens": "10:00", "closes": "12:00"}


@pytest.mark.parametrize(
    ("values", "key"),
    [
        # two ways to say one thing, or none
        ({"breakfast.price_fen": 500}, "breakfast"),
        ({"breakfast.off_bp": None}, "breakfast"),
        ({"breakfast.off_bp": 0}, "breakfast.off_bp"),
        ({"flash_egg.off_bp": 100}, "flash_egg"),
        ({"coupon_50_10.off_bp": 100}, "coupon_50_10"),
        ({"coupon_50_10.off_fen": None}, "coupon_50_10"),
        ({"coupon_50_10.max_fen": 100}, "coupon_50_10"),
        ({"coupon_50_10.off_fen": None, "coupon_50_10.off_bp": 0}, "coupon_50_10.off_bp"),
        # who bears it, who gets it
        ({"member_price.funder": "issuer"}, "member_price.funder"),
        ({"first_order_30.audience": "everyone"}, "first_order_30.audience"),
        ({"coupon_50_10.audience": "everyone"}, "coupon_50_10.audience"),
        ({"member_price.audience": "everyone", "member_price.scope": {"plans": ["basic"]}}, "member_price"),
        # goods that never get it
        ({"evening_fruit.scope": {"products": ["1"], "except_products": ["1"]}}, "evening_fruit"),
        ({"evening_fruit.scope": {"categories": ["水果"], "except_categories": ["水果"]}}, "evening_fruit"),
        ({"evening_fruit.scope": {"products": ["20000011"]}}, "evening_fruit.scope.products"),
        ({"evening_fruit.scope": {"categories": ["烟草", "水果"]}}, "evening_fruit.scope.categories"),
        ({"breakfast.items": [{"products": ["20000011"], "quantity": 2}]}, "breakfast.items"),
        ({"breakfast.scope": {"products": ["20001018"]}}, "breakfast.scope.products"),
        ({"free_delivery.scope": {"except_categories": ["水果"]}}, "free_delivery.scope.except_categories"),
        ({"evening_fruit.scope": {"plans": ["gold"]}}, "evening_fruit.scope.plans"),
        # bundles, flashes, times
        ({"breakfast.items": [{"products": ["20001018"]}]}, "breakfast.items"),
        ({"breakfast.items": None}, "breakfast.items"),
        ({"flash_egg.max_units": 101}, "flash_egg"),
        ({"evening_fruit.when": None}, "evening_fruit.when"),
        ({"evening_fruit.when": {"opens": "20:00", "closes": "20:00"}}, "evening_fruit.when"),
        ({"evening_fruit.when": {"dates": ["2026-02-30"]}}, "evening_fruit.when.dates"),
        ({"evening_fruit.when": {"first": "2026-02-30"}}, "evening_fruit.when.first"),
        ({"evening_fruit.when": {"last": "2026-13-01"}}, "evening_fruit.when.last"),
        ({"evening_fruit.when": {"first": "2026-03-02", "last": "2026-03-01"}}, "evening_fruit.when"),
    ],
)  # fmt: skip
def test_price_rules(values: dict[str, Any], key: str) -> None:
    table = planted("tongyi", {f"price_rules.{where}": value for where, value in values.items()})
    assert wrong_keys(table) == [f"price_rules.{key}"]


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ({"kind": "plan_discount", "off_bp": 0}, "off_bp"),
        ({"kind": "plan_discount"}, "off_bp"),
        ({"kind": "plan_discount", "off_bp": 100, "below_member_price": "issuer"}, "below_member_price"),
        ({"kind": "gift"}, "scope"),
        ({"kind": "gift", "scope": {"except_categories": ["水果"]}}, "scope"),
        ({"kind": "nth_item", "off_bp": 5000, "n": 3, "max_units": 2}, ""),
        ({"kind": "cash_voucher", "value_fen": 100, "scope": {"categories": ["水果"]}}, "scope.categories"),
    ],
)
def test_other_kinds_of_price_rules(rule: dict[str, Any], key: str) -> None:
    table = planted("tongyi", {})
    table["price_rules"].append({"id": "r", "name": "r", "funder": "merchant", **rule})
    assert wrong_keys(table) == [f"price_rules.r.{key}".rstrip(".")]


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "plan_discount", "off_bp": 100, "below_member_price": "alliance"},
        {"kind": "gift", "scope": {"categories": ["水果"]}, "funder": "issuer"},
        {"kind": "nth_item", "off_bp": 5000, "n": 3, "max_units": 3},
        {"kind": "window", "price_fen": 0, "when": NOON, "audience": "everyone"},
        {"kind": "basket_percent", "off_bp": 100, "max_fen": 500},
        {"kind": "cash_voucher", "value_fen": 100, "scope": {"stores": ["S1"], "plans": ["basic"]}},
        {"kind": "flash", "off_bp": 10_000, "quota": 5, "max_units": 5, "per": "ever"},
    ],
)
def test_price_rules_with_sense(rule: dict[str, Any]) -> None:
    table = planted("tongyi", {})
    table["price_rules"].append({"id": "r", "name": "r", "funder": "merchant", **rule})
    loaded = load_pack(toml(table).encode()).rule("r")
    assert loaded is not None
    assert loaded.funder == rule.get("funder", "merchant")


@pytest.mark.parametrize(
    ("pack", "values", "key"),
    [
        # names
        ("tongyi", {"price_rules.flash_egg.id": "cash_rounding"}, "price_rules.cash_rounding.id"),
        ("tongyi", {"price_rules.member_price.id": "points"}, "price_rules.points.id"),
        ("tongyi", {"price_rules.coupon_50_10.id": "member_price"}, "price_rules.member_price.id"),
        ("tongyi", {"exchanges.time_to_voucher.source": "gold"}, "exchanges.time_to_voucher.source"),
        ("tongyi", {"milestones.points_1000.coupon": "first_order_30"}, "milestones.points_1000.coupon"),
        ("tongyi", {"plans.co_creator.upgrades_from": ["gold"]}, "plans.co_creator.upgrades_from"),
        ("tongyi", {"distribution.plans": ["gold"]}, "distribution.plans"),
        ("tongyi", {"distribution.consumption_multipliers": {"gold": "2"}}, "distribution.consumption_multipliers"),
        ("community_groupbuy", {"accruals.ordinary_rebate.plans": ["gold"]}, "accruals.ordinary_rebate.plans"),
        ("community_groupbuy", {"coupon_issues.over_99.plans": ["gold"]}, "coupon_issues.over_99.plans"),
        ("community_groupbuy", {"coupon_issues.over_99.coupon": "member_day"}, "coupon_issues.over_99.coupon"),
        # assets
        ("tongyi", {"assets.referral_points.step": "0"}, "assets.referral_points.step"),
        ("tongyi", {"assets.referral_points.step": "0.001"}, "assets.referral_points"),
        ("gongxianggou", {"assets.share_points.price_yuan": "0"}, "assets.share_points.price_yuan"),
        # earning
        ("tongyi", {"accruals.consumption.rate": "0"}, "accruals.consumption.rate"),
        ("tongyi", {"accruals.consumption.base": "rebate"}, "accruals.consumption.base"),
        ("tongyi", {"accruals.consumption.at_price": True}, "accruals.consumption.at_price"),
        ("tongyi", {"accruals.consumption.asset": "CNY"}, "accruals.consumption"),
        ("tianshang", {"accruals.home_store.at_price": True}, "accruals.home_store.at_price"),
        ("tongyi", {"accruals.consumption.elsewhere_only": True}, "accruals.consumption"),
        ("tongyi", {"accruals.consumption.max_per_sale": "0"}, "accruals.consumption.max_per_sale"),
        ("tongyi", {"accruals.consumption.max_per_sale": "0.001"}, "accruals.consumption.max_per_sale"),
        # paying
        ("gongxianggou", {"redemptions.share_points.value_fen": 100}, "redemptions.share_points"),
        ("tongyi", {"redemptions.points.value_fen": 0}, "redemptions.points"),
        ("tongyi", {"redemptions.points.funder": "issuer"}, "redemptions.points.funder"),
        ("tongyi", {"redemptions.points.cap_bp": 0}, "redemptions.points.cap_bp"),
        ("tongyi", {"redemptions.points.cap_fen": 0}, "redemptions.points.cap_fen"),
        ("tongyi", {"redemptions.points.cap_fen": 99}, "redemptions.points"),
        ("tongyi", {"redemptions.points.min": "2", "redemptions.points.cap_fen": 199}, "redemptions.points"),
        ("tongyi", {"redemptions.points.min": "1.5"}, "redemptions.points"),
        ("tongyi", {"redemptions.points.step": "0"}, "redemptions.points.step"),
        ("tongyi", {"redemptions.points.step": "0.001"}, "redemptions.points.step"),
        ("tongyi", {"redemptions.points.step": "0.5", "redemptions.points.value_fen": 1}, "redemptions.points"),
        ("gongxianggou", {"redemptions.share_points.min": "0.0000001"}, "redemptions.share_points"),
        ("gongxianggou", {"redemptions.share_points.step": "0.0000001"}, "redemptions.share_points.step"),
        ("gongxianggou", {"merchants.deposit": None}, "redemptions.share_points.to_deposit"),
        ("tongyi", {"redemptions.points.to_deposit": True}, "redemptions.points.to_deposit"),
        ("tongyi", {"exchanges.time_to_voucher.to": "CNY"}, "exchanges.time_to_voucher.to"),
        ("tongyi", {"exchanges.time_to_voucher.to": "time_points"}, "exchanges.time_to_voucher"),
        ("tongyi", {"exchanges.time_to_voucher.takes": "0"}, "exchanges.time_to_voucher.takes"),
        ("tongyi", {"exchanges.time_to_voucher.gives": "0"}, "exchanges.time_to_voucher.gives"),
        ("tongyi", {"exchanges.time_to_voucher.gives": "0.001"}, "exchanges.time_to_voucher.gives"),
        ("tongyi", {"fee_payments.time_points.step": "0.01"}, "fee_payments.time_points"),
        ("tongyi", {"fee_payments.time_points.step": "0"}, "fee_payments.time_points"),
        ("tongyi", {"offline.points.asset": "time_points"}, "offline.time_points.asset"),
        # deposits
        ("gongxianggou", {"burns.share_points.asset": "share_value"}, "burns.share_value.asset"),
        ("gongxianggou", {"gates.deposit.min": "0.0000001"}, "gates.deposit.min"),
        # terms
        ("gongxianggou", {"rebate.default_bp": 99}, "rebate"),
        ("gongxianggou", {"share.rate_bp": 300}, "share"),
        ("tongyi", {"share.basis": "rebate", "share.rate_bp": None}, "share.basis"),
        ("tongyi", {"merchants.member_price_min_bp": 1501}, "merchants"),
        ("tongyi", {"merchants.margin_min_bp": 1501}, "merchants"),
        ("tongyi", {"plans.basic.earn_multiplier": "0"}, "plans.basic.earn_multiplier"),
        ("tongyi", {"plans.basic.upgrades_from": ["basic"]}, "plans.basic.upgrades_from"),
        # over time
        ("zhongdian", {"releases.points.into": "points"}, "releases.points.into"),
        ("zhongdian", {"releases.points.first_bp": 0}, "releases.points.first_bp"),
        ("gongxianggou", {"daily_pools.share_points.by": "share_points"}, "daily_pools.share_points.by"),
        ("gongxianggou", {"daily_pools.share_points.amount": "0"}, "daily_pools.share_points.amount"),
        ("gongxianggou", {"joining.share_value.amount": "0.001"}, "joining.share_value.amount"),
        ("tongyi", {"milestones.points_1000.grants": "都有"}, "milestones.points_1000"),
        ("tongyi", {"milestones.points_2000.grants": None}, "milestones.points_2000"),
        ("tongyi", {"distribution.consumption": "0.0001"}, "distribution.consumption"),
        ("tongyi", {"distribution.weights.time_points.weight": "0.0001"}, "distribution.weights.time_points.weight"),
        ("tongyi", {"distribution.consumption_multipliers": {"basic": "0.0001"}}, "distribution.consumption_multipliers.basic"),
        ("tongyi", {"distribution.weights": [{"asset": "points", "weight": "1"}] * 2}, "distribution.weights"),
        ("tongyi", {"distribution.consumption": "0", "distribution.weights": []}, "distribution.consumption"),
    ],
)  # fmt: skip
def test_everything_else(pack: str, values: dict[str, Any], key: str) -> None:
    assert wrong_keys(planted(pack, values)) == [key]


def test_a_gate_needs_what_merchants_can_come_to_hold() -> None:
    table = planted("gongxianggou", {"gates.deposit.asset": "share_value"})
    assert load_pack(toml(table).encode()).gates[0].asset == "share_value"  # merchants earn it
    table["accruals"] = [one for one in table["accruals"] if one["role"] != "merchant"]
    assert wrong_keys(table) == ["gates.deposit.asset"]


def test_a_burn_without_rebate_price_or_deposit() -> None:
    table = planted("tongyi", {"burns": [{"asset": "points"}, {"asset": "gold"}]})
    assert mistakes(table) == [
        "burns.points.asset：按让利计算，但方案没有 [rebate]",
        "burns.points.asset：资产 points 没有 price_yuan",
        "burns.points.asset：商家得不到 points：它不是 merchants.deposit 的押金，也没有别的来源",
        "burns.gold.asset：按让利计算，但方案没有 [rebate]",
        "burns.gold.asset：用到的资产 gold 没有在 assets 里定义",
    ]


def test_an_asset_without_a_price_where_prices_are_asked_for() -> None:
    assert wrong_keys(planted("gongxianggou", {"assets.share_points.price_yuan": None})) == [
        "accruals.member_referral.at_price",
        "accruals.merchant_referral.at_price",
        "accruals.area_partner.at_price",
        "redemptions.share_points.at_price",
        "burns.share_points.asset",
        "daily_pools.share_points.asset",
    ]


def test_a_pool_of_nothing_known() -> None:
    table = planted("tongyi", {"daily_pools": [{"asset": "gold", "by": "points", "amount": "1"}]})
    assert mistakes(table) == ["daily_pools.gold.asset：用到的资产 gold 没有在 assets 里定义"]


def test_a_merchants_own_points_may_become_the_alliances_at_any_ratio() -> None:
    table = planted("tianshang", {"exchanges.own_points.gives": "0"})
    assert load_pack(toml(table).encode()).exchanges[0].merchant_ratio


def test_a_step_that_is_the_assets_own_is_told_once() -> None:
    assert wrong_keys(planted("tongyi", {"assets.points.step": "0"})) == ["assets.points.step"]


def test_an_asset_may_not_be_called_like_the_tills_own() -> None:
    table = planted("tongyi", {})
    table["assets"].append({"id": "sales", "name": "x", "scale": 0, "step": "1"})
    assert wrong_keys(table) == ["assets.sales.id"]
