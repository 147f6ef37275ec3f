"""Rules of the whole sale: coupon, first order, percentage; thresholds, stacking, and what goes first."""

from __future__ import annotations

import pytest

from pos.domain.basket import HeldCoupon
from pos.domain.money import split
from pos.domain.programme.part import Funder
from pos.domain.programme.rules import BasketPercent, Coupon, FirstOrder, Flash, MemberPrice, Scope
from tests.domain.pricing.shop import (
    BREAD,
    JUICE,
    MEMBER_PRICE,
    MILK,
    TOBACCO,
    funded,
    good,
    held,
    line,
    member,
    pack,
    sell,
    took,
)

COUPON = Coupon("coupon", "满50减10", "merchant", min_fen=50_00, off_fen=10_00)
FIRST = FirstOrder("first", "首单满30减30", "alliance", min_fen=30_00, off_fen=30_00)
NEW = member(first_order=True)


# --- coupons and first orders --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total_fen", "saved_fen"), [(49_99, 0), (50_00, 1000), (50_01, 1000), (100_00, 1000), (500_00, 1000)]
)
def test_a_threshold_is_reached_once_not_per_multiple(total_fen: int, saved_fen: int) -> None:
    sale = sell(pack(COUPON), line(good(total_fen)), coupons=held("coupon"))
    assert sale.adjustments_fen == saved_fen
    assert sale.coupons_used == (held("coupon") if saved_fen else ())


def test_without_the_coupon_there_is_nothing_off() -> None:
    assert sell(pack(COUPON), line(good(60_00))).adjustments_fen == 0


def test_a_walk_in_uses_no_coupon() -> None:
    assert sell(pack(COUPON), line(good(60_00)), coupons=held("coupon"), member=None).adjustments_fen == 0


def test_one_coupon_of_a_kind_is_used_and_the_first_held() -> None:
    coupons = (HeldCoupon("coupon", "A"), HeldCoupon("coupon", "B"))
    sale = sell(pack(COUPON), line(good(200_00)), coupons=coupons)
    assert sale.adjustments_fen == 1000
    assert sale.coupons_used == coupons[:1]


@pytest.mark.parametrize(
    ("first", "total_fen", "payable_fen"),
    [
        (True, 30_00, 0),
        (True, 29_99, 29_99),
        (True, 45_00, 15_00),
        (False, 45_00, 45_00),
    ],
)
def test_a_first_order_applies_by_itself(first: bool, total_fen: int, payable_fen: int) -> None:
    sale = sell(pack(FIRST), line(good(total_fen)), member=member(first_order=first))
    assert sale.payable_fen == payable_fen
    assert sale.outcome.received_fen == total_fen


def test_excluded_goods_do_not_help_to_reach_a_threshold() -> None:
    sale = sell(pack(COUPON), line(good(49_00)), line(TOBACCO), coupons=held("coupon"))
    assert sale.adjustments_fen == 0


@pytest.mark.parametrize(
    ("funder", "issuer", "bears", "received_fen"),
    [
        ("merchant", None, "merchant", 50_00),
        ("alliance", None, "alliance", 60_00),
        ("brand", None, "brand", 60_00),
        ("issuer", None, "merchant", 50_00),
        ("issuer", "M1", "merchant", 50_00),
        ("issuer", "M2", "issuer", 60_00),
    ],
)
def test_who_bears_a_coupon(funder: Funder, issuer: str | None, bears: str, received_fen: int) -> None:
    rule = Coupon("coupon", "满50减10", funder, min_fen=50_00, off_fen=10_00)
    sale = sell(pack(rule), line(good(60_00)), coupons=(HeldCoupon("coupon", "N1", issuer),))
    assert funded(sale) == {bears: 1000}
    assert sale.outcome.received_fen == received_fen


@pytest.mark.parametrize(
    ("funder", "words"),
    [("merchant", "省 10.00 元"), ("alliance", "联盟补贴"), ("issuer", "发券商家承担")],
)
def test_a_reduction_says_who_bears_it(funder: Funder, words: str) -> None:
    rule = Coupon("coupon", "满50减10", funder, min_fen=50_00, off_fen=10_00)
    sale = sell(pack(rule), line(good(60_00)), coupons=(HeldCoupon("coupon", "N1", "M2"),))
    assert words in str(sale.lines[0].adjustments[0].text)
    assert sale.lines[0].adjustments[0].units == 0


def test_it_is_spread_over_the_eligible_lines_by_their_totals_after_unit_rules() -> None:
    sale = sell(
        pack(MEMBER_PRICE, COUPON),
        line(BREAD, 3),
        line(TOBACCO),
        line(MILK, 4),
        line(JUICE, 5),
        coupons=held("coupon"),
    )
    parts = [
        sum(one.amount_fen for one in priced.adjustments if one.rule == "coupon") for priced in sale.lines
    ]
    assert parts == split(1000, [2700, 0, 1920, 1665])


# --- thresholds and unit rules ---------------------------------------------------------------------------


def test_the_member_price_is_left_out_where_that_reaches_the_threshold() -> None:
    """At list 50.00, less 10.00; at the member price 48.00 and no coupon."""
    sale = sell(pack(MEMBER_PRICE, COUPON), line(good(5000, 4800)), coupons=held("coupon"))
    assert took(sale) == {"coupon": 1000}
    assert sale.payable_fen == 4000


def test_no_more_is_left_out_than_the_threshold_asks_for() -> None:
    cheap, dear = good(1000, 990, code="1"), good(4010, 3900, code="2")
    sale = sell(pack(MEMBER_PRICE, COUPON), line(cheap), line(dear), coupons=held("coupon"))
    assert took(sale) == {"member_price": 10, "coupon": 1000}


def test_units_of_one_line_may_be_left_out_each_for_itself() -> None:
    """Six at 9.00 are 54.00: four may be cheaper by 1.00 each and two not, or the threshold is missed."""
    flash = Flash("flash", "秒杀", "merchant", quota=9, price_fen=800)
    sale = sell(pack(flash, COUPON), line(good(900), 6), coupons=held("coupon"))
    assert took(sale) == {"flash": 400, "coupon": 1000}


def test_a_threshold_not_worth_it_is_left() -> None:
    sale = sell(pack(MEMBER_PRICE, COUPON), line(good(5000, 3000)), coupons=held("coupon"))
    assert took(sale) == {"member_price": 2000}
    assert sale.coupons_used == ()


def test_a_threshold_looks_at_the_goods_in_scope() -> None:
    rule = Coupon("drinks", "饮料满10减3", "merchant", Scope(categories=("饮料",)), min_fen=1000, off_fen=300)
    assert took(sell(pack(rule), line(BREAD, 9), line(MILK), coupons=held("drinks"))) == {}
    sale = sell(pack(rule), line(BREAD), line(MILK, 2), coupons=held("drinks"))
    assert [priced.saved_fen for priced in sale.lines] == [0, 300]


def test_a_rule_without_goods_in_scope_is_no_offer() -> None:
    rule = Coupon("tea", "茶减3", "merchant", Scope(categories=("茶",)), off_fen=300)
    sale = sell(pack(rule), line(BREAD), coupons=held("tea"))
    assert sale.payable_fen == 1000
    assert sale.coupons_used == ()


# --- percentages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total_fen", "max_fen", "saved_fen"),
    [(1005, None, 101), (1004, None, 100), (9999, 500, 500), (4000, 500, 400), (5000, 500, 500)],
)
def test_a_percentage_of_the_sale(total_fen: int, max_fen: int | None, saved_fen: int) -> None:
    rule = BasketPercent("percent", "九折", "merchant", off_bp=1000, max_fen=max_fen)
    assert sell(pack(rule), line(good(total_fen))).adjustments_fen == saved_fen


def test_a_percentage_is_of_what_unit_rules_left() -> None:
    rule = BasketPercent("percent", "九折", "merchant", off_bp=1000)
    assert took(sell(pack(MEMBER_PRICE, rule), line(BREAD, 10))) == {"member_price": 1000, "percent": 900}


def test_a_percentage_for_everyone() -> None:
    rule = BasketPercent("percent", "九折", "merchant", audience="everyone", off_bp=1000)
    assert sell(pack(rule), line(BREAD), member=None).payable_fen == 900


def test_more_than_the_goods_cost_is_never_taken_off() -> None:
    rule = Coupon("coupon", "减10", "merchant", off_fen=1000)
    sale = sell(pack(rule), line(MILK), coupons=held("coupon"))
    assert sale.payable_fen == 0


# --- stacking --------------------------------------------------------------------------------------------


def test_of_one_group_the_best_rule_applies() -> None:
    rules = (COUPON, FIRST, BasketPercent("percent", "八折", "merchant", off_bp=2000))
    for total_fen, best in ((20_00, "percent"), (40_00, "first"), (200_00, "percent"), (140_00, "first")):
        sale = sell(pack(*rules), line(good(total_fen)), member=NEW, coupons=held("coupon"))
        assert list(took(sale)) == [best], total_fen


def test_rules_of_different_groups_are_each_reckoned_on_the_same_total() -> None:
    rule = BasketPercent("percent", "九折", "merchant", off_bp=1000, group="percent")
    sale = sell(pack(COUPON, rule), line(good(60_00)), coupons=held("coupon"))
    assert took(sale) == {"coupon": 1000, "percent": 600}


def test_a_threshold_is_judged_before_other_rules_of_the_basket() -> None:
    rule = BasketPercent("percent", "满50打八折", "merchant", min_fen=50_00, off_bp=2000, group="percent")
    sale = sell(pack(COUPON, rule), line(good(50_00)), coupons=held("coupon"))
    assert took(sale) == {"coupon": 1000, "percent": 1000}


def test_together_they_take_no_more_than_the_goods_cost() -> None:
    first = FirstOrder("first", "首单减30", "alliance", off_fen=30_00)
    extra = Coupon("coupon", "减10", "merchant", off_fen=10_00, group="extra")
    sale = sell(pack(first, extra), line(good(35_00)), member=NEW, coupons=held("coupon"))
    assert took(sale) == {"first": 3000, "coupon": 500}
    assert sale.payable_fen == 0


def test_no_coupon_is_used_up_for_nothing() -> None:
    first = FirstOrder("first", "首单减30", "alliance", off_fen=30_00)
    extra = Coupon("coupon", "减10", "merchant", off_fen=10_00, group="extra")
    sale = sell(pack(first, extra), line(good(30_00)), member=NEW, coupons=held("coupon"))
    assert took(sale) == {"first": 3000}
    assert sale.coupons_used == ()


def test_a_rule_makes_way_where_another_has_no_other_goods() -> None:
    """15.00 off everything and 10.00 off drinks: the drinks' 10.00 go to the second, the bread's to the first."""
    all_goods = FirstOrder("first", "首单减15", "alliance", off_fen=1500)
    drinks = Coupon(
        "drinks", "饮料减10", "merchant", Scope(categories=("饮料",)), off_fen=1000, group="drinks"
    )
    sale = sell(pack(all_goods, drinks), line(good(1500)), line(MILK, 2), member=NEW, coupons=held("drinks"))
    assert took(sale) == {"first": 1500, "drinks": 1000}
    assert [priced.payable_fen for priced in sale.lines] == [0, 0]
    assert [[(one.rule, one.amount_fen) for one in priced.adjustments] for priced in sale.lines] == [
        [("first", 1500)],
        [("drinks", 1000)],
    ]


def test_two_coupons_in_two_groups_for_two_categories() -> None:
    drinks = Coupon("drinks", "饮料减2", "merchant", Scope(categories=("饮料",)), off_fen=200, group="drinks")
    bakery = Coupon("bakery", "烘焙减3", "merchant", Scope(categories=("烘焙",)), off_fen=300, group="bakery")
    sale = sell(pack(drinks, bakery), line(BREAD), line(MILK), coupons=held("drinks", "bakery"))
    assert [priced.payable_fen for priced in sale.lines] == [700, 300]


# --- ties ------------------------------------------------------------------------------------------------


def test_of_equal_prices_the_one_without_a_coupon() -> None:
    rule = BasketPercent("percent", "满减", "alliance", off_bp=1000)
    coupon = Coupon("coupon", "减10", "merchant", off_fen=1000)
    assert took(sell(pack(coupon, rule), line(good(100_00)), coupons=held("coupon"))) == {"percent": 1000}


def test_then_the_one_that_costs_the_alliance_less() -> None:
    mine = BasketPercent("mine", "本店", "merchant", off_bp=1000)
    theirs = BasketPercent("theirs", "联盟", "alliance", off_bp=1000)
    assert took(sell(pack(theirs, mine), line(good(100_00)))) == {"mine": 1000}


def test_then_the_one_with_fewer_rules() -> None:
    """One rule of the sale for both lines, rather than a member price on each."""
    rule = BasketPercent("percent", "九折", "merchant", off_bp=1000)
    sale = sell(pack(MEMBER_PRICE, rule), line(good(1000, 900)), line(good(500, 400, code="5")))
    assert took(sale) == {"percent": 130, "member_price": 200}
    once = Coupon("coupon", "减2", "merchant", off_fen=200)
    flash = Flash("flash", "秒杀", "merchant", quota=9, off_bp=1000)
    assert took(sell(pack(flash, once), line(good(1000), 2), coupons=held("coupon"))) == {
        "coupon": 200,
        "flash": 200,
    }


def test_then_the_earliest_in_the_pack() -> None:
    first = MemberPrice("first", "会员价", "merchant")
    second = MemberPrice("second", "会员价", "merchant")
    assert took(sell(pack(first, second), line(BREAD))) == {"first": 100}
    assert took(sell(pack(second, first), line(BREAD))) == {"second": 100}


def test_a_flash_unit_is_saved_where_the_member_price_is_the_same() -> None:
    flash = Flash("flash", "秒杀", "merchant", quota=9, price_fen=900)
    assert took(sell(pack(flash, MEMBER_PRICE), line(BREAD, 2))) == {"member_price": 200}
