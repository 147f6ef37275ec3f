"""Refunds under the five programmes and under packs of every kind: nothing is left, and nothing comes twice."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.basket import Basket, MerchantInput
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.assets import Accrual, Asset, Burn, CouponIssue, Redemption
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import HELD_KINDS
from pos.domain.programme.terms import CashRounding, Rebate
from pos.domain.refund import Refund, ReturnedLine
from tests.domain.examples import everything, refund_made, refunds_of, return_steps, sale_made, total
from tests.domain.pricing.random_packs import Case, case_of
from tests.domain.programme_baskets import PLENTY, SHIPPED, programme_baskets, shipped

POINTS = Asset("points", "积分", 2, "1")
VOUCHER = Asset("voucher", "券", 4, "0.01")
SHARES = Asset("shares", "共享积分", 6, "0.000001", price_yuan="1")


def whole_case(seed: int) -> Case:
    """A random pack with everything that a sale can lead to, and a member who pays with all of it."""
    basket, pack = case_of(seed)
    random = Random(seed)
    held = [rule.id for rule in pack.price_rules if isinstance(rule, HELD_KINDS)]
    pack = msgspec.structs.replace(
        pack,
        assets=(POINTS, VOUCHER, SHARES),
        redemptions=(
            Redemption("points", random.choice(("merchant", "alliance")), value_fen=100, cap_bp=3000),
            Redemption("voucher", "alliance", value_fen=100, earns=True),
            Redemption("shares", "alliance", at_price=True, to_deposit=random.random() < 0.5),
        ),
        accruals=(
            Accrual("member", "member", "points", "unpaid", "1"),
            Accrual("merchant", "merchant", "voucher", "rebate", "0.33"),
            Accrual("home", "home_store", CNY, "eligible", "0.01"),
            Accrual("agent", "area_agent", "shares", "rebate", "0.08", at_price=True),
        ),
        rebate=Rebate(0, 10_000, random.choice((0, 333, 2000))),
        burns=(Burn("shares"),),
        cash_rounding=random.choice((None, CashRounding(10), CashRounding(100))),
        coupon_issues=tuple(CouponIssue(f"issue_{one}", one) for one in held[:1]),
    )
    if basket.member is not None:
        balances = {
            "points": random.randint(0, 3_000),
            "voucher": random.randint(0, 90_000),
            "shares": PLENTY,
        }
        member = msgspec.structs.replace(basket.member, balances=balances, home_store="S2")
        basket = msgspec.structs.replace(basket, member=member)
    wishes = {
        asset: random.choice((0, 1 << 62, random.randint(0, 100_000)))
        for asset in ("points", "voucher", "shares")
    }
    return Case(
        msgspec.structs.replace(
            basket,
            redeem=wishes,
            merchant=MerchantInput("M1", referrer=True),
            asset_prices={"shares": "0.73"},
        ),
        pack,
    )


def check_nothing_is_left(sale: PricedSale, results: list[Refund]) -> None:
    """After everything came back every figure is exactly what it was before the sale."""
    outcome = sale.outcome
    assert total(results, "cash_back_fen") == sale.due_fen
    assert total(results, "gross_fen") == sale.gross_fen
    assert total(results, "adjustments_fen") == sale.adjustments_fen
    assert total(results, "payable_fen") == sale.payable_fen
    assert total(results, "received_change_fen") == -outcome.received_fen
    assert total(results, "share_change_fen") == -outcome.share_fen
    assert total(results, "reimbursement_change_fen") == -outcome.reimbursement_fen
    assert total(results, "rebate_change_fen") == -outcome.rebate_fen
    assert results[-1].cash_withheld_fen == 0
    for funder, fen in outcome.reimbursed.items():
        assert sum(one.reimbursed_change.get(funder, 0) for one in results) == -fen
    for earned in outcome.earned:
        changes = [
            one.amount
            for made in results
            for one in made.earned_change
            if (one.role, one.asset) == (earned.role, earned.asset)
        ]
        assert sum(changes) == -sum(
            one.amount for one in outcome.earned if (one.role, one.asset) == (earned.role, earned.asset)
        )
    for burned in outcome.burned:
        back = [one.amount for made in results for one in made.burned_change if one.asset == burned.asset]
        assert sum(back) == -burned.amount


def check_assets_come_back(sale: PricedSale, pack: Pack, results: list[Refund]) -> None:
    """In kind, to the last minor unit; coupons exactly once, with the piece that completes the return."""
    for asset in (asset.id for asset in pack.assets):
        paid = [one for one in sale.redeemed if one.asset == asset]
        back = [one for made in results for one in made.points_back if one.asset == asset]
        assert sum(one.amount for one in back) == sum(one.amount for one in paid)
        assert sum(one.value_fen for one in back) == sum(one.value_fen for one in paid)
    assert [one.complete for one in results] == [False] * (len(results) - 1) + [True]
    assert [one.coupons_back for one in results if one.coupons_back] == [sale.coupons_used] * bool(
        sale.coupons_used
    )
    assert [one.issued_back for one in results if one.issued_back] == [sale.issued] * bool(sale.issued)


def check_cash_stays_within(sale: PricedSale, results: list[Refund]) -> None:
    given_fen = 0
    for one in results:
        assert 0 <= one.cash_back_fen <= sale.due_fen - given_fen
        given_fen += one.cash_back_fen
        assert all(back.amount >= 0 and back.value_fen >= 0 for back in one.points_back)
        assert one.gross_fen >= 0


def check(basket: Basket, pack: Pack, data: st.DataObject) -> None:
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    results = [one.result for one in refunds_of(sale, steps, pack)]
    check_nothing_is_left(sale.result, results)
    check_assets_come_back(sale.result, pack, results)
    check_cash_stays_within(sale.result, results)


@pytest.mark.parametrize("pack_id", SHIPPED)
@given(st.data())
def test_any_way_of_returning_everything_ends_at_nothing(pack_id: str, data: st.DataObject) -> None:
    pack = shipped(pack_id)
    check(data.draw(programme_baskets(pack)), pack, data)


@given(st.integers(0, 1 << 32), st.data())
def test_also_under_packs_of_every_kind(seed: int, data: st.DataObject) -> None:
    check(*whole_case(seed), data)


@given(st.integers(0, 1 << 32))
def test_one_full_refund_gives_back_cash_as_cash_and_points_as_points(seed: int) -> None:
    basket, pack = whole_case(seed)
    sale = sale_made(basket, pack)
    made = refund_made(sale, everything(sale.result), pack=pack).result
    assert made.cash_back_fen == sale.result.payable_fen - sale.result.redeemed_fen
    assert made.cash_withheld_fen == 0
    check_nothing_is_left(sale.result, [made])
    check_assets_come_back(sale.result, pack, [made])


@given(st.integers(0, 1 << 32), st.data())
def test_what_came_back_so_far_depends_on_what_not_on_how(seed: int, data: st.DataObject) -> None:
    """Some pieces in many steps leave the same figures as in one."""
    basket, pack = whole_case(seed)
    sale = sale_made(basket, pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    some = steps[: (len(steps) + 1) // 2]
    pieces: dict[int, int] = {}
    for one in (one for step in some for one in step):
        pieces[one.line] = pieces.get(one.line, 0) + one.quantity
    results = [one.result for one in refunds_of(sale, some, pack)]
    at_once = refund_made(sale, tuple(ReturnedLine(*one) for one in sorted(pieces.items())), pack=pack).result
    for name in ("gross_fen", "payable_fen", "received_change_fen", "share_change_fen", "rebate_change_fen"):
        assert total(results, name) == getattr(at_once, name)
    for asset in ("points", "voucher", "shares"):
        step_by_step = [one.amount for made in results for one in made.points_back if one.asset == asset]
        assert sum(step_by_step) == sum(one.amount for one in at_once.points_back if one.asset == asset)


@pytest.mark.parametrize("pack_id", SHIPPED)
@given(st.data())
def test_a_part_never_completes_a_sale(pack_id: str, data: st.DataObject) -> None:
    pack = shipped(pack_id)
    sale = sale_made(data.draw(programme_baskets(pack)), pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    for one in refunds_of(sale, steps, pack)[:-1]:
        assert not one.result.complete
        assert (one.result.coupons_back, one.result.issued_back) == ((), ())
