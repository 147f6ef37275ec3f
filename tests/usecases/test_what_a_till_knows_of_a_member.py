"""First order, home store, expiry and several assets: right while nobody can be asked."""

from __future__ import annotations

import pytest

from pos.domain import cart as carts
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.ledger import SALES
from pos.domain.pricing.result import PricedSale
from pos.domain.refund import ReturnedLine
from tests.usecases.sample_till import DOU, DOU_CARD, SampleTill

FORTY = "6900000000021"
POINTS = "points"


@pytest.fixture
def offline(shop: SampleTill) -> SampleTill:
    """Goods at 40.00, and the hub away."""
    shop.tell_good(FORTY, 40_00)
    shop.go_offline()
    return shop


def paid(shop: SampleTill, *codes: str) -> PricedSale:
    return shop.sell(DOU_CARD, *codes).sale.result


# --- the first order ------------------------------------------------------------------------------


def test_the_first_order_is_one_order(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={})
    first, second = paid(offline, FORTY), paid(offline, FORTY)
    assert (first.due_fen, second.due_fen) == (10_00, 40_00)
    assert first.outcome.reimbursed == {"alliance": 30_00}
    assert first.outcome.received_fen == 40_00


def test_also_a_small_one_or_one_in_points_counts(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={})
    egg = offline.tell_good("6900000000014", 29_99)
    assert paid(offline, egg).due_fen == 29_99
    assert paid(offline, FORTY).due_fen == 40_00


def test_given_back_whole_the_next_one_is_the_first(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={})
    sold = offline.sell(DOU_CARD, FORTY, FORTY).sale
    offline.give_back(sold, ReturnedLine(0, 1))
    assert paid(offline, FORTY).due_fen == 40_00
    offline.give_back(sold)
    # the one in between was paid, so this is not the first
    assert paid(offline, FORTY).due_fen == 40_00


def test_with_nothing_in_between_it_is(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={})
    offline.give_back(offline.sell(DOU_CARD, FORTY).sale)
    assert offline.known(DOU).balances[SALES] == 0
    assert paid(offline, FORTY).due_fen == 10_00


def test_who_bought_elsewhere_has_had_theirs(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={SALES: 1})
    assert paid(offline, FORTY).due_fen == 40_00


# --- the home store -------------------------------------------------------------------------------


def test_the_first_paid_sale_makes_this_the_home_store(offline: SampleTill) -> None:
    """众店: it earns 1 % of every later sale, its own included, and nothing of the first."""
    offline.use_pack("zhongdian")
    offline.tell_member(DOU, DOU_CARD, "member", balances={})
    first, second = (offline.sell(DOU_CARD, FORTY).sale for _ in range(2))
    assert first.basket.member is not None
    assert second.basket.member is not None
    assert (first.basket.member.home_store, second.basket.member.home_store) == (None, "S1")
    assert "home_store" not in {one.role for one in first.result.outcome.earned}
    earned = {one.role: (one.asset, one.amount) for one in second.result.outcome.earned}
    assert earned["home_store"] == ("voucher", 4000)


def test_a_walk_ins_sale_is_nobodys_first(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={})
    offline.sell(FORTY)
    assert offline.known(DOU).home_store is None


def test_the_hubs_word_on_the_home_store_stands(offline: SampleTill) -> None:
    offline.use_pack("zhongdian")
    offline.tell_member(DOU, DOU_CARD, "member", home_store="S2")
    offline.sell(DOU_CARD, FORTY)
    assert offline.known(DOU).home_store == "S2"


def test_a_return_repeats_the_home_store_of_its_sale(offline: SampleTill) -> None:
    offline.use_pack("tianshang")
    offline.tell_member(DOU, DOU_CARD, "member", home_store="S2")
    sold = offline.sell(DOU_CARD, FORTY).sale
    offline.tell_member(DOU, DOU_CARD, "member", home_store="S3")
    back = offline.give_back(sold).refund
    assert (back.home_store, back.merchant) == ("S2", "M1")


# --- expiry ---------------------------------------------------------------------------------------


def on(shop: SampleTill, day: int, month: int = 11) -> int:
    """Usable points at noon of a day."""
    shop.clock.moment = shop.clock.moment.replace(month=month, day=day, hour=12)
    quoted = shop.quote(shop.scan(Cart(), DOU_CARD, FORTY))
    assert quoted.basket.member is not None
    return quoted.basket.member.balances.get(POINTS, 0)


LOTS = {POINTS: (("2026-11-21", 5_00), ("2026-11-30", 6_00))}


def test_points_run_out_the_day_after_their_last(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 20_00, SALES: 1}, expiring=LOTS)
    assert [on(offline, 21), on(offline, 22), on(offline, 30), on(offline, 1, 12)] == [
        20_00,
        15_00,
        15_00,
        9_00,
    ]
    assert offline.points(DOU) == 20_00  # the account is the hub's to change


def test_what_was_spent_here_came_from_the_oldest(offline: SampleTill) -> None:
    """7 were spent and 33 earned: 5 of the first lot and 2 of the second are gone, not expired."""
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 20_00, SALES: 1}, expiring=LOTS)
    offline.sell(DOU_CARD, FORTY, redeem=7_00)
    assert offline.known(DOU).expiring == {POINTS: (("2026-11-30", 4_00),)}
    assert [on(offline, 22), on(offline, 1, 12)] == [46_00, 42_00]


def test_what_came_back_is_there_again(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 20_00, SALES: 1}, expiring=LOTS)
    sold = offline.sell(DOU_CARD, FORTY, redeem=7_00).sale
    offline.give_back(sold)
    assert offline.known(DOU).expiring == LOTS
    assert on(offline, 22) == 15_00


def test_what_came_back_of_an_older_sale_belongs_to_no_lot_yet(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 20_00, SALES: 1})
    sold = offline.sell(DOU_CARD, FORTY, redeem=7_00).sale
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 46_00, SALES: 2}, expiring=LOTS)
    offline.give_back(sold)
    assert offline.known(DOU).expiring == LOTS


def test_expired_points_pay_nothing(offline: SampleTill) -> None:
    offline.tell_member(
        DOU, DOU_CARD, "basic", balances={POINTS: 5_00, SALES: 1}, expiring={POINTS: (("2026-11-20", 5_00),)}
    )
    cart = carts.wish_to_redeem(offline.scan(Cart(), DOU_CARD, FORTY), POINTS, EVERYTHING)
    assert offline.quote(cart).basket.redeem == {POINTS: 0}
    assert offline.quote(cart).sale.redeemed_fen == 0


# --- several assets -------------------------------------------------------------------------------


def with_everything(shop: SampleTill) -> Cart:
    cart = shop.scan(Cart(), DOU_CARD, FORTY)
    return carts.wish_to_redeem(carts.wish_to_redeem(cart, POINTS, EVERYTHING), "voucher", EVERYTHING)


def test_points_and_vouchers_pay_together(offline: SampleTill) -> None:
    """30 % of 40.00 in points, 5.50 in vouchers; only what points paid does not earn."""
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 20_00, "voucher": 5_50, SALES: 1})
    done = offline.pay(with_everything(offline)).sale
    assert [(one.asset, one.value_fen) for one in done.result.redeemed] == [
        (POINTS, 12_00),
        ("voucher", 5_50),
    ]
    assert (done.result.due_fen, done.result.outcome.earned[0].amount) == (22_50, 28_00)
    known = offline.known(DOU).balances
    assert (known[POINTS], known["voucher"]) == (20_00 - 12_00 + 28_00, 0)


def test_each_asset_has_an_offline_limit_of_its_own(offline: SampleTill) -> None:
    offline.tell_good(FORTY, 400_00)
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 500_00, "voucher": 500_00, SALES: 1})
    for _ in range(2):
        done = offline.pay(with_everything(offline)).sale.result
        assert [one.value_fen for one in done.redeemed] == [50_00, 50_00]
    assert offline.quote(with_everything(offline)).sale.redeemed_fen == 0
    (note,) = offline.quote(with_everything(offline)).limit_notes  # the same of both assets is said once
    assert "已用完" in str(note)


def test_both_come_back_in_kind(offline: SampleTill) -> None:
    offline.tell_member(DOU, DOU_CARD, "basic", balances={POINTS: 20_00, "voucher": 5_50, SALES: 1})
    done = offline.pay(with_everything(offline)).sale
    offline.give_back(done)
    known = offline.known(DOU).balances
    assert (known[POINTS], known["voucher"], known[SALES]) == (20_00, 5_50, 1)
