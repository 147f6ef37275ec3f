"""A quota's days: this one, Monday to Sunday, or all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.business_week import quota_days


@pytest.mark.parametrize(
    ("today", "monday", "sunday"),
    [
        ("2026-11-23", "2026-11-23", "2026-11-29"),  # a Monday
        ("2026-11-29", "2026-11-23", "2026-11-29"),  # a Sunday
        ("2026-11-21", "2026-11-16", "2026-11-22"),
        ("2027-01-01", "2026-12-28", "2027-01-03"),  # across the year
        ("2028-02-29", "2028-02-28", "2028-03-05"),
    ],
)
def test_a_week_is_monday_to_sunday(today: str, monday: str, sunday: str) -> None:
    assert quota_days("week", today) == (monday, sunday)


def test_a_day_and_ever() -> None:
    assert quota_days("day", "2026-11-21") == ("2026-11-21", "2026-11-21")
    first, last = quota_days("ever", "2026-11-21")
    assert first < "0001-01-01" < "9999-12-31" < last


@given(st.dates(date(2000, 1, 3), date(9999, 12, 20)))
def test_every_day_lies_in_its_own_week_of_seven(day: date) -> None:
    first, last = map(date.fromisoformat, quota_days("week", day.isoformat()))
    assert first <= day <= last
    assert last - first == timedelta(days=6)
    assert first.weekday() == 0
    assert quota_days("week", first.isoformat()) == quota_days("week", last.isoformat())
