"""Bundles, with alternatives and overlaps, and gifts against a coupon."""

from __future__ import annotations

import pytest

from pos.domain.basket import HeldCoupon
from pos.domain.programme.rules import Bundle, BundleItem, Gift, Scope, When, Window
from tests.domain.pricing.shop import (
    BREAD,
    JUICE,
    MEMBER_PRICE,
    MILK,
    PEARS,
    funded,
    good,
    held,
    line,
    pack,
    sell,
    took,
    units,
)

BREAKFAST = Bundle(
    "breakfast",
    "早餐",
    "merchant",
    items=(BundleItem((BREAD.code,)), BundleItem((MILK.code,), 2)),
    off_bp=2000,
)


@pytest.mark.parametrize(
    ("breads", "milks", "saved_fen"),
    [(1, 2, 400), (1, 1, 0), (2, 4, 800), (2, 3, 400), (3, 2, 400), (1, 5, 400)],
)
def test_a_bundle_takes_a_part_off_what_its_pieces_cost(breads: int, milks: int, saved_fen: int) -> None:
    sale = sell(pack(BREAKFAST), line(BREAD, breads), line(MILK, milks))
    assert sale.adjustments_fen == saved_fen


def test_what_a_bundle_leaves_has_the_member_price() -> None:
    sale = sell(pack(MEMBER_PRICE, BREAKFAST), line(BREAD, 2), line(MILK, 3))
    assert took(sale) == {"breakfast": 400, "member_price": 100 + 20}
    assert units(sale, "breakfast") == 1 + 2


def test_a_bundle_that_saves_less_than_the_member_prices_is_left_out() -> None:
    poor = Bundle("poor", "套餐", "merchant", items=BREAKFAST.items, off_bp=500)
    assert took(sell(pack(MEMBER_PRICE, poor), line(BREAD), line(MILK, 2))) == {"member_price": 140}


def test_its_reduction_is_rounded_once_and_spread_by_list_price() -> None:
    bundle = Bundle(
        "pair", "套餐", "merchant", items=(BundleItem((JUICE.code,)), BundleItem((BREAD.code,))), off_bp=1000
    )
    sale = sell(pack(bundle), line(JUICE, 2), line(BREAD, 2))
    assert sale.adjustments_fen == 267
    assert [priced.saved_fen for priced in sale.lines] == [67, 200]


@pytest.mark.parametrize(("price_fen", "saved_fen"), [(1500, 500), (0, 2000), (2000, 0), (9999, 0)])
def test_a_bundle_at_a_price(price_fen: int, saved_fen: int) -> None:
    bundle = Bundle("set", "套餐", "merchant", items=BREAKFAST.items, price_fen=price_fen)
    assert sell(pack(bundle), line(BREAD), line(MILK, 2)).adjustments_fen == saved_fen


def test_any_of_several_goods_fills_an_item_and_the_dearest_are_chosen() -> None:
    any_two = Bundle("any", "任选两件", "merchant", items=(BundleItem(("10", "11", "12"), 2),), price_fen=900)
    sale = sell(pack(any_two), line(JUICE), line(MILK), line(BREAD))
    assert took(sale) == {"any": 600}
    assert [priced.saved_fen for priced in sale.lines] == [0, 200, 400]


def test_any_three_of_many_goods_is_decided_at_once() -> None:
    """Ways to fill it: 364 for the first set alone."""
    goods = [good(100 + i, code=f"{100 + i}") for i in range(12)]
    items = (BundleItem(tuple(one.code for one in goods), 3),)
    sale = sell(
        pack(Bundle("any", "任选三件", "merchant", items=items, price_fen=200)), *(line(one) for one in goods)
    )
    assert sale.optimal
    assert sale.adjustments_fen == sum(one.price_fen for one in goods) - 4 * 200
    assert sale.steps < 3_000


def test_sets_are_capped() -> None:
    capped = Bundle("set", "套餐", "merchant", items=BREAKFAST.items, off_bp=2000, max_units=1)
    assert sell(pack(capped), line(BREAD, 3), line(MILK, 6)).adjustments_fen == 400


def test_of_overlapping_bundles_the_better_pairing_is_found() -> None:
    """Bread and milk, or milk and juice: with one milk only one; with both breads both."""
    first = Bundle("first", "一", "merchant", items=(BundleItem(("10",)), BundleItem(("11",))), off_bp=1000)
    second = Bundle("second", "二", "merchant", items=(BundleItem(("11",)), BundleItem(("12",))), off_bp=2000)
    one_milk = sell(pack(first, second), line(BREAD), line(MILK), line(JUICE))
    assert took(one_milk) == {"second": 167}
    two_milks = sell(pack(first, second), line(BREAD), line(MILK, 2), line(JUICE))
    assert took(two_milks) == {"first": 150, "second": 167}


def test_a_greedy_choice_is_not_the_best() -> None:
    """The dearest set alone saves 5.00, the two others together 6.00."""
    big = Bundle("big", "大", "merchant", items=(BundleItem(("10",)), BundleItem(("11",))), price_fen=1000)
    left = Bundle("left", "左", "merchant", items=(BundleItem(("10",)), BundleItem(("12",))), price_fen=1033)
    right = Bundle("right", "右", "merchant", items=(BundleItem(("11",)), BundleItem(("13",))), price_fen=500)
    rolls = good(300, code="13")
    sale = sell(pack(big, left, right), line(BREAD), line(MILK), line(JUICE), line(rolls))
    assert took(sale) == {"left": 300, "right": 300}


def test_weighed_goods_are_in_no_bundle() -> None:
    bundle = Bundle("pair", "套餐", "merchant", items=(BundleItem((PEARS.code,), 2),), off_bp=5000)
    assert sell(pack(bundle), line(PEARS, 500), line(PEARS, 500)).adjustments_fen == 0


def test_pieces_of_one_good_on_two_lines_fill_a_bundle_together() -> None:
    bundle = Bundle("pair", "套餐", "merchant", items=(BundleItem((BREAD.code,), 2),), off_bp=5000)
    sale = sell(pack(bundle), line(BREAD), line(BREAD))
    assert [priced.saved_fen for priced in sale.lines] == [500, 500]


def test_who_bears_a_bundle() -> None:
    bundle = Bundle("pair", "套餐", "alliance", items=(BundleItem((BREAD.code,), 2),), off_bp=5000)
    sale = sell(pack(bundle), line(BREAD, 2))
    assert funded(sale) == {"alliance": 1000}
    assert sale.outcome.received_fen == 2000


def test_a_closed_bundle_is_no_offer() -> None:
    closed = Bundle("set", "套餐", "merchant", Scope(stores=("S9",)), items=BREAKFAST.items, off_bp=2000)
    assert sell(pack(closed), line(BREAD), line(MILK, 2)).adjustments_fen == 0


# --- gifts -------------------------------------------------------------------------------------------

GIFT = Gift("egg", "礼品券", "issuer", Scope(products=(BREAD.code,)))


@pytest.mark.parametrize(
    ("coupons", "quantity", "free"), [(0, 1, 0), (1, 1, 1), (1, 3, 1), (2, 3, 2), (3, 2, 2)]
)
def test_each_coupon_gives_one_piece_for_nothing(coupons: int, quantity: int, free: int) -> None:
    sale = sell(pack(GIFT), line(BREAD, quantity), coupons=held(*["egg"] * coupons))
    assert took(sale) == ({"egg": 1000 * free} if free else {})
    assert len(sale.coupons_used) == free


def test_a_walk_in_gets_no_gift() -> None:
    assert sell(pack(GIFT), line(BREAD), coupons=held("egg"), member=None).adjustments_fen == 0


def test_a_gift_is_no_weighed_good() -> None:
    gift = Gift("fruit", "礼品券", "issuer", Scope(categories=("水果",)))
    assert sell(pack(gift), line(PEARS, 500), coupons=held("fruit")).adjustments_fen == 0


def test_each_piece_is_borne_by_who_gave_its_coupon_out() -> None:
    coupons = (HeldCoupon("egg", issuer="M1"), HeldCoupon("egg", issuer="M2"), HeldCoupon("egg", issuer="M3"))
    sale = sell(pack(GIFT), line(BREAD, 3), coupons=coupons)
    assert funded(sale) == {"merchant": 1000, "issuer": 2000}
    assert [(one.units, one.funder) for one in sale.lines[0].adjustments] == [
        (1, "merchant"),
        (1, "issuer"),
        (1, "issuer"),
    ]
    assert sale.coupons_used == coupons
    assert sale.outcome.reimbursed == {"issuer:M2": 1000, "issuer:M3": 1000}


def test_the_dearest_piece_is_the_gift() -> None:
    gift = Gift("any", "礼品券", "alliance", Scope(categories=("烘焙", "饮料")))
    sale = sell(pack(MEMBER_PRICE, gift), line(MILK), line(BREAD), coupons=held("any"))
    assert took(sale) == {"any": 1000, "member_price": 20}


def test_no_coupon_is_used_up_for_what_is_free_anyway() -> None:
    window = Window(
        "window", "免费", "merchant", Scope(products=(BREAD.code,)), When(opens="00:00"), price_fen=0
    )
    sale = sell(pack(GIFT, window), line(BREAD), coupons=held("egg"))
    assert took(sale) == {"window": 1000}
    assert sale.coupons_used == ()
