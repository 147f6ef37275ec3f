"""Issued against collected: the figures of the shipped packs, and any pack that somebody writes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from pos.domain.programme.audit import Audit, audit, worth_of
from pos.domain.programme.loading import load_pack
from tests.domain.programme.shipped import SHIPPED, planted, shipped, toml


def audited(pack: str, values: dict[str, Any] | None = None) -> Audit:
    return audit(load_pack(toml(planted(pack, values or {})).encode()))


# --- the shipped packs -------------------------------------------------------------------------------


def test_tongyi_promises_fifty_times() -> None:
    found = audited("tongyi")
    assert [found.issued, found.collected, found.ratio] == [Fraction("1.5"), Fraction("0.03"), 50]
    assert found.plan.id == "co_creator"
    assert found.ratio_by_role == {"member": 50}
    assert found.break_even == Fraction(1, 50)


def test_community_groupbuy_promises_a_rebate_and_a_coupon() -> None:
    found = audited("community_groupbuy")
    assert found.ratio == (Fraction("0.05") + Fraction(5, 99)) / Fraction("0.03")
    assert found.plan.id == "ordinary"
    assert [one.id for one in found.issues] == ["ordinary_rebate", "over_99"]


def test_zhongdian_promises_up_to_ten_times_five_to_each_side() -> None:
    found = audited("zhongdian")
    assert found.ratio == Fraction("10.07")
    assert found.ratio_by_role == {
        "member": 5,
        "merchant": 5,
        "home_store": Fraction("0.05"),
        "member_referrer": Fraction("0.01"),
        "area_agent": Fraction("0.01"),
    }


def test_gongxianggou_promises_twelve_times_what_is_burned() -> None:
    found = audited("gongxianggou")
    assert found.collected == Fraction("0.5")
    assert found.ratio == Fraction("12.18")
    assert found.ratio_by_role == {
        "member": 10,
        "merchant": 2,
        "member_referrer": Fraction("0.05"),
        "merchant_referrer": Fraction("0.05"),
        "area_agent": Fraction("0.08"),
    }


def test_tianshang_collects_nothing_and_owes_nothing() -> None:
    found = audited("tianshang")
    assert [found.collected, found.ratio, found.ratio_by_role, found.break_even] == [0, None, {}, None]
    assert found.borne_by("merchant") == found.issued == Fraction("0.08")
    assert not found.promises_more


@pytest.mark.parametrize("pack", SHIPPED)
def test_the_roles_add_up_to_the_whole(pack: str) -> None:
    found = audit(shipped(pack))
    assert sum(found.ratio_by_role.values()) == (found.ratio or 0)
    assert sum(found.borne_by(bearer) for bearer in ("alliance", "merchant", "brand")) == found.issued


# --- what counts -------------------------------------------------------------------------------------


def test_the_highest_rebate_and_price_do_not_change_what_a_rebate_brings() -> None:
    changed = {"rebate.max_bp": 1000, "assets.share_points.price_yuan": "4"}
    assert audited("gongxianggou", changed).ratio == Fraction("12.18")


def test_a_multiplier_counts_for_members_only_and_where_the_accrual_lets_it() -> None:
    assert audited("tongyi", {"accruals.consumption.role": "merchant"}).ratio == Fraction(100, 3)
    assert audited("tongyi", {"accruals.consumption.plan_multiplier": False}).ratio == Fraction(100, 3)


def test_accruals_that_exclude_one_another_by_plan_are_not_added() -> None:
    assert audited("community_groupbuy", {"accruals.vip_points.rate": "6"}).plan.id == "vip"
    found = audited(
        "community_groupbuy", {"accruals.vip_points.rate": "6", "coupon_issues.over_99.plans": ["ordinary"]}
    )
    assert found.issued == Fraction("0.05") + Fraction(5, 99)


def test_a_pack_may_promise_less_than_it_collects() -> None:
    found = audited("tongyi", {"accruals.consumption.rate": "0.01"})
    assert found.ratio == Fraction(1, 2)
    assert not found.promises_more
    assert found.break_even == 1


def test_nothing_issued_is_nothing_promised() -> None:
    found = audited("tongyi", {"accruals": []})
    assert [found.issued, found.ratio, found.break_even, found.promises_more] == [0, 0, None, False]


def test_a_share_of_nothing_for_promises_of_the_alliance() -> None:
    found = audited("tongyi", {"share": {"basis": "none"}})
    assert [found.ratio, found.break_even, found.promises_more] == [None, 0, True]


def test_what_a_merchant_or_brand_bears_is_not_the_alliances() -> None:
    assert audited("tongyi", {"redemptions.points.funder": "merchant"}).ratio == 0
    found = audited("tongyi", {"redemptions.points.funder": "brand"})
    assert [found.ratio, found.borne_by("brand")] == [0, Fraction("1.5")]


def test_burn_and_share_are_both_collected() -> None:
    found = audited("gongxianggou", {"share": {"basis": "received", "rate_bp": 300}})
    assert found.collected == Fraction("0.53")


# --- the face of assets ------------------------------------------------------------------------------


def test_the_best_way_counts() -> None:
    pack = shipped("tongyi")
    worth = worth_of(pack, "time_points")
    assert worth.yuan == Fraction("0.1")  # as a fee and as a tenth of a voucher alike
    assert worth_of(pack, "referral_points").yuan == 0
    assert worth_of(pack, "voucher").yuan == 1


def test_released_points_count_their_cap() -> None:
    worth = worth_of(shipped("zhongdian"), "points")
    assert [worth.yuan, worth.bearer, worth.pool] == [5, "alliance", None]
    assert worth.release is not None


def test_value_that_a_pool_uses_up_counts_one_yuan() -> None:
    worth = worth_of(shipped("gongxianggou"), "share_value")
    assert [worth.yuan, worth.release] == [1, None]
    assert worth.pool is not None


def test_an_asset_at_a_price_counts_its_price() -> None:
    assert worth_of(shipped("gongxianggou"), "share_points").yuan == 1
    dear = load_pack(toml(planted("gongxianggou", {"assets.share_points.price_yuan": "4"})).encode())
    assert worth_of(dear, "share_points").yuan == 4


def test_exchange_passes_on_who_bears_it_and_when() -> None:
    table = planted("zhongdian", {})
    table["assets"].append({"id": "stamps", "name": "印花", "scale": 0, "step": "1"})
    table["exchanges"] = [{"id": "stamps", "source": "stamps", "to": "points", "takes": "10", "gives": "1"}]
    worth = worth_of(load_pack(toml(table).encode()), "stamps")
    assert worth.yuan == Fraction(1, 2)
    assert worth.release is not None


def test_exchanges_in_a_circle_end() -> None:
    table = planted("tongyi", {"redemptions": [], "fee_payments": [], "offline": []})
    table["exchanges"].append(
        {"id": "back", "source": "voucher", "to": "time_points", "takes": "1", "gives": "20"}
    )
    assert worth_of(load_pack(toml(table).encode()), "time_points").yuan == 0


def test_a_merchants_own_ratio_is_nobodys_to_say() -> None:
    values = {"exchanges.time_to_voucher.merchant_ratio": True, "fee_payments": []}
    assert worth_of(load_pack(toml(planted("tongyi", values)).encode()), "time_points").yuan == 0


# --- coupons -----------------------------------------------------------------------------------------

COUPON = {"id": "c", "name": "券", "funder": "alliance"}


@pytest.mark.parametrize(
    ("rule", "min_fen", "yuan"),
    [
        ({"kind": "coupon", "off_fen": 500}, 99_00, Fraction(5, 99)),
        ({"kind": "coupon", "off_fen": 500}, 0, 5),  # on the smallest sale that is looked at
        ({"kind": "coupon", "off_bp": 1000}, 50_00, Fraction(1, 10)),
        ({"kind": "coupon", "off_bp": 1000, "min_fen": 100_00}, 50_00, Fraction(1, 5)),
        ({"kind": "coupon", "off_bp": 1000, "max_fen": 100}, 50_00, Fraction(1, 50)),
        ({"kind": "cash_voucher", "value_fen": 1000}, 50_00, Fraction(1, 5)),
        ({"kind": "gift", "scope": {"categories": ["水果"]}}, 50_00, 0),
        ({"kind": "benefit"}, 50_00, 0),
    ],
)
def test_a_coupon_is_spread_over_the_sale_that_brings_it(
    rule: dict[str, Any], min_fen: int, yuan: Fraction
) -> None:
    table = planted("tongyi", {"accruals": []})
    table["price_rules"].append(COUPON | rule)
    table["coupon_issues"] = [{"id": "c", "coupon": "c", "min_fen": min_fen}]
    assert audit(load_pack(toml(table).encode())).issued == yuan


def test_a_coupon_for_anyone_stands_by_itself() -> None:
    table = planted("community_groupbuy", {"coupon_issues.over_99.to": "bearer"})
    found = audit(load_pack(toml(table).encode()))
    assert list(found.ratio_by_role) == ["member", "bearer"]
