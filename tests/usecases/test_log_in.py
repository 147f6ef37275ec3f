from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from pos.bootstrap.till import open_till
from pos.domain.events import LoggedIn
from pos.domain.message import Refusal
from pos.usecases.log_in import WINDOW, log_in
from pos.usecases.ports import StaffMember
from tests.usecases.sample_till import SampleTill

RIGHT, WRONG = "030303", "999999"


def try_pin(shop: SampleTill, number: str, pin: str) -> StaffMember:
    return shop.book(partial(log_in, number, pin, shop.desk))


def refused(shop: SampleTill, number: str, pin: str) -> str:
    with pytest.raises(Refusal) as refusal:
        try_pin(shop, number, pin)
    return refusal.value.reason


def attempts(shop: SampleTill) -> list[tuple[str, bool]]:
    return [(event.number, event.ok) for event in shop.events() if isinstance(event, LoggedIn)]


@pytest.mark.parametrize(
    ("number", "pin", "role"),
    [("01", "010101", "owner"), ("03", "030303", "cashier"), ("09", "090909", "technician")],
)
def test_the_right_pin(shop: SampleTill, number: str, pin: str, role: str) -> None:
    person = try_pin(shop, number, pin)
    assert (person.number, person.role) == (number, role)
    assert attempts(shop) == [(number, True)]


@pytest.mark.parametrize("pin", ["", WRONG, "03030", "0303033", "０３０３０３", "x" * 5_000, "\x00"])
def test_a_wrong_pin_is_journaled(shop: SampleTill, pin: str) -> None:
    assert refused(shop, "03", pin) == "wrong_pin"
    assert attempts(shop) == [("03", False)]


@pytest.mark.parametrize("number", ["77", "", "3", "x" * 5_000])
def test_an_unknown_number_sounds_like_a_wrong_pin(shop: SampleTill, number: str) -> None:
    assert refused(shop, number, RIGHT) == "wrong_pin"
    assert attempts(shop) == [(number[:8], False)]


def test_after_three_wrong_pins_also_the_right_one_waits(shop: SampleTill) -> None:
    assert [refused(shop, "03", WRONG) for _ in range(3)] == ["wrong_pin"] * 3
    assert refused(shop, "03", RIGHT) == "too_many_tries"
    assert len(attempts(shop)) == 3  # a try that was not made is not a try
    assert try_pin(shop, "04", "040404").number == "04"
    shop.clock.move(WINDOW)
    assert refused(shop, "03", RIGHT) == "too_many_tries"
    shop.clock.move(timedelta(seconds=1))
    assert try_pin(shop, "03", RIGHT).number == "03"


def test_a_long_number_slows_down_too(shop: SampleTill) -> None:
    assert [refused(shop, "123456789", WRONG) for _ in range(3)] == ["wrong_pin"] * 3
    assert refused(shop, "123456789", WRONG) == "too_many_tries"


def test_the_right_pin_forgives_the_wrong_ones(shop: SampleTill) -> None:
    for _ in range(2):
        refused(shop, "03", WRONG)
    try_pin(shop, "03", RIGHT)
    assert [refused(shop, "03", WRONG) for _ in range(3)] == ["wrong_pin"] * 3
    assert refused(shop, "03", RIGHT) == "too_many_tries"


def test_the_slow_down_outlives_a_restart(data: Path) -> None:
    """It is counted in the journal, so starting the program again buys no more tries."""
    with open_till(data) as till:
        for _ in range(3):
            refused(SampleTill(till), "03", WRONG)
    with open_till(data) as till:
        assert refused(SampleTill(till), "03", RIGHT) == "too_many_tries"


def test_the_pin_itself_is_nowhere_in_the_journal(shop: SampleTill) -> None:
    refused(shop, "03", "271828")
    try_pin(shop, "03", RIGHT)
    folder = shop.till.store.folder.path
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"271828" not in content
    assert RIGHT.encode() not in content
