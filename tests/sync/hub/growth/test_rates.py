"""What deeds earn: the pack's figures, to the minute, rounded down once."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.programme.assets import Asset
from pos.domain.programme.timed import Activity
from sync.hub.growth import rates
from tests.sync.hub import sales

ACTIVITIES = {one.id: one for one in sales.PACK.activities}


def points(activity: str, minutes: int | None, people: int = 1) -> int:
    found = ACTIVITIES[activity]
    return rates.points_for(found, sales.PACK.asset(found.asset), minutes=minutes, people=people)


@pytest.mark.parametrize(
    ("activity", "minutes", "people", "whole"),
    [
        ("volunteer", 60, 1, 10),
        ("volunteer", 90, 1, 15),
        ("volunteer", 5, 1, 0),
        ("volunteer", 47, 1, 7),
        ("family", 60, 1, 15),
        ("family", 60, 2, 30),
        ("family", 120, 1, 30),
        ("family", 30, 1, 7),
        ("family", 30, 2, 15),
        ("skill", 60, 1, 20),
        ("article", None, 1, 20),
        ("merchant_referral", None, 1, 50),
    ],
)
def test_the_packs_rates(activity: str, minutes: int | None, people: int, whole: int) -> None:
    assert points(activity, minutes, people) == whole * 100


def test_what_is_counted_by_the_hour() -> None:
    assert [one.id for one in sales.PACK.activities if rates.is_timed(one)] == [
        "volunteer",
        "family",
        "skill",
    ]


@given(
    amount=st.integers(1, 10**6),
    step=st.integers(1, 10**4),
    minutes=st.integers(1, rates.MINUTES_MAX),
    people=st.integers(1, 10),
)
def test_rounded_down_once_to_the_assets_step(amount: int, step: int, minutes: int, people: int) -> None:
    asset = Asset("a", "a", 3, f"{step // 1000}.{step % 1000:03d}")
    activity = Activity("b", "b", "a", f"{amount // 1000}.{amount % 1000:03d}", "hour")
    got = rates.points_for(activity, asset, minutes=minutes, people=people)
    exact = Fraction(amount * minutes * people, 60)
    assert got % step == 0
    assert got <= exact < got + step


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1", 60),
        ("1.5", 90),
        ("0.25", 15),
        ("1:30", 90),
        (" 0:05 ", 5),
        ("24", 1440),
        ("24:00", 1440),
        ("0.05", 3),
    ],
)
def test_hours_as_people_write_them(text: str, minutes: int) -> None:
    assert rates.parse_minutes(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "0.33", "24:01", "25", "1:60", "1:3", "abc", "", "1e3", "1.0005", "1:30:00", "99999999"],
)
def test_what_is_no_time(text: str) -> None:
    assert rates.parse_minutes(text) is None


@given(st.integers(1, rates.MINUTES_MAX))
def test_a_time_is_read_as_it_is_written(minutes: int) -> None:
    assert rates.parse_minutes(rates.hours_text(minutes)) == minutes
