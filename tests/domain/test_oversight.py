"""What an owner wants to hear of a day."""

from __future__ import annotations

import pytest

from pos.domain.events import DrawerOpened, Event, LockOutLifted, LoggedIn, decode
from pos.domain.oversight import PinGuessed, of_interest

DAY = "2026-03-01"


def at(minute: int, day: str = DAY) -> str:
    return f"{day}T10:{minute:02}:00+08:00"


def test_only_the_day_counts_but_wrong_pins_of_the_day_before_add_up() -> None:
    events: list[Event] = [
        DrawerOpened(at(0, "2026-02-28"), "03"),
        LoggedIn(at(1, "2026-02-28"), "04", ok=False),
        LoggedIn(at(2), "04", ok=False),
        DrawerOpened(at(3), "03", "01"),
        LoggedIn(at(4), "04", ok=False),
        LockOutLifted(at(5), "04", "01"),
        LoggedIn(at(6), "04", ok=False),
        DrawerOpened(at(0, "2026-03-02"), "03"),
    ]
    assert list(of_interest(DAY, events, 3)) == [events[3], PinGuessed(at(4), "04", 3), events[5]]


def test_a_right_pin_begins_the_count_again() -> None:
    tries = [False, False, True, False, False]
    events = [LoggedIn(at(minute), "04", ok=ok) for minute, ok in enumerate(tries)]
    assert list(of_interest(DAY, events, 3)) == []


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (
            b'{"kind":"drawer_opened","at":"2026-03-01T10:00:00+08:00","cashier":"03","v":1}',
            DrawerOpened(at(0), "03"),
        ),
        (
            b'{"kind":"log_in","at":"2026-03-01T10:00:00+08:00","number":"03","ok":true,"v":1}',
            LoggedIn(at(0), "03", ok=True),
        ),
    ],
)
def test_entries_from_before_anybody_approved_are_read(body: bytes, event: Event) -> None:
    assert decode(body) == event
