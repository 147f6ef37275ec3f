from __future__ import annotations

from functools import partial

import pytest

from pos.domain.message import Refusal
from pos.usecases.complete_sale import CompletedSale
from pos.usecases.replay_baskets import CASHIER, replay_basket
from tests.usecases.sample_till import APPLES, COLA, DOU, DOU_CARD, LI_CARD, TOBACCO, WATER, SampleTill

WORKED = f"MEMBER:{DOU_CARD} {WATER} {WATER} {WATER} {COLA} {COLA} {TOBACCO} {APPLES}@1234"


def replay(shop: SampleTill, line: str) -> CompletedSale:
    return shop.book(partial(replay_basket, line, shop.desk))


def test_the_worked_basket_is_paid_in_cash_exactly(shop: SampleTill) -> None:
    sale = replay(shop, WORKED).sale
    assert sale.basket.member is not None
    assert sale.basket.member.member_no == DOU
    assert (sale.result.due_fen, sale.change_fen, sale.cashier) == (84_36, 0, CASHIER)
    assert [line.weight_g for line in sale.result.lines] == [None, None, None, 1234]


def test_the_last_member_counts(shop: SampleTill) -> None:
    sale = replay(shop, f"MEMBER:{LI_CARD} {WATER} MEMBER:{DOU_CARD}").sale
    assert sale.basket.member is not None
    assert sale.basket.member.member_no == DOU


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "empty"),
        (f"MEMBER:{DOU_CARD}", "empty"),
        (f"{WATER} 6900000000007", "unknown_goods"),
        (f"{WATER} junk", "unreadable"),
        (f"{WATER} {APPLES}", "weight_missing"),
        (f"{APPLES}@", "weight_missing"),
        (f"{APPLES}@1.5", "weight_missing"),
        (f"{APPLES}@-5", "weight_missing"),
        (f"{APPLES}@{'9' * 5_000}", "weight_missing"),
        (f"{APPLES}@0", "weight"),
        (f"{APPLES}@1000000", "weight"),
        (f"{WATER} S1-1-7K2QD-0042", "not_in_a_basket"),
        ("MEMBER:91268990186898169545849 " + WATER, "member_expired"),
        (" ".join([WATER] * 10_000), "quantity"),
    ],
)
def test_one_bad_code_books_nothing_of_the_basket(shop: SampleTill, line: str, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        replay(shop, line)
    assert refusal.value.reason == reason
    assert shop.desk.journal.last_seq() == 1


@pytest.mark.parametrize("line", [f"{WATER}@500", f"MEMBER:{WATER}", f"{WATER} MEMBER:{DOU_CARD}@5"])
def test_a_line_that_says_something_else_than_is_rung_up(shop: SampleTill, line: str) -> None:
    with pytest.raises(Refusal):
        replay(shop, line)


def test_erpnext_11000_a_bad_basket_does_not_block_the_next(shop: SampleTill) -> None:
    with pytest.raises(Refusal):
        replay(shop, "junk")
    assert replay(shop, WORKED).sale.receipt_no == shop.desk.journal.identity.receipt_no(1)
