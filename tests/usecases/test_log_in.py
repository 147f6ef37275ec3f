from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from pos.bootstrap.till import open_till
from pos.domain.events import LockOutLifted, LoggedIn
from pos.domain.message import Refusal
from pos.domain.printed_codes import code_hash, printed_code
from pos.usecases.log_in import (
    TRIES_MAX,
    WAIT,
    WAIT_MAX,
    lift_lock_outs,
    locked_out,
    log_in,
    number_of_badge,
    wait_after,
)
from pos.usecases.ports import StaffMember
from sync.protocol.messages import StaffRow
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
    shop.clock.move(WAIT - timedelta(seconds=1))
    assert refused(shop, "03", RIGHT) == "too_many_tries"
    shop.clock.move(timedelta(seconds=1))
    assert try_pin(shop, "03", RIGHT).number == "03"


@pytest.mark.parametrize(
    ("wrong", "seconds"), [(0, 0), (2, 0), (3, 30), (4, 60), (5, 120), (8, 900), (9, 900), (10**6, 900)]
)
def test_waits_grow_and_end(wrong: int, seconds: int) -> None:
    assert wait_after(wrong) == timedelta(seconds=seconds)


def guess(shop: SampleTill, number: str, times: int) -> None:
    """Wrong PINs, each as soon as it may be tried."""
    for _ in range(times):
        assert refused(shop, number, WRONG) == "wrong_pin"
        shop.clock.move(WAIT_MAX)


def test_after_ten_only_the_owner_lets_a_number_in_again(shop: SampleTill) -> None:
    guess(shop, "03", TRIES_MAX)
    shop.clock.move(timedelta(days=400))
    assert refused(shop, "03", RIGHT) == "locked_out"
    assert locked_out(shop.desk) == ("03",)
    assert shop.book(partial(lift_lock_outs, "01", shop.desk)) == ("03",)
    assert try_pin(shop, "03", RIGHT).number == "03"
    (lifted,) = [event for event in shop.events() if isinstance(event, LockOutLifted)]
    assert (lifted.number, lifted.by) == ("03", "01")


@pytest.mark.parametrize("by", ["03", "09", "77", ""])
def test_nobody_else_lifts_a_lock_out(shop: SampleTill, by: str) -> None:
    guess(shop, "04", TRIES_MAX)
    with pytest.raises(Refusal) as refusal:
        shop.book(partial(lift_lock_outs, by, shop.desk))
    assert refusal.value.reason == "no_right"
    assert refused(shop, "04", "040404") == "locked_out"


def test_the_owner_is_never_locked_out_for_good(shop: SampleTill) -> None:
    guess(shop, "01", TRIES_MAX + 5)
    assert locked_out(shop.desk) == ()
    assert try_pin(shop, "01", "010101").number == "01"


def test_a_clock_that_is_set_makes_no_try_more_and_no_wait_longer(shop: SampleTill) -> None:
    for _ in range(3):
        refused(shop, "03", WRONG)
    shop.clock.move(-timedelta(days=3650))
    with pytest.raises(Refusal) as refusal:
        try_pin(shop, "03", RIGHT)
    assert refusal.value.message.params["seconds"] == 30
    shop.clock.move(timedelta(days=7300))
    guess(shop, "03", TRIES_MAX - 3)
    assert refused(shop, "03", RIGHT) == "locked_out"


def test_a_badge_is_a_number_and_nothing_more(shop: SampleTill) -> None:
    code = printed_code("badge", 4711)
    row = msgspec.to_builtins(StaffRow("03", "cashier", "x")) | {"badge_hash": code_hash(code)}
    shop.tell("staff", "03", row)
    assert number_of_badge(code, shop.desk) == "03"
    for other in (printed_code("badge", 4712), printed_code("pickup", 4711), "", code[:-1], "5" * 23):
        with pytest.raises(Refusal) as refusal:
            number_of_badge(other, shop.desk)
        assert refusal.value.reason == "unknown_badge"


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
