"""共享购: a merchant whose deposit is below zero makes no member sales, and the till knows it by itself."""

from __future__ import annotations

from functools import partial

import pytest

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.complete_sale import complete_sale
from tests.usecases.sample_till import CASHIER, DOU, DOU_CARD, SampleTill

RICE = "6900000000014"


@pytest.fixture
def till(shop: SampleTill) -> SampleTill:
    """Offline, with rice at 100.00: a member sale at 10 % burns 10 share points at 1.00."""
    shop.use_pack("gongxianggou")
    shop.tell_good(RICE, 100_00)
    shop.tell_member(DOU, DOU_CARD, "member")
    shop.go_offline()
    return shop


def deposit(shop: SampleTill) -> int:
    return shop.desk.terms.of_store().balances.get("share_points", 0)


def has(shop: SampleTill, share_points: int) -> None:
    """The hub tells the deposit, in whole share points."""
    shop.tell_terms(balances={"share_points": share_points * 10**6})


def refused(shop: SampleTill, *codes: str) -> Refusal:
    """Neither a price nor a sale."""
    cart, before = shop.scan(Cart(), *codes), shop.desk.journal.last_seq()
    with pytest.raises(Refusal) as shown:
        shop.quote(cart)
    with pytest.raises(Refusal) as refusal:
        shop.book(partial(complete_sale, cart, 100_00, CASHIER, shop.desk, shown_due_fen=100_00))
    assert shown.value.reason == refusal.value.reason
    assert shop.desk.journal.last_seq() == before
    return refusal.value


def test_below_zero_members_are_refused_and_the_owner_is_told_what_to_do(till: SampleTill) -> None:
    till.tell_terms(balances={"share_points": -1})
    refusal = refused(till, DOU_CARD, RICE)
    assert refusal.reason == "gate"
    said = str(refusal.message)
    assert "-0.000001" in said
    assert "请店主到联盟充值" in said
    assert "非会员照常结账" in said


def test_a_walk_in_goes_on_buying(till: SampleTill) -> None:
    till.tell_terms(balances={"share_points": -1})
    done = till.sell(RICE).sale.result
    assert (done.due_fen, done.outcome.burned, done.outcome.share_fen) == (100_00, (), 0)
    assert deposit(till) == -1


def test_zero_is_enough(till: SampleTill) -> None:
    has(till, 0)
    assert till.sell(DOU_CARD, RICE).sale.result.outcome.burned[0].amount == 10_000000


def test_the_tills_own_sales_close_the_gate_while_it_is_offline(till: SampleTill) -> None:
    has(till, 15)
    till.sell(DOU_CARD, RICE)
    assert deposit(till) == 5_000000
    till.sell(DOU_CARD, RICE)
    assert deposit(till) == -5_000000
    assert refused(till, DOU_CARD, RICE).reason == "gate"


def test_what_came_back_opens_it_again(till: SampleTill) -> None:
    has(till, 5)
    sold = till.sell(DOU_CARD, RICE, RICE).sale
    assert deposit(till) == -15_000000
    till.give_back(sold, ReturnedLine(0, 1))
    assert deposit(till) == -5_000000
    till.give_back(sold, ReturnedLine(0, 1))
    assert deposit(till) == 5_000000
    assert till.sell(DOU_CARD, RICE)


def test_share_points_spent_here_top_it_up(till: SampleTill) -> None:
    has(till, 0)
    till.tell_member(DOU, DOU_CARD, "member", balances={"share_points": 80_000000})
    cart = carts.wish_to_redeem(till.scan(Cart(), DOU_CARD, RICE), "share_points", 40_000000)
    done = till.pay(cart).sale.result
    assert (done.due_fen, done.outcome.received_fen) == (60_00, 100_00)
    assert deposit(till) == 30_000000  # 40 came in, 10 were burned
    assert till.known(DOU).balances["share_points"] == 40_000000


def test_the_hub_counts_what_it_has_booked_and_the_till_only_the_rest(till: SampleTill) -> None:
    has(till, 100)
    till.sell(DOU_CARD, RICE)
    has(till, 90)
    assert deposit(till) == 90_000000
    till.sell(DOU_CARD, RICE)
    assert deposit(till) == 80_000000


def test_the_days_price_says_how_much_is_burned(till: SampleTill) -> None:
    till.tell_terms(balances={"share_points": 50_000000}, asset_prices={"share_points": "3"})
    done = till.sell(DOU_CARD, RICE).sale
    assert done.basket.asset_prices == {"share_points": "3"}
    assert done.result.outcome.burned[0].amount == 3_333334  # 10.00 ÷ 3, rounded up


@pytest.mark.parametrize(("rate_bp", "burned"), [(None, 10_000000), (2000, 20_000000), (100, 1_000000)])
def test_the_merchants_own_rate_counts(till: SampleTill, rate_bp: int | None, burned: int) -> None:
    till.tell_terms(balances={"share_points": 50_000000}, rebate_bp=rate_bp)
    assert till.sell(DOU_CARD, RICE).sale.result.outcome.burned[0].amount == burned


@pytest.mark.parametrize("rate_bp", [99, 5001])
def test_a_rate_the_pack_does_not_allow(till: SampleTill, rate_bp: int) -> None:
    till.tell_terms(balances={"share_points": 50_000000}, rebate_bp=rate_bp)
    assert refused(till, DOU_CARD, RICE).reason == "rebate"
    assert till.sell(RICE).sale.result.due_fen == 100_00


def test_members_who_are_not_activated_earn_nothing(till: SampleTill) -> None:
    has(till, 50)
    till.tell_member(DOU, DOU_CARD, "member", activated=False)
    done = till.sell(DOU_CARD, RICE).sale.result
    assert [one.role for one in done.outcome.earned] == ["merchant", "area_agent"]


def test_before_the_hub_has_told_any_terms_the_deposit_is_nothing(till: SampleTill) -> None:
    till.tell("terms", "S1", None)
    assert till.desk.terms.of_store().balances == {}
    till.sell(DOU_CARD, RICE)
    assert refused(till, DOU_CARD, RICE).reason == "gate"
