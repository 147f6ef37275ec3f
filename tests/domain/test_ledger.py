"""The books: every unit sums to zero, and what was sold and returned leaves every account as it was."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.basket import Basket
from pos.domain.events import RefundMade, SaleMade
from pos.domain.ledger import (
    ALLIANCE_CLAWBACK,
    ALLIANCE_ISSUED,
    ALLIANCE_REDEEMED,
    ALLIANCE_REIMBURSEMENT,
    ALLIANCE_SHARE,
    SALES,
    Posting,
    member_account,
    refund_postings,
    sale_postings,
    store_account,
)
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from tests.domain.examples import (
    ALL_WORKED,
    LINES,
    baskets,
    packs,
    refund_made,
    refunds_of,
    return_steps,
    sale_made,
)

MEMBER = member_account("30006012")
STORE = store_account("S1")
Balances = Counter[tuple[str, str]]


def book(balances: Balances, postings: tuple[Posting, ...]) -> None:
    for posting in postings:
        assert posting.amount > 0
        assert posting.debit != posting.credit
        balances[posting.debit, posting.unit] -= posting.amount
        balances[posting.credit, posting.unit] += posting.amount


def sums(balances: Balances) -> dict[str, int]:
    by_unit: dict[str, int] = {}
    for (_, unit), amount in balances.items():
        by_unit[unit] = by_unit.get(unit, 0) + amount
    return by_unit


def standing(balances: Balances) -> dict[tuple[str, str], int]:
    return {account: amount for account, amount in balances.items() if amount}


def run(sale: SaleMade, refunds: list[RefundMade], held: dict[str, int]) -> list[Balances]:
    """The balances after the sale and after each refund; the hub keeps what each sale has overdrawn."""
    account = sale.basket.member.member_no if sale.basket.member else ""
    balances: Balances = Counter()
    postings = sale_postings(sale, held)
    overdrawn = {posting.unit: posting.amount for posting in postings if posting.code == "overdrawn"}
    book(balances, postings)
    states = [balances.copy()]
    for one in refunds:
        postings = refund_postings(one, overdrawn)
        for posting in postings:
            if posting.code == "clawback_returned":
                overdrawn[posting.unit] -= posting.amount
        book(balances, postings)
        states.append(balances.copy())
    assert all(owed >= 0 for owed in overdrawn.values()), account
    return states


def test_the_worked_sale_in_the_books() -> None:
    assert sale_postings(sale_made(), {"points": 2000}) == (
        Posting(STORE, ALLIANCE_SHARE, CNY, 253, "share"),
        Posting(ALLIANCE_REIMBURSEMENT, STORE, CNY, 700, "reimbursement"),
        Posting(MEMBER, ALLIANCE_REDEEMED, "points", 700, "redeemed"),
        Posting(ALLIANCE_ISSUED, MEMBER, "points", 1600, "earned"),
        Posting(ALLIANCE_ISSUED, MEMBER, SALES, 1, "sale_counted"),
    )


@pytest.mark.parametrize(
    ("held", "from_member", "from_clawback"),
    [(2000, 700, 0), (700, 700, 0), (500, 500, 200), (0, 0, 700), (-300, 0, 700)],
)
def test_what_is_redeemed_beyond_the_balance_is_the_alliances(
    held: int, from_member: int, from_clawback: int
) -> None:
    by_code = {one.code: one for one in sale_postings(sale_made(), {"points": held})}
    assert getattr(by_code.get("redeemed"), "amount", 0) == from_member
    assert getattr(by_code.get("overdrawn"), "amount", 0) == from_clawback


def test_a_member_the_hub_has_no_balance_of() -> None:
    assert {one.code for one in sale_postings(sale_made(), {})} >= {"overdrawn"}


def test_a_walk_in_moves_no_points() -> None:
    sale = sale_made(Basket(LINES))
    assert {one.unit for one in sale_postings(sale, {})} == {CNY}
    assert {one.unit for one in refund_postings(refund_made(sale, ALL_WORKED), {})} == {CNY}


def test_a_full_refund_in_the_books() -> None:
    made = refund_made(sale_made(), ALL_WORKED)
    assert refund_postings(made, {}) == (
        Posting(ALLIANCE_SHARE, STORE, CNY, 253, "share_back"),
        Posting(STORE, ALLIANCE_REIMBURSEMENT, CNY, 700, "reimbursement_back"),
        Posting(ALLIANCE_REDEEMED, MEMBER, "points", 700, "redeemed_back"),
        Posting(MEMBER, ALLIANCE_ISSUED, "points", 1600, "earned_back"),
        Posting(MEMBER, ALLIANCE_ISSUED, SALES, 1, "sale_undone"),
    )


def test_points_given_back_first_make_good_what_was_overdrawn() -> None:
    made = refund_made(sale_made(), ALL_WORKED)
    by_code = {one.code: one.amount for one in refund_postings(made, {"points": 200})}
    assert (by_code["clawback_returned"], by_code["redeemed_back"]) == (200, 500)
    assert {one.code for one in refund_postings(made, {"points": 900})} >= {"clawback_returned"}
    assert "redeemed_back" not in {one.code for one in refund_postings(made, {"points": 900})}


@given(st.data(), baskets(), packs(), st.integers(-1000, 250_000))
def test_every_unit_sums_to_zero_at_every_moment(
    data: st.DataObject, basket: Basket, pack: Pack, held: int
) -> None:
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    for balances in run(sale, refunds_of(sale, steps, pack), {"points": held, "voucher": held}):
        assert set(sums(balances).values()) <= {0}


@given(st.data(), baskets(), packs(), st.integers(-1000, 250_000))
def test_sold_and_returned_in_any_steps_leaves_every_account_as_it_was(
    data: st.DataObject, basket: Basket, pack: Pack, held: int
) -> None:
    """Also where the sale overdrew: member, clawback, share and reimbursement all end where they began."""
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    states = run(sale, refunds_of(sale, steps, pack), {"points": held, "voucher": held})
    assert standing(states[-1]) == {}


@given(baskets(), packs(), st.integers(-1000, 250_000))
def test_the_books_say_what_the_sale_says(basket: Basket, pack: Pack, held: int) -> None:
    sale = sale_made(basket, pack)
    balances = run(sale, [], {"points": held, "voucher": held})[0]
    outcome = sale.result.outcome
    assert balances[ALLIANCE_SHARE, CNY] == outcome.share_fen
    assert balances[STORE, CNY] == outcome.reimbursement_fen - outcome.share_fen
    for one in sale.result.redeemed:
        assert balances[ALLIANCE_REDEEMED, one.asset] == one.amount
        assert -balances[ALLIANCE_CLAWBACK, one.asset] == max(0, one.amount - max(0, held))
