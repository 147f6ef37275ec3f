from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial

import pytest

from pos.domain.day import Figures, add
from pos.domain.events import PackRef, RefundMade
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.ports import LoadedPack
from pos.usecases.refund_sale import CompletedRefund, find_sale, preview, refund_sale
from tests.usecases.sample_till import CASHIER, COLA, DOU, DOU_CARD, WATER, SampleTill

ONE_WATER = (ReturnedLine(0, 1),)
THE_REST = (ReturnedLine(0, 2), ReturnedLine(1, 2), ReturnedLine(2, 1), ReturnedLine(3, 1))
EVERYTHING = (ReturnedLine(0, 3), *THE_REST[1:])


def give_back(shop: SampleTill, receipt_no: str, *returning: ReturnedLine) -> CompletedRefund:
    return shop.book(partial(refund_sale, receipt_no, returning, CASHIER, shop.desk))


def refused(shop: SampleTill, typed: str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        find_sale(typed, shop.desk)
    return refusal.value


def day(shop: SampleTill) -> Figures:
    return add(row.figures for row in shop.desk.journal.figures("2026-11-21"))


# --- the worked sale comes back -------------------------------------------------------------------


def test_one_water_gives_cash_and_points(shop: SampleTill) -> None:
    sold = shop.pay(shop.worked_cart())
    refund = give_back(shop, sold.sale.receipt_no, *ONE_WATER).refund
    assert refund.result.cash_back_fen == 1_11
    assert [(one.asset, one.amount, one.value_fen) for one in refund.result.points_back] == [
        ("points", 47, 47)
    ]
    assert [one.amount for one in refund.result.earned_change] == [-1_00]
    assert refund.result.share_change_fen == -5
    assert shop.points(DOU) == 29_00 + 47 - 1_00
    assert day(shop).share_fen == 2_48
    assert day(shop).points_earned == 15_00
    assert refund.of == sold.sale.receipt_no
    assert refund.receipt_no == shop.desk.journal.identity.receipt_no(2)


def test_the_rest_later_leaves_exactly_nothing(shop: SampleTill) -> None:
    sold = shop.pay(shop.worked_cart())
    first = give_back(shop, sold.sale.receipt_no, *ONE_WATER).refund
    rest = give_back(shop, sold.sale.receipt_no, *THE_REST).refund
    assert first.result.cash_back_fen + rest.result.cash_back_fen == 77_36
    assert day(shop) == Figures(sales=1, refunds=2)
    assert shop.points(DOU) == 20_00


@pytest.mark.parametrize("order", [*itertools.permutations(EVERYTHING)][::5])
def test_odoo_257854_any_sequence_of_refunds_ends_where_one_full_refund_would(
    shop: SampleTill, order: tuple[ReturnedLine, ...]
) -> None:
    """Also opensourcepos#4359: points and figures are exactly as if nothing had been sold."""
    sold = shop.pay(shop.worked_cart())
    for line in order:
        for _ in range(line.quantity):
            give_back(shop, sold.sale.receipt_no, ReturnedLine(line.line, 1))
    assert day(shop) == Figures(sales=1, refunds=7)
    assert shop.points(DOU) == 20_00
    assert refused(shop, sold.sale.receipt_no).reason == "all_returned"


def test_the_refund_is_journaled_and_its_receipt_waits(shop: SampleTill) -> None:
    sold = shop.pay(shop.worked_cart())
    give_back(shop, sold.sale.receipt_no, *ONE_WATER)
    second = give_back(shop, sold.sale.receipt_no, ReturnedLine(0, 1), ReturnedLine(1, 1))
    event = shop.events()[-1]
    assert event == second.refund
    assert isinstance(event, RefundMade)
    assert event.before == {0: 1}
    assert event.cash_back_before_fen == 1_11
    assert (event.member_no, event.plan) == (DOU, "basic")
    assert shop.till.store.print_queue.unprinted() == 3
    assert shop.hub.nudges == 3
    assert shop.chain_holds()


def test_preview_is_what_will_be_booked(shop: SampleTill) -> None:
    sold = shop.pay(shop.worked_cart())
    previewed = preview(find_sale(sold.sale.receipt_no, shop.desk), ONE_WATER)
    assert give_back(shop, sold.sale.receipt_no, *ONE_WATER).refund.result == previewed


def test_a_walk_ins_refund_has_no_points(shop: SampleTill) -> None:
    sold = shop.sell(WATER, COLA)
    refund = give_back(shop, sold.sale.receipt_no, ReturnedLine(1, 1)).refund
    assert (refund.result.cash_back_fen, refund.result.points_back) == (2_40, ())
    assert refund.member_no is None


def test_points_spent_elsewhere_leave_a_debt_and_cash_is_not_reduced(shop: SampleTill) -> None:
    sold = shop.sell(DOU_CARD, *[COLA] * 20)
    shop.hub_says_points(DOU, 0)
    refund = give_back(shop, sold.sale.receipt_no, ReturnedLine(0, 20)).refund
    assert refund.result.cash_back_fen == sold.sale.result.due_fen == 44_60
    assert shop.points(DOU) == -44_00


# --- how the sale is found ------------------------------------------------------------------------


@pytest.mark.parametrize("short", ["1", "01", "0001", " 0001 ", "000001"])
def test_a_short_number_is_this_tills_own(shop: SampleTill, short: str) -> None:
    sold = shop.sell(WATER)
    assert find_sale(short, shop.desk).sale == sold.sale


def test_a_number_typed_in_small_letters(shop: SampleTill) -> None:
    sold = shop.sell(WATER)
    assert find_sale(f" {sold.sale.receipt_no.lower()}\n", shop.desk).sale == sold.sale


@pytest.mark.parametrize("typed", ["2", "999999", "S2-1-7K2QD-0001", "", "x" * 5_000, "９", "1; --"])
def test_an_unknown_receipt(shop: SampleTill, typed: str) -> None:
    shop.sell(WATER)
    refusal = refused(shop, typed)
    assert refusal.reason == "unknown_receipt"
    assert len(str(refusal.message)) < 120


def test_a_refunds_own_receipt_names_the_sale(shop: SampleTill) -> None:
    sold = shop.sell(WATER, WATER)
    refund = give_back(shop, sold.sale.receipt_no, *ONE_WATER)
    refusal = refused(shop, refund.refund.receipt_no)
    assert refusal.reason == "is_refund"
    assert sold.sale.receipt_no in str(refusal.message)


def test_what_has_all_come_back(shop: SampleTill) -> None:
    sold = shop.sell(WATER)
    give_back(shop, sold.sale.receipt_no, *ONE_WATER)
    assert refused(shop, sold.sale.receipt_no).reason == "all_returned"


def test_what_is_left_of_each_line(shop: SampleTill) -> None:
    sold = shop.pay(shop.worked_cart())
    give_back(shop, sold.sale.receipt_no, *ONE_WATER)
    assert find_sale(sold.sale.receipt_no, shop.desk).left == (2, 2, 1, 1)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returning", "reason"),
    [
        ((), "nothing_returned"),
        ((ReturnedLine(0, 0),), "nothing_returned"),
        ((ReturnedLine(0, -1),), "nothing_returned"),
        ((ReturnedLine(0, 4),), "more_than_sold"),
        ((ReturnedLine(0, 2), ReturnedLine(0, 2)), "more_than_sold"),
        ((ReturnedLine(4, 1),), "no_such_line"),
        ((ReturnedLine(-1, 1),), "no_such_line"),
    ],
)
def test_a_return_that_cannot_be(shop: SampleTill, returning: tuple[ReturnedLine, ...], reason: str) -> None:
    sold = shop.pay(shop.worked_cart())
    with pytest.raises(Refusal) as refusal:
        give_back(shop, sold.sale.receipt_no, *returning)
    assert refusal.value.reason == reason
    assert shop.desk.journal.refunds_of(sold.sale.receipt_no) == ()
    assert shop.till.store.print_queue.unprinted() == 1


class _NoPacks:
    """A cache that was begun anew: the pack in force came back, older ones not yet."""

    def current(self) -> LoadedPack | None:
        return None

    def by_ref(self, ref: PackRef) -> LoadedPack | None:
        return None


def test_a_sale_under_a_pack_that_is_not_here(shop: SampleTill) -> None:
    sold = shop.sell(WATER)
    shop.desk = replace(shop.desk, packs=_NoPacks())
    refusal = refused(shop, sold.sale.receipt_no)
    assert refusal.reason == "no_pack"
    assert "tongyi" in str(refusal.message)
