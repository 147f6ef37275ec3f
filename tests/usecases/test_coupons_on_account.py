"""Coupons that the alliance keeps for a member: given out, used once, kept back, and back again."""

from __future__ import annotations

import pytest

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.ledger import SALES
from pos.domain.programme.rules import coupon_unit
from pos.domain.refund import ReturnedLine
from tests.usecases.sample_till import DOU, DOU_CARD, SampleTill

UNIT = coupon_unit("coupon_5")
RICE, TEA = "6900000000014", "6900000000021"


@pytest.fixture
def club(shop: SampleTill) -> SampleTill:
    """社区团购, with rice at 60.00 and tea at 20.00."""
    shop.use_pack("community_groupbuy")
    shop.tell_good(RICE, 60_00)
    shop.tell_good(TEA, 20_00)
    shop.tell_member(DOU, DOU_CARD, "vip", balances={SALES: 1})
    return shop


def held(shop: SampleTill) -> int:
    return shop.known(DOU).balances.get(UNIT, 0)


def test_a_large_sale_puts_a_coupon_onto_the_account(club: SampleTill) -> None:
    club.go_offline()
    club.sell(DOU_CARD, RICE)
    assert held(club) == 0
    # vip takes 3 % off: 120.00 become 116.40, which is enough
    done = club.sell(DOU_CARD, RICE, RICE)
    assert [(one.rule, one.to) for one in done.sale.result.issued] == [("coupon_5", "member")]
    assert held(club) == 1


def test_it_is_used_once(club: SampleTill) -> None:
    club.sell(DOU_CARD, RICE, RICE)
    with_it, without_it = club.sell(DOU_CARD, TEA), club.sell(DOU_CARD, TEA)
    assert with_it.sale.result.due_fen == without_it.sale.result.due_fen - 5_00
    assert [one.rule for one in with_it.sale.result.coupons_used] == ["coupon_5"]
    assert without_it.sale.result.coupons_used == ()
    assert held(club) == 0


def test_of_several_one_goes_at_a_time(club: SampleTill) -> None:
    club.tell_member(DOU, DOU_CARD, "vip", balances={SALES: 1, UNIT: 3})
    for left in (2, 1, 0, 0):
        club.sell(DOU_CARD, TEA)
        assert held(club) == left


def test_a_coupon_that_is_kept_back_stays(club: SampleTill) -> None:
    club.tell_member(DOU, DOU_CARD, "vip", balances={SALES: 1, UNIT: 1})
    cart = carts.keep_back(club.scan(Cart(), DOU_CARD, TEA), UNIT, kept=True)
    assert club.pay(cart).sale.result.coupons_used == ()
    assert held(club) == 1
    cart = carts.keep_back(
        carts.keep_back(club.scan(Cart(), DOU_CARD, TEA), UNIT, kept=True), UNIT, kept=False
    )
    assert club.quote(cart).sale.taken_off("coupon_5") == 5_00


def test_another_member_does_not_keep_back_what_the_first_one_wished(club: SampleTill) -> None:
    cart = carts.keep_back(club.scan(Cart(), DOU_CARD, TEA), UNIT, kept=True)
    assert carts.with_member(cart, "30000588").kept_back == ()


def test_it_comes_back_with_all_of_the_goods_and_not_before(club: SampleTill) -> None:
    club.tell_member(DOU, DOU_CARD, "vip", balances={SALES: 1, UNIT: 1})
    sold = club.sell(DOU_CARD, TEA, TEA).sale
    assert held(club) == 0
    first = club.give_back(sold, ReturnedLine(0, 1)).refund
    assert (held(club), first.result.coupons_back) == (0, ())
    last = club.give_back(sold, ReturnedLine(0, 1)).refund
    assert held(club) == 1
    assert first.result.cash_back_fen + last.result.cash_back_fen == sold.result.due_fen


def test_a_coupon_given_out_is_taken_back_with_all_of_the_goods(club: SampleTill) -> None:
    sold = club.sell(DOU_CARD, RICE, RICE).sale
    club.give_back(sold, ReturnedLine(0, 1))
    assert held(club) == 1
    club.give_back(sold)
    assert held(club) == 0


def test_given_out_used_and_returned_it_is_owed(club: SampleTill) -> None:
    """The coupon was spent meanwhile: the account goes below zero, and no coupon is offered."""
    sold = club.sell(DOU_CARD, RICE, RICE).sale
    club.sell(DOU_CARD, TEA)
    club.give_back(sold)
    assert held(club) == -1
    assert club.sell(DOU_CARD, TEA).sale.result.coupons_used == ()


def test_a_coupon_is_good_through_its_last_day(club: SampleTill) -> None:
    club.tell_member(
        DOU,
        DOU_CARD,
        "vip",
        balances={SALES: 1, UNIT: 2},
        expiring={UNIT: (("2026-11-21", 1), ("2026-12-01", 1))},
    )
    club.clock.moment = club.clock.moment.replace(hour=23, minute=59)
    assert len(club.quote(club.scan(Cart(), DOU_CARD, TEA)).basket.coupons) == 2
    club.clock.moment = club.clock.moment.replace(day=22, hour=0, minute=0)
    assert len(club.quote(club.scan(Cart(), DOU_CARD, TEA)).basket.coupons) == 1
    club.clock.moment = club.clock.moment.replace(month=12, day=2)
    assert club.quote(club.scan(Cart(), DOU_CARD, TEA)).basket.coupons == ()


def test_the_one_that_runs_out_first_is_the_one_that_was_used(club: SampleTill) -> None:
    club.tell_member(
        DOU,
        DOU_CARD,
        "vip",
        balances={SALES: 1, UNIT: 2},
        expiring={UNIT: (("2026-12-01", 1), ("2026-11-21", 1))},
    )
    club.sell(DOU_CARD, TEA)
    club.clock.moment = club.clock.moment.replace(day=22)
    assert len(club.quote(club.scan(Cart(), DOU_CARD, TEA)).basket.coupons) == 1


def test_coupons_the_pack_does_not_know_are_left_alone(club: SampleTill) -> None:
    club.tell_member(DOU, DOU_CARD, "vip", balances={SALES: 1, "coupon:gone": 2, "coupon:member_day": 1})
    assert club.quote(club.scan(Cart(), DOU_CARD, TEA)).basket.coupons == ()


def test_a_walk_in_gets_neither(club: SampleTill) -> None:
    done = club.sell(RICE, RICE)
    assert (done.sale.result.issued, done.sale.result.due_fen) == ((), 120_00)


def test_a_coupon_with_a_threshold_waits_for_it(shop: SampleTill) -> None:
    """同壹: 10.00 off from 50.00, once, and the merchant bears it."""
    unit = coupon_unit("coupon_50_10")
    shop.tell_good(RICE, 49_99)
    shop.tell_good(TEA, 50_00)
    shop.tell_member(DOU, DOU_CARD, "basic", balances={SALES: 1, unit: 2})
    assert shop.sell(DOU_CARD, RICE).sale.result.due_fen == 49_99
    done = shop.sell(DOU_CARD, TEA).sale.result
    assert (done.due_fen, done.outcome.received_fen, done.outcome.reimbursement_fen) == (40_00, 40_00, 0)
    assert shop.known(DOU).balances[unit] == 1
