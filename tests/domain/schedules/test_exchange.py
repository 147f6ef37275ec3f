"""Stepped exchange: whole multiples only, and what is left stays."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.programme.assets import Exchange
from pos.domain.schedules.exchange import Exchanged, exchange
from tests.domain.schedules.shipped import shipped

BY_THE_TEN = Exchange("x", "time_points", "voucher", "10", "1")
OWN_POINTS = Exchange("x", "points", "points", "1", "1", merchant_ratio=True)


@pytest.mark.parametrize(
    ("amount", "exchanged"),
    [
        (0, Exchanged(0, 0, 0)),
        (9_99, Exchanged(0, 0, 9_99)),
        (10_00, Exchanged(10_00, 1_00, 0)),
        (39_50, Exchanged(30_00, 3_00, 9_50)),
        (-5_00, Exchanged(0, 0, -5_00)),
    ],
)
def test_tongyi_10_time_points_buy_1_00_of_voucher(amount: int, exchanged: Exchanged) -> None:
    rule = shipped("tongyi").exchanges[0]
    assert exchange(amount, rule, scale=2, to_scale=2) == exchanged


def test_tianshang_own_points_become_alliance_points_at_the_merchants_ratio() -> None:
    rule = shipped("tianshang").exchanges[0]
    assert exchange(10_50, rule, scale=2, to_scale=2, ratio=Fraction("0.25")) == Exchanged(10_00, 2_50, 50)
    assert exchange(10_50, rule, scale=2, to_scale=2) == Exchanged(10_00, 10_00, 50)


def test_what_is_given_is_rounded_down_once() -> None:
    assert exchange(10_00, OWN_POINTS, scale=2, to_scale=2, ratio=Fraction(1, 3)) == Exchanged(10_00, 3_33, 0)


def test_a_ratio_counts_only_where_the_pack_says_so() -> None:
    assert exchange(10_00, BY_THE_TEN, scale=2, to_scale=2, ratio=Fraction(9)).given == 1_00


@pytest.mark.parametrize("ratio", [Fraction(0), Fraction(1, 10_000)])
def test_for_nothing_in_return_nothing_is_taken(ratio: Fraction) -> None:
    assert exchange(10_00, OWN_POINTS, scale=2, to_scale=2, ratio=ratio) == Exchanged(0, 0, 10_00)


def test_a_step_finer_than_the_scale_is_taken_in_whole_amounts() -> None:
    rule = Exchange("x", "a", "b", "0.25", "1")
    assert exchange(7, rule, scale=1, to_scale=0) == Exchanged(5, 2, 2)


@given(st.integers(-(10**6), 10**9), st.integers(1, 5000), st.integers(0, 5000), st.integers(0, 4))
def test_nothing_is_lost_and_the_step_is_whole(amount: int, takes: int, gives: int, to_scale: int) -> None:
    rule = Exchange("x", "a", "b", f"{takes}", f"{gives}")
    done = exchange(amount, rule, scale=2, to_scale=to_scale)
    assert done.taken + done.left == amount
    assert done.taken % (takes * 100) == 0
    assert done.given == done.taken // (takes * 100) * gives * 10**to_scale
    assert done.left < takes * 100 or gives == 0
