"""Month by month: when more is due than was collected, and one sale by itself."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.message import Message
from pos.domain.programme.audit import audit
from pos.domain.programme.audit_projection import (
    Lot,
    Month,
    project,
    released_times,
    single_lot,
    turnover_that_carries_pools,
)
from pos.domain.programme.audit_words import Findings, findings
from pos.domain.programme.loading import load_pack
from pos.domain.programme.spoken import figure, joined, listed
from pos.domain.programme.timed import Release
from pos.domain.schedules.staged_release import release
from tests.domain.programme.shipped import SHIPPED, planted, shipped, toml


def found(pack: str, values: dict[str, Any] | None = None, years: int = 5) -> Findings:
    return findings(audit(load_pack(toml(planted(pack, values or {})).encode())), years)


def said(sentences: tuple[Message, ...]) -> str:
    return "\n".join(map(str, sentences))


# --- the shipped packs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "month"),
    [("tongyi", 1), ("community_groupbuy", 1), ("gongxianggou", 1), ("tianshang", None), ("zhongdian", 29)],
)
def test_from_when_it_cannot_be_paid(pack: str, month: int | None) -> None:
    assert found(pack).projection.cannot_be_paid_from == month


def test_tongyi_after_five_years() -> None:
    months = found("tongyi").projection.months
    assert months[0] == Month(1, 15_000_00, 15_000_00, 300_00)
    assert months[-1] == Month(60, 900_000_00, 900_000_00, 18_000_00)


def test_zhongdian_month_by_month() -> None:
    """An independent reckoning: every month's lot by the hub's own release, one period a month."""
    months = found("zhongdian").projection.months
    rule = shipped("zhongdian").releases[0]
    paid = release(4000_00, [True] * 60, rule, scale=2, into_scale=4)
    by_period = [period.cumulative for period in paid.periods] + [paid.total] * 60
    for month in (1, 12, 28, 29, 36, 60):
        vouchers = sum(by_period[period] for period in range(month))
        at_once = (100 + 20 + 20) * month  # home store, promoter, agent
        assert abs(months[month - 1].due_fen - (vouchers // 100 + at_once * 100)) <= month
        assert months[month - 1].collected_fen == 2000_00 * month
    assert months[27].due_fen <= months[27].collected_fen
    assert months[28].due_fen > months[28].collected_fen


def test_zhongdian_one_sale_by_itself() -> None:
    assert single_lot(audit(shipped("zhongdian"))) == Lot(exceeds_in=20, ends_in=36)


def test_gongxianggou_hands_out_what_its_pool_holds() -> None:
    months = found("gongxianggou").projection.months
    # 888 points of 1.00 on 30 days, and 18 % of a rebate of 5000.00
    assert months[0] == Month(1, 60_900_00, 26_640_00 + 900_00, 5_000_00)
    assert turnover_that_carries_pools(audit(shipped("gongxianggou"))) == Fraction(26_640) / Fraction("0.41")


def test_tianshang_owes_nothing_in_any_month() -> None:
    months = found("tianshang").projection.months
    assert {(month.due_fen, month.collected_fen) for month in months} == {(0, 0)}
    assert months[-1].issued_fen == 48_000_00


# --- any pack ----------------------------------------------------------------------------------------


@given(
    st.builds(
        Release,
        asset=st.just("points"),
        into=st.just("voucher"),
        first_bp=st.integers(1, 10_000),
        growth_bp=st.just(1500),
        step_bp=st.integers(10_000, 20_000),
        cap_times=st.integers(1, 20),
        periods_max=st.integers(1, 60),
    ),
    st.integers(1, 80),
)
def test_releases_run_as_the_hub_runs_them(rule: Release, period: int) -> None:
    scale = 12
    paid = release(10**scale, [True] * period, rule, scale=scale, into_scale=scale)
    assert paid.total == int(released_times(rule, period) * 10**scale)


def test_a_pool_larger_than_what_waits_for_it() -> None:
    months = found("gongxianggou", {"daily_pools.share_points.amount": "9000"}).projection.months
    assert months[11].due_fen == months[11].issued_fen


def test_a_release_that_ends_early_may_stay_within_what_was_collected() -> None:
    values = {"releases.points.periods_max": 10, "accruals.home_store.rate": "0.0001"}
    result = found("zhongdian", values)
    lot = single_lot(result.audit)
    assert lot == Lot(None, 10)
    assert result.projection.cannot_be_paid_from is None
    assert "到第 10 期释放完，释放的也不超过为它收到的钱" in said(result.words)
    assert "一直够付" in said(result.words)


def test_pools_that_no_turnover_carries() -> None:
    result = found("gongxianggou", {"accruals.area_partner.rate": "2"})
    assert turnover_that_carries_pools(result.audit) is None
    assert "营业额再高也付不出" in said(result.words)


def test_a_pack_with_a_release_that_somebody_else_pays_for() -> None:
    result = found("zhongdian", {"redemptions.voucher.funder": "merchant"})
    assert single_lot(result.audit) is None
    assert result.audit.ratio == 0
    assert "分期释放" not in said(result.words)


def test_a_pool_beside_a_release() -> None:
    values = {
        "daily_pools": [{"asset": "gold", "by": "silver", "amount": "1"}],
        "accruals.home_store.asset": "silver",
    }
    table = planted("zhongdian", values)
    for name, price in (("silver", None), ("gold", "2")):
        asset = {"id": name, "name": name, "scale": 2, "step": "0.01"}
        table["assets"].append(asset | ({"price_yuan": price} if price else {}))
    result = findings(audit(load_pack(toml(table).encode())), 1)
    assert turnover_that_carries_pools(result.audit) is None
    assert result.projection.months[0].due_fen > 0


@pytest.mark.parametrize("years", [1, 50])
@pytest.mark.parametrize("pack", SHIPPED)
def test_any_number_of_years(pack: str, years: int) -> None:
    projection = project(audit(shipped(pack)), years)
    assert [month.month for month in projection.months] == list(range(1, 12 * years + 1))
    for before, after in zip(projection.months, projection.months[1:], strict=False):
        assert before.due_fen <= after.due_fen <= after.issued_fen


# --- in words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pack", "sentences"),
    [
        ("tongyi", ["最多 50 倍", "不超过 2% 时", "从第 1 个月起"]),
        (
            "zhongdian",
            [
                "最多 10.07 倍",
                "最多是商家所交的十倍，两边各五倍",
                "到第 20 期",
                "到第 36 期",
                "每期都涨 15%，要靠不断有新商家加入",
                "第 29 个月起累计到期的多于这些商家累计交的",
            ],
        ),
        ("gongxianggou", ["最多 12.18 倍", "888 共享积分", "64975.61 元起"]),
        ("tianshang", ["商家不为此向联盟交钱", "0.08 元由商家自己承担", "也不会付不出"]),
        ("community_groupbuy", ["最多 3.35 倍", "不超过 29.85% 时"]),
    ],
)
def test_what_the_audit_says(pack: str, sentences: list[str]) -> None:
    text = said(found(pack).words)
    assert [sentence for sentence in sentences if sentence not in text] == []


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"redemptions.points.funder": "brand"}, "1.5 元由品牌承担"),
        ({"share": {"basis": "none"}}, "1.5 元要由联盟承担，而商家什么也不交"),
        ({"accruals.consumption.rate": "0.01"}, "只算积分和券，收到的够付：答应的最多是收到的 0.5 倍"),
    ],
)
def test_who_pays(values: dict[str, Any], sentence: str) -> None:
    assert sentence in said(found("tongyi", values).words)


def test_what_the_alliance_pays_at_once_is_named_beside_the_ratio() -> None:
    text = said(found("tongyi").words)
    assert "联盟还当场承担这些优惠的减价，没有算进倍数和逐月的数：首单满30减30。" in text
    assert "其中按比例的最深" not in text
    told = said(found("community_groupbuy", {"price_rules.vip_discount.funder": "alliance"}).words)
    assert "其中按比例的最深减 3%，而商家每 1.00 元只交 0.03 元。" in told
    assert "联盟还当场" not in said(found("zhongdian").words)


@pytest.mark.parametrize("gives", ["0.5", "101"])
def test_the_use_that_costs_the_alliance_most_counts(gives: str) -> None:
    """A better use at a merchant's cost does not hide that the alliance may have to pay."""
    known = found(
        "tongyi",
        {
            "exchanges.time_to_voucher.source": "points",
            "exchanges.time_to_voucher.gives": gives,
            "redemptions.voucher.funder": "merchant",
        },
    )
    assert known.audit.ratio == 50


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"releases.points.cap_times": 1}, "最多是商家所交的两倍，两边各一倍"),
        ({"releases.points.cap_times": 7}, "最多是商家所交的14倍，两边各七倍"),
        ({"accruals.merchant_points.rate": "0.5"}, "分期释放的积分，最多是商家所交的7.5倍。"),
        ({"accruals.merchant_points.role": "member"}, "分期释放的积分，最多是商家所交的十倍。"),
        ({"share": {"basis": "none"}}, ""),
    ],
)
def test_how_releases_are_told(values: dict[str, Any], sentence: str) -> None:
    told = said(found("zhongdian", values).words)
    assert sentence in told
    assert bool(sentence) == ("分期释放" in told)


@pytest.mark.parametrize(
    ("pack", "sentences"),
    [
        ("tongyi", ["按「共创会员」", "会员费、商家年费和押金都没有算作收入"]),
        ("zhongdian", ["让利按上限 20% 算", "一个月一期", "让利越低"]),
        ("gongxianggou", ["销毁的积分", "按每月 30 天算", "一直是方案写的价格：1 元", "记入商家押金"]),
        ("tianshang", ["刚好够发券"]),
    ],
)
def test_what_the_audit_rests_on(pack: str, sentences: list[str]) -> None:
    text = said(found(pack).assumptions)
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_figures_and_lists() -> None:
    assert [figure(Fraction(*value)) for value in ((1, 3), (2, 3), (5, 1), (1, 20000))] == [
        "0.3333",
        "0.6667",
        "5",
        "0.0001",
    ]
    assert [str(listed(names)) for names in ([], ["甲"], ["甲", "乙", "丙"])] == ["", "甲", "甲、乙、丙"]
    assert str(joined([])) == ""
