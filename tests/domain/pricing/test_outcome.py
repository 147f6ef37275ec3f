"""What follows from a sale: earning by every role, rebate, burn, gate, share, coupons given out, cash rounding."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from pos.domain.basket import MerchantInput
from pos.domain.message import Refusal
from pos.domain.pricing.result import AssetAmount, IssuedCoupon, PricedSale
from pos.domain.programme.assets import Accrual, Asset, Base, Burn, CouponIssue, Gate, Redemption
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, Role
from pos.domain.programme.rules import BasketPercent, Coupon
from pos.domain.programme.terms import CashRounding, Rebate, Share
from tests.domain.pricing.shop import MEMBER_PRICE, TOBACCO, good, held, line, member, pack, sell, took

POINTS = Asset("points", "积分", 2, "1")
FINE = Asset("fine", "券", 4, "0.0001")
SHARES = Asset("shares", "共享积分", 6, "0.000001", price_yuan="2")
TEN_PERCENT = Rebate(300, 2000, 1000)


def earning(*accruals: Accrual, **changes: Any) -> Pack:
    stated: dict[str, Any] = {"assets": (POINTS, FINE, SHARES), "accruals": accruals, "rebate": TEN_PERCENT}
    return pack(**(stated | changes))


def earned(sale: PricedSale) -> list[tuple[str, str, int]]:
    return [(one.role, one.asset, one.amount) for one in sale.outcome.earned]


# --- earning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "rate", "multiplied", "amount"),
    [
        ("basic", "1", True, 1600),
        ("co_creator", "1", True, 2500),
        ("co_creator", "1", False, 1600),
        ("unheard_of", "1", True, 1600),
        ("basic", "0.5", True, 800),
        ("co_creator", "0.05", True, 100),
        ("basic", "100", True, 167_600),
    ],
)
def test_rate_times_multiplier_on_the_exact_base_rounded_down_once(
    plan: str, rate: str, multiplied: bool, amount: int
) -> None:
    accrual = Accrual("a", "member", "points", "unpaid", rate, plan_multiplier=multiplied)
    sale = sell(earning(accrual), line(good(1676)), member=member(plan))
    assert earned(sale) == [("member", "points", amount)]


def test_a_multiplier_is_the_members_alone() -> None:
    accrual = Accrual("a", "merchant", "points", "eligible", "1")
    assert earned(sell(earning(accrual), line(good(1676)), member=member("co_creator")))[0][2] == 1600


@pytest.mark.parametrize(("base", "amount"), [("unpaid", 600), ("eligible", 1000), ("rebate", 100)])
def test_bases(base: Base, amount: int) -> None:
    rule = Redemption("points", "alliance", value_fen=100)
    sale = sell(
        earning(Accrual("a", "member", "points", base, "1"), redemptions=(rule,)),
        line(good(1000)),
        line(TOBACCO),
        member=member(balances={"points": 400}),
        redeem={"points": 400},
    )
    assert earned(sale) == [("member", "points", amount)]


@pytest.mark.parametrize(
    ("role", "stands", "missing"),
    [
        ("member", {}, None),
        ("merchant", {}, None),
        ("member_referrer", {"member": member(referrer=True)}, {"member": member()}),
        (
            "merchant_referrer",
            {"merchant": MerchantInput("M1", referrer=True)},
            {"merchant": MerchantInput("M1")},
        ),
        ("home_store", {"member": member(home_store="S9")}, {"member": member()}),
        ("area_agent", {}, {"merchant": MerchantInput("M1", area_agent=False)}),
    ],
)
def test_each_role_earns_where_there_is_somebody_in_it(
    role: Role, stands: dict[str, Any], missing: dict[str, Any] | None
) -> None:
    of = earning(Accrual("a", role, "points", "eligible", "0.5"))
    assert earned(sell(of, line(good(1000)), **stands)) == [(role, "points", 500)]
    if missing is not None:
        assert earned(sell(of, line(good(1000)), **missing)) == []


def test_every_role_has_its_case() -> None:
    assert set(get_args(Role)) == {
        "member", "merchant", "member_referrer", "merchant_referrer", "home_store", "area_agent",
    }  # fmt: skip


@pytest.mark.parametrize(("plan", "earns"), [("basic", False), ("co_creator", True)])
def test_an_accrual_for_some_plans(plan: str, earns: bool) -> None:
    of = earning(Accrual("a", "merchant", "points", "eligible", "1", plans=("co_creator",)))
    assert bool(earned(sell(of, line(good(1000)), member=member(plan)))) == earns


@pytest.mark.parametrize(("activated", "earns"), [(False, False), (True, True)])
def test_who_is_not_activated_earns_nothing(activated: bool, earns: bool) -> None:
    of = earning(Accrual("a", "member", "points", "eligible", "1", activated_only=True))
    assert bool(earned(sell(of, line(good(1000)), member=member(activated=activated)))) == earns


@pytest.mark.parametrize(
    ("elsewhere_only", "home", "earns"),
    [(False, "S1", True), (False, "S2", True), (True, "S1", False), (True, "S2", True)],
)
def test_a_home_store_at_its_own_sales(elsewhere_only: bool, home: str, earns: bool) -> None:
    of = earning(Accrual("a", "home_store", "fine", "eligible", "0.01", elsewhere_only=elsewhere_only))
    found = earned(sell(of, line(good(1234)), member=member(home_store=home)))
    assert found == ([("home_store", "fine", 1234)] if earns else [])


def test_an_accrual_in_money() -> None:
    of = earning(Accrual("a", "home_store", CNY, "eligible", "0.01"))
    sale = sell(of, line(good(1299)), member=member(home_store="S2"))
    assert [(one.asset, one.amount, one.scale) for one in sale.outcome.earned] == [(CNY, 12, 2)]


def test_an_accrual_at_the_days_price() -> None:
    of = earning(Accrual("a", "member_referrer", "shares", "rebate", "0.05", at_price=True))
    who = member(referrer=True)
    assert earned(sell(of, line(good(100_00)), member=who))[0][2] == 250_000
    sale = sell(of, line(good(100_00)), member=who, asset_prices={"shares": "3"})
    assert earned(sale)[0][2] == 166_666


@pytest.mark.parametrize(("total_fen", "amount"), [(500, 500), (5_000, 2000), (50_000, 2000)])
def test_a_cap_per_sale(total_fen: int, amount: int) -> None:
    of = earning(Accrual("a", "member", "points", "eligible", "1", max_per_sale="20"))
    assert earned(sell(of, line(good(total_fen))))[0][2] == amount


def test_a_walk_in_sale_earns_nobody_anything() -> None:
    accruals = [Accrual(f"a{n}", role, "points", "eligible", "1") for n, role in enumerate(get_args(Role))]
    sale = sell(earning(*accruals), line(good(1000)), member=None)
    assert sale.outcome.earned == ()
    assert sale.outcome.rebate_fen == 0


# --- rebate, burn, gate ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total_fen", "rate_bp", "rebate_fen"),
    [
        (1000_00, 2000, 200_00),
        (1005, None, 101),
        (1004, None, 100),
        (1000, 300, 30),
        (50, 300, 2),
        (49, 300, 1),
    ],
)
def test_a_rebate_is_rounded_half_up_once(total_fen: int, rate_bp: int | None, rebate_fen: int) -> None:
    sale = sell(earning(), line(good(total_fen)), merchant=MerchantInput("M1", rebate_bp=rate_bp))
    assert sale.outcome.rebate_fen == rebate_fen


def test_excluded_goods_give_no_rebate() -> None:
    assert sell(earning(), line(TOBACCO)).outcome.rebate_fen == 0


@pytest.mark.parametrize("rate_bp", [0, 299, 2001])
def test_a_rate_that_the_pack_does_not_allow_is_refused(rate_bp: int) -> None:
    merchant = MerchantInput("M1", rebate_bp=rate_bp)
    with pytest.raises(Refusal) as caught:
        sell(earning(), line(good(1000)), merchant=merchant)
    assert caught.value.reason == "rebate"
    assert "3%–20%" in str(caught.value.message)
    assert sell(earning(), line(good(1000)), merchant=merchant, member=None).payable_fen == 1000


@pytest.mark.parametrize(
    ("total_fen", "day_price", "burned"),
    [
        (1000, None, 500_000),
        (1000, "1", 1_000_000),
        (1000, "3", 333_334),
        (1000, "0.7", 1_428_572),
        (0, "1", 0),
    ],
)
def test_what_is_burned_is_rounded_up(total_fen: int, day_price: str | None, burned: int) -> None:
    prices = {} if day_price is None else {"shares": day_price}
    sale = sell(earning(burns=(Burn("shares"),)), line(good(total_fen)), asset_prices=prices)
    assert [(one.asset, one.amount, one.scale) for one in sale.outcome.burned] == [("shares", burned, 6)]


def test_a_walk_in_sale_burns_nothing() -> None:
    assert sell(earning(burns=(Burn("shares"),)), line(good(1000)), member=None).outcome.burned == ()


@pytest.mark.parametrize(
    ("held_minor", "least", "passes"),
    [
        (0, "0", True),
        (-1, "0", False),
        (1, "0", True),
        (100, "0.0001", True),
        (99, "0.0001", False),
        (499, "0.0005", False),
    ],
)
def test_a_gate_is_judged_before_the_sale_and_zero_passes(held_minor: int, least: str, passes: bool) -> None:
    of = earning(gates=(Gate("deposit", "shares", least),))
    merchant = MerchantInput("M1", balances={"shares": held_minor})
    if passes:
        assert sell(of, line(good(1000)), merchant=merchant).payable_fen == 1000
        return
    with pytest.raises(Refusal) as caught:
        sell(of, line(good(1000)), merchant=merchant)
    assert caught.value.reason == "gate"
    assert "共享积分" in str(caught.value.message)
    assert sell(of, line(good(1000)), merchant=merchant, member=None).payable_fen == 1000


def test_a_merchant_without_a_known_deposit_has_none() -> None:
    assert sell(earning(gates=(Gate("deposit", "shares", "0"),)), line(good(1000))).payable_fen == 1000


# --- share ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "is_member", "share_fen"),
    [
        (Share("received", 300, "all"), True, 30),
        (Share("received", 300, "all"), False, 30),
        (Share("received", 300, "member"), True, 30),
        (Share("received", 300, "member"), False, 0),
        (Share("rebate", 0, "member"), True, 100),
        (Share("rebate", 0, "member"), False, 0),
        (Share("none"), True, 0),
        (Share("received", 333, "all"), True, 33),
        (Share("received", 335, "all"), True, 34),
    ],
)
def test_bases_of_the_share(share: Share, is_member: bool, share_fen: int) -> None:
    changes = {} if is_member else {"member": None}
    assert sell(earning(share=share), line(good(1000)), **changes).outcome.share_fen == share_fen


def test_a_share_leaves_out_categories() -> None:
    of = pack(share=Share("received", 300, except_categories=("烟草",)))
    sale = sell(of, line(TOBACCO), line(good(1000)))
    assert sale.outcome.received_fen == 7060
    assert sale.outcome.share_fen == 30


def test_the_share_is_of_what_is_received_whoever_pays_it() -> None:
    rule = Coupon("coupon", "减10", "alliance", off_fen=1000)
    sale = sell(pack(rule), line(good(50_00)), coupons=held("coupon"))
    assert sale.payable_fen == 40_00
    assert (sale.outcome.received_fen, sale.outcome.share_fen) == (50_00, 150)


# --- coupons given out ------------------------------------------------------------------------------------------

GIVEN = Coupon("coupon_5", "5元券", "alliance", off_fen=500, valid_days=30)


@pytest.mark.parametrize(("total_fen", "gets"), [(98_99, False), (99_00, True), (500_00, True)])
def test_a_sale_of_enough_gives_one_coupon(total_fen: int, gets: bool) -> None:
    of = pack(GIVEN, coupon_issues=(CouponIssue("over_99", "coupon_5", 99_00),))
    sale = sell(of, line(good(total_fen)))
    assert sale.issued == ((IssuedCoupon("coupon_5", "member", 30),) if gets else ())


def test_what_rules_take_off_does_not_count_towards_it_nor_do_excluded_goods() -> None:
    of = pack(MEMBER_PRICE, GIVEN, coupon_issues=(CouponIssue("over_99", "coupon_5", 99_00),))
    assert sell(of, line(good(100_00, 98_00)), line(TOBACCO)).issued == ()


@pytest.mark.parametrize(("plan", "gets"), [("basic", False), ("co_creator", True)])
def test_coupons_for_some_plans(plan: str, gets: bool) -> None:
    issue = CouponIssue("over", "coupon_5", plans=("co_creator",))
    assert (
        bool(sell(pack(GIVEN, coupon_issues=(issue,)), line(good(100)), member=member(plan)).issued) == gets
    )


def test_nothing_is_given_for_nothing_or_to_walk_ins() -> None:
    of = pack(GIVEN, coupon_issues=(CouponIssue("over", "coupon_5"),))
    assert sell(of, line(TOBACCO)).issued == ()
    assert sell(of, line(good(1000)), member=None).issued == ()


def test_a_printed_coupon_names_the_merchant_that_will_pay_for_it() -> None:
    rule = Coupon("next_door", "邻店券", "issuer", off_fen=300, valid_days=7)
    of = pack(rule, coupon_issues=(CouponIssue("next", "next_door", to="bearer"),))
    assert sell(of, line(good(100))).issued == (IssuedCoupon("next_door", "bearer", 7, "M1"),)


# --- cash rounding ------------------------------------------------------------------------------------------------

TENTHS = CashRounding(10)


@pytest.mark.parametrize(("total_fen", "off_fen"), [(1009, 9), (1001, 1), (1000, 0), (9, 9)])
def test_the_cash_due_is_rounded_down_to_the_step(total_fen: int, off_fen: int) -> None:
    sale = sell(pack(cash_rounding=TENTHS), line(good(total_fen)))
    assert sale.rounding_fen == off_fen
    assert sale.due_fen == sale.payable_fen == total_fen - off_fen
    assert sale.outcome.received_fen == total_fen - off_fen


def test_walk_ins_and_excluded_goods_are_rounded_too() -> None:
    sale = sell(pack(cash_rounding=CashRounding(100)), line(TOBACCO), member=None)
    assert sale.due_fen == 6000
    assert took(sale) == {"cash_rounding": 60}


def test_rounding_is_off_the_cash_after_points_and_lowers_neither_cap_nor_earning() -> None:
    of = pack(
        assets=(POINTS,),
        redemptions=(Redemption("points", "alliance", value_fen=100, cap_bp=3000),),
        accruals=(Accrual("a", "member", "points", "unpaid", "100"),),
        cash_rounding=TENTHS,
    )
    sale = sell(of, line(good(1009)), member=member(balances={"points": 9_00}), redeem={"points": 900})
    assert sale.redeemable == (AssetAmount("points", 300, 2),)
    assert sale.due_fen == 700
    assert sale.payable_fen == 1000
    assert sale.eligible_fen == 1009
    assert earned(sale)[0][2] == 70_900


def test_rounding_is_the_merchants_and_stands_on_the_lines_that_bring_cash() -> None:
    rule = Redemption("points", "alliance", value_fen=100, step="0.01")
    of = pack(assets=(POINTS,), redemptions=(rule,), cash_rounding=TENTHS)
    sale = sell(
        of, line(good(55)), line(good(54, code="1")), member=member(balances={"points": 100}),
        redeem={"points": 0},
    )  # fmt: skip
    assert [[(one.funder, one.amount_fen) for one in priced.adjustments] for priced in sale.lines] == [
        [("merchant", 5)],
        [("merchant", 4)],
    ]
    assert "抹零 0.05 元" in str(sale.lines[0].adjustments[0].text)


def test_a_gift_of_the_whole_sale_leaves_nothing_to_round() -> None:
    rule = BasketPercent("all", "全免", "merchant", off_bp=10_000)
    assert sell(pack(rule, cash_rounding=TENTHS), line(good(109))).rounding_fen == 0
