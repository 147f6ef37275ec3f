from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.message import Refusal
from pos.domain.tender import CASH_MAX_FEN, CHANGE_MAX_FEN, cash_change, suggested_notes


@pytest.mark.parametrize(
    ("due_fen", "given_fen", "change_fen"),
    [
        (7736, 7736, 0),
        (7736, 8000, 264),
        (7736, 10_000, 2264),
        (0, 0, 0),
        (0, 99_999, 99_999),
        (1, 100_000, 99_999),
        (19_999_00, 20_000_00, 100),
        (20_000_00, 20_000_00, 0),
        (30_000_00, 30_000_00, 0),
    ],
)
def test_change(due_fen: int, given_fen: int, change_fen: int) -> None:
    assert cash_change(due_fen, given_fen) == change_fen


@pytest.mark.parametrize(
    ("due_fen", "given_fen", "reason", "says"),
    [
        (7736, 7735, "too_little", "还差 0.01 元"),
        (7736, 0, "too_little", "请收够 77.36 元"),
        (7736, -1, "too_little", "还差 77.37 元"),
        (0, 100_000, "too_much", "1000.00"),
        (7736, 107_736, "too_much", "请核对"),
        (30_000_00, 30_000_01, "too_much", "请核对"),
        (19_999_50, 20_000_01, "too_much", "请核对"),
        (7736, int("6921168509256"), "too_much", "692116850…"),
        (1, 10**40, "too_much", "…"),
    ],
)
def test_a_slip_of_the_finger_is_no_change(due_fen: int, given_fen: int, reason: str, says: str) -> None:
    with pytest.raises(Refusal) as caught:
        cash_change(due_fen, given_fen)
    assert caught.value.reason == reason
    assert says in str(caught.value.message)
    assert len(str(caught.value.message)) < 60


@given(st.integers(0, 3_000_000), st.integers(-10, 5_000_000))
def test_change_is_given_minus_due_or_refused(due_fen: int, given_fen: int) -> None:
    try:
        change_fen = cash_change(due_fen, given_fen)
    except Refusal:
        assert given_fen < due_fen or given_fen - due_fen >= CHANGE_MAX_FEN or given_fen > CASH_MAX_FEN
    else:
        assert 0 <= change_fen == given_fen - due_fen < CHANGE_MAX_FEN


@pytest.mark.parametrize(
    ("due_fen", "notes"),
    [
        (7736, (7736, 8000, 10_000)),
        (310, (310, 1000, 2000, 5000, 10_000)),
        (10_000, (10_000,)),
        (12_345, (12_345, 13_000, 14_000, 15_000, 20_000)),
        (0, (0,)),
        (1, (1, 1000, 2000, 5000, 10_000)),
    ],
)
def test_notes_a_customer_is_likely_to_hand_over(due_fen: int, notes: tuple[int, ...]) -> None:
    assert suggested_notes(due_fen) == notes


@given(st.integers(0, 10_000_000))
def test_every_suggestion_can_be_taken(due_fen: int) -> None:
    notes = suggested_notes(due_fen)
    assert notes[0] == due_fen
    assert list(notes) == sorted(set(notes))
    assert len(notes) <= 5
    for note in notes:
        if note <= CASH_MAX_FEN:
            assert cash_change(due_fen, note) == note - due_fen
