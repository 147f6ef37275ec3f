from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.money import (
    decimal_text,
    parse_decimal,
    plain_text,
    round_down_to_step,
    round_half_up,
    share_of,
    split,
    weighed_amount,
    yuan,
)

amounts = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(49, 100), 0),
        (Fraction(-1, 2), -1),
        (Fraction(-3, 2), -2),
        (Fraction(-49, 100), 0),
        (Fraction(7), 7),
        (Fraction(0), 0),
    ],
)
def test_halves_go_away_from_zero(value: Fraction, rounded: int) -> None:
    assert round_half_up(value) == rounded


@given(st.decimals(-(10**9), 10**9, places=4))
def test_rounding_is_the_schoolbooks(value: Decimal) -> None:
    assert round_half_up(Fraction(value)) == int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(st.fractions())
def test_a_refund_rounds_as_its_sale(value: Fraction) -> None:
    assert round_half_up(-value) == -round_half_up(value)
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("price_fen_per_kg", "weight_g", "fen"),
    [
        (1280, 1234, 1580),
        (1180, 1234, 1456),
        (1000, 1, 1),
        (499, 1, 0),
        (500, 1, 1),
        (1, 500, 1),
        (1, 499, 0),
        (0, 5000, 0),
        (999_999, 999_999, 999_998_000),
    ],
)
def test_weighed_amounts(price_fen_per_kg: int, weight_g: int, fen: int) -> None:
    assert weighed_amount(price_fen_per_kg, weight_g) == fen


@pytest.mark.parametrize(
    ("amount", "rate_bp", "share"),
    [(8436, 300, 253), (8278, 300, 248), (50, 100, 1), (49, 100, 0), (0, 300, 0), (-8436, 300, -253)],
)
def test_shares(amount: int, rate_bp: int, share: int) -> None:
    assert share_of(amount, rate_bp) == share


@given(st.fractions(0, 10**6), st.integers(1, 1000))
def test_steps_are_whole_and_not_above(value: Fraction, step: int) -> None:
    rounded = round_down_to_step(value, step)
    assert rounded % step == 0
    assert rounded <= value < rounded + step


# --- splitting -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (700, [474, 446, 0, 1456], [140, 131, 0, 429]),
        (1, [1, 1], [1, 0]),
        (2, [1, 1, 1], [1, 1, 0]),
        (5, [1, 1, 1], [2, 2, 1]),
        (10, [0, 0, 7], [0, 0, 10]),
        (0, [3, 4], [0, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (100, [1], [100]),
    ],
)
def test_split(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts


def test_nothing_to_weigh_by() -> None:
    with pytest.raises(ValueError, match="over nothing"):
        split(1, [0, 0])
    with pytest.raises(ValueError, match="over nothing"):
        split(1, [])


weights_of_something = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@given(st.integers(0, 10**12), weights_of_something)
def test_parts_sum_to_the_whole_and_none_is_off_by_a_unit(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert weight or part == 0


@given(st.integers(0, 1000), st.integers(1, 10**6), st.integers(1, 12))
def test_ties_go_to_the_earlier(total: int, weight: int, count: int) -> None:
    parts = split(total, [weight] * count)
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


@given(st.integers(0, 10**9), weights_of_something)
def test_larger_remainders_come_first(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    parts = split(total, weights)
    remainders = [total * weight % whole for weight in weights]
    raised = [index for index, part in enumerate(parts) if part > total * weights[index] // whole]
    kept = [index for index in range(len(parts)) if index not in raised]
    for up in raised:
        for down in kept:
            assert (remainders[up], -up) >= (remainders[down], -down)


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minor", "scale", "decimal", "plain"),
    [
        (0, 2, "0.00", "0"),
        (5, 2, "0.05", "0.05"),
        (-5, 2, "-0.05", "-0.05"),
        (2000, 2, "20.00", "20"),
        (47, 2, "0.47", "0.47"),
        (1234, 3, "1.234", "1.234"),
        (100, 0, "100", "100"),
        (-7, 0, "-7", "-7"),
        (1_000_000, 6, "1.000000", "1"),
        (-1050, 2, "-10.50", "-10.5"),
    ],
)
def test_amounts_as_text(minor: int, scale: int, decimal: str, plain: str) -> None:
    assert decimal_text(minor, scale) == decimal
    assert plain_text(minor, scale) == plain


def test_yuan() -> None:
    assert yuan(7736) == "77.36"


@given(amounts, st.integers(0, 9))
def test_text_says_the_exact_amount(minor: int, scale: int) -> None:
    assert Decimal(decimal_text(minor, scale)).scaleb(scale) == minor
    assert Decimal(plain_text(minor, scale)).scaleb(scale) == minor


@given(st.integers(0, 10**12 - 1), st.integers(0, 9))
def test_what_is_written_is_read(minor: int, scale: int) -> None:
    assert parse_decimal(decimal_text(minor, scale), scale) == minor
    assert parse_decimal(plain_text(minor, scale), scale) == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        ("12.500", 1250),
        ("12.", 1200),
        (" 0.01 ", 1),
        ("0", 0),
        ("007", 700),
    ],
)
def test_amounts_as_people_type_them(text: str, minor: int) -> None:
    assert parse_decimal(text) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".5",
        "-1",
        "+1",
        "1,5",
        "1e3",
        "12.345",
        "1.2.3",
        "一",
        "0x10",
        "1 2",
        "9" * 13,
        "1." + "0" * 10,
        "nan",
        "￥5",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    assert parse_decimal(text) is None


def test_decimals_beyond_the_scale_are_refused_not_rounded() -> None:
    assert parse_decimal("1.234", 3) == 1234
    assert parse_decimal("1.2345", 3) is None
    assert parse_decimal("1.5", 0) is None
