"""An order that was paid elsewhere is handed over at its till, once, without the hub."""

from __future__ import annotations

import pytest

from pos.bootstrap.till import open_till
from pos.domain.cart import Cart
from pos.domain.events import OrderHandedOver
from pos.domain.message import Refusal
from pos.domain.printed_codes import code_hash, printed_code
from pos.usecases.hand_over import find_order, hand_over
from pos.usecases.scan_code import OrderFound, scan_code
from sync.protocol.pickups import PickupGoods, PickupRow
from tests.usecases.sample_till import CASHIER, SampleTill

CODE = printed_code("pickup", 77)
ORDER = PickupRow("A1001", "S1-1", code_hash(CODE), (PickupGoods("鸡蛋 30 枚", 2),), "2026-11-30")


def told(shop: SampleTill, order: PickupRow = ORDER) -> PickupRow:
    shop.tell("pickups", order.order, order)
    return order


def refused(shop: SampleTill, code: str = CODE) -> str:
    with pytest.raises(Refusal) as caught:
        find_order(code, shop.desk)
    assert str(caught.value.message)
    return caught.value.reason


def test_a_scanned_code_finds_its_order_and_leaves_the_cart_alone(shop: SampleTill) -> None:
    told(shop)
    assert scan_code(Cart(), CODE, shop.desk) == OrderFound(ORDER)


def test_it_goes_out_once_offline_and_stays_out_after_a_restart(shop: SampleTill) -> None:
    told(shop)
    shop.go_offline()
    shop.book(lambda: hand_over(find_order(CODE, shop.desk), CASHIER, shop.desk))
    (made,) = [event for event in shop.events() if isinstance(event, OrderHandedOver)]
    assert (made.order, made.cashier) == ("A1001", CASHIER)
    assert refused(shop) == "handed_over"
    assert shop.chain_holds()
    folder = shop.till.store.folder
    shop.till.store.close()
    with open_till(folder.path) as again:
        assert refused(SampleTill(again)) == "handed_over"


def test_two_who_saw_it_waiting_hand_it_over_once(shop: SampleTill) -> None:
    order = told(shop)
    shop.book(lambda: hand_over(order, CASHIER, shop.desk))
    with pytest.raises(Refusal) as caught:
        shop.book(lambda: hand_over(order, CASHIER, shop.desk))
    assert caught.value.reason == "handed_over"


def test_another_till_a_photograph_of_nothing_and_one_that_was_taken_back(shop: SampleTill) -> None:
    assert refused(shop) == "unknown_order"
    told(shop, PickupRow("A1001", "S1-2", code_hash(CODE), ORDER.goods, ORDER.last_day))
    assert refused(shop) == "other_till"
    shop.tell("pickups", "A1001", None)
    assert refused(shop) == "unknown_order"
