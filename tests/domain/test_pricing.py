"""Prices: the worked sale to the fen, a table of cases, and what holds for every sale."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given

from pos.domain.basket import Basket, BasketLine, MemberInput, checked_line
from pos.domain.money import split, yuan
from pos.domain.pricing import AssetAmount, PricedSale, price
from pos.domain.programme import Asset, Pack, Redemption, Share
from tests.domain.examples import (
    APPLES,
    BAG,
    COLA,
    LINES,
    MEMBER,
    PACK,
    TOBACCO,
    WATER,
    WORKED,
    baskets,
    packs,
    worked_sale,
)


def earned(sale: PricedSale) -> int:
    return sum(one.amount for one in sale.outcome.earned)


# --- the worked sale -----------------------------------------------------------------------------


def test_the_worked_sale() -> None:
    sale = worked_sale()
    assert yuan(sale.gross_fen) == "86.30"
    assert yuan(sale.adjustments_fen) == "1.94"
    assert yuan(sale.payable_fen) == "84.36"
    assert yuan(sale.eligible_fen) == "23.76"
    assert sale.redeemable == (AssetAmount("points", 700, 2),)
    assert yuan(sale.redeemed_fen) == "7.00"
    assert yuan(sale.due_fen) == "77.36"
    assert earned(sale) == 1600
    assert yuan(sale.outcome.received_fen) == "84.36"
    assert yuan(sale.outcome.reimbursement_fen) == "7.00"
    assert yuan(sale.outcome.share_fen) == "2.53"
    assert 2000 - 700 + earned(sale) == 2900


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


def test_odoo_36732_lines_and_total_do_not_differ_by_a_fen() -> None:
    sale = worked_sale()
    assert sum(line.payable_fen for line in sale.lines) == sale.payable_fen
    assert sum(line.gross_fen for line in sale.lines) == sale.gross_fen
    parts = sum(part.value_fen for line in sale.lines for part in line.redeemed)
    assert sale.payable_fen - parts == sale.due_fen


# --- cases ---------------------------------------------------------------------------------------


def member(points: int = 0, plan: str = "basic") -> MemberInput:
    return MemberInput("30001234", plan, {"points": points})


def test_a_walk_in_pays_the_list_and_earns_nothing() -> None:
    sale = price(Basket(LINES, None, {"points": 700}), PACK)
    assert sale.payable_fen == sale.gross_fen == sale.due_fen == 8630
    assert not sale.redeemed
    assert not sale.redeemable
    assert not sale.outcome.earned
    assert sale.outcome.share_fen == 259


@pytest.mark.parametrize(
    ("wish", "balance", "amount", "says"),
    [
        (0, 2000, 0, None),
        (-1, 2000, 0, None),
        (700, 2000, 700, None),
        (650, 2000, 600, "30%"),
        (900, 2000, 700, "30%"),
        (1 << 62, 2000, 700, "30%"),
        (700, 699, 600, "余额"),
        (700, 99, 0, "余额"),
        (700, -500, 0, "余额"),
        (99, 2000, 0, "30%"),
    ],
)
def test_what_is_wished_what_is_paid_and_why_not_more(
    wish: int, balance: int, amount: int, says: str | None
) -> None:
    sale = price(Basket(LINES, member(balance), {"points": wish}), PACK)
    assert sum(one.amount for one in sale.redeemed) == amount
    if wish > 0:
        held_back = sale.redeemed[0].held_back
        assert (held_back is None) == (says is None)
        assert says is None or says in str(held_back)


@pytest.mark.parametrize(("payable_fen", "most"), [(4780, 14), (333, 0), (334, 1), (1000, 3), (999, 2)])
def test_the_cap_is_in_whole_points(payable_fen: int, most: int) -> None:
    good = msgspec.structs.replace(WATER, price_fen=payable_fen, member_price_fen=payable_fen)
    sale = price(Basket((checked_line(good),), member(100_000), {"points": 1 << 62}), PACK)
    assert sale.redeemed[0].amount == most * 100


@pytest.mark.parametrize(("ceiling_fen", "amount"), [(0, 0), (99, 0), (100, 100), (500, 500), (10_000, 700)])
def test_an_offline_ceiling_holds_beside_the_cap(ceiling_fen: int, amount: int) -> None:
    sale = price(msgspec.structs.replace(WORKED, ceilings_fen={"points": ceiling_fen}), PACK)
    assert sale.redeemed[0].amount == amount
    if amount < 700:
        assert "离线时本单最多抵" in str(sale.redeemed[0].held_back)


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
    sale = price(Basket(LINES, member(2000, plan), {"points": 700}), PACK)
    assert earned(sale) == points


def test_a_member_never_pays_more_than_the_list() -> None:
    dear = msgspec.structs.replace(WATER, member_price_fen=999)
    sale = price(Basket((checked_line(dear),), MEMBER), PACK)
    assert sale.payable_fen == 170
    assert sale.lines[0].adjustments == ()


def test_a_pack_without_price_rules_gives_the_list_price() -> None:
    assert price(WORKED, msgspec.structs.replace(PACK, price_rules=())).payable_fen == 8630


def test_a_share_on_member_sales_only() -> None:
    pack = msgspec.structs.replace(PACK, share=Share(300, "member"))
    assert price(Basket(LINES), pack).outcome.share_fen == 0
    assert price(WORKED, pack).outcome.share_fen == 253


def test_who_bears_a_redemption_decides_what_is_received() -> None:
    own = msgspec.structs.replace(PACK, redemptions=(Redemption("points", 100, 3000, "merchant"),))
    outcome = price(WORKED, own).outcome
    assert (outcome.received_fen, outcome.reimbursement_fen) == (7736, 0)


def test_who_bears_a_reduction_decides_what_is_received() -> None:
    rule = msgspec.structs.replace(PACK.price_rules[0], funder="alliance")
    outcome = price(WORKED, msgspec.structs.replace(PACK, price_rules=(rule,))).outcome
    assert (outcome.received_fen, outcome.reimbursement_fen) == (8436 + 194, 700 + 194)


def test_assets_pay_in_pack_order_each_on_what_is_left() -> None:
    pack = msgspec.structs.replace(
        PACK,
        assets=(*PACK.assets, Asset("voucher", "代金券", 2, "0.01")),
        redemptions=(*PACK.redemptions, Redemption("voucher", 100, 10_000, "merchant")),
    )
    holder = MemberInput("30001234", "basic", {"points": 2000, "voucher": 100_000})
    sale = price(Basket(LINES, holder, {"points": 700, "voucher": 1 << 62}), pack)
    assert [(one.asset, one.value_fen) for one in sale.redeemed] == [("points", 700), ("voucher", 1676)]
    assert sale.due_fen == 6060
    assert sum(one.amount for one in sale.outcome.earned) == 0


def test_a_cap_that_is_no_whole_percentage() -> None:
    pack = msgspec.structs.replace(PACK, redemptions=(Redemption("points", 100, 1250, "alliance"),))
    assert price(WORKED, pack).redeemed[0].amount == 200


def test_points_worth_less_than_a_fen_pay_whole_fen_only() -> None:
    pack = msgspec.structs.replace(
        PACK,
        assets=(Asset("points", "积分", 2, "0.01"),),
        redemptions=(Redemption("points", 1, 10_000, "alliance"),),
    )
    holder = MemberInput("30001234", "basic", {"points": 150})
    sale = price(Basket((checked_line(WATER),), holder, {"points": 150}), pack)
    assert sale.redeemed[0].value_fen == 1
    assert sale.due_fen == 157


def test_an_empty_basket() -> None:
    sale = price(Basket(member=MEMBER, redeem={"points": 100}), PACK)
    assert sale.due_fen == sale.gross_fen == 0
    assert sale.redeemed[0].amount == 0


def test_a_free_good_takes_no_part() -> None:
    free = msgspec.structs.replace(COLA, price_fen=0, member_price_fen=0)
    sale = price(Basket((checked_line(free), *LINES), MEMBER, {"points": 700}), PACK)
    assert sale.lines[0].redeemed == ()
    assert sale.due_fen == 7736


# --- what holds for every sale -------------------------------------------------------------------


@given(baskets(), packs())
def test_the_figures_add_up(basket: Basket, pack: Pack) -> None:
    sale = price(basket, pack)
    assert sale.gross_fen - sum(line.saved_fen for line in sale.lines) == sale.payable_fen
    assert sale.payable_fen - sum(one.value_fen for one in sale.redeemed) == sale.due_fen
    assert sale.payable_fen == sum(line.payable_fen for line in sale.lines)
    assert sale.eligible_fen == sum(line.payable_fen for line in sale.lines if line.eligible)
    for one in sale.redeemed:
        parts = [part for line in sale.lines for part in line.redeemed if part.asset == one.asset]
        assert sum(part.amount for part in parts) == one.amount
        assert sum(part.value_fen for part in parts) == one.value_fen


@given(baskets(), packs())
def test_nothing_is_negative(basket: Basket, pack: Pack) -> None:
    sale = price(basket, pack)
    figures = [sale.gross_fen, sale.adjustments_fen, sale.payable_fen, sale.due_fen]
    outcome = sale.outcome
    figures += [outcome.received_fen, outcome.share_fen, outcome.reimbursement_fen]
    figures += [one.amount for one in sale.redeemed]
    figures += [one.amount for one in sale.redeemable]
    figures += [one.amount for one in outcome.earned]
    figures += [line.payable_fen for line in sale.lines]
    figures += [part.value_fen for line in sale.lines for part in line.redeemed]
    assert min(figures) >= 0


@given(baskets(), packs())
def test_caps_balances_and_steps_hold(basket: Basket, pack: Pack) -> None:
    sale = price(basket, pack)
    left_fen = sale.eligible_fen
    for one in sale.redeemed:
        rule = next(rule for rule in pack.redemptions if rule.asset == one.asset)
        assert basket.member is not None
        assert one.amount % pack.asset(one.asset).step_minor == 0
        assert one.amount <= max(0, basket.member.balances[one.asset])
        assert one.amount <= max(0, basket.redeem[one.asset])
        assert one.value_fen * 10_000 <= left_fen * rule.cap_bp
        assert one.value_fen <= basket.ceilings_fen.get(one.asset, 1 << 62)
        assert (one.held_back is None) == (one.amount == basket.redeem[one.asset])
        left_fen -= one.value_fen


@given(baskets(), packs())
def test_more_than_redeemable_is_never_redeemed_and_that_much_can_be(basket: Basket, pack: Pack) -> None:
    most = {one.asset: one.amount for one in price(basket, pack).redeemable}
    sale = price(msgspec.structs.replace(basket, redeem=dict.fromkeys(most, 1 << 62)), pack)
    first = next(iter(sale.redeemed), None)
    if first is not None:
        assert first.amount == most[first.asset]


@given(baskets(), packs())
def test_excluded_goods_are_untouched(basket: Basket, pack: Pack) -> None:
    for line in price(basket, pack).lines:
        if line.category == "烟草":
            assert not line.eligible
            assert not line.adjustments
            assert not line.redeemed
            assert line.payable_fen == line.gross_fen


@given(baskets(), packs())
def test_a_redemption_is_spread_in_proportion(basket: Basket, pack: Pack) -> None:
    sale = price(basket, pack)
    weights = [line.payable_fen if line.eligible else 0 for line in sale.lines]
    for one in sale.redeemed:
        spread = [
            sum(part.amount for part in line.redeemed if part.asset == one.asset) for line in sale.lines
        ]
        assert spread == (split(one.amount, weights) if one.amount else [0] * len(weights))


@given(baskets(), packs())
def test_the_same_basket_has_the_same_price_after_a_journey(basket: Basket, pack: Pack) -> None:
    """What the hub reckons from the journaled basket is what the till reckoned."""
    arrived = msgspec.json.decode(msgspec.json.encode(basket), type=Basket)
    assert price(arrived, pack) == price(basket, pack)
    assert msgspec.json.decode(msgspec.json.encode(price(basket, pack)), type=PricedSale) == price(
        basket, pack
    )


@given(baskets(), packs())
def test_a_member_never_pays_more_than_a_walk_in(basket: Basket, pack: Pack) -> None:
    walk_in = msgspec.structs.replace(basket, member=None)
    assert price(basket, pack).due_fen <= price(walk_in, pack).due_fen


def test_lines_of_one_good_are_priced_each_for_itself() -> None:
    twice = price(Basket((BasketLine(APPLES, 1, 617), BasketLine(APPLES, 1, 617)), MEMBER), PACK)
    assert [line.payable_fen for line in twice.lines] == [728, 728]


def test_a_cap_with_decimals_reads_as_such() -> None:
    pack = msgspec.structs.replace(PACK, redemptions=(Redemption("points", 100, 1250, "alliance"),))
    held = price(WORKED, pack).redeemed[0].held_back
    assert "12.5%" in str(held)
