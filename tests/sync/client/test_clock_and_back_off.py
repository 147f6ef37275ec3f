from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.client.back_off import FIRST_S, LONGEST_S, delay_s
from sync.client.clock import ClockSample, HubClock, better, sample

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_half_the_round_trip_is_taken_off() -> None:
    assert sample(NOON + timedelta(milliseconds=1250), NOON, 500) == ClockSample(1000, 500)


def test_times_in_other_zones_are_the_same_times() -> None:
    assert sample(datetime.fromisoformat("2026-03-01T20:00:00+08:00"), NOON, 0).offset_ms == 0


def test_yesterdays_time_is_a_number_like_any_other() -> None:
    assert sample(NOON - timedelta(days=1), NOON, 0).offset_ms == -86_400_000


@given(st.integers(-(10**9), 10**9), st.integers(0, 5_000), st.integers(0, 5_000))
def test_the_estimate_is_never_further_off_than_half_the_round_trip(
    offset_ms: int, there_ms: int, back_ms: int
) -> None:
    hub_time = NOON + timedelta(milliseconds=offset_ms + there_ms)
    measured = sample(hub_time, NOON, there_ms + back_ms)
    assert abs(measured.offset_ms - offset_ms) <= (there_ms + back_ms) / 2 + 1


def test_the_sharper_measurement_is_kept() -> None:
    sharp, blunt = ClockSample(1000, 10), ClockSample(1200, 600)
    assert better(None, blunt) == blunt
    assert better(sharp, blunt) == sharp
    assert better(blunt, sharp) == sharp


def test_a_clock_that_was_set_is_noticed_at_once() -> None:
    assert better(ClockSample(1000, 10), ClockSample(9000, 600)) == ClockSample(9000, 600)


def test_the_hubs_time_as_the_till_believes_it() -> None:
    assert HubClock().offset_ms is None
    clock = HubClock()
    assert clock.hub_time(NOON) == NOON
    clock.note(ClockSample(2000, 10))
    assert clock.offset_ms == 2000
    assert clock.hub_time(NOON) == NOON + timedelta(seconds=2)
    assert HubClock(-5).offset_ms == -5


def test_the_wait_doubles_from_one_second_to_a_minute() -> None:
    assert [delay_s(n, 0.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_the_wait_stays_in_bounds(failures: int, chance: float) -> None:
    assert FIRST_S <= delay_s(failures, chance) <= LONGEST_S
    assert delay_s(failures, chance) >= delay_s(failures, 0.0) / 2


def test_tills_do_not_come_back_together() -> None:
    assert len({delay_s(7, chance / 10) for chance in range(10)}) == 10
