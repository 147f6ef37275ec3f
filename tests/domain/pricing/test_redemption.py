"""Paying with assets and cash vouchers: caps, minimum, steps, prices of the day, several at once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pos.domain.basket import Basket, HeldCoupon, MemberInput, checked_line
from pos.domain.pricing.price import price
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.assets import Accrual, Asset, Redemption
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import Funder
from pos.domain.programme.rules import Benefit, CashVoucher
from tests.domain.examples import LINES, PACK, WATER, WORKED
from tests.domain.pricing.shop import MEMBER_PRICE, TOBACCO, good, held, line, member, pack, sell

EVERYTHING = 1 << 62
POINTS = Asset("points", "积分", 2, "1")
SHARES = Asset("shares", "共享积分", 6, "0.000001", price_yuan="1")
EARNS = (Accrual("earns", "member", "points", "unpaid", "1"),)


def paying(rule: Redemption, asset: Asset = POINTS, **changes: Any) -> Pack:
    return pack(assets=(asset,), redemptions=(rule,), **changes)


def paid(
    of: Pack, total_fen: int, balance: int, wish: int, asset: str = "points", **changes: Any
) -> PricedSale:
    holder = member(balances={asset: balance})
    return sell(of, line(good(total_fen)), member=holder, redeem={asset: wish}, **changes)


# --- the wish and what it comes to -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "balance", "amount", "says"),
    [
        (0, 2000, 0, None),
        (-1, 2000, 0, None),
        (700, 2000, 700, None),
        (650, 2000, 600, "每 1 一抵"),
        (900, 2000, 700, "30%"),
        (EVERYTHING, 2000, 700, "30%"),
        (700, 699, 600, "余额"),
        (700, 99, 0, "余额"),
        (700, -500, 0, "余额"),
        (99, 2000, 0, "每 1 一抵"),
    ],
)
def test_what_is_wished_what_is_paid_and_why_not_more(
    wish: int, balance: int, amount: int, says: str | None
) -> None:
    holder = MemberInput("30001234", "basic", {"points": balance})
    sale = price(Basket(LINES, holder, {"points": wish}), PACK)
    assert sum(one.amount for one in sale.redeemed) == amount
    if wish > 0:
        held_back = sale.redeemed[0].held_back
        assert (held_back is None) == (says is None)
        assert says is None or says in str(held_back)


@pytest.mark.parametrize(("payable_fen", "most"), [(4780, 14), (333, 0), (334, 1), (1000, 3), (999, 2)])
def test_the_cap_is_in_whole_points(payable_fen: int, most: int) -> None:
    rule = Redemption("points", "alliance", value_fen=100, cap_bp=3000)
    assert paid(paying(rule), payable_fen, 100_000, EVERYTHING).redeemed[0].amount == most * 100


@pytest.mark.parametrize(("ceiling_fen", "amount"), [(0, 0), (99, 0), (100, 100), (500, 500), (10_000, 700)])
def test_an_offline_ceiling_holds_beside_the_cap(ceiling_fen: int, amount: int) -> None:
    sale = price(msgspec.structs.replace(WORKED, ceilings_fen={"points": ceiling_fen}), PACK)
    assert sale.redeemed[0].amount == amount
    if amount < 700:
        assert "离线时本单最多抵" in str(sale.redeemed[0].held_back)


@pytest.mark.parametrize(
    ("cap_fen", "amount", "says"), [(500, 500, "每单最多抵 5.00 元"), (99_900, 1000, None)]
)
def test_a_cap_in_money(cap_fen: int, amount: int, says: str | None) -> None:
    rule = Redemption("points", "alliance", value_fen=100, cap_fen=cap_fen)
    sale = paid(paying(rule), 2000, 100_000, 1000)
    assert sale.redeemed[0].amount == amount
    assert (says is None) == (sale.redeemed[0].held_back is None)
    assert says is None or says in str(sale.redeemed[0].held_back)


@pytest.mark.parametrize(
    ("wish", "balance", "amount", "says"),
    [
        (900, 5000, 0, "至少要用 10"),
        (1000, 5000, 1000, None),
        (1100, 5000, 1000, "每 5 一抵"),
        (1500, 5000, 1500, None),
        (EVERYTHING, 900, 0, "至少要用 10"),
        (EVERYTHING, 1400, 1000, "余额"),
    ],
)
def test_minimum_and_step(wish: int, balance: int, amount: int, says: str | None) -> None:
    rule = Redemption("points", "alliance", value_fen=100, min="10", step="5")
    sale = paid(paying(rule), 10_000, balance, wish)
    assert sale.redeemed[0].amount == amount
    assert (sale.redeemed[0].held_back is None) == (says is None)
    assert says is None or says in str(sale.redeemed[0].held_back)


def test_a_step_may_be_finer_than_what_is_earned() -> None:
    rule = Redemption("points", "alliance", value_fen=100, step="0.01")
    assert paid(paying(rule), 10_000, 1234, EVERYTHING).redeemed[0].amount == 1234


def test_a_cap_that_is_no_whole_percentage() -> None:
    rule = Redemption("points", "alliance", value_fen=100, cap_bp=1250)
    sale = paid(paying(rule), 2376, 2000, EVERYTHING)
    assert sale.redeemed[0].amount == 200
    assert "12.5%" in str(sale.redeemed[0].held_back)


def test_points_by_the_hundred_for_a_fen_each() -> None:
    rule = Redemption("points", "alliance", value_fen=1, step="100")
    sale = paid(paying(rule, Asset("points", "积分", 2, "100")), 999, 123_456, EVERYTHING)
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (90_000, 900)
    assert sale.redeemable[0].amount == 90_000


def test_excluded_goods_are_not_paid_with_points() -> None:
    rule = Redemption("points", "alliance", value_fen=100)
    holder = member(balances={"points": 100_000})
    sale = sell(paying(rule), line(TOBACCO), line(good(500)), member=holder, redeem={"points": EVERYTHING})
    assert sale.due_fen == 6060
    assert sale.lines[0].redeemed == ()


# --- at the day's price ------------------------------------------------------------------------------------

AT_PRICE = Redemption("shares", "alliance", at_price=True)


@pytest.mark.parametrize(
    ("day_price", "wish", "amount", "value_fen"),
    [
        (None, 5_000_000, 5_000_000, 500),
        ("2", 5_000_000, 5_000_000, 1000),
        ("1.37", 1_000_000, 1_000_000, 137),
        ("1.37", 1_005_000, 1_000_000, 137),
        ("3", 1_000_000, 1_000_000, 300),
        ("3", 1_001_000, 1_000_000, 300),
        ("0.7", EVERYTHING, 14_285_715, 1000),
    ],
)
def test_a_price_may_leave_a_crumb_that_stays_with_the_member(
    day_price: str | None, wish: int, amount: int, value_fen: int
) -> None:
    prices = {} if day_price is None else {"shares": day_price}
    sale = paid(paying(AT_PRICE, SHARES), 1000, 99_000_000, wish, "shares", asset_prices=prices)
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (amount, value_fen)


def test_what_is_worth_less_than_a_fen_pays_nothing_and_says_so() -> None:
    sale = paid(paying(AT_PRICE, SHARES), 1000, 99_000_000, 9_999, "shares")
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (0, 0)
    assert "不足 1 分钱" in str(sale.redeemed[0].held_back)
    assert paid(paying(AT_PRICE, SHARES), 1000, 9_999, EVERYTHING, "shares").redeemable[0].amount == 0


def test_the_crumb_never_breaks_the_minimum_or_the_step() -> None:
    rule = Redemption("shares", "alliance", at_price=True, min="1", step="0.5")
    sale = paid(
        paying(rule, SHARES), 1000, 99_000_000, 1_500_000, "shares", asset_prices={"shares": "0.333333"}
    )
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (1_500_000, 49)
    least = Redemption("shares", "alliance", at_price=True, min="1.001")
    sale = paid(paying(least, SHARES), 1000, 99_000_000, 1_005_000, "shares")
    assert (sale.redeemed[0].amount, sale.redeemed[0].value_fen) == (1_001_000, 100)


def test_an_asset_without_a_price_pays_nothing() -> None:
    unpriced = Asset("shares", "共享积分", 6, "0.000001")
    assert paid(paying(AT_PRICE, unpriced), 1000, 99_000_000, EVERYTHING, "shares").due_fen == 1000


def test_what_goes_to_the_deposit_is_no_money_from_anybody() -> None:
    rule = Redemption("shares", "alliance", at_price=True, to_deposit=True)
    sale = paid(paying(rule, SHARES), 1000, 99_000_000, 3_000_000, "shares")
    assert sale.due_fen == 700
    assert sale.outcome.reimbursed == {}
    assert sale.outcome.received_fen == 1000
    assert sale.lines[0].redeemed[0].to_deposit


# --- several assets ------------------------------------------------------------------------------------------


def test_assets_pay_in_pack_order_each_on_what_is_left() -> None:
    rules = (
        Redemption("points", "alliance", value_fen=100, cap_bp=3000),
        Redemption("voucher", "merchant", value_fen=100, cap_bp=5000),
    )
    both = pack(assets=(POINTS, Asset("voucher", "券", 2, "0.01")), redemptions=rules)
    holder = member(balances={"points": 9_000, "voucher": 100_000})
    sale = sell(both, line(good(2000)), member=holder, redeem={"points": EVERYTHING, "voucher": EVERYTHING})
    assert [(one.asset, one.value_fen) for one in sale.redeemed] == [("points", 600), ("voucher", 700)]
    assert [one.amount for one in sale.redeemable] == [600, 700]
    assert sale.due_fen == 700


def test_the_parts_of_two_assets_never_exceed_a_line() -> None:
    rules = tuple(Redemption(name, "alliance", value_fen=100, step="0.01") for name in ("points", "voucher"))
    both = pack(assets=(POINTS, Asset("voucher", "券", 2, "0.01")), redemptions=rules)
    holder = member(balances={"points": 777, "voucher": 100_000})
    sale = sell(
        both,
        line(good(333)),
        line(good(334, code="1")),
        line(good(333, code="2")),
        member=holder,
        redeem={"points": EVERYTHING, "voucher": EVERYTHING},
    )
    assert sale.due_fen == 0
    assert [priced.payable_fen - priced.redeemed_fen for priced in sale.lines] == [0, 0, 0]


def test_assets_nobody_wishes_to_use_are_only_offered() -> None:
    sale = paid(paying(Redemption("points", "alliance", value_fen=100)), 1000, 500, 0)
    assert sale.redeemed == ()
    assert sale.redeemable[0].amount == 500


@pytest.mark.parametrize(
    ("funder", "received_fen", "reimbursed"),
    [("merchant", 700, {}), ("alliance", 1000, {"alliance": 300}), ("brand", 1000, {"brand": 300})],
)
def test_who_bears_a_redemption_decides_what_is_received(
    funder: Funder, received_fen: int, reimbursed: dict[str, int]
) -> None:
    sale = paid(paying(Redemption("points", funder, value_fen=100)), 1000, 500, 300)
    assert (sale.outcome.received_fen, sale.outcome.reimbursed) == (received_fen, reimbursed)
    assert sale.outcome.reimbursement_fen == sum(reimbursed.values())


@pytest.mark.parametrize(("earns", "points"), [(False, 700), (True, 1000)])
def test_whether_the_part_paid_with_it_still_earns(earns: bool, points: int) -> None:
    rule = Redemption("points", "alliance", value_fen=100, earns=earns)
    sale = paid(paying(rule, accruals=EARNS), 1000, 500, 300)
    assert [one.amount for one in sale.outcome.earned] == [points]


# --- cash vouchers ---------------------------------------------------------------------------------------------

VOUCHER = CashVoucher("cash_10", "10元代金券", "issuer", value_fen=10_00, min_fen=50_00)


@pytest.mark.parametrize(
    ("total_fen", "count", "value_fen", "used"),
    [
        (49_99, 1, 0, 0),
        (50_00, 1, 10_00, 1),
        (50_00, 3, 30_00, 3),
        (50_00, 6, 50_00, 5),
        (55_00, 6, 55_00, 6),
    ],
)
def test_cash_vouchers_pay_and_give_no_change(total_fen: int, count: int, value_fen: int, used: int) -> None:
    sale = sell(pack(VOUCHER), line(good(total_fen)), coupons=held(*["cash_10"] * count))
    assert sale.payable_fen == total_fen
    assert sale.redeemed_fen == value_fen
    assert len(sale.coupons_used) == used


def test_a_voucher_pays_before_points_whose_cap_is_on_the_rest() -> None:
    both = pack(
        VOUCHER,
        assets=(POINTS,),
        redemptions=(Redemption("points", "alliance", value_fen=100, cap_bp=5000),),
    )
    sale = sell(
        both,
        line(good(60_00)),
        member=member(balances={"points": 100_000}),
        redeem={"points": EVERYTHING},
        coupons=held("cash_10"),
    )
    assert [(one.asset, one.value_fen) for one in sale.redeemed] == [("cash_10", 1000), ("points", 2500)]


def test_each_voucher_is_paid_by_who_gave_it_out() -> None:
    coupons = (
        HeldCoupon("cash_10", "A", "M1"),
        HeldCoupon("cash_10", "B", "M2"),
        HeldCoupon("cash_10", "C", "M3"),
    )
    sale = sell(pack(VOUCHER), line(good(60_00)), coupons=coupons)
    assert sale.outcome.reimbursed == {"issuer:M2": 1000, "issuer:M3": 1000}
    assert sale.outcome.received_fen == 50_00
    assert [(one.funder, one.issuer) for one in sale.redeemed] == [
        ("merchant", None),
        ("issuer", "M2"),
        ("issuer", "M3"),
    ]


@pytest.mark.parametrize(("earns", "points"), [(False, 50_00), (True, 60_00)])
def test_whether_the_part_paid_with_a_voucher_earns(earns: bool, points: int) -> None:
    rule = msgspec.structs.replace(VOUCHER, earns=earns)
    sale = sell(pack(rule, assets=(POINTS,), accruals=EARNS), line(good(60_00)), coupons=held("cash_10"))
    assert [one.amount for one in sale.outcome.earned] == [points]


def test_a_voucher_is_not_spent_where_nothing_is_to_pay() -> None:
    rule = CashVoucher("cash", "代金券", "alliance", value_fen=1000)
    assert sell(pack(rule), line(TOBACCO), coupons=held("cash")).coupons_used == ()


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (0, 0)])
def test_a_benefit_is_used_up_without_money(count: int, lines: int) -> None:
    rule = Benefit("delivery", "免费配送", "alliance")
    sale = sell(pack(rule), *[line(good(100))] * lines, coupons=held("delivery"))
    assert sale.payable_fen == 100 * lines
    assert len(sale.coupons_used) == count


def test_a_walk_in_pays_with_nothing() -> None:
    both = pack(VOUCHER, MEMBER_PRICE, assets=(POINTS,), redemptions=(Redemption("points", "alliance", 100),))
    sale = sell(both, line(good(60_00)), member=None, redeem={"points": 100}, coupons=held("cash_10"))
    assert (sale.redeemed, sale.redeemable, sale.coupons_used) == ((), (), ())


def test_points_of_several_lines_are_spread_by_what_they_cost() -> None:
    rule = Redemption("points", "alliance", value_fen=100)
    holder = member(balances={"points": 1000})
    sale = sell(
        paying(rule), line(good(100)), line(good(200, code="1")), member=holder, redeem={"points": 100}
    )
    assert [part.amount for priced in sale.lines for part in priced.redeemed] == [33, 67]


def test_the_good_of_the_worked_sale_alone() -> None:
    holder = MemberInput("30001234", "basic", {"points": 150})
    sale = price(Basket((checked_line(WATER, quantity=3),), holder, {"points": 150}), PACK)
    assert (sale.redeemed[0].amount, sale.due_fen) == (100, 374)
