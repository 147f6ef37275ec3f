"""The digits of a printed coupon: read back whole, or not at all."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.catalogue import recognise
from pos.domain.coupon_codes import (
    CODE_LENGTH_MAX,
    CODE_LENGTH_MIN,
    CouponPayload,
    coupon_code,
    looks_like_coupon,
    payload_of,
    read_coupon,
    rule_mark,
    signed_bytes,
)

COUPON = CouponPayload("S1-1", rule_mark("neighbour_30_3"), "00ff3c81d00dfeed", "2026-12-21")
SIGNATURE = hashlib.sha512(signed_bytes(COUPON)).digest()
CODE = coupon_code(COUPON, SIGNATURE)

terminals = st.from_regex(r"[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){0,2}", fullmatch=True)
payloads = st.builds(
    CouponPayload,
    terminal=terminals,
    rule_mark=st.binary(min_size=8, max_size=8).map(bytes.hex),
    number=st.binary(min_size=8, max_size=8).map(bytes.hex),
    last_day=st.dates(date(2020, 1, 1), date(2199, 6, 5)).map(date.isoformat),
)


def with_checks(digits: str) -> str:
    """Digits behind which somebody has put check digits that hold."""
    return f"{digits}{98 - int(digits) * 100 % 97:02d}"


@given(payloads, st.binary(min_size=64, max_size=64))
def test_what_is_printed_is_read(coupon: CouponPayload, signature: bytes) -> None:
    code = coupon_code(coupon, signature)
    assert code.isascii()
    assert code.isdigit()
    assert CODE_LENGTH_MIN <= len(code) <= CODE_LENGTH_MAX
    assert read_coupon(code) == (coupon, signature)
    assert recognise(code).kind == "coupon"
    assert recognise(f" {code}\r\n").code == code


def test_a_code_is_of_this_length_and_form() -> None:
    """A change of form would make coupons worthless that are out already."""
    assert (len(CODE), CODE[0]) == (215, "8")
    assert payload_of(COUPON).hex() == (
        "010453312d31" + hashlib.sha256(b"neighbour_30_3").hexdigest()[:16] + "00ff3c81d00dfeed09f2"
    )
    assert signed_bytes(COUPON) == b"alliance-pos/coupon/1\0" + payload_of(COUPON)


def test_a_coupon_names_its_rule() -> None:
    assert COUPON.names("neighbour_30_3")
    assert not COUPON.names("neighbour_30_4")


@pytest.mark.parametrize("place", range(0, len(CODE), 5))
@pytest.mark.parametrize("by", [1, 5, 9])
def test_one_wrong_digit_is_always_seen(place: int, by: int) -> None:
    wrong = str((int(CODE[place]) + by) % 10)
    code = CODE[:place] + wrong + CODE[place + 1 :]
    assert read_coupon(code) is None
    assert recognise(code).kind == "unreadable"


@pytest.mark.parametrize("place", range(1, len(CODE) - 1, 7))
def test_two_digits_that_changed_places_are_always_seen(place: int) -> None:
    code = CODE[:place] + CODE[place + 1] + CODE[place] + CODE[place + 2 :]
    assert code == CODE or read_coupon(code) is None


@pytest.mark.parametrize("place", range(1, len(CODE) - 2, 9))
def test_with_new_check_digits_something_else_is_signed(place: int) -> None:
    """Whoever changes a digit and mends the check digits has other signed bytes, or another signature."""
    wrong = str((int(CODE[place]) + 3) % 10)
    read = read_coupon(with_checks(CODE[:place] + wrong + CODE[place + 1 : -2]))
    assert read is None or (signed_bytes(read[0]), read[1]) != (signed_bytes(COUPON), SIGNATURE)


@pytest.mark.parametrize("left", [0, 1, 100, CODE_LENGTH_MIN, len(CODE) - 3, len(CODE) - 1])
def test_a_code_that_was_not_read_to_its_end(left: int) -> None:
    assert read_coupon(CODE[:left]) is None
    assert recognise(CODE[:left]).kind == ("goods" if left == 1 else "unreadable")


@pytest.mark.parametrize(
    "code",
    [
        CODE + CODE,
        CODE + "\n" + CODE,
        "8" * 1_000_000,
        CODE + "0" * 1_000_000,
        CODE.replace("0", "０"),
        "9" + CODE[1:],
        with_checks("8" + "0" * 213),
        with_checks("8" + "9" * 213),
        "-" + CODE[1:],
        f"{CODE[:100]} {CODE[100:]}",
    ],
)
def test_what_is_no_coupon(code: str) -> None:
    assert read_coupon(code) is None
    seen = recognise(code)
    assert seen.kind == "unreadable"
    assert seen.problem is not None
    assert len(str(seen.problem)) < 80
    assert len(seen.code) <= 64


@given(st.text(alphabet="0123456789", min_size=CODE_LENGTH_MIN - 1, max_size=CODE_LENGTH_MAX + 1))
def test_any_digits_behind_an_eight_are_read_or_not(digits: str) -> None:
    for code in ("8" + digits, with_checks("8" + digits)):
        read = read_coupon(code)
        assert read is None or coupon_code(*read) == code
        assert looks_like_coupon(code) == (CODE_LENGTH_MIN <= len(code) <= CODE_LENGTH_MAX)


def test_another_version_is_not_read() -> None:
    payload = bytearray(payload_of(COUPON))
    payload[0] = 2
    number = int.from_bytes(b"\x01" + bytes(payload) + SIGNATURE, "big")
    assert read_coupon(with_checks(f"8{number}")) is None


def test_a_terminal_with_letters_nobody_has() -> None:
    payload = payload_of(COUPON).replace(b"S1-1", "é\x01\x02".encode())
    number = int.from_bytes(b"\x01" + payload + SIGNATURE, "big")
    assert read_coupon(with_checks(f"8{number}")) is None


@pytest.mark.parametrize(("day", "read"), [("2019-12-31", "2020-01-01"), ("2999-01-01", "2199-06-06")])
def test_days_beyond_the_count_are_its_ends(day: str, read: str) -> None:
    coupon = CouponPayload("S1-1", "00" * 8, "00" * 8, day)
    found = read_coupon(coupon_code(coupon, bytes(64)))
    assert found is not None
    assert found[0].last_day == read
