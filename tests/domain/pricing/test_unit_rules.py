"""Rules for single units: member price, plan discount, window, flash, nth item."""

from __future__ import annotations

import pytest

from pos.domain.programme.part import Funder
from pos.domain.programme.rules import Flash, MemberPrice, NthItem, PlanDiscount, Scope, When, Window
from tests.domain.pricing.shop import (
    BREAD,
    JUICE,
    MEMBER_PRICE,
    MILK,
    PEARS,
    TOBACCO,
    funded,
    good,
    line,
    member,
    pack,
    sell,
    took,
    units,
)

ALWAYS = When(opens="00:00")


# --- member price ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("product", "amount", "payable_fen"),
    [(BREAD, 1, 900), (BREAD, 3, 2700), (PEARS, 1234, 1456), (JUICE, 2, 666), (TOBACCO, 1, 6060)],
)
def test_a_member_pays_the_member_price(product: object, amount: int, payable_fen: int) -> None:
    sale = sell(pack(MEMBER_PRICE), line(product, amount))  # type: ignore[arg-type]
    assert sale.payable_fen == payable_fen


def test_a_walk_in_pays_the_list() -> None:
    assert sell(pack(MEMBER_PRICE), line(BREAD), member=None).payable_fen == 1000


def test_a_member_price_above_the_list_is_no_offer() -> None:
    sale = sell(pack(MEMBER_PRICE), line(good(500, 600)))
    assert sale.payable_fen == 500
    assert sale.lines[0].adjustments == ()


@pytest.mark.parametrize(
    ("quantity", "unit_price_fen", "payable_fen"), [(1, 900, 900), (2, 900, 1800), (3, 1000, 2800)]
)
def test_a_capped_member_price_is_stated_only_where_it_holds_for_all(
    quantity: int, unit_price_fen: int, payable_fen: int
) -> None:
    capped = MemberPrice("member_price", "会员价", "merchant", max_units=2)
    sale = sell(pack(capped), line(BREAD, quantity))
    assert sale.lines[0].unit_price_fen == unit_price_fen
    assert sale.payable_fen == payable_fen


def test_a_cap_is_one_for_all_lines() -> None:
    capped = MemberPrice("member_price", "会员价", "merchant", max_units=2)
    sale = sell(pack(capped), line(MILK, 2), line(BREAD, 2))
    assert took(sale) == {"member_price": 200}
    assert [len(one.adjustments) for one in sale.lines] == [0, 1]


# --- plan discount -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "off_bp", "saved_fen"),
    [
        ("basic", 500, 50),
        ("basic", 1000, 100),
        ("basic", 3000, 100),
        ("co_creator", 3000, 300),
        ("co_creator", 9000, 500),
        ("unheard_of", 9000, 900),
    ],
)
def test_a_plan_discount_goes_no_deeper_than_the_floor(plan: str, off_bp: int, saved_fen: int) -> None:
    rule = PlanDiscount("plan", "等级折扣", "merchant", off_bp=off_bp)
    sale = sell(pack(rule), line(good(1000)), member=member(plan))
    assert sale.adjustments_fen == saved_fen


def test_a_floor_bounds_nothing_but_the_plan_discount() -> None:
    window = Window("window", "特价", "merchant", when=ALWAYS, off_bp=5000)
    assert sell(pack(window), line(good(1000))).payable_fen == 500


@pytest.mark.parametrize(
    ("funder", "below", "expected"),
    [
        ("merchant", None, {"merchant": 400}),
        ("merchant", "alliance", {"merchant": 100, "alliance": 300}),
        ("merchant", "brand", {"merchant": 100, "brand": 300}),
        ("brand", "alliance", {"brand": 100, "alliance": 300}),
        ("alliance", None, {"alliance": 400}),
        ("alliance", "brand", {"alliance": 100, "brand": 300}),
    ],
)
def test_who_bears_what_goes_below_the_member_price(
    funder: Funder, below: Funder | None, expected: dict[str, int]
) -> None:
    rule = PlanDiscount("plan", "等级折扣", funder, off_bp=4000, below_member_price=below)
    sale = sell(pack(MEMBER_PRICE, rule), line(BREAD), member=member("co_creator"))
    assert funded(sale) == expected
    assert sale.payable_fen == 600
    others = sum(fen for who, fen in expected.items() if who != "merchant")
    assert sale.outcome.received_fen == 600 + others
    assert sale.outcome.reimbursement_fen == others


def test_a_plan_discount_above_the_member_price_is_the_merchants_own() -> None:
    rule = PlanDiscount("plan", "等级折扣", "merchant", off_bp=800, below_member_price="alliance")
    sale = sell(pack(rule), line(BREAD), member=member("co_creator"))
    assert funded(sale) == {"merchant": 80}


def test_of_member_price_and_plan_discount_the_lower_holds() -> None:
    rule = PlanDiscount("plan", "等级折扣", "merchant", off_bp=800)
    deep, shallow = good(1000, 880), good(1000, 950, code="13")
    sale = sell(pack(MEMBER_PRICE, rule), line(deep), line(shallow))
    assert took(sale) == {"member_price": 120, "plan": 80}


# --- percentages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("list_fen", "quantity", "off_bp", "saved_fen"),
    [
        (333, 1, 1000, 33),
        (333, 2, 1000, 67),
        (333, 3, 1000, 100),
        (5, 1, 1000, 1),
        (4, 1, 1000, 0),
        (5, 3, 1000, 2),
    ],
)
def test_the_reduction_of_the_line_is_rounded_half_up_not_the_price_of_a_piece(
    list_fen: int, quantity: int, off_bp: int, saved_fen: int
) -> None:
    window = Window("window", "特价", "merchant", when=ALWAYS, off_bp=off_bp)
    assert sell(pack(window), line(good(list_fen), quantity)).adjustments_fen == saved_fen


def test_a_percentage_of_a_weighed_line_is_of_its_amount() -> None:
    window = Window("window", "特价", "merchant", when=ALWAYS, off_bp=3000)
    sale = sell(pack(window), line(PEARS, 1234))
    assert (sale.gross_fen, sale.payable_fen) == (1580, 1580 - 474)


def test_a_fixed_price_of_weighed_goods_is_for_a_kg() -> None:
    window = Window("window", "特价", "merchant", when=ALWAYS, price_fen=1000)
    sale = sell(pack(window), line(PEARS, 1234))
    assert sale.payable_fen == 1234
    assert sale.lines[0].unit_price_fen == 1000


# --- window ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "at", "opens"),
    [
        (When(opens="18:00", closes="20:00"), "2026-03-04T17:59:59+08:00", False),
        (When(opens="18:00", closes="20:00"), "2026-03-04T18:00:00+08:00", True),
        (When(opens="18:00", closes="20:00"), "2026-03-04T19:59:59+08:00", True),
        (When(opens="18:00", closes="20:00"), "2026-03-04T20:00:00+08:00", False),
        (When(opens="20:00", closes="24:00"), "2026-03-04T23:59:59+08:00", True),
        (When(weekdays=("mon", "tue", "wed", "thu", "fri")), "2026-03-06T12:00:00+08:00", True),
        (When(weekdays=("mon", "tue", "wed", "thu", "fri")), "2026-03-07T12:00:00+08:00", False),
        (When(month_days=(8, 18, 28)), "2026-03-08T12:00:00+08:00", True),
        (When(month_days=(8, 18, 28)), "2026-03-09T12:00:00+08:00", False),
        (When(weekdays=("sun",), month_days=(8,)), "2026-04-08T12:00:00+08:00", False),
        (When(weekdays=("sun",), month_days=(8,)), "2026-03-08T12:00:00+08:00", True),
        (When(dates=("2026-10-01",), weekdays=("mon",)), "2026-10-01T12:00:00+08:00", True),
        (When(dates=("2026-10-01",), weekdays=("mon",)), "2026-03-02T12:00:00+08:00", False),
        (When(first="2026-03-05"), "2026-03-04T12:00:00+08:00", False),
        (When(first="2026-03-04", last="2026-03-04"), "2026-03-04T12:00:00+08:00", True),
        (When(last="2026-03-03"), "2026-03-04T12:00:00+08:00", False),
        (When(), "", False),
    ],
)
def test_a_window_is_open_from_up_to_but_not_including(when: When, at: str, opens: bool) -> None:
    window = Window("window", "特价", "merchant", when=when, off_bp=1000)
    assert (sell(pack(window), line(BREAD), at=at).adjustments_fen == 100) == opens


def test_a_window_for_everyone_is_for_walk_ins_too() -> None:
    window = Window("window", "特价", "merchant", when=ALWAYS, audience="everyone", off_bp=1000)
    assert sell(pack(window), line(BREAD), member=None).payable_fen == 900


def test_a_window_for_members_is_not_for_walk_ins() -> None:
    window = Window("window", "特价", "merchant", when=ALWAYS, off_bp=1000)
    assert sell(pack(window), line(BREAD), member=None).payable_fen == 1000


@pytest.mark.parametrize(("store", "payable_fen"), [("S1", 900), ("S2", 1000), ("", 1000)])
def test_a_rule_of_some_stores(store: str, payable_fen: int) -> None:
    window = Window("window", "特价", "merchant", Scope(stores=("S1", "S3")), ALWAYS, off_bp=1000)
    assert sell(pack(window), line(BREAD), store=store).payable_fen == payable_fen


@pytest.mark.parametrize(
    ("scope", "payable_fen"),
    [
        (Scope(), 900 + 450),
        (Scope(products=("10",)), 900 + 500),
        (Scope(categories=("饮料",)), 1000 + 450),
        (Scope(products=("10",), categories=("饮料",)), 900 + 450),
        (Scope(except_products=("10",)), 1000 + 450),
        (Scope(except_categories=("饮料",)), 900 + 500),
        (Scope(categories=("饮料", "烘焙"), except_products=("11",)), 900 + 500),
        (Scope(plans=("basic",)), 900 + 450),
        (Scope(plans=("co_creator",)), 1500),
    ],
)
def test_scopes(scope: Scope, payable_fen: int) -> None:
    window = Window("window", "特价", "merchant", scope, ALWAYS, off_bp=1000)
    assert sell(pack(window), line(BREAD), line(MILK)).payable_fen == payable_fen


def test_excluded_goods_take_no_discount_even_where_a_rule_names_them() -> None:
    window = Window("window", "特价", "merchant", Scope(products=(TOBACCO.code,)), ALWAYS, off_bp=5000)
    assert sell(pack(window), line(TOBACCO)).payable_fen == 6060


# --- flash -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "quantity", "payable_fen", "taken"),
    [(0, 1, 100, 1), (0, 4, 400 + 0, 4), (8, 4, 200 + 2 * 900, 2), (10, 1, 900, 0), (12, 1, 900, 0)],
)
def test_a_flash_item_lasts_as_long_as_its_quota(
    used: int, quantity: int, payable_fen: int, taken: int
) -> None:
    flash = Flash("flash", "秒杀", "merchant", quota=10, price_fen=100)
    sale = sell(pack(MEMBER_PRICE, flash), line(BREAD, quantity), used={"flash": used})
    assert sale.payable_fen == payable_fen
    assert units(sale, "flash") == taken


def test_of_a_flash_item_a_sale_takes_so_many() -> None:
    flash = Flash("flash", "秒杀", "merchant", quota=10, max_units=2, price_fen=100)
    sale = sell(pack(MEMBER_PRICE, flash), line(BREAD, 3))
    assert took(sale) == {"flash": 1800, "member_price": 100}
    assert sale.lines[0].unit_price_fen == 1000


def test_a_quota_goes_where_it_saves_most() -> None:
    flash = Flash("flash", "秒杀", "merchant", quota=2, off_bp=5000)
    sale = sell(pack(flash), line(MILK, 2), line(BREAD), line(JUICE))
    assert took(sale) == {"flash": 500 + 250}
    assert [sum(one.units for one in priced.adjustments) for priced in sale.lines] == [1, 1, 0]


# --- nth item ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "quantity", "payable_fen"),
    [
        (2, 1, 1000),
        (2, 2, 1500),
        (2, 3, 2500),
        (2, 4, 3000),
        (3, 2, 2000),
        (3, 3, 2500),
        (3, 7, 6000),
    ],
)
def test_every_nth_piece_at_half_price(n: int, quantity: int, payable_fen: int) -> None:
    rule = NthItem("nth", "第二件半价", "merchant", n=n, off_bp=5000)
    assert sell(pack(rule), line(good(1000), quantity)).payable_fen == payable_fen


def test_the_nth_piece_at_a_fixed_price() -> None:
    rule = NthItem("nth", "第二件 1 元", "merchant", n=2, price_fen=100)
    sale = sell(pack(rule), line(BREAD, 2))
    assert sale.payable_fen == 1100
    assert sale.lines[0].unit_price_fen == 1000


def test_pieces_bound_to_the_nth_item_have_no_member_price() -> None:
    """Two of three for 15.00, the third at the member price; with two, half price beats two times 1.00 off."""
    rule = NthItem("nth", "第二件半价", "merchant", n=2, off_bp=5000)
    assert took(sell(pack(MEMBER_PRICE, rule), line(BREAD, 3))) == {"nth": 500, "member_price": 100}


def test_the_nth_item_is_not_forced_where_the_member_price_is_better() -> None:
    rule = NthItem("nth", "第二件九折", "merchant", n=2, off_bp=1000)
    assert took(sell(pack(MEMBER_PRICE, rule), line(BREAD, 2))) == {"member_price": 200}


def test_pieces_of_different_goods_are_no_pair() -> None:
    rule = NthItem("nth", "第二件半价", "merchant", n=2, off_bp=5000)
    assert sell(pack(rule), line(BREAD), line(MILK)).adjustments_fen == 0


def test_weighed_goods_have_no_nth_piece() -> None:
    rule = NthItem("nth", "第二件半价", "merchant", n=2, off_bp=5000)
    assert sell(pack(rule), line(PEARS, 2000), line(PEARS, 2000)).adjustments_fen == 0


def test_a_cap_on_units_counts_all_pieces_bound() -> None:
    rule = NthItem("nth", "第二件半价", "merchant", n=2, off_bp=5000, max_units=3)
    sale = sell(pack(rule), line(good(1000), 6))
    assert units(sale, "nth") == 2
    assert sale.adjustments_fen == 500


# --- leaving out -------------------------------------------------------------------------------------


def test_lines_of_one_good_are_priced_each_for_itself() -> None:
    sale = sell(pack(MEMBER_PRICE), line(PEARS, 617), line(PEARS, 617))
    assert [priced.payable_fen for priced in sale.lines] == [728, 728]


def test_units_of_a_line_may_take_different_rules() -> None:
    flash = Flash("flash", "秒杀", "merchant", quota=1, price_fen=100)
    rule = NthItem("nth", "第二件半价", "merchant", n=2, off_bp=5000)
    sale = sell(pack(MEMBER_PRICE, flash, rule), line(BREAD, 4))
    assert took(sale) == {"flash": 900, "nth": 500, "member_price": 100}
    assert [one.rule for one in sale.lines[0].adjustments] == ["member_price", "flash", "nth"]
