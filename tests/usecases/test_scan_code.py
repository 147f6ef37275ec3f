from __future__ import annotations

from datetime import timedelta

import pytest

from pos.domain.cart import Cart
from pos.domain.message import Refusal
from pos.usecases.scan_code import (
    GoodsAdded,
    MemberIdentified,
    ReceiptFound,
    WeightNeeded,
    identify_member,
    scan_code,
)
from tests.usecases.sample_till import (
    APPLES,
    BLOCKED_CARD,
    COLA,
    DOU,
    DOU_CARD,
    EXPIRED_CARD,
    LI_CARD,
    WATER,
    SampleTill,
)


def refused(shop: SampleTill, raw: str, cart: Cart | None = None) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        scan_code(cart or Cart(), raw, shop.desk)
    return refusal.value


def test_goods_go_into_the_cart_and_pieces_share_a_line(shop: SampleTill) -> None:
    scanned = scan_code(Cart(), WATER, shop.desk)
    assert isinstance(scanned, GoodsAdded)
    assert scanned.product.name == "农夫山泉"
    cart = shop.scan(scanned.cart, COLA, WATER)
    assert [(line.product.code, line.quantity) for line in cart.lines] == [(WATER, 2), (COLA, 1)]
    assert cart.selected == 0


def test_a_quantity_typed_before_the_scan_counts(shop: SampleTill) -> None:
    scanned = scan_code(Cart(), WATER, shop.desk, quantity=12)
    assert isinstance(scanned, GoodsAdded)
    assert scanned.cart.lines[0].quantity == 12


@pytest.mark.parametrize("quantity", [0, -1, 10_000])
def test_a_quantity_no_shop_sells_is_refused(shop: SampleTill, quantity: int) -> None:
    with pytest.raises(Refusal) as refusal:
        scan_code(Cart(), WATER, shop.desk, quantity=quantity)
    assert refusal.value.reason == "quantity"


def test_a_weighed_good_waits_for_its_grams(shop: SampleTill) -> None:
    scanned = scan_code(Cart(), APPLES, shop.desk)
    assert isinstance(scanned, WeightNeeded)
    assert scanned.product.weighed


def test_a_member_is_put_on_the_cart(shop: SampleTill) -> None:
    cart = shop.scan(Cart(), WATER)
    scanned = scan_code(cart, DOU_CARD, shop.desk)
    assert isinstance(scanned, MemberIdentified)
    assert (scanned.member.member_no, scanned.member.balances["points"]) == (DOU, 20_00)
    assert scanned.cart.member_no == DOU
    assert scanned.cart.lines == cart.lines


def test_another_member_takes_the_wish_to_redeem_away(shop: SampleTill) -> None:
    assert shop.scan(shop.worked_cart(), LI_CARD).redeem == {}


def test_a_blocked_member_buys_as_a_walk_in(shop: SampleTill) -> None:
    refusal = refused(shop, BLOCKED_CARD)
    assert refusal.reason == "member_blocked"
    assert "6618" in str(refusal.message)
    assert "30006618" not in str(refusal.message)


def test_an_expired_member_keeps_the_points_for_later(shop: SampleTill) -> None:
    refusal = refused(shop, EXPIRED_CARD)
    assert refusal.reason == "member_expired"
    assert "2026-11-06" in str(refusal.message)


def test_a_plan_holds_through_its_last_day(shop: SampleTill) -> None:
    known = shop.desk.members.by_number(DOU)
    assert known is not None
    last_day = shop.clock.now() + timedelta(days=178)
    assert known.expires == last_day.date().isoformat()
    shop.clock.moment = last_day.replace(hour=23, minute=59)
    assert scan_code(Cart(), DOU_CARD, shop.desk)
    shop.clock.move(timedelta(minutes=1))
    assert refused(shop, DOU_CARD).reason == "member_expired"


@pytest.mark.parametrize("card", ["90000000000000000000068", "91368861958193196424478"[::-1]])
def test_a_card_nobody_has(shop: SampleTill, card: str) -> None:
    assert refused(shop, card).reason in {"unknown_member", "unreadable"}


def test_unknown_goods(shop: SampleTill) -> None:
    refusal = refused(shop, "6900000000007")
    assert refusal.reason == "unknown_goods"
    assert "6900000000007" in str(refusal.message)
    assert refused(shop, "99999").reason == "unknown_goods"


@pytest.mark.parametrize("typed", ["S1-1-7K2QD-0042", "  s1-1-7k2qd-0042\n"])
def test_a_receipts_code_opens_the_refund(shop: SampleTill, typed: str) -> None:
    assert scan_code(Cart(), typed, shop.desk) == ReceiptFound("S1-1-7K2QD-0042")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   \r\n",
        "6921168509257",  # wrong check digit
        "6921168509265",  # two digits swapped
        "91368861958193196424479",  # a card with a wrong check digit
        "9136886195819319642447",  # a card with a digit missing
        "https://example.test/?a=1",
        "农夫山泉",
        "６９２１１６８５０９２５６",  # digits of an input method
        "\x00\x1b[31m\u202e",
        "'; DROP TABLE products; --",
        "{0}{name}%s",
        "9" * 5_000,
        "x" * 5_000,
    ],
)
def test_junk_harms_nothing_and_is_answered_in_a_sentence(shop: SampleTill, raw: str) -> None:
    cart = shop.worked_cart()
    refusal = refused(shop, raw, cart)
    assert refusal.reason == "unreadable"
    assert 0 < len(str(refusal.message)) < 120
    assert cart == shop.worked_cart()


def test_a_member_can_be_found_by_card_alone(shop: SampleTill) -> None:
    assert identify_member(Cart(), DOU_CARD, shop.desk).member.member_no == DOU


def test_odoo_31185_the_enter_behind_a_scan_adds_nothing(shop: SampleTill) -> None:
    cart = shop.scan(Cart(), f"{WATER}\n")
    assert refused(shop, "\n", cart).reason == "unreadable"
    assert [line.quantity for line in cart.lines] == [1]
