"""The year's profit by contribution: the figures of `tongyi`, and what must hold for any members."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.programme.timed import Distribution, Weight
from pos.domain.schedules.distribution import (
    Contribution,
    Distributed,
    Portion,
    distribute,
    pool_of,
    weight_of,
)
from tests.domain.schedules.shipped import shipped

SCALES = {"time_points": 2, "referral_points": 2}
RULE = Distribution(
    pool_bp=8000,
    consumption="0.3",
    weights=(Weight("time_points", "0.5"), Weight("referral_points", "0.2")),
    consumption_multipliers={"co_creator": "2"},
)
JIA = Contribution("M1", "basic", 10_000_00, {"time_points": 200_00, "referral_points": 100_00})
YI = Contribution("M2", "basic", 5_000_00, {"time_points": 0, "referral_points": 250_00})


def test_tongyi_distributes_100000_as_66809_42_and_33190_58() -> None:
    pack = shipped("tongyi")
    assert pack.distribution is not None
    scales = {asset.id: asset.scale for asset in pack.assets}
    assert distribute(100_000_00, [JIA, YI], pack.distribution, scales) == Distributed(
        (Portion("M1", Fraction(3120), 66_809_42), Portion("M2", Fraction(1550), 33_190_58)), 0
    )


def test_tongyi_counts_a_co_creators_consumption_twice() -> None:
    pack = shipped("tongyi")
    assert pack.distribution is not None
    year = Contribution("M1", "co_creator", JIA.consumption_fen, JIA.earned)
    assert weight_of(year, pack.distribution, SCALES) == 6000 + 100 + 20


@pytest.mark.parametrize(
    ("net_profit_fen", "pool_fen"),
    [(125_000_00, 100_000_00), (1, 0), (124, 99), (125, 100), (0, 0), (-5_000_00, 0)],
)
def test_the_pool_is_80_percent_rounded_down(net_profit_fen: int, pool_fen: int) -> None:
    assert pool_of(net_profit_fen, RULE) == pool_fen


@pytest.mark.parametrize(
    ("year", "thousandths"),
    [
        (Contribution("1", "basic", 1), 3),
        (Contribution("1", "co_creator", 1), 6),
        (Contribution("1", "basic", 0, {"time_points": 1}), 5),
        (Contribution("1", "co_creator", 0, {"time_points": 1}), 5),
        (Contribution("1", "basic", 0, {"referral_points": 1}), 2),
        (Contribution("1", "basic", 0, {"points": 1_000_000}), 0),
        (Contribution("1", "basic", -100), 0),
        (Contribution("1", "basic", -100, {"time_points": 100}), 200),
    ],
)
def test_weights_are_exact_thousandths(year: Contribution, thousandths: int) -> None:
    assert weight_of(year, RULE, SCALES) * 1000 == thousandths


def test_only_named_plans_take_part() -> None:
    rule = Distribution(pool_bp=8000, consumption="1", plans=("partner",))
    years = [Contribution("1", "vip", 900_00), Contribution("2", "partner", 100_00)]
    done = distribute(50_00, years, rule, {})
    assert [(int(one.weight), one.amount_fen) for one in done.portions] == [(0, 0), (100, 50_00)]


def test_ties_go_to_the_lower_member_number() -> None:
    years = [Contribution(number, "basic", 1_00) for number in ("M10", "M9", "M2")]
    done = distribute(100, years, RULE, SCALES)
    assert {one.member_no: one.amount_fen for one in done.portions} == {"M2": 34, "M9": 33, "M10": 33}


@pytest.mark.parametrize("years", [[], [Contribution("1", "basic")], [Contribution("1", "basic", -1)]])
def test_without_contributions_the_pool_is_carried_over(years: list[Contribution]) -> None:
    done = distribute(100_00, years, RULE, SCALES)
    assert (done.total_fen, done.carried_over_fen) == (0, 100_00)


contributions = st.lists(
    st.builds(
        Contribution,
        st.integers(1, 10**6).map(str),
        st.sampled_from(("basic", "co_creator")),
        st.integers(-1_000, 10**8),
        st.fixed_dictionaries({name: st.integers(0, 10**6) for name in SCALES}),
    ),
    max_size=12,
    unique_by=lambda one: one.member_no,
)


@given(st.integers(0, 10**10), contributions)
def test_the_whole_pool_is_given_or_carried_over(pool_fen: int, years: list[Contribution]) -> None:
    done = distribute(pool_fen, years, RULE, SCALES)
    whole = sum((one.weight for one in done.portions), Fraction(0))
    assert done.total_fen + done.carried_over_fen == pool_fen
    assert done.carried_over_fen == (0 if whole else pool_fen)
    for one in done.portions:
        assert (one.weight * 1000).denominator == 1
        assert one.weight or one.amount_fen == 0
        if whole:
            assert abs(one.amount_fen - pool_fen * one.weight / whole) < 1


@given(st.integers(0, 10**10), contributions)
def test_the_order_of_the_list_does_not_matter(pool_fen: int, years: list[Contribution]) -> None:
    there, back = distribute(pool_fen, years, RULE, SCALES), distribute(pool_fen, years[::-1], RULE, SCALES)
    assert there.portions == back.portions[::-1]
