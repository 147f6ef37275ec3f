"""Refunds: the worked ones to the fen, and that every way of returning everything ends at nothing."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pos.domain.basket import Basket, MemberInput, checked_line
from pos.domain.message import Refusal
from pos.domain.money import yuan
from pos.domain.pricing.price import price
from pos.domain.programme.pack import Pack
from pos.domain.refund import Refund, ReturnedLine, add_returned, refund, remaining_lines
from tests.domain.examples import (
    ALL_WORKED,
    LINES,
    PACK,
    WATER,
    WORKED,
    baskets,
    everything,
    packs,
    refund_made,
    refunds_of,
    return_steps,
    sale_made,
    total,
    worked_sale,
)

ONE_WATER = (ReturnedLine(0, 1),)
THE_REST = (ReturnedLine(0, 2), ReturnedLine(1, 2), ReturnedLine(2, 1), ReturnedLine(3, 1))


# --- the worked refunds --------------------------------------------------------------------------


def points_change(made: Refund) -> int:
    """By how much the member's points change, in minor units."""
    back = sum(one.amount for one in made.points_back if one.asset == "points")
    return back + sum(one.amount for one in made.earned_change if one.asset == "points")


def test_the_first_worked_refund() -> None:
    made = refund_made(sale_made(), ONE_WATER).result
    assert yuan(made.payable_fen) == "1.58"
    assert yuan(made.cash_back_fen) == "1.11"
    assert [(one.amount, one.value_fen) for one in made.points_back] == [(47, 47)]
    assert [one.amount for one in made.earned_change] == [-100]
    assert made.share_change_fen == 248 - 253
    assert (made.gross_fen, made.adjustments_fen) == (170, 12)
    assert made.received_change_fen == -158
    assert made.reimbursement_change_fen == -47
    assert points_change(made) == 47 - 100


def test_the_second_worked_refund_ends_at_nothing() -> None:
    first, second = (one.result for one in refunds_of(sale_made(), (ONE_WATER, THE_REST)))
    assert second.cash_back_fen == 7736 - 111
    assert second.points_back[0].amount == 700 - 47
    assert first.earned_change[0].amount + second.earned_change[0].amount == -1600
    assert first.share_change_fen + second.share_change_fen == -253
    assert first.cash_withheld_fen == second.cash_withheld_fen == 0


def test_returning_everything_at_once() -> None:
    made = refund_made(sale_made(), ALL_WORKED).result
    assert made.cash_back_fen == 7736
    assert made.gross_fen == 8630
    assert made.points_back[0].amount == 700
    assert made.earned_change[0].amount == -1600
    assert (made.share_change_fen, made.received_change_fen, made.reimbursement_change_fen) == (
        -253,
        -8436,
        -700,
    )


def test_what_came_back_is_named() -> None:
    made = refund_made(sale_made(), (ReturnedLine(3, 1), ReturnedLine(0, 2))).result
    assert [(line.name, line.quantity, line.weight_g) for line in made.lines] == [
        ("农夫山泉", 2, None),
        ("红富士苹果", 1, 1234),
    ]
    assert sum(line.payable_fen for line in made.lines) == made.payable_fen
    assert made.gross_fen - made.adjustments_fen == made.payable_fen


def test_excluded_goods_give_back_cash_only() -> None:
    made = refund_made(sale_made(), (ReturnedLine(2, 1),)).result
    assert made.cash_back_fen == 6060
    assert not made.points_back
    assert not made.earned_change


def test_a_walk_in_gets_cash_back() -> None:
    sale = sale_made(Basket(LINES))
    made = refund_made(sale, ALL_WORKED).result
    assert made.cash_back_fen == 8630
    assert not made.points_back
    assert not made.earned_change
    assert made.share_change_fen == -259


def test_odoo_257854_and_opensourcepos_4359_a_refund_leaves_points_right() -> None:
    """Points spent come back, points earned go; after a full return the balance is what it was."""
    sale = sale_made()
    for steps in ((ALL_WORKED,), (ONE_WATER, THE_REST), *(((one,), _without(one)) for one in ALL_WORKED)):
        made = refunds_of(sale, steps)
        change = sum(points_change(one.result) for one in made)
        assert 2000 - 700 + 1600 + change == 2000


def _without(returned: ReturnedLine) -> tuple[ReturnedLine, ...]:
    return tuple(one for one in ALL_WORKED if one != returned)


def test_the_clamp_withholds_and_the_next_refund_settles() -> None:
    """Two pieces at 0.01 paid with points: the rounding of parts may ask for cash that is not there."""
    sale = worked_sale()
    made = refund(sale, WORKED, PACK, before={}, cash_back_before_fen=7700, returning=(ReturnedLine(2, 1),))
    assert made.cash_back_fen == 0
    assert made.cash_withheld_fen == 6060 - 7700
    made = refund(
        sale, WORKED, PACK, before={2: 1}, cash_back_before_fen=7700, returning=_without(ALL_WORKED[2])
    )
    assert made.cash_back_fen == 36


@pytest.mark.parametrize(
    ("returning", "before", "reason"),
    [
        ((), {}, "nothing_returned"),
        ((ReturnedLine(0, 0),), {}, "nothing_returned"),
        ((ReturnedLine(0, 1), ReturnedLine(1, -1)), {}, "nothing_returned"),
        ((ReturnedLine(4, 1),), {}, "no_such_line"),
        ((ReturnedLine(-1, 1),), {}, "no_such_line"),
        ((ReturnedLine(0, 4),), {}, "more_than_sold"),
        ((ReturnedLine(0, 1),), {0: 3}, "more_than_sold"),
        ((ReturnedLine(0, 2), ReturnedLine(0, 2)), {}, "more_than_sold"),
        ((ReturnedLine(3, 2),), {}, "more_than_sold"),
    ],
)
def test_what_cannot_be_returned(
    returning: tuple[ReturnedLine, ...], before: dict[int, int], reason: str
) -> None:
    with pytest.raises(Refusal) as caught:
        refund(worked_sale(), WORKED, PACK, before=before, cash_back_before_fen=0, returning=returning)
    assert caught.value.reason == reason
    assert str(caught.value.message)


def test_a_line_named_twice_counts_together() -> None:
    twice = refund_made(sale_made(), (ReturnedLine(0, 1), ReturnedLine(0, 1))).result
    once = refund_made(sale_made(), (ReturnedLine(0, 2),)).result
    assert twice == once


def test_adding_up_what_was_returned() -> None:
    assert add_returned({0: 1}, (ReturnedLine(0, 2), ReturnedLine(3, 1))) == {0: 3, 3: 1}


def test_the_parts_of_a_line_are_kept_by_rounding_half_up() -> None:
    kept = remaining_lines(worked_sale(), {0: 1})[0]
    assert (kept.gross_fen, kept.saved_fen, kept.redeemed[0].amount) == (340, 24, 93)


# --- what holds for every sale -------------------------------------------------------------------


@given(st.data(), baskets(), packs())
def test_every_way_of_returning_everything_ends_at_exactly_nothing(
    data: st.DataObject, basket: Basket, pack: Pack
) -> None:
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    results = [one.result for one in refunds_of(sale, steps, pack)]
    outcome = sale.result.outcome
    assert total(results, "cash_back_fen") == sale.result.due_fen
    assert total(results, "gross_fen") == sale.result.gross_fen
    assert total(results, "adjustments_fen") == sale.result.adjustments_fen
    assert total(results, "payable_fen") == sale.result.payable_fen
    assert total(results, "received_change_fen") == -outcome.received_fen
    assert total(results, "share_change_fen") == -outcome.share_fen
    assert total(results, "reimbursement_change_fen") == -outcome.reimbursement_fen
    for redeemed in sale.result.redeemed:
        back = [one for made in results for one in made.points_back if one.asset == redeemed.asset]
        assert sum(one.amount for one in back) == redeemed.amount
        assert sum(one.value_fen for one in back) == redeemed.value_fen
    for earned in outcome.earned:
        change = [one for made in results for one in made.earned_change if one.asset == earned.asset]
        assert sum(one.amount for one in change) == -earned.amount


@given(st.data(), baskets(), packs())
def test_cash_back_is_never_less_than_nothing_nor_more_than_is_left(
    data: st.DataObject, basket: Basket, pack: Pack
) -> None:
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    given_fen = 0
    for one in refunds_of(sale, steps, pack):
        assert 0 <= one.result.cash_back_fen <= sale.result.due_fen - given_fen
        given_fen += one.result.cash_back_fen
        assert all(back.amount >= 0 and back.value_fen >= 0 for back in one.result.points_back)
        assert one.result.gross_fen >= 0


@given(st.data(), baskets(), packs())
def test_the_order_of_refunds_does_not_matter_for_what_remains(
    data: st.DataObject, basket: Basket, pack: Pack
) -> None:
    """Half the pieces in many steps leave the same lines as in one."""
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    some = steps[: len(steps) // 2]
    assume(some)
    together: dict[int, int] = {}
    for step in some:
        together = add_returned(together, step)
    at_once = refund_made(
        sale, tuple(ReturnedLine(line, count) for line, count in sorted(together.items())), pack=pack
    ).result
    results = [one.result for one in refunds_of(sale, some, pack)]
    for name in ("gross_fen", "payable_fen", "received_change_fen", "share_change_fen"):
        assert total(results, name) == getattr(at_once, name)
    back = [sum(one.amount for one in made.points_back) for made in results]
    assert sum(back) == sum(one.amount for one in at_once.points_back)
    withheld = results[-1].cash_withheld_fen - at_once.cash_withheld_fen
    assert total(results, "cash_back_fen") == at_once.cash_back_fen - withheld


@given(baskets(), packs())
def test_points_and_vouchers_never_turn_into_cash(basket: Basket, pack: Pack) -> None:
    """Whatever was paid in points, the cash that comes back is the cash that was paid."""
    sale = price(basket, pack)
    made = refund(sale, basket, pack, before={}, cash_back_before_fen=0, returning=everything(sale))
    assert made.cash_back_fen == sale.payable_fen - sale.redeemed_fen


def test_a_line_of_pieces_that_do_not_divide() -> None:
    """Three pieces, 1.00 paid in points: 33, 34 and 33 come back."""
    holder = MemberInput("30001234", "basic", {"points": 100})
    sale = sale_made(Basket((checked_line(WATER, quantity=3),), holder, {"points": 100}))
    made = refunds_of(sale, (ONE_WATER, ONE_WATER, ONE_WATER))
    assert [one.result.points_back[0].amount for one in made] == [33, 34, 33]
    assert sum(one.result.cash_back_fen for one in made) == 374
