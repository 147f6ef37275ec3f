"""What each role may do at the till, alone and with a second person."""

from __future__ import annotations

import pytest

from pos.domain.cart import Cart
from pos.domain.events import LoggedIn
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.complete_sale import complete_sale
from pos.usecases.log_in import log_in
from pos.usecases.open_drawer import note_drawer_opened
from pos.usecases.ports import StaffMember, StorageTrouble
from pos.usecases.refund_sale import refund_sale
from pos.usecases.roles import Leave, Right, check_approver, check_leave, leave, read_roles, till_roles
from tests.usecases.sample_till import CASHIER, TOBACCO, WATER, SampleTill


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


def test_small_refunds_of_one_receipt_add_up(shop: SampleTill) -> None:
    sold = shop.sell(*(TOBACCO,) * 5).sale  # 60.60 each

    def take_back(pieces: int, approved_by: str = "") -> int:
        returning = (ReturnedLine(0, pieces),)
        made = shop.book(
            lambda: refund_sale(sold.receipt_no, returning, CASHIER, shop.desk, approved_by=approved_by)
        )
        return made.refund.result.cash_back_fen

    assert take_back(3) == 181_80
    with pytest.raises(Refusal) as caught:
        take_back(1)
    assert caught.value.reason == "needs_approval"
    assert take_back(1, approved_by="01") == 60_60


def test_a_technician_sells_nothing(shop: SampleTill) -> None:
    cart = shop.scan(Cart(), WATER)
    due_fen = shop.quote(cart).sale.due_fen
    with pytest.raises(Refusal) as caught:
        shop.book(lambda: complete_sale(cart, due_fen, "09", shop.desk, shown_due_fen=due_fen))
    assert caught.value.reason == "no_right"


def test_the_journal_tells_an_approval_from_a_log_in(shop: SampleTill) -> None:
    shop.book(lambda: log_in("01", "010101", shop.desk, asked_by=CASHIER))
    last = shop.events()[-1]
    assert isinstance(last, LoggedIn)
    assert (last.number, last.asked_by) == ("01", CASHIER)


def test_a_role_of_a_later_version_does_what_a_cashier_does(shop: SampleTill) -> None:
    shop.tell("staff", "05", {"number": "05", "role": "supervisor", "pin_hash": "x"})
    check_leave("05", "sell", shop.desk)
    rights: tuple[Right, ...] = ("open_drawer", "see_report")
    for right in rights:
        with pytest.raises(Refusal):
            check_leave("05", right, shop.desk)


CASHIERS = b"""
[roles.cashier]
alone = ["sell"]
second_person = ["refund"]
[roles.owner]
alone = ["refund"]
"""


def test_a_shop_may_have_roles_of_its_own() -> None:
    roles = read_roles(CASHIERS + b"[roles.supervisor]\nalone = ['open_drawer']")
    assert roles["supervisor"].alone == {"open_drawer"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "roles"),
        (b"\xff", ""),
        (b"[roles", ""),
        (CASHIERS + b"[roles.x]\nalone = ['fly']", "fly"),
        (CASHIERS + b"[roles.x]\nalon = ['sell']", "alon"),
        (CASHIERS + b"refund_yuan_max = -1", "refund_yuan_max"),
        (CASHIERS.replace(b"cashier", b"clerk"), "缺少角色 cashier"),
        (CASHIERS + b"second_person = ['refund']", "不能又独自又要第二人"),
        (CASHIERS + b"second_person = ['open_drawer']", "没有任何角色能同意"),
        (CASHIERS + b"refund_yuan_max = 5", "refund_yuan_max 只在退货要第二人时有用"),
    ],
)
def test_a_bad_file_is_said_in_a_sentence(text: bytes, said: str) -> None:
    with pytest.raises(StorageTrouble) as caught:
        read_roles(text)
    sentence = str(caught.value.message)
    assert "roles/till.toml" in sentence
    assert said in sentence


def test_the_file_that_ships_is_good() -> None:
    assert set(till_roles()) == {"cashier", "owner", "technician"}
