"""Parts of the search that a basket seldom reaches, and the placing of amounts that compete for lines."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.pricing.allotment import split_together, split_within
from pos.domain.pricing.search.candidate import borne
from pos.domain.pricing.search.cost import Steps, cost, saved_of
from pos.domain.programme.rules import BasketPercent, Bundle, BundleItem, Coupon, MemberPrice, Scope
from tests.domain.pricing.shop import BREAD, MEMBER_PRICE, MILK, good, held, line, pack, sell, took

amounts = st.lists(st.integers(0, 60), min_size=1, max_size=4)


@given(st.integers(0, 200), amounts, st.data())
def test_no_part_is_above_its_room_and_nothing_is_lost(
    total: int, room: list[int], data: st.DataObject
) -> None:
    weights = [data.draw(st.integers(1, 60)) for _ in room]
    parts = split_within(min(total, sum(room)), weights, room)
    assert sum(parts) == min(total, sum(room))
    assert all(0 <= part <= most for part, most in zip(parts, room, strict=True))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.data())
def test_amounts_that_fit_together_are_all_placed(room: list[int], data: st.DataObject) -> None:
    """Whatever lines each may stand on: what flows in all is what is placed."""
    where = [[data.draw(st.booleans()) for _ in room] for _ in range(data.draw(st.integers(1, 3)))]
    where = [one for one in where if any(one)]
    wanted = [data.draw(st.integers(0, 80)) for _ in where]
    lines_of = [tuple(i for i, may in enumerate(one) if may) for one in where]
    together = [0, *(borne(room, wanted[:n], lines_of) for n in range(1, len(wanted) + 1))]
    fitting = [after - before for before, after in pairwise(together)]
    weights = [[most if may else 0 for most, may in zip(room, one, strict=True)] for one in where]
    placed = split_together(fitting, weights, room)
    assert [sum(parts) for parts in placed] == fitting
    assert all(sum(parts[i] for parts in placed) <= most for i, most in enumerate(room))
    assert all(part >= 0 for parts in placed for part in parts)
    assert all(
        may or not part
        for parts, one in zip(placed, where, strict=True)
        for part, may in zip(parts, one, strict=True)
    )


def test_what_does_not_fit_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        split_together([5, 6], [[10, 0], [10, 0]], [10, 0])


def test_a_way_round_over_three_amounts() -> None:
    """The third fits only where the second moves on, and that only where the first does."""
    weights = [[10, 0, 0, 10], [10, 10, 0, 0], [0, 10, 0, 0]]
    placed = split_together([10, 10, 10], weights, [10, 10, 0, 10])
    assert placed == [[0, 0, 0, 10], [10, 0, 0, 0], [0, 10, 0, 0]]


@given(st.integers(0, 1 << 30), st.integers(0, 1 << 20), st.integers(0, 1 << 30), st.integers(0, 999))
def test_a_cost_compares_saving_first(saved_fen: int, single: int, alliance_fen: int, rules: int) -> None:
    value = cost(saved_fen, single=single, alliance_fen=alliance_fen, rules=rules, order=rules)
    assert saved_of(value) == saved_fen
    assert cost(saved_fen + 1, single=single + 1, alliance_fen=alliance_fen + 1) < value


def test_steps_are_counted_and_end() -> None:
    steps = Steps(3)
    assert steps.take(2)
    assert (steps.spent, steps.proven) == (2, True)
    assert not steps.take(2)
    assert (steps.spent, steps.proven) == (3, False)


def test_more_ways_to_fill_than_are_looked_at_are_not_proven() -> None:
    """Sixty pieces of one good in three items that all take it."""
    items = (BundleItem((BREAD.code, MILK.code)), BundleItem((BREAD.code,)), BundleItem((BREAD.code,), 2))
    sale = sell(
        pack(Bundle("any", "套餐", "merchant", items=items, off_bp=3333)), line(BREAD, 60), line(MILK, 2)
    )
    assert not sale.optimal
    assert sale.adjustments_fen >= 15 * 1333


def test_two_lines_of_which_either_may_give_up_its_member_price() -> None:
    """Drinks for 10.00 give 3.00 off, and 10 % of everything: one milk stays at the list price."""
    drinks = Coupon("drinks", "饮料减3", "merchant", Scope(categories=("饮料",)), min_fen=980, off_fen=300)
    percent = BasketPercent("percent", "九折", "merchant", off_bp=1000, group="percent")
    sale = sell(
        pack(MEMBER_PRICE, drinks, percent), line(MILK), line(MILK), line(BREAD), coupons=held("drinks")
    )
    assert took(sale) == {"member_price": 120, "drinks": 300, "percent": 188}
    assert sale.optimal


@pytest.mark.parametrize("quantity", [900, 9_999])
def test_everything_for_nothing_in_many_equal_ways(quantity: int) -> None:
    """Each piece may have the member price or not: the coupon takes all that is left."""
    free = Coupon("free", "全免", "merchant", off_fen=99_999_999)
    rule = MemberPrice("member_price", "会员价", "alliance")
    sale = sell(pack(rule, free), line(good(2, 1), quantity), coupons=held("free"))
    assert sale.payable_fen == 0
    assert sale.optimal


def test_the_alliance_bears_nothing_where_the_merchants_coupon_takes_all() -> None:
    free = Coupon("free", "全免", "merchant", off_fen=99_999_999)
    rule = MemberPrice("member_price", "会员价", "alliance")
    assert took(sell(pack(rule, free), line(good(2, 1), 900), coupons=held("free"))) == {"free": 1800}


def test_two_coupons_that_take_all_make_the_member_prices_needless() -> None:
    """Each fen given up is a fen more for one of them: the bound on what that is worth rises before it falls."""
    drinks = Coupon("drinks", "饮料", "merchant", Scope(categories=("饮料",)), off_fen=600, group="drinks")
    bakery = Coupon("bakery", "烘焙", "merchant", Scope(categories=("烘焙",)), off_fen=2000, group="bakery")
    sale = sell(pack(MEMBER_PRICE, drinks, bakery), line(MILK), line(BREAD), coupons=held("drinks", "bakery"))
    assert took(sale) == {"drinks": 500, "bakery": 1000}
