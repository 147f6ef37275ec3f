"""Codes a scanner can deliver: cards, goods, receipts, and everything else."""

from __future__ import annotations

import msgspec
import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.catalogue import CODE_LENGTH_MAX, Product, Recognised, recognise
from pos.domain.member_codes import CARD_LENGTH, card_code, card_hash, check_holds, looks_like_card

random_bits = st.integers(0, 2**64 - 1)


@given(random_bits)
def test_a_card_code_is_23_digits_and_checks(bits: int) -> None:
    code = card_code(bits)
    assert len(code) == CARD_LENGTH
    assert code.isdecimal()
    assert int(code[1:21]) == bits
    assert looks_like_card(code)
    assert check_holds(code)
    assert recognise(code) == Recognised("member_card", code)


@pytest.mark.parametrize("bits", [-1, 1 << 64])
def test_a_card_code_holds_64_bits(bits: int) -> None:
    with pytest.raises(ValueError, match="64"):
        card_code(bits)


@given(random_bits)
def test_every_single_wrong_digit_of_a_card_is_seen(bits: int) -> None:
    code = card_code(bits)
    for at in range(CARD_LENGTH):
        for digit in "0123456789":
            if digit != code[at]:
                assert not check_holds(code[:at] + digit + code[at + 1 :])


@given(random_bits)
def test_every_swap_of_neighbours_is_seen(bits: int) -> None:
    code = card_code(bits)
    for at in range(CARD_LENGTH - 1):
        swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
        assert swapped == code or not check_holds(swapped)


def test_the_check_digits_are_iso_7064() -> None:
    """ISO/IEC 7064 MOD 97-10, worked by hand: 98 - (n x 100 mod 97)."""
    assert card_code(0) == "90000000000000000000020"[:21] + f"{98 - 9 * 10**22 % 97:02d}"


def test_a_till_keeps_a_hash_that_tells_nothing() -> None:
    first, second = card_hash(card_code(1)), card_hash(card_code(2))
    assert first != second
    assert len(first) == 64
    assert card_code(1) not in first


@pytest.mark.parametrize("code", ["", "9", "8" + "0" * 22, "9" * 22, "9" * 24, "９" * 23, "9" + "a" * 22])
def test_what_does_not_look_like_a_card(code: str) -> None:
    assert not looks_like_card(code)
    assert not check_holds(code)


# --- recognise -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["6921168509256", "6901028075770", "20000011", "036000291452", "16901028075777", "20001", "1"]
)
def test_goods(code: str) -> None:
    assert recognise(code) == Recognised("goods", code)
    assert recognise(f" {code}\r\n") == Recognised("goods", code)


@pytest.mark.parametrize("code", ["S1-1-ABCDE-0001", "SHOP-12-7ZK0M-123456", "s1-1-abcde-0001"])
def test_receipts(code: str) -> None:
    assert recognise(code) == Recognised("receipt", code.upper())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("", "没有读到"),
        ("   \r\n", "没有读到"),
        ("6921168509257", "校验位不对"),
        ("20000012", "校验位不对"),
        ("1234567", "7 位"),
        ("9" * 23, "会员码校验不对"),
        ("8" * 23, "23 位"),
        ("x" * 5000, "5000 个字符"),
        ("9" * 5000, "5000 个字符"),
        ("\x00\x1b[2J", "不认识的码"),
        ("S1-1-ABCDI-0001", "不认识的码"),
        ("S1-1-ABCDE-001", "不认识的码"),
        ("６９２１１６８５０９２５６", "不认识的码"),
        ("ABC{x}%s", "不认识的码"),
        ("https://evil.example/?a=1", "不认识的码"),
    ],
)
def test_junk_is_unreadable_with_a_sentence(raw: str, says: str) -> None:
    found = recognise(raw)
    assert found.kind == "unreadable"
    assert found.problem is not None
    assert says in str(found.problem)


@given(st.text(max_size=200))
def test_anything_at_all_is_recognised_or_explained(raw: str) -> None:
    found = recognise(raw)
    assert len(found.code) <= CODE_LENGTH_MAX * 3  # upper case may be longer than what was scanned
    assert (found.problem is None) == (found.kind != "unreadable")
    if found.problem is not None:
        assert str(found.problem).isprintable()


@given(
    st.text(st.characters(codec="ascii", exclude_categories=("L", "N", "P", "S")), min_size=1, max_size=100)
)
def test_control_characters_are_never_goods(raw: str) -> None:
    assert recognise(raw).kind == "unreadable"


@given(st.text("0123456789", min_size=7, max_size=13), st.integers(1, 9))
def test_a_wrong_check_digit_is_seen(body: str, off: int) -> None:
    if len(body) + 1 not in {8, 12, 13, 14}:
        body = body[:7]
    check = gs1_standard_check_digit(body)
    assert recognise(f"{body}{check}").kind == "goods"
    assert recognise(f"{body}{(check + off) % 10}").kind == "unreadable"


def test_a_negative_price_is_no_product() -> None:
    body = {"code": "1", "name": "x", "spec": "", "unit": "个", "category": "", "price_fen": -100}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body | {"member_price_fen": 0}, Product)
