"""The figures of the five alliance programmes, as their pages state them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput, MerchantInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.message import Refusal
from pos.domain.money import yuan
from pos.domain.pricing.price import price
from pos.domain.pricing.result import IssuedCoupon, PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import PlanDiscount
from tests.domain.pricing.shop import good, held, took
from tests.domain.programme.shipped import shipped

TONGYI = shipped("tongyi")
GROUPBUY = shipped("community_groupbuy")
ZHONGDIAN = shipped("zhongdian")
GONGXIANGGOU = shipped("gongxianggou")
TIANSHANG = shipped("tianshang")

NOON = "2026-03-04T12:00:00+08:00"
SOY_MILK = Product("20001018", "豆浆", "", "杯", "早餐", 300, 290)
BUN = Product("20001025", "包子", "", "个", "早餐", 250, 240)
EGG = Product("20001032", "茶叶蛋", "", "个", "早餐", 200, 190)
FRUIT = Product("20001063", "果切", "", "盒", "水果", 1500, 1350)
DINNER = Product("20001070", "盒饭", "", "份", "熟食", 2000, 1900)
DISH = Product("20001087", "凉菜", "", "份", "熟食", 1000, 950)


def sell(pack: Pack, *lines: BasketLine | Product, plan: str = "", **changes: Any) -> PricedSale:
    stated: dict[str, Any] = {
        "lines": tuple(one if isinstance(one, BasketLine) else checked_line(one) for one in lines),
        "member": MemberInput("30001234", plan or pack.plans[0].id),
        "at": NOON,
        "store": "S1",
        "merchant": MerchantInput("M1"),
    }
    return price(Basket(**(stated | changes)), pack)


def holder(pack: Pack, **stated: Any) -> MemberInput:
    return MemberInput("30001234", pack.plans[0].id, **stated)


def earned(sale: PricedSale) -> dict[tuple[str, str], int]:
    return {(one.role, one.asset): one.amount for one in sale.outcome.earned}


# --- A ---------------------------------------------------------------------------------------------------


def test_tongyi_breakfast_is_20_percent_off() -> None:
    sale = sell(TONGYI, SOY_MILK, checked_line(BUN, quantity=2))
    assert took(sale) == {"breakfast": 160}


@pytest.mark.parametrize(("clock", "payable_fen"), [("19:59", 1350), ("20:00", 1050), ("23:59", 1050)])
def test_tongyi_fruit_special_after_eight(clock: str, payable_fen: int) -> None:
    assert sell(TONGYI, FRUIT, at=f"2026-03-04T{clock}:00+08:00").payable_fen == payable_fen


def test_tongyi_flash_egg_for_two_pieces_of_a_sale() -> None:
    assert sell(TONGYI, checked_line(EGG, quantity=3)).payable_fen == 100 + 100 + 190
    assert sell(TONGYI, checked_line(EGG, quantity=3), used={"flash_egg": 99}).payable_fen == 100 + 190 + 190
    assert sell(TONGYI, checked_line(EGG, quantity=3), used={"flash_egg": 100}).payable_fen == 3 * 190


def test_tongyi_coupon_50_10_is_the_merchants() -> None:
    sale = sell(TONGYI, good(50_00), coupons=held("coupon_50_10"))
    assert (sale.payable_fen, sale.outcome.received_fen, sale.outcome.share_fen) == (40_00, 40_00, 120)


def test_tongyi_first_order_30_is_the_alliances() -> None:
    sale = sell(TONGYI, good(45_00), member=holder(TONGYI, first_order=True))
    assert (sale.payable_fen, sale.outcome.received_fen, sale.outcome.share_fen) == (15_00, 45_00, 135)
    assert sale.outcome.reimbursed == {"alliance": 30_00}


def test_tongyi_first_order_goes_before_the_coupon_and_leaves_it_to_the_member() -> None:
    sale = sell(TONGYI, good(60_00), member=holder(TONGYI, first_order=True), coupons=held("coupon_50_10"))
    assert took(sale) == {"first_order_30": 3000}
    assert sale.coupons_used == ()


@pytest.mark.parametrize("plan", ["basic", "co_creator"])
def test_tongyi_floors_alone_change_no_price(plan: str) -> None:
    assert sell(TONGYI, good(1000), plan=plan).payable_fen == 1000


@pytest.mark.parametrize(
    ("plan", "payable_fen", "alliance_fen"), [("basic", 900, 0), ("co_creator", 500, 400)]
)
def test_tongyi_floors_bound_a_plan_discount(plan: str, payable_fen: int, alliance_fen: int) -> None:
    """A merchant's 70 % off: to 9折 for basic members, to 5折 for co-creators, below 9.00 at the alliance's cost."""
    rule = PlanDiscount("plan", "等级折扣", "merchant", off_bp=7000, below_member_price="alliance")
    pack = msgspec.structs.replace(TONGYI, price_rules=(*TONGYI.price_rules, rule))
    sale = sell(pack, good(1000, 900), plan=plan)
    assert sale.payable_fen == payable_fen
    assert sale.outcome.reimbursement_fen == alliance_fen


def test_tongyi_47_80_takes_at_most_14_points() -> None:
    sale = sell(
        TONGYI, good(47_80), member=holder(TONGYI, balances={"points": 100_00}), redeem={"points": 99_00}
    )
    assert sale.redeemed[0].amount == 14_00


@pytest.mark.parametrize(("plan", "points"), [("basic", 47_00), ("co_creator", 71_00)])
def test_tongyi_points_by_the_yuan_co_creators_one_and_a_half(plan: str, points: int) -> None:
    assert earned(sell(TONGYI, good(47_80), plan=plan)) == {("member", "points"): points}


def test_tongyi_a_voucher_pays_one_to_one_and_still_earns() -> None:
    who = holder(TONGYI, balances={"voucher": 500})
    sale = sell(TONGYI, good(10_00), member=who, redeem={"voucher": 500})
    assert (sale.due_fen, earned(sale)) == (500, {("member", "points"): 1000})


def test_tongyi_share_is_3_percent_of_everything() -> None:
    assert sell(TONGYI, good(100_00), member=None).outcome.share_fen == 300


# --- B ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        ("ordinary", {("member", "balance"): 500}),
        ("vip", {("member", "points"): 500_00}),
        ("partner", {("member", "points"): 500_00}),
    ],
)
def test_community_groupbuy_rebate_as_balance_or_points(
    plan: str, expected: dict[tuple[str, str], int]
) -> None:
    price_fen = 100_00 if plan == "ordinary" else 103_09
    sale = sell(GROUPBUY, good(price_fen), plan=plan)
    assert sale.payable_fen == 100_00
    assert earned(sale) == expected


def test_community_groupbuy_100_points_are_one_yuan_by_the_hundred() -> None:
    who = holder(GROUPBUY, balances={"points": 456_78})
    sale = sell(GROUPBUY, good(100_00), member=who, redeem={"points": 1 << 62})
    assert [(one.amount, one.value_fen) for one in sale.redeemed] == [(400_00, 400)]


@pytest.mark.parametrize(
    ("total_fen", "gets"), [(98_99, ()), (99_00, (IssuedCoupon("coupon_5", "member", 30),))]
)
def test_community_groupbuy_99_yuan_give_a_coupon(total_fen: int, gets: tuple[IssuedCoupon, ...]) -> None:
    assert sell(GROUPBUY, good(total_fen)).issued == gets


def test_community_groupbuy_coupon_5_needs_no_threshold_and_is_the_alliances() -> None:
    sale = sell(GROUPBUY, good(20_00), coupons=held("coupon_5"))
    assert (sale.payable_fen, sale.outcome.received_fen, sale.outcome.share_fen) == (15_00, 20_00, 60)


@pytest.mark.parametrize(
    ("at", "payable_fen"),
    [
        ("2026-03-04T17:59:00", 1900),
        ("2026-03-04T18:00:00", 1700),
        ("2026-03-04T20:00:00", 1900),
        ("2026-03-07T18:30:00", 1900),
        ("2026-03-08T12:00:00", 1800),
        ("2026-03-18T18:30:00", 1700),
    ],
)
def test_community_groupbuy_window_on_weekdays_and_member_day(at: str, payable_fen: int) -> None:
    assert sell(GROUPBUY, DINNER, at=f"{at}+08:00").payable_fen == payable_fen


def test_community_groupbuy_what_is_paid_with_balance_earns_nothing() -> None:
    who = holder(GROUPBUY, balances={"balance": 4000})
    sale = sell(GROUPBUY, good(100_00), member=who, redeem={"balance": 4000})
    assert earned(sale) == {("member", "balance"): 300}
    assert sale.outcome.reimbursed == {"alliance": 4000}


# --- C ---------------------------------------------------------------------------------------------------


def test_zhongdian_1000_at_20_percent_gives_200_and_200() -> None:
    sale = sell(ZHONGDIAN, good(1000_00), merchant=MerchantInput("M1", rebate_bp=2000, area_agent=False))
    assert earned(sale) == {("member", "points"): 200_00, ("merchant", "points"): 200_00}
    assert sale.outcome.rebate_fen == sale.outcome.share_fen == 200_00


@pytest.mark.parametrize(("rebate_bp", "allowed"), [(299, False), (300, True), (2000, True), (2001, False)])
def test_zhongdian_a_merchant_sets_3_to_20_percent(rebate_bp: int, allowed: bool) -> None:
    merchant = MerchantInput("M1", rebate_bp=rebate_bp)
    if allowed:
        assert sell(ZHONGDIAN, good(1000), merchant=merchant).payable_fen == 1000
    else:
        with pytest.raises(Refusal):
            sell(ZHONGDIAN, good(1000), merchant=merchant)


@pytest.mark.parametrize("store", ["S1", "S2"])
def test_zhongdian_the_home_store_gets_1_percent_of_everything_also_at_home(store: str) -> None:
    sale = sell(ZHONGDIAN, good(123_45), member=holder(ZHONGDIAN, home_store="S1"), store=store)
    assert earned(sale)["home_store", "voucher"] == 1_2345


def test_zhongdian_a_voucher_pays_by_the_fen_and_still_earns() -> None:
    who = holder(ZHONGDIAN, balances={"voucher": 12_3456})
    sale = sell(ZHONGDIAN, good(100_00), member=who, redeem={"voucher": 1 << 62})
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (12_3400, 1234)
    assert earned(sale)["member", "points"] == 300


def test_zhongdian_walk_ins_bring_no_share() -> None:
    assert sell(ZHONGDIAN, good(1000), member=None).outcome.share_fen == 0


# --- D ---------------------------------------------------------------------------------------------------


def test_gongxianggou_member_10_times_the_rebate_merchant_2_times() -> None:
    who = holder(GONGXIANGGOU, referrer=True)
    merchant = MerchantInput("M1", rebate_bp=1000, referrer=True)
    sale = sell(GONGXIANGGOU, good(100_00), member=who, merchant=merchant)
    assert earned(sale) == {
        ("member", "share_value"): 100_00,
        ("merchant", "share_value"): 20_00,
        ("member_referrer", "share_points"): 500_000,
        ("merchant_referrer", "share_points"): 500_000,
        ("area_agent", "share_points"): 800_000,
    }
    assert [one.amount for one in sale.outcome.burned] == [10_000_000]
    assert sale.outcome.share_fen == 0


def test_gongxianggou_who_is_not_activated_earns_nothing() -> None:
    sale = sell(GONGXIANGGOU, good(100_00), member=holder(GONGXIANGGOU, activated=False))
    assert ("member", "share_value") not in earned(sale)
    assert ("merchant", "share_value") in earned(sale)


@pytest.mark.parametrize(("deposit", "passes"), [(1, True), (0, True), (-1, False)])
def test_gongxianggou_below_zero_the_till_refuses_member_sales(deposit: int, passes: bool) -> None:
    merchant = MerchantInput("M1", balances={"share_points": deposit})
    if not passes:
        with pytest.raises(Refusal):
            sell(GONGXIANGGOU, good(1000), merchant=merchant)
    plain = None if not passes else holder(GONGXIANGGOU)
    assert sell(GONGXIANGGOU, good(1000), member=plain, merchant=merchant).payable_fen == 1000


def test_gongxianggou_share_points_pay_at_the_days_price_into_the_deposit() -> None:
    who = holder(GONGXIANGGOU, balances={"share_points": 5_000_000})
    sale = sell(
        GONGXIANGGOU,
        good(100_00),
        member=who,
        redeem={"share_points": 1 << 62},
        asset_prices={"share_points": "2.5"},
    )
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (5_000_000, 1250)
    assert sale.outcome.reimbursed == {}
    assert all(part.to_deposit for line in sale.lines for part in line.redeemed)
    assert [one.amount for one in sale.outcome.burned] == [4_000_000]


# --- E ---------------------------------------------------------------------------------------------------


def test_tianshang_a_discount_coupon_is_paid_by_who_gave_it_out() -> None:
    sale = sell(TIANSHANG, good(40_00), coupons=(HeldCoupon("neighbour_30_3", "N1", "M7"),))
    assert sale.payable_fen == 37_00
    assert sale.outcome.reimbursed == {"issuer:M7": 300}
    assert sale.outcome.received_fen == 40_00


def test_tianshang_a_cash_voucher_does_not_lower_what_is_payable() -> None:
    sale = sell(TIANSHANG, good(60_00), coupons=(HeldCoupon("cash_10", "N1", "M7"),))
    assert (sale.payable_fen, sale.due_fen) == (60_00, 50_00)
    assert sale.outcome.reimbursed == {"issuer:M7": 1000}


def test_tianshang_a_gift_and_a_benefit() -> None:
    coupons = (HeldCoupon("gift_tea_egg", "N1", "M7"), HeldCoupon("free_delivery", "N2", "M8"))
    sale = sell(TIANSHANG, checked_line(EGG, quantity=2), coupons=coupons)
    assert took(sale) == {"gift_tea_egg": 200, "member_price": 10}
    assert sale.coupons_used == coupons


def test_tianshang_the_receipt_carries_a_coupon_for_next_door() -> None:
    (given,) = sell(TIANSHANG, good(50_00)).issued
    assert given == IssuedCoupon("neighbour_30_3", "bearer", 30, "M1")


@pytest.mark.parametrize(("store", "commission"), [("S1", None), ("S2", 123)])
def test_tianshang_the_home_store_earns_1_percent_of_what_is_bought_elsewhere(
    store: str, commission: int | None
) -> None:
    sale = sell(TIANSHANG, good(123_45), member=holder(TIANSHANG, home_store="S1"), store=store)
    assert earned(sale).get(("home_store", "CNY")) == commission


def test_tianshang_points_are_the_merchants_own_cost_and_the_alliance_takes_no_cut() -> None:
    who = holder(TIANSHANG, balances={"points": 1000})
    sale = sell(TIANSHANG, good(100_00), member=who, redeem={"points": 1000})
    assert sale.outcome.received_fen == 90_00
    assert sale.outcome.share_fen == 0
    assert yuan(sale.due_fen) == "90.00"
