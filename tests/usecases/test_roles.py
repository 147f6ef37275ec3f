"""What each role may do at the till, alone and with a second person."""

from __future__ import annotations

import pytest

from pos.domain.message import Refusal
from pos.usecases.open_drawer import note_drawer_opened
from pos.usecases.ports import StaffMember
from pos.usecases.roles import Leave, Right, check_approver, check_leave, leave
from tests.usecases.sample_till import CASHIER, SampleTill


@pytest.mark.parametrize(
    ("role", "right", "fen", "expected"),
    [
        ("cashier", "sell", 0, "alone"),
        ("cashier", "refund", 200_00, "alone"),
        ("cashier", "refund", 200_01, "second_person"),
        ("cashier", "open_drawer", 0, "second_person"),
        ("cashier", "see_report", 0, "never"),
        ("owner", "refund", 10_000_00, "alone"),
        ("owner", "lift_lock_out", 0, "alone"),
        ("technician", "sell", 0, "never"),
        ("technician", "open_drawer", 0, "alone"),
        ("of_a_later_version", "refund", 200_01, "second_person"),
    ],
)
def test_roles(role: str, right: Right, fen: int, expected: Leave) -> None:
    assert leave(role, right, amount_fen=fen) == expected


@pytest.mark.parametrize(
    ("approver", "reason"),
    [
        (StaffMember("03", "owner", ""), "same_person"),
        (StaffMember("04", "cashier", ""), "no_right"),
        (StaffMember("09", "technician", ""), "no_right"),
    ],
)
def test_who_may_not_approve(approver: StaffMember, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_approver(approver, "03", "refund")
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("approved_by", "reason"),
    [("", "needs_approval"), ("77", "needs_approval"), ("04", "no_right"), (CASHIER, "same_person")],
)
def test_a_deed_is_not_booked_without_leave(shop: SampleTill, approved_by: str, reason: str) -> None:
    before = shop.desk.journal.last_seq()
    with pytest.raises(Refusal) as caught:
        shop.book(lambda: note_drawer_opened(CASHIER, shop.desk, approved_by=approved_by))
    assert caught.value.reason == reason
    assert shop.desk.journal.last_seq() == before


def test_a_number_that_left_counts_as_a_cashier(shop: SampleTill) -> None:
    check_leave("77", "refund", shop.desk, amount_fen=5_00)
    with pytest.raises(Refusal):
        check_leave("77", "see_report", shop.desk)
