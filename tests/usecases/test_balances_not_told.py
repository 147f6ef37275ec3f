"""A member whose balances this store was not told: everything but points and coupons goes as always."""

from __future__ import annotations

import pytest

from pos.domain import cart as carts
from pos.domain.cart import EVERYTHING, Cart
from pos.ui.presenters.member_card import member_card, points_wishes
from pos.ui.presenters.pay_rows import pay_rows
from pos.words import Words
from tests.usecases.sample_till import APPLES, DOU, DOU_CARD, WATER, SampleTill


@pytest.fixture
def stranger(shop: SampleTill) -> SampleTill:
    """The till forgets what 窦's account holds, as if they had never been to this store."""
    shop.tell("balances", DOU, None)
    return shop


def cart(shop: SampleTill) -> Cart:
    return shop.scan(Cart(), DOU_CARD, WATER, f"{APPLES}@5000")


def test_the_member_price_holds_and_points_are_earned(stranger: SampleTill) -> None:
    sold = stranger.pay(cart(stranger)).sale
    (earned,) = [one for one in sold.result.outcome.earned if one.role == "member"]
    assert earned.amount > 0


@pytest.mark.parametrize("online", [True, False])
def test_nothing_is_redeemed_and_the_reason_is_said(stranger: SampleTill, *, online: bool) -> None:
    if not online:
        stranger.go_offline()
    quoted = stranger.quote(carts.wish_to_redeem(cart(stranger), "points", EVERYTHING))
    assert quoted.sale.redeemed == ()
    assert quoted.sale.coupons_used == ()
    said = Words("zh")(quoted.limit_notes[0])
    assert said.startswith("积分余额未下发到本店")
    assert ("联网后" in said) is not online


def test_no_balance_is_shown_as_if_it_were_one(stranger: SampleTill) -> None:
    quoted = stranger.quote(cart(stranger))
    card = member_card(quoted)
    assert card is not None
    assert (card.balance, card.usable) == ("–", "–")
    assert card.note is not None
    assert points_wishes(quoted) == ()
    assert pay_rows(quoted, cart(stranger)) == ()


def test_nor_printed(stranger: SampleTill) -> None:
    stranger.pay(cart(stranger))
    job = stranger.till.store.print_queue.next_job()
    assert job is not None
    assert job.balances == ()


def test_what_was_earned_here_meanwhile_is_no_balance_either(stranger: SampleTill) -> None:
    stranger.pay(cart(stranger))
    known = stranger.known(DOU)
    assert known.balances["points"] > 0
    assert not known.balances_told
    assert known.usable("2026-03-01") == {}


def test_somebody_who_bought_elsewhere_makes_no_first_order(stranger: SampleTill) -> None:
    quoted = stranger.quote(cart(stranger))
    assert quoted.basket.member is not None
    assert not quoted.basket.member.first_order


def test_once_told_it_is_right_with_what_was_sold_here_since(stranger: SampleTill) -> None:
    basket = cart(stranger)
    sold = stranger.pay(basket).sale
    earned = sum(one.amount for one in sold.result.outcome.earned if one.role == "member")
    stranger.hub_says_points(DOU, 2_000 + earned)
    assert stranger.points(DOU) == 2_000 + earned
    assert stranger.known(DOU).balances_told
    again = stranger.pay(basket).sale
    more = sum(one.amount for one in again.result.outcome.earned if one.role == "member")
    assert stranger.points(DOU) == 2_000 + earned + more
