"""Sharing in proportion: exact weights, lower member numbers first."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.schedules.proportion import by_number, in_proportion


@pytest.mark.parametrize(
    ("numbers", "in_order"),
    [
        (["M10", "M9", "M2"], ["M2", "M9", "M10"]),
        (["30006012", "30001234"], ["30001234", "30006012"]),
        (["100", "99"], ["99", "100"]),
        (["B1", "A2"], ["A2", "B1"]),
        (["1", "01"], ["01", "1"]),
        (["乙", "甲", "", "7"], ["", "乙", "甲", "7"]),
        (["2" + "0" * 5000, "1" + "9" * 5000, "0"], ["0", "1" + "9" * 5000, "2" + "0" * 5000]),
        (["M1-10", "M1-9"], ["M1-9", "M1-10"]),
    ],
)
def test_the_lower_number_first(numbers: list[str], in_order: list[str]) -> None:
    assert sorted(numbers, key=by_number) == in_order


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_two_members_have_an_order(numbers: list[str]) -> None:
    there, back = sorted(numbers), sorted(numbers, reverse=True)
    assert sorted(there, key=by_number) == sorted(back, key=by_number)


def test_weights_of_different_fineness_are_weighed_exactly() -> None:
    weights = {"1": Fraction(1, 3), "2": Fraction(1, 2), "3": Fraction(1, 6)}
    assert in_proportion(600, weights) == {"1": 200, "2": 300, "3": 100}


def test_weight_0_gets_0_even_of_a_remainder() -> None:
    assert in_proportion(1, {"1": Fraction(0), "2": Fraction(1, 10**9)}) == {"1": 0, "2": 1}


@pytest.mark.parametrize("weights", [{}, {"1": Fraction(0), "2": Fraction(0)}])
def test_without_weights_nobody_gets_anything(weights: dict[str, Fraction]) -> None:
    assert in_proportion(500, weights) == dict.fromkeys(weights, 0)


def test_the_order_of_the_members_is_kept() -> None:
    assert list(in_proportion(9, {"b": Fraction(1), "a": Fraction(2)})) == ["b", "a"]


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.text(max_size=3), st.fractions(0, 10**6, max_denominator=2000), max_size=9),
)
def test_all_is_shared_and_nobody_is_off_by_a_unit(total: int, weights: dict[str, Fraction]) -> None:
    shared = in_proportion(total, weights)
    whole = sum(weights.values(), Fraction(0))
    assert sum(shared.values()) == (total if whole else 0)
    for member, weight in weights.items():
        assert abs(shared[member] - total * weight / (whole or 1)) < 1
