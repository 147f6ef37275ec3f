from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from pos.domain.basket import LINES_MAX, QUANTITY_MAX, WEIGHT_MAX_G, BasketLine, check_size, checked_line
from pos.domain.cart import (
    EVERYTHING,
    Cart,
    add,
    delete,
    select,
    set_quantity,
    set_weight,
    wish_to_redeem,
    with_member,
)
from pos.domain.message import Refusal
from tests.domain.examples import APPLES, COLA, TOBACCO, WATER


def reason(deed: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        deed()
    assert str(caught.value.message)
    return caught.value.reason


@pytest.mark.parametrize("quantity", [1, 2, QUANTITY_MAX])
def test_quantities_a_shop_can_mean(quantity: int) -> None:
    assert checked_line(WATER, quantity=quantity) == BasketLine(WATER, quantity)


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1])
def test_quantities_it_cannot(quantity: int) -> None:
    assert reason(lambda: checked_line(WATER, quantity=quantity)) == "quantity"


@pytest.mark.parametrize("weight_g", [1, 1234, WEIGHT_MAX_G])
def test_weights_a_shop_can_mean(weight_g: int) -> None:
    line = checked_line(APPLES, quantity=7, weight_g=weight_g)
    assert (line.quantity, line.weight_g) == (1, weight_g)


@pytest.mark.parametrize("weight_g", [0, -1, WEIGHT_MAX_G + 1])
def test_weights_it_cannot(weight_g: int) -> None:
    assert reason(lambda: checked_line(APPLES, weight_g=weight_g)) == "weight"


def test_a_weighed_good_needs_its_weight() -> None:
    assert reason(lambda: checked_line(APPLES)) == "weight_missing"


def test_amounts_of_lines() -> None:
    assert checked_line(WATER, quantity=3).gross_fen == 510
    assert checked_line(APPLES, weight_g=1234).gross_fen == 1580
    assert checked_line(APPLES, weight_g=1234).amount_at(1180) == 1456


def test_a_basket_no_shop_sells() -> None:
    line = checked_line(WATER)
    check_size((line,) * LINES_MAX)
    assert reason(lambda: check_size((line,) * (LINES_MAX + 1))) == "lines"
    dear = BasketLine(msgspec.structs.replace(WATER, price_fen=10_000_000_00))
    check_size((dear,))
    assert reason(lambda: check_size((dear, line))) == "total"


# --- the cart ------------------------------------------------------------------------------------


def filled() -> Cart:
    return add(add(add(Cart(), WATER, quantity=2), APPLES, weight_g=500), COLA)


def test_pieces_of_one_good_share_a_line() -> None:
    cart = add(filled(), WATER)
    assert [line.quantity for line in cart.lines] == [3, 1, 1]
    assert cart.selected == 0


def test_weighed_goods_get_a_line_each() -> None:
    cart = add(filled(), APPLES, weight_g=700)
    assert [line.weight_g for line in cart.lines] == [None, 500, None, 700]
    assert cart.selected == 3


def test_a_good_whose_price_changed_gets_a_line_of_its_own() -> None:
    dearer = msgspec.structs.replace(WATER, price_fen=180)
    assert len(add(filled(), dearer).lines) == 4


def test_a_refused_deed_leaves_the_cart_as_it_was() -> None:
    cart = filled()
    assert reason(lambda: add(cart, WATER, quantity=QUANTITY_MAX)) == "quantity"
    assert cart == filled()


def test_changing_lines() -> None:
    cart = filled()
    assert set_quantity(cart, 0, 9).lines[0].quantity == 9
    assert set_weight(cart, 1, 800).lines[1].weight_g == 800
    assert set_quantity(cart, 2, 5).selected == 2


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (lambda cart: set_quantity(cart, 1, 2), "weighed"),
        (lambda cart: set_weight(cart, 0, 2), "not_weighed"),
        (lambda cart: set_quantity(cart, 3, 2), "no_line"),
        (lambda cart: set_quantity(cart, -1, 2), "no_line"),
        (lambda cart: set_weight(cart, 9, 2), "no_line"),
        (lambda cart: delete(cart, 3), "no_line"),
        (lambda cart: set_quantity(cart, 0, 0), "quantity"),
        (lambda cart: set_weight(cart, 1, 0), "weight"),
        (lambda cart: wish_to_redeem(cart, "points", 1), "no_member"),
    ],
)
def test_deeds_that_are_refused(deed: Callable[[Cart], Cart], why: str) -> None:
    assert reason(lambda: deed(filled())) == why


@pytest.mark.parametrize(("index", "selected"), [(0, 0), (1, 1), (2, 1)])
def test_after_a_deletion_the_line_that_moved_up_is_selected(index: int, selected: int) -> None:
    cart = delete(filled(), index)
    assert len(cart.lines) == 2
    assert cart.selected == selected


def test_the_last_deletion_leaves_nothing() -> None:
    cart = delete(add(Cart(), TOBACCO), 0)
    assert cart.empty
    assert cart.selected is None


@pytest.mark.parametrize(("index", "selected"), [(-5, 0), (1, 1), (99, 2)])
def test_the_selection_stays_within_the_lines(index: int, selected: int) -> None:
    assert select(filled(), index).selected == selected
    assert select(Cart(), index) == Cart()


def test_wishes_belong_to_a_member() -> None:
    cart = wish_to_redeem(with_member(filled(), "30001234"), "points", EVERYTHING)
    assert cart.redeem == {"points": EVERYTHING}
    assert wish_to_redeem(cart, "points", 0).redeem == {}
    assert with_member(cart, "30009999").redeem == {}
    assert with_member(cart, None).redeem == {}
    assert not with_member(Cart(), "30001234").empty
