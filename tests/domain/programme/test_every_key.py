"""Every key of the format, written out in a pack that loads: none is there only on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pos.domain.programme.json_schema import pack_schema
from pos.domain.programme.loading import load_pack
from tests.domain.programme.shipped import SHIPPED, planted, table_of, toml

SCHEMA = pack_schema()

RARE = {
    "plans.co_creator.term_days": 366,
    "plans.co_creator.renewal": "from_today",
    "plans.co_creator.sold_by": ["till"],
    "plans.co_creator.note": "全年会员价",
    "assets.voucher.transferable": True,
    "accruals.consumption.plan_multiplier": True,
    "accruals.consumption.max_per_sale": "500",
    "accruals.consumption.levels": 1,
    "redemptions.points.cap_fen": 100_00,
    "redemptions.points.min": "1",
    "cash_rounding": {"step_fen": 10, "name": "抹零"},
    "share.except_categories": ["代收"],
    "distribution.plans": ["basic", "co_creator"],
    "offline.points.per_outage_fen": 500_00,
    "invitations": [{"id": "i", "invited": 3, "asset": "points", "amount": "5", "levels": 1}],
    "coupon_issues": [{"id": "c", "coupon": "coupon_50_10", "min_fen": 1, "plans": ["basic"], "to": "member"}],
    "price_rules.evening_fruit.audience": "everyone",
    "price_rules.evening_fruit.max_units": 3,
    "price_rules.evening_fruit.when": {
        "weekdays": ["mon"], "month_days": [1], "dates": ["2026-11-11"], "opens": "08:00", "closes": "09:00",
        "first": "2026-11-01", "last": "2026-11-30",
    },
    "price_rules.evening_fruit.scope": {
        "products": ["1"], "categories": ["水果"], "stores": ["S1"], "except_products": ["2"],
        "except_categories": ["进口"],
    },
}  # fmt: skip

UNIT = {"when": {"opens": "08:00"}, "audience": "everyone", "max_units": 2}
HELD = {"when": {"opens": "08:00"}, "valid_days": 7, "audience": "member"}
BASKET = {"min_fen": 1, "off_bp": 500, "max_fen": 100, "group": "second", "when": {"opens": "08:00"}}
RULES: list[dict[str, Any]] = [
    {"kind": "member_price", "scope": {"categories": ["水果"]}, **UNIT},
    {"kind": "plan_discount", "off_bp": 100, "below_member_price": "brand", "scope": {}, **UNIT},
    {"kind": "window", "price_fen": 100, "scope": {}, **UNIT},
    {"kind": "flash", "price_fen": 100, "quota": 9, "per": "day", "scope": {}, **UNIT},
    {"kind": "flash", "off_bp": 100, "quota": 9},
    {"kind": "nth_item", "price_fen": 100, "n": 2, "scope": {}, **UNIT},
    {"kind": "nth_item", "off_bp": 100},
    {"kind": "bundle", "price_fen": 100, "items": [{"products": ["1"], "quantity": 2}], "scope": {}, **UNIT},
    {"kind": "gift", "scope": {"products": ["1"]}, "max_units": 1, **HELD},
    {"kind": "coupon", "scope": {}, **BASKET, **HELD},
    {"kind": "first_order", "scope": {}, "audience": "member", **BASKET},
    {"kind": "basket_percent", "scope": {}, "audience": "everyone", **BASKET},
    {"kind": "basket_percent", "off_fen": 100},
    {
        "kind": "cash_voucher",
        "value_fen": 500,
        "min_fen": 1,
        "earns": True,
        "scope": {"stores": ["S1"]},
        **HELD,
    },
    {"kind": "benefit", "scope": {"plans": ["basic"]}, **HELD},
]


def rare() -> dict[str, Any]:
    """What the shipped packs leave to its default, written out."""
    table = planted("tongyi", RARE)
    for number, rule in enumerate(RULES):
        table["price_rules"].append({"id": f"r{number}", "name": "试", "funder": "brand", **rule})
    return table


def resolved(schema: dict[str, Any], value: Any) -> dict[str, Any]:
    """The table of the schema that a value is read as."""
    if "allOf" in schema:
        kinds = {one["if"]["properties"]["kind"]["const"]: one["then"] for one in schema["allOf"]}
        schema = kinds[value["kind"]]
    return SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def stated(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every key that a pack writes out, with the table it belongs to."""
    schema = resolved(schema, value)
    if isinstance(value, list):
        for one in value:
            yield from stated(one, schema["items"])
    elif isinstance(value, dict) and "properties" in schema:
        for key, one in value.items():
            yield schema["title"], key
            yield from stated(one, schema["properties"][key])


def test_every_key_is_written_out_somewhere() -> None:
    known = {(table["title"], key) for table in SCHEMA["$defs"].values() for key in table["properties"]}
    written = {found for pack in (rare(), *map(table_of, SHIPPED)) for found in stated(pack, SCHEMA)}
    assert known - written == set()


def test_the_pack_with_every_rare_key_loads() -> None:
    pack = load_pack(toml(rare()).encode())
    assert len(pack.price_rules) == 9 + len(RULES)
    assert pack.cash_rounding is not None


@pytest.mark.parametrize("key", [key for key in RARE if "." in key])
def test_each_rare_key_loads_by_itself(key: str) -> None:
    assert load_pack(toml(planted("tongyi", {key: RARE[key]})).encode()).id == "tongyi"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["kind"])
def test_each_kind_of_rule_loads_by_itself(rule: dict[str, Any]) -> None:
    table = planted("tongyi", {})
    table["price_rules"].append({"id": "r", "name": "试", "funder": "brand", **rule})
    loaded = load_pack(toml(table).encode()).rule("r")
    assert loaded is not None
    for key in rule.keys() - {"kind", "scope", "when", "items"}:
        assert getattr(loaded, key) == rule[key]
