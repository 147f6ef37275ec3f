"""The open cart: scans, lines, undo, and every way taking the money can end."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from pos.domain.cart import Cart
from pos.domain.events import SaleMade
from pos.domain.member_codes import card_hash
from pos.domain.message import say
from pos.usecases.ports import StorageTrouble
from tests.fakes.runners import WhenTold
from tests.fakes.till_services import FakeServices
from tests.ui.presenters.at_the_till import APPLES, CIGARETTES, COLA, MEMBER, WATER, AtTheTill


@pytest.fixture
def at() -> AtTheTill:
    return AtTheTill()


def test_the_worked_sale_to_the_fen(at: AtTheTill) -> None:
    at.worked_sale()
    assert at.till.due_fen == 77_36
    at.till.take_cash(100_00)
    assert at.till.paid is not None
    assert at.till.paid.change_fen == 22_64
    member = at.sample.members.by_number("30006012")
    assert member is not None
    assert member.balances["points"] == 29_00
    assert at.till.cart == Cart()
    assert at.view.paid == 1
    assert at.fakes.drawer_pulses == 1


def test_a_second_scan_of_one_good_counts_on_the_same_line_and_flashes_it(at: AtTheTill) -> None:
    at.scan(WATER, COLA, WATER)
    assert [line.quantity for line in at.till.cart.lines] == [2, 1]
    assert at.view.flashed[-1] == 0


def test_a_multiplied_scan(at: AtTheTill) -> None:
    at.till.scan(WATER, 3)
    assert at.till.cart.lines[0].quantity == 3


@pytest.mark.parametrize("code", ["6900000000007", "99999999", "nonsense", "", "9" * 23, "1" * 5000])
def test_a_code_that_is_nothing_is_a_sentence_and_leaves_the_cart_alone(at: AtTheTill, code: str) -> None:
    at.scan(WATER)
    before = at.till.cart
    at.scan(code)
    assert at.till.cart == before
    assert at.view.notices[-1].tone == "warn"
    assert len(at.view.said) < 120


def test_a_weighed_good_asks_for_its_weight_and_only_then_joins_the_cart(at: AtTheTill) -> None:
    at.scan(APPLES)
    assert at.view.weights[0].code == APPLES
    assert at.till.cart.empty
    assert at.till.add_weighed(at.view.weights[0], 1234)
    assert at.till.due_fen == 15_80


@pytest.mark.parametrize("weight_g", [0, 1_000_000, 10**9])
def test_a_weight_no_shop_sells_is_refused(at: AtTheTill, weight_g: int) -> None:
    product = at.sample.goods.products[APPLES]
    assert not at.till.add_weighed(product, weight_g)
    assert at.till.cart.empty


@pytest.mark.parametrize("quantity", [0, 10_000, 10**9])
def test_a_quantity_no_shop_sells_is_refused(at: AtTheTill, quantity: int) -> None:
    at.scan(WATER)
    assert not at.till.set_quantity(quantity)
    assert at.till.cart.lines[0].quantity == 1
    assert at.view.notices[-1].tone == "warn"


def test_pieces_up_and_down_never_below_one(at: AtTheTill) -> None:
    at.scan(WATER)
    assert at.till.add_pieces(1)
    assert at.till.add_pieces(-1)
    assert not at.till.add_pieces(-1)
    assert at.till.cart.lines[0].quantity == 1


def test_deleting_selects_the_line_that_moves_up(at: AtTheTill) -> None:
    at.scan(WATER, COLA, CIGARETTES)
    at.till.select(1)
    assert at.till.delete_line()
    assert [line.product.code for line in at.till.cart.lines] == [WATER, CIGARETTES]
    assert at.till.selected_line is not None
    assert at.till.selected_line.product.code == CIGARETTES


def test_deleting_from_an_empty_cart_is_a_sentence(at: AtTheTill) -> None:
    assert not at.till.delete_line()
    assert at.view.said


def test_undo_brings_back_a_cleared_cart_with_its_member(at: AtTheTill) -> None:
    at.scan(MEMBER, WATER, COLA)
    full = at.till.cart
    at.till.clear()
    assert at.till.cart.empty
    assert at.till.undo()
    assert at.till.cart == full
    while at.till.undo():
        pass
    assert at.till.cart.empty


def test_there_is_nothing_to_undo_after_a_sale(at: AtTheTill) -> None:
    at.scan(WATER)
    at.till.take_cash(2_00)
    assert not at.till.undo()


def test_moving_the_selection_stays_within_the_lines(at: AtTheTill) -> None:
    at.scan(WATER, COLA)
    at.till.move(5)
    assert at.till.cart.selected == 1
    at.till.move(-9)
    assert at.till.cart.selected == 0


def test_taking_the_member_off_takes_price_and_points_with_them(at: AtTheTill) -> None:
    at.worked_sale()
    at.till.remove_member()
    assert at.till.due_fen == 86_30


def test_offline_the_price_follows_what_may_be_redeemed(at: AtTheTill) -> None:
    at.fakes.no_code = say("现在连不上总部")
    at.worked_sale()
    at.sample.hub.go_offline(at.sample.clock.now())
    at.sample.clock.move(timedelta(hours=100))  # the balance is too old now
    at.till.refresh()
    assert at.till.due_fen == 84_36
    assert at.till.quoted is not None
    assert at.till.quoted.limit_notes


# --- how taking the money ends ----------------------------------------------------------------------


def test_an_empty_cart_takes_no_money(at: AtTheTill) -> None:
    at.till.take_cash(0)
    assert at.view.paid == 0
    assert at.view.said == "购物车是空的，请先扫商品"


def test_too_little_books_nothing(at: AtTheTill) -> None:
    at.scan(WATER)
    at.till.take_cash(1_00)
    assert at.view.paid == 0
    assert at.view.unpaid == 1
    assert at.till.cart.lines


def test_taking_twice_sells_once() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.scan(WATER)
    runner.run_all()
    at.till.take_cash(2_00)
    at.till.take_cash(2_00)
    assert at.till.busy
    runner.run_all()
    sales = [event for event in at.sample.journal.events() if isinstance(event, SaleMade)]
    assert len(sales) == 1
    assert at.view.paid == 1


def test_nothing_is_paid_before_it_is_on_disk() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.scan(WATER)
    at.till.take_cash(2_00)
    assert at.till.paid is None
    assert at.view.paid == 0
    runner.run_all()
    assert at.view.paid == 1


def test_a_scan_while_booking_waits_for_the_next_sale() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.scan(WATER)
    at.till.take_cash(2_00)
    at.scan(COLA)
    assert at.view.again == []
    runner.run_all()
    assert at.view.again == [COLA]


def test_a_picked_good_while_booking_waits_too() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.scan(WATER)
    at.till.take_cash(2_00)
    at.till.add(at.sample.goods.products[COLA])
    runner.run_all()
    assert at.view.again == [COLA]


def test_a_look_up_that_fails_is_said(at: AtTheTill, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_code: str) -> None:
        raise StorageTrouble(say("商品库读不出来，请联系技术员"))

    monkeypatch.setattr(at.sample.goods, "product", broken)
    at.scan(WATER)
    assert at.view.notices[-1].tone == "bad"
    assert at.till.cart.empty


def test_lines_cannot_change_while_booking() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.scan(WATER)
    at.till.take_cash(2_00)
    assert not at.till.set_quantity(9)
    assert not at.till.delete_line()
    assert not at.till.undo()


def test_the_sold_cart_is_never_written_behind_its_sale() -> None:
    """A save that waited would bring the sold cart back at the next start, to be sold again."""
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    at.scan(WATER)  # its save runs first
    at.scan(COLA)  # its save waits behind the first
    at.till.take_cash(10_00)
    runner.run_all()
    assert at.view.paid == 1
    assert at.sample.journal.open_cart() is None


def test_only_the_newest_cart_waits_to_be_saved() -> None:
    runner = WhenTold()
    at = AtTheTill(FakeServices(on_journal=runner))
    for _ in range(20):
        at.scan(WATER)
    assert runner.waiting == 1
    runner.run_all()
    assert [cart.lines[0].quantity for cart in at.sample.journal.carts_saved] == [1, 20]


def test_a_full_disk_is_said_and_the_cart_is_unharmed(at: AtTheTill) -> None:
    at.scan(WATER)
    at.sample.journal.trouble = StorageTrouble(say("磁盘已满，请联系技术员"))
    at.till.take_cash(2_00)
    assert at.view.notices[-1].tone == "bad"
    assert "磁盘已满" in at.view.said
    assert at.till.cart.lines
    at.sample.journal.trouble = None
    at.till.take_cash(2_00)
    assert at.view.paid == 1


def test_a_fault_of_the_program_is_one_calm_sentence(
    at: AtTheTill, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    at.scan(WATER)
    monkeypatch.setattr(at.sample.journal, "transaction", lambda: 1 / 0)
    at.till.take_cash(2_00)
    assert at.view.said.startswith("出错了，这一单没有记账")
    assert "ZeroDivisionError" in caplog.text
    assert at.till.cart.lines


def test_a_changed_price_books_nothing_and_shows_the_new_amount(at: AtTheTill) -> None:
    at.fakes.no_code = say("现在连不上总部")
    at.worked_sale()
    at.sample.hub.go_offline(at.sample.clock.now())
    at.sample.clock.move(timedelta(hours=100))
    at.till.take_cash(77_36)
    assert "应收金额刚刚变了" in at.view.said
    assert at.till.due_fen == 84_36
    assert at.view.paid == 0


def test_a_drawer_that_stays_shut_does_not_undo_the_sale(at: AtTheTill) -> None:
    at.fakes.drawer_problem = say("钱箱没有打开，请用钥匙")
    at.scan(WATER)
    at.till.take_cash(2_00)
    assert at.view.paid == 1
    assert at.view.said == "钱箱没有打开，请用钥匙"


def test_the_next_scan_takes_the_change_off_the_screen_and_counts(at: AtTheTill) -> None:
    at.scan(WATER)
    at.till.take_cash(2_00)
    at.scan(COLA)
    assert at.till.paid is None
    assert at.till.last is not None
    assert [line.product.code for line in at.till.cart.lines] == [COLA]


# --- restoring ---------------------------------------------------------------------------------------


def test_the_cart_of_last_time_is_taken_up(at: AtTheTill) -> None:
    at.worked_sale()
    again = AtTheTill(FakeServices(at.sample))
    again.till.restore()
    assert again.till.cart == at.till.cart
    assert again.till.due_fen == 77_36
    assert again.view.said == "上次没结完的购物车已恢复"


def test_no_cart_no_notice(at: AtTheTill) -> None:
    at.till.restore()
    assert at.view.notices == []


def test_without_a_pack_nothing_joins_the_cart(at: AtTheTill) -> None:
    at.sample.packs.packs.clear()
    at.scan(WATER)
    assert at.till.cart.empty
    assert "联盟方案" in at.view.said


# --- points that the hub reserves -------------------------------------------------------------------


def test_points_of_a_card_are_reserved_at_the_hub_when_they_are_to_be_spent(at: AtTheTill) -> None:
    at.worked_sale()
    assert at.fakes.codes_asked == [("30006012", "points", 20_00)]
    (reserved,) = at.till.cart.pay_codes
    assert (reserved.amount, reserved.shown) == (20_00, False)
    assert at.till.due_fen == 77_36


def test_the_hub_is_asked_for_more_when_more_is_to_be_spent(at: AtTheTill) -> None:
    at.worked_sale()
    at.till.redeem("points", 0)
    at.fakes.codes_asked.clear()
    at.till.cart = msgspec.structs.replace(at.till.cart, pay_codes=())
    at.till.redeem("points", 3_00)
    at.till.redeem("points", 5_00)
    at.till.redeem("points", 4_00)
    assert [amount for _, _, amount in at.fakes.codes_asked] == [3_00, 5_00]


def test_without_an_answer_the_offline_limits_hold_and_are_named(at: AtTheTill) -> None:
    at.fakes.no_code = say("现在连不上总部")
    at.worked_sale()
    assert at.till.cart.pay_codes == ()
    assert at.till.quoted is not None
    assert at.till.quoted.basket.ceilings_fen == {"points": 50_00}
    assert "断网额度" in at.view.said


def test_a_members_own_code_is_not_made_larger_by_the_till(at: AtTheTill) -> None:
    for code in (WATER, WATER, WATER, WATER):
        at.scan(code)
    at.scan(at.sample.phone.code(at.sample.clock.now(), card_hash(MEMBER), amount=1_00))
    assert at.till.redeem_all("points")
    assert at.fakes.codes_asked == []
    assert at.till.quoted is not None
    assert at.till.quoted.sale.redeemed_fen == 1_00
