"""The day's pool goes to unlocked value, and uses it up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.schedules.daily_pool import Holder, PoolShare, share_pool
from tests.domain.schedules.shipped import shipped

POOL = 888_000000


def share(holders: list[Holder], price: str = "0.50", pool: int = POOL) -> dict[str, PoolShare]:
    shares = share_pool(pool, holders, Fraction(price), scale=6, value_scale=2)
    assert [one.member_no for one in shares] == [one.member_no for one in holders]
    return {one.member_no: one for one in shares}


def test_gongxianggou_gives_888_a_day_in_proportion_to_value() -> None:
    pack = shipped("gongxianggou")
    rule = pack.daily_pools[0]
    asset, value = pack.asset(rule.asset), pack.asset(rule.by)
    shares = share_pool(
        asset.minor(rule.amount),
        [Holder("M1", 1000_00), Holder("M2", 500_00), Holder("M3", 500_00)],
        Fraction("0.50"),
        scale=asset.scale,
        value_scale=value.scale,
    )
    assert shares == (
        PoolShare("M1", 444_000000, 222_00, 778_00),
        PoolShare("M2", 222_000000, 111_00, 389_00),
        PoolShare("M3", 222_000000, 111_00, 389_00),
    )


def test_locked_value_gets_nothing_and_stays() -> None:
    got = share([Holder("M1", 300_00, 200_00), Holder("M2", 200_00, 200_00), Holder("M3", 100_00)])
    assert [got[one].amount for one in ("M1", "M2", "M3")] == [444_000000, 0, 444_000000]
    assert got["M2"] == PoolShare("M2", 0, 0, 200_00)


def test_more_locked_than_held_counts_as_nothing_unlocked() -> None:
    got = share([Holder("M1", 100_00, 200_00), Holder("M2", 1)])
    assert got["M1"] == PoolShare("M1", 0, 0, 100_00)
    assert got["M2"].amount == POOL


def test_never_more_value_than_is_unlocked_is_consumed() -> None:
    got = share([Holder("M1", 250_00, 200_00)], price="3")
    assert got["M1"] == PoolShare("M1", POOL, 50_00, 200_00)


@pytest.mark.parametrize(
    ("price", "consumed"), [("0.005", 1), ("0.0049", 0), ("0.015", 2), ("0.0149", 1), ("0.000001", 0)]
)
def test_value_consumed_is_rounded_half_up(price: str, consumed: int) -> None:
    assert share([Holder("M1", 100_00)], price, pool=1_000000)["M1"].value_consumed == consumed


def test_a_tie_goes_to_the_lower_member_number() -> None:
    got = share([Holder("M10", 1), Holder("M9", 1), Holder("M2", 1)], pool=2)
    assert [got[one].amount for one in ("M2", "M9", "M10")] == [1, 1, 0]


@pytest.mark.parametrize("holders", [[], [Holder("M1", 0)], [Holder("M1", 200_00, 200_00)]])
def test_without_unlocked_value_nothing_is_given(holders: list[Holder]) -> None:
    assert sum(one.amount + one.value_consumed for one in share(holders).values()) == 0


holders = st.lists(
    st.builds(Holder, st.integers(1, 10**6).map(str), st.integers(0, 10**9), st.integers(0, 10**9)),
    max_size=12,
    unique_by=lambda one: one.member_no,
)


@given(holders, st.fractions(Fraction(1, 1000), 100))
def test_all_of_it_or_nothing_and_nobody_below_their_locked_value(
    held: list[Holder], price: Fraction
) -> None:
    shares = share_pool(POOL, held, price, scale=6, value_scale=2)
    unlocked = sum(one.unlocked for one in held)
    assert sum(one.amount for one in shares) == (POOL if unlocked else 0)
    for one, got in zip(held, shares, strict=True):
        assert got.value_left == one.value - got.value_consumed
        assert 0 <= got.value_consumed <= one.unlocked
        assert one.value == got.value_left or got.value_left >= one.locked
        if unlocked:
            assert abs(got.amount - Fraction(POOL * one.unlocked, unlocked)) < 1
        exact = Fraction(got.amount, 10**6) * price * 100
        assert got.value_consumed == one.unlocked or abs(got.value_consumed - exact) <= Fraction(1, 2)


@given(holders)
def test_the_order_of_the_list_does_not_matter(held: list[Holder]) -> None:
    there = {one.member_no: one for one in share_pool(POOL, held, Fraction(1), scale=6, value_scale=2)}
    back = share_pool(POOL, held[::-1], Fraction(1), scale=6, value_scale=2)
    assert {one.member_no: one for one in back} == there
