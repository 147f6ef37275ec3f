"""Where the ways are too many the search ends: it says so, at the same place everywhere, and is no worse than plain."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.domain.basket import Basket
from pos.domain.pricing.price import price
from pos.domain.pricing.search.best import STEPS_MAX
from pos.domain.programme.rules import Bundle, BundleItem, Coupon, Flash, MemberPrice, NthItem
from tests.bench.offers import basket as big_basket
from tests.bench.offers import five_offers, hundred_rules
from tests.domain.pricing.brute_force import cheapest, greedy
from tests.domain.pricing.random_packs import Case, cases
from tests.domain.pricing.shop import basket, good, held, line, pack, sell

few = settings(max_examples=100)
limits = st.sampled_from((0, 1, 2, 3, 5, 8, 13, 30, 60, 100, 300))


@few
@given(cases(rules_max=12, lines_max=6, units_max=6), limits)
def test_a_bound_that_is_hit_is_never_worse_than_greedy(case: Case, steps_max: int) -> None:
    sale = price(*case, steps_max=steps_max)
    assert sale.steps <= steps_max
    assert sale.payable_fen <= greedy(*case)
    full = price(*case)
    assert sale.payable_fen >= full.payable_fen or not full.optimal


@few
@given(cases(rules_max=8), limits)
def test_what_calls_itself_the_best_is_the_best_whatever_the_bound(case: Case, steps_max: int) -> None:
    sale = price(*case, steps_max=steps_max)
    if sale.optimal:
        assert sale.payable_fen == cheapest(*case).payable_fen


@few
@given(cases(rules_max=12, lines_max=6, units_max=6), limits)
def test_steps_and_answer_are_the_same_every_time(case: Case, steps_max: int) -> None:
    assert price(*case, steps_max=steps_max) == price(*case, steps_max=steps_max)


def crowded(lines: int = 12) -> Case:
    """Every rule wants every good: bundles of any of them, quotas for all, and a threshold that asks to save less."""
    goods = [good(311 + 47 * i, 301 + 43 * i, code=f"{i}") for i in range(lines)]
    codes = tuple(one.code for one in goods)
    rules = (
        MemberPrice("member_price", "会员价", "merchant"),
        Flash("flash", "秒杀", "merchant", quota=5, off_bp=3333),
        Flash("other", "秒杀", "merchant", quota=7, off_bp=2777),
        NthItem("nth", "第二件", "merchant", n=2, off_bp=4999, max_units=8),
        Bundle("three", "任选三件", "merchant", items=(BundleItem(codes, 3),), off_bp=2999),
        Bundle(
            "five",
            "任选五件",
            "merchant",
            items=(BundleItem(codes[::2], 2), BundleItem(codes, 3)),
            price_fen=1699,
        ),
        Coupon("coupon", "满减", "merchant", min_fen=sum(one.price_fen for one in goods) * 2, off_fen=4000),
    )
    return Case(basket(*(line(one, 3) for one in goods), coupons=held("coupon")), pack(*rules))


def test_too_many_ways_are_not_proven_and_say_so() -> None:
    case = crowded()
    sale = price(*case)
    assert not sale.optimal
    assert sale.steps == STEPS_MAX
    assert sale.payable_fen < greedy(*case)


@pytest.mark.parametrize("steps_max", [0, 100, 1_000, 10_000])
def test_a_tighter_bound_ends_sooner(steps_max: int) -> None:
    sale = price(*crowded(), steps_max=steps_max)
    assert (sale.optimal, sale.steps) == (False, steps_max)


def test_what_costs_nothing_needs_no_proof() -> None:
    case = crowded()
    free = Coupon("free", "全免", "merchant", off_bp=10_000, group="free")
    sale = price(
        Basket(case.basket.lines, case.basket.member, coupons=held("free")),
        pack(*case.pack.price_rules, free),
        steps_max=3,
    )
    assert sale.payable_fen == 0
    assert sale.optimal


def test_many_pieces_of_one_good_are_no_many_ways() -> None:
    flash = Flash("flash", "秒杀", "merchant", quota=500, off_bp=3333)
    nth = NthItem("nth", "第三件", "merchant", n=3, off_bp=5000)
    sale = sell(
        pack(MemberPrice("member_price", "会员价", "merchant"), flash, nth), line(good(333, 300), 9_999)
    )
    assert sale.optimal
    assert sale.steps < 5_000


def test_many_pieces_fill_a_bundle_many_times() -> None:
    pair = Bundle("pair", "两件", "merchant", items=(BundleItem(("10",), 2),), off_bp=1000)
    sale = sell(pack(pair), line(good(333), 200))
    assert (sale.adjustments_fen, sale.optimal) == (6660, True)


# --- it stays interactive: steps, which take the same everywhere, not time --------------------------------


ALL_COUPONS = tuple(f"coupon_{i}" for i in range(16))


def test_twenty_lines_and_five_offers() -> None:
    sale = price(big_basket(20, ("coupon",)), five_offers())
    assert sale.optimal
    assert sale.steps < 500


def test_fifty_lines_and_a_hundred_rules() -> None:
    rules = hundred_rules()
    assert len(rules.price_rules) == 100
    sale = price(big_basket(50, ALL_COUPONS), rules)
    assert sale.optimal
    assert len({one.rule for bought in sale.lines for one in bought.adjustments}) > 15
    assert sale.steps < 8_000


def test_a_growing_cart_at_every_scan() -> None:
    rules, whole = hundred_rules(), big_basket(60, ALL_COUPONS)
    carts = [msgspec.structs.replace(whole, lines=whole.lines[:size]) for size in range(1, 61)]
    sales = [price(cart, rules) for cart in carts]
    # the bundles and quotas make one group of forty lines; with one of the carts a coupon is just out of reach
    assert sum(sale.steps < 8_000 for sale in sales) >= 59
    assert sum(sale.optimal for sale in sales) >= 59
    assert max(sale.steps for sale in sales) <= STEPS_MAX
