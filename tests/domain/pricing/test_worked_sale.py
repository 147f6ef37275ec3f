"""The worked sale of the domain's page, to the fen."""

from __future__ import annotations

import msgspec
import pytest

from pos.domain.basket import Basket, checked_line
from pos.domain.money import yuan
from pos.domain.pricing.price import price
from pos.domain.pricing.result import AssetAmount, PricedSale
from pos.domain.programme.terms import Share
from tests.domain.examples import BAG, COLA, LINES, MEMBER, PACK, TOBACCO, WATER, WORKED, worked_sale


def earned(sale: PricedSale) -> int:
    return sum(one.amount for one in sale.outcome.earned)


def test_the_worked_sale() -> None:
    sale = worked_sale()
    assert yuan(sale.gross_fen) == "86.30"
    assert yuan(sale.adjustments_fen) == "1.94"
    assert yuan(sale.payable_fen) == "84.36"
    assert yuan(sale.eligible_fen) == "23.76"
    assert sale.redeemable == (AssetAmount("points", 700, 2), AssetAmount("voucher", 0, 2))
    assert yuan(sale.redeemed_fen) == "7.00"
    assert yuan(sale.due_fen) == "77.36"
    assert earned(sale) == 1600
    assert yuan(sale.outcome.received_fen) == "84.36"
    assert yuan(sale.outcome.reimbursement_fen) == "7.00"
    assert sale.outcome.reimbursed == {"alliance": 700}
    assert yuan(sale.outcome.share_fen) == "2.53"
    assert 2000 - 700 + earned(sale) == 2900
    assert sale.optimal


def test_the_lines_of_the_worked_sale() -> None:
    lines = worked_sale().lines
    assert [yuan(line.payable_fen) for line in lines] == ["4.74", "4.46", "60.60", "14.56"]
    assert [line.unit_price_fen for line in lines] == [158, 223, 6060, 1180]
    assert [line.eligible for line in lines] == [True, True, False, True]
    assert [sum(part.amount for part in line.redeemed) for line in lines] == [140, 131, 0, 429]
    assert [sum(part.value_fen for part in line.redeemed) for line in lines] == [140, 131, 0, 429]


def test_a_reduction_can_be_read_out() -> None:
    adjustment = worked_sale().lines[0].adjustments[0]
    assert str(adjustment.text) == "会员价 1.58 元，省 0.36 元"
    assert (adjustment.rule, adjustment.funder, adjustment.amount_fen) == ("member_price", "merchant", 36)
    assert adjustment.units == 3


def test_odoo_36732_lines_and_total_do_not_differ_by_a_fen() -> None:
    sale = worked_sale()
    assert sum(line.payable_fen for line in sale.lines) == sale.payable_fen
    assert sum(line.gross_fen for line in sale.lines) == sale.gross_fen
    parts = sum(part.value_fen for line in sale.lines for part in line.redeemed)
    assert sale.payable_fen - parts == sale.due_fen


def test_a_walk_in_pays_the_list_and_earns_nothing() -> None:
    sale = price(Basket(LINES, None, {"points": 700}), PACK)
    assert sale.payable_fen == sale.gross_fen == sale.due_fen == 8630
    assert not sale.redeemed
    assert not sale.redeemable
    assert not sale.outcome.earned
    assert sale.outcome.share_fen == 259


def test_excluded_goods_alone_can_be_paid_with_nothing() -> None:
    sale = price(
        Basket((checked_line(TOBACCO), checked_line(BAG, quantity=2)), MEMBER, {"points": 2000}), PACK
    )
    assert sale.eligible_fen == 0
    assert sale.redeemed[0].amount == 0
    assert sale.payable_fen == 6060 + 60
    assert earned(sale) == 0
    assert sale.outcome.share_fen == 184


@pytest.mark.parametrize(("plan", "points"), [("basic", 1600), ("co_creator", 2500), ("unheard_of", 1600)])
def test_earning_by_plan_rounded_down_once(plan: str, points: int) -> None:
    """16.76 at 1 is 16, at 1.5 is 25.14: 25."""
    holder = msgspec.structs.replace(MEMBER, plan=plan)
    assert earned(price(Basket(LINES, holder, {"points": 700}), PACK)) == points


def test_a_pack_without_price_rules_gives_the_list_price() -> None:
    assert price(WORKED, msgspec.structs.replace(PACK, price_rules=())).payable_fen == 8630


def test_a_share_on_member_sales_only() -> None:
    pack = msgspec.structs.replace(PACK, share=Share("received", 300, "member"))
    assert price(Basket(LINES), pack).outcome.share_fen == 0
    assert price(WORKED, pack).outcome.share_fen == 253


def test_an_empty_basket() -> None:
    sale = price(Basket(member=MEMBER, redeem={"points": 100}), PACK)
    assert sale.due_fen == sale.gross_fen == 0
    assert sale.redeemed[0].amount == 0
    assert sale.optimal


def test_a_free_good_takes_no_part() -> None:
    free = msgspec.structs.replace(COLA, price_fen=0, member_price_fen=0)
    sale = price(Basket((checked_line(free), *LINES), MEMBER, {"points": 700}), PACK)
    assert sale.lines[0].redeemed == ()
    assert sale.due_fen == 7736


def test_a_member_never_pays_more_than_the_list() -> None:
    dear = msgspec.structs.replace(WATER, member_price_fen=999)
    sale = price(Basket((checked_line(dear),), MEMBER), PACK)
    assert sale.payable_fen == 170
    assert sale.lines[0].adjustments == ()
