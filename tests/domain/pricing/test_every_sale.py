"""What holds for every sale, whatever is bought and whatever the pack says."""

from __future__ import annotations

import msgspec
from hypothesis import given

from pos.domain.basket import Basket
from pos.domain.money import split
from pos.domain.pricing.price import price
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from tests.domain.examples import baskets, packs


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
    """The first one; a later one finds room only where the earlier left some."""
    sale = price(basket, pack)
    weights = [line.payable_fen if line.eligible else 0 for line in sale.lines]
    for one in sale.redeemed[:1]:
        spread = [
            sum(part.amount for part in line.redeemed if part.asset == one.asset) for line in sale.lines
        ]
        assert spread == (split(one.amount, weights) if one.amount else [0] * len(weights))


@given(baskets(), packs())
def test_no_line_is_paid_with_more_than_it_costs(basket: Basket, pack: Pack) -> None:
    for line in price(basket, pack).lines:
        assert 0 <= line.redeemed_fen <= line.payable_fen


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
