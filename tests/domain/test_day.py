from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.basket import Basket
from pos.domain.day import FIGURE_NAMES, Figures, ReceiptFigures, add, differences, figures_of
from pos.domain.events import MembershipSold, Tender
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.programme.pack import Pack
from tests.domain.examples import (
    ALL_WORKED,
    PACK_REF,
    baskets,
    packs,
    refund_made,
    refunds_of,
    return_steps,
    sale_made,
)

MEMBERSHIP = MembershipSold(
    receipt_no="S1-1-ABCDE-0003",
    at="2026-03-01T12:00:00+08:00",
    date="2026-03-01",
    store="S1",
    cashier="03",
    pack=PACK_REF,
    member_no="30006012",
    deal=MembershipDeal("upgrade", "co_creator", 1000_00, 49_04, "2026-03-01", "2027-02-28", "basic"),
    paid_in_points=(PointsForFee("points", 5_00, 2, 5_00),),
    due_fen=945_96,
    tenders=(Tender("cash", 1000_00),),
    change_fen=54_04,
    online=False,
)
figures = st.builds(Figures, *(st.integers(-(10**9), 10**9) for _ in FIGURE_NAMES))


def test_the_worked_sale_in_a_day() -> None:
    assert figures_of(sale_made()) == Figures(
        sales=1,
        refunds=0,
        gross_fen=8630,
        adjustments_fen=194,
        payable_fen=8436,
        cash_fen=7736,
        points_redeemed=700,
        points_earned=1600,
        received_fen=8436,
        share_fen=253,
        reimbursements_fen=700,
    )
    assert figures_of(sale_made()).net_settlement_fen == 447


def test_a_membership_is_cash_that_is_the_alliances() -> None:
    """Points that paid towards the fee are no redemption of the store, and a fee is no revenue."""
    row = figures_of(MEMBERSHIP)
    assert row == Figures(cash_fen=945_96, memberships=1, fees_fen=945_96)
    assert row.net_settlement_fen == -945_96
    assert add((row, figures_of(sale_made()))).net_settlement_fen == 447 - 945_96


def test_a_full_refund_takes_it_all_back() -> None:
    sale = sale_made()
    both = add((figures_of(sale), figures_of(refund_made(sale, ALL_WORKED))))
    assert both == Figures(sales=1, refunds=1)


@given(st.data(), baskets(), packs())
def test_any_refunds_in_any_steps_take_it_all_back(data: st.DataObject, basket: Basket, pack: Pack) -> None:
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    rows = [figures_of(sale), *(figures_of(one) for one in refunds_of(sale, steps, pack))]
    assert add(rows) == Figures(sales=1, refunds=len(steps))


@given(baskets(), packs())
def test_the_figures_of_a_sale_add_up(basket: Basket, pack: Pack) -> None:
    row = figures_of(sale_made(basket, pack))
    assert row.gross_fen - row.adjustments_fen == row.payable_fen
    assert row.cash_fen <= row.payable_fen
    assert row.net_settlement_fen == row.reimbursements_fen - row.share_fen
    assert (row.memberships, row.fees_fen) == (0, 0)


def test_a_day_without_sales() -> None:
    assert add(()) == Figures()


@given(st.lists(figures, max_size=6), st.lists(figures, max_size=6))
def test_days_add_up_in_any_grouping(first: list[Figures], second: list[Figures]) -> None:
    assert add([add(first), add(second)]) == add(first + second)


def row(number: int, **changes: int) -> ReceiptFigures:
    return ReceiptFigures(f"S1-1-ABCDE-{number:04d}", Figures(**({"sales": 1, "gross_fen": 100} | changes)))


def test_two_sides_that_agree() -> None:
    assert differences((row(1), row(2)), (row(2), row(1))) == ()


def test_differences_are_named_receipt_by_receipt() -> None:
    found = differences((row(1), row(2), row(4)), (row(2, gross_fen=101, share_fen=3), row(3), row(4)))
    assert [(one.receipt_no[-4:], one.names) for one in found] == [
        ("0001", ()),
        ("0002", ("gross_fen", "share_fen")),
        ("0003", ()),
    ]
    assert (found[0].hub, found[2].till) == (None, None)
    assert found[0].till is not None


@pytest.mark.parametrize("name", FIGURE_NAMES)
def test_a_difference_of_one_in_any_figure_is_found(name: str) -> None:
    base = row(1)
    other = row(1, **{name: getattr(base.figures, name) + 1})
    assert differences((base,), (other,))[0].names == (name,)
