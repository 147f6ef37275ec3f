from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pos.domain.offline import Ceiling, Redeemed, dates_spanned, member_outage_fen, offline_ceiling
from pos.domain.programme.assets import OfflineLimits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMITS = OfflineLimits("points", per_sale_fen=5000, per_member_day_fen=10_000, cache_age_max_h=72)
SECOND = timedelta(seconds=1)


def ceiling(age: timedelta | None = timedelta(), redeemed_fen: int = 0) -> Ceiling:
    cached_at = None if age is None else NOON - age
    return offline_ceiling(LIMITS, Redeemed(today_fen=redeemed_fen), now=NOON, cached_at=cached_at)


def test_a_pack_without_limits_allows_nothing() -> None:
    found = offline_ceiling(None, Redeemed(), now=NOON, cached_at=NOON)
    assert found.value_fen == 0
    assert "付款码" in str(found.told)


def test_a_till_that_never_heard_a_balance_allows_nothing() -> None:
    found = ceiling(None)
    assert found.value_fen == 0
    assert "联网后才能抵扣" in str(found.told)


@pytest.mark.parametrize(
    ("age", "value_fen"),
    [
        (timedelta(), 5000),
        (timedelta(hours=72), 5000),
        (timedelta(hours=72) + SECOND, 0),
        (timedelta(days=400), 0),
        (-timedelta(minutes=5), 5000),
        (-timedelta(minutes=5) - SECOND, 0),
        (-timedelta(days=400), 0),
    ],
)
def test_the_age_of_the_balance(age: timedelta, value_fen: int) -> None:
    found = ceiling(age)
    assert found.value_fen == value_fen
    assert str(found.told).startswith("不扫付款码") == (value_fen > 0)


def test_too_old_and_from_the_future_say_different_things() -> None:
    assert "72 小时" in str(ceiling(timedelta(hours=73)).told)
    assert "校准时间" in str(ceiling(-timedelta(hours=1)).told)


@pytest.mark.parametrize(
    ("redeemed_fen", "value_fen", "used_up"),
    [
        (0, 5000, False),
        (5000, 5000, False),
        (5001, 4999, False),
        (9999, 1, False),
        (10_000, 0, True),
        (99_999, 0, True),
        (-700, 5000, False),
    ],
)
def test_the_limits_of_a_sale_and_of_a_day(redeemed_fen: int, value_fen: int, used_up: bool) -> None:
    found = ceiling(redeemed_fen=redeemed_fen)
    assert found.value_fen == value_fen
    assert ("已用完" in str(found.told)) == used_up


def test_other_time_zones_are_the_same_moments() -> None:
    cached_at = datetime.fromisoformat("2026-03-01T20:00:00+08:00") - timedelta(hours=72)
    assert offline_ceiling(LIMITS, Redeemed(), now=NOON, cached_at=cached_at).value_fen == 5000


@pytest.mark.parametrize(
    ("outage_fen", "value_fen", "used_up"),
    [(0, 5000, False), (15_000, 5000, False), (15_001, 4999, False), (30_000, 0, True)],
)
def test_the_limit_of_an_outage_holds_for_all_members_together(
    outage_fen: int, value_fen: int, used_up: bool
) -> None:
    limits = OfflineLimits(
        "points", per_sale_fen=5000, per_member_day_fen=10_000, cache_age_max_h=72, per_outage_fen=20_000
    )
    found = offline_ceiling(limits, Redeemed(outage_fen=outage_fen), now=NOON, cached_at=NOON)
    assert found.value_fen == value_fen
    assert ("已用完" in str(found.told)) == used_up


@pytest.mark.parametrize(("hours", "dates"), [(0, 1), (1, 2), (24, 2), (25, 3), (72, 4)])
def test_the_dates_that_balances_may_serve(hours: int, dates: int) -> None:
    limits = OfflineLimits("points", per_sale_fen=5000, per_member_day_fen=10_000, cache_age_max_h=hours)
    assert dates_spanned(limits) == dates
    assert member_outage_fen(limits) == 10_000 * dates


def test_a_new_day_gives_no_more_than_the_outage_has_left() -> None:
    found = offline_ceiling(LIMITS, Redeemed(member_fen=39_000), now=NOON, cached_at=NOON)
    assert found.value_fen == 1000
    assert "今天还剩 10.00 元" in str(found.told)


def test_what_is_left_is_told_before_it_binds() -> None:
    found = offline_ceiling(LIMITS, Redeemed(today_fen=3000), now=NOON, cached_at=NOON)
    assert str(found.told) == "不扫付款码：每单最多抵 50.00 元，今天还剩 70.00 元"
