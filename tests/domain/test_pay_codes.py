"""The digits of a pay code, to the byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.catalogue import recognise
from pos.domain.pay_codes import (
    AMOUNT_MAX,
    CODE_LENGTH,
    KEY_MAX,
    NUMBER_MAX,
    PayCode,
    asset_mark,
    code_digits,
    payload_of,
    plan_mark,
    read_pay_code,
    terminal_mark,
)

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)
CODE = PayCode(
    key=1,
    number=217_828_800,
    terminal_mark=terminal_mark("S1-1", "00" * 8),
    epoch=3,
    asset_mark=asset_mark("points"),
    amount=20_00,
    plan_mark=plan_mark("basic"),
    plan_last_day="2027-05-23",
    issued=NOON,
    lifetime_s=300,
    member_tag="0011223344556677",
)
SIGNATURE = bytes(range(64))
DIGITS = code_digits(payload_of(CODE), SIGNATURE)

codes = st.builds(
    PayCode,
    key=st.integers(0, KEY_MAX),
    number=st.integers(0, NUMBER_MAX),
    terminal_mark=st.binary(min_size=6, max_size=6).map(bytes.hex),
    epoch=st.integers(0, (1 << 16) - 1),
    asset_mark=st.binary(min_size=3, max_size=3).map(bytes.hex),
    amount=st.integers(0, AMOUNT_MAX),
    plan_mark=st.binary(min_size=3, max_size=3).map(bytes.hex),
    plan_last_day=st.dates(datetime(2020, 1, 1).date(), datetime(2199, 1, 1).date()).map(str),  # noqa: DTZ001
    issued=st.integers(0, NUMBER_MAX).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    lifetime_s=st.integers(0, 255).map(lambda steps: steps * 10),
    member_tag=st.binary(min_size=8, max_size=8).map(bytes.hex),
    activated=st.booleans(),
    referrer=st.booleans(),
    bought=st.booleans(),
)


@given(codes, st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read(code: PayCode, signature: bytes) -> None:
    digits = code_digits(payload_of(code), signature)
    read = read_pay_code(digits)
    assert len(digits) == CODE_LENGTH
    assert read is not None
    assert (read.code, read.signature) == (code, signature)


def test_the_very_digits() -> None:
    """Other clients write the same; docs/codes.md names the fields."""
    assert payload_of(CODE).hex() == (
        "01010cfbcdc0"
        + terminal_mark("S1-1", "00" * 8)
        + "0003"
        + asset_mark("points")
        + "000007d0"
        + plan_mark("basic")
        + "0a8b"
        + "0cfbcdc0"
        + "1e"
        + "0011223344556677"
        + "01"
    )
    assert terminal_mark("S1-1", "00" * 8) == "d29eaa9afcba"
    assert DIGITS.startswith("7")
    assert int(DIGITS) % 97 == 1


@pytest.mark.parametrize("at", range(CODE_LENGTH))
def test_every_single_wrong_digit_is_found(at: int) -> None:
    for other in "0123456789":
        if other != DIGITS[at]:
            assert read_pay_code(DIGITS[:at] + other + DIGITS[at + 1 :]) is None


def test_swapped_neighbours_are_found() -> None:
    for at in range(CODE_LENGTH - 1):
        swapped = DIGITS[:at] + DIGITS[at + 1] + DIGITS[at] + DIGITS[at + 2 :]
        if swapped != DIGITS:
            assert read_pay_code(swapped) is None


@pytest.mark.parametrize(
    "digits",
    ["", DIGITS[:-1], DIGITS[1:], DIGITS + DIGITS, DIGITS + "0", "7" * CODE_LENGTH, "9" * 1_000_000],
)
def test_what_is_no_whole_code_is_a_sentence(digits: str) -> None:
    assert read_pay_code(digits) is None
    assert recognise(digits).kind == "unreadable"
    assert recognise(digits).problem is not None


def test_another_version_is_not_read() -> None:
    payload = b"\x02" + payload_of(CODE)[1:]
    assert read_pay_code(code_digits(payload, SIGNATURE)) is None


def test_a_number_beyond_the_bytes_is_not_read() -> None:
    body = "7" + "9" * (CODE_LENGTH - 3)
    assert read_pay_code(f"{body}{98 - int(body) * 100 % 97:02d}") is None


@pytest.mark.parametrize("field", ["amount", "number", "key"])
def test_what_does_not_fit_is_not_signed(field: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        payload_of(msgspec.structs.replace(CODE, **{field: 1 << 40}))


@pytest.mark.parametrize("length", [65, 100, 200, 253])
def test_a_scan_that_broke_off_is_named_as_a_pay_code(length: int) -> None:
    assert "付款码没有扫全" in str(recognise(DIGITS[:length]).problem)
