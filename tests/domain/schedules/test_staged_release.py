"""Points that turn into vouchers period by period, checked against a sum of exact decimals."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.programme.timed import Release
from pos.domain.schedules.staged_release import Released, has_grown, release
from tests.domain.schedules.shipped import shipped

RULE = Release("points", "voucher", first_bp=50, growth_bp=1500, step_bp=11_500, cap_times=5, periods_max=40)
SLOW = Release("points", "voucher", first_bp=50, growth_bp=1500, step_bp=11_500, cap_times=5, periods_max=3)


def released(points: int, grew: list[bool], rule: Release = RULE) -> Released:
    return release(points, grew, rule, scale=2, into_scale=4)


def amounts(done: Released) -> list[int]:
    return [one.amount for one in done.periods]


def test_zhongdian_200_points_reach_1000_in_period_36() -> None:
    pack = shipped("zhongdian")
    points, voucher = pack.asset("points"), pack.asset("voucher")
    done = release(200_00, [True] * 40, pack.releases[0], scale=points.scale, into_scale=voucher.scale)
    assert amounts(done)[:4] == [1_0000, 1_1500, 1_3225, 1_5208]
    assert done.cap_reached_in == len(done.periods) == 36
    assert done.total == done.periods[-1].cumulative == 1000_0000
    assert done.lapsed == 0
    assert 0 < done.periods[-1].amount < done.periods[-2].amount * 115 // 100


def test_zhongdian_35_periods_do_not_reach_the_cap() -> None:
    done = released(200_00, [True] * 35)
    assert done.cap_reached_in is None
    assert done.total < 1000_0000
    assert done.lapsed == 0


@pytest.mark.parametrize("first", [True, False])
def test_the_first_period_pays_its_rate_whether_turnover_grew_or_not(first: bool) -> None:
    assert amounts(released(200_00, [first, True, True])) == [1_0000, 1_1500, 1_3225]


def test_a_missed_period_repeats_the_last() -> None:
    assert amounts(released(200_00, [True, False, True, False, True])) == [
        1_0000,
        1_0000,
        1_1500,
        1_1500,
        1_3225,
    ]


def test_without_growth_the_rest_lapses_after_the_last_period() -> None:
    done = released(200_00, [False] * 40)
    assert amounts(done) == [1_0000] * 40
    assert (done.total, done.lapsed, done.cap_reached_in) == (40_0000, 960_0000, None)


def test_nothing_lapses_before_the_last_period() -> None:
    assert released(200_00, [False] * 39).lapsed == 0
    assert released(200_00, [True] * 2, SLOW).lapsed == 0
    assert released(200_00, [True] * 3, SLOW).lapsed == 1000_0000 - 3_4725


def test_nothing_follows_the_last_period() -> None:
    assert released(200_00, [True] * 9, SLOW) == released(200_00, [True] * 3, SLOW)
    assert released(200_00, [True] * 60) == released(200_00, [True] * 36)


def test_before_the_first_period_nothing_is_paid() -> None:
    assert released(200_00, []) == Released(())
    assert released(200_00, []).total == 0


def test_a_cap_that_is_met_exactly_ends_it() -> None:
    rule = Release(
        "points", "voucher", first_bp=2_500, growth_bp=0, step_bp=10_000, cap_times=1, periods_max=40
    )
    done = released(1_00, [True] * 40, rule)
    assert amounts(done) == [2500] * 4
    assert done.cap_reached_in == 4


def test_a_target_without_digits_pays_whole_units_when_they_are_full() -> None:
    done = release(150_00, [False] * 4, RULE, scale=2, into_scale=0)
    assert amounts(done) == [0, 1, 1, 1]


@given(st.integers(0, 10**9), st.lists(st.booleans(), max_size=45))
def test_what_was_paid_is_the_exact_sum_rounded_down(points: int, grew: list[bool]) -> None:
    done = released(points, grew)
    with localcontext() as context:
        context.prec = 120
        whole = Decimal(points) / 100
        amount, total, sums = whole * Decimal("0.005"), Decimal(0), []
        for number, has in enumerate(grew[:40]):
            amount *= Decimal("1.15") if has and number else 1
            total = min(total + amount, whole * 5)
            sums.append(int((total * 10_000).to_integral_value(ROUND_DOWN)))
    assert [one.cumulative for one in done.periods] == sums[: len(done.periods)]
    assert [one.number for one in done.periods] == list(range(1, len(done.periods) + 1))
    assert sum(amounts(done)) == done.total
    if done.cap_reached_in is None:
        assert len(done.periods) == len(sums)
    else:
        assert done.total == points * 500


@given(st.integers(0, 10**9), st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_further_period_changes_no_earlier_one(points: int, grew: list[bool]) -> None:
    longer, shorter = released(points, grew), released(points, grew[:-1])
    assert longer.periods[: len(shorter.periods)] == shorter.periods


@pytest.mark.parametrize(
    ("now", "before", "grown"),
    [(115_00, 100_00, True), (114_99, 100_00, False), (1, 0, True), (0, 0, False), (0, 100, False)],
)
def test_turnover_has_grown_at_115_percent(now: int, before: int, grown: bool) -> None:
    assert has_grown(now, before, RULE) is grown
