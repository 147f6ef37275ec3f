"""The price is the least there is: compared with every combination put together without cleverness."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from hypothesis import HealthCheck, given, settings

from pos.domain.money import split
from pos.domain.pricing.price import price
from pos.domain.pricing.result import Adjustment, PricedSale
from pos.domain.programme.checks import pack_mistakes
from pos.domain.programme.rules import BasketRule, Coupon, Flash, Gift
from tests.domain.pricing.brute_force import cheapest, greedy, key_of, literally_cheapest
from tests.domain.pricing.random_packs import Case, cases

# the same cases every time: where the bound lies is known for these
many = settings(
    derandomize=True,
    max_examples=2000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@many
@given(cases())
def test_nothing_is_cheaper_and_of_equals_the_right_one_is_taken(case: Case) -> None:
    sale = price(*case)
    answer = cheapest(*case)
    assert sale.payable_fen >= answer.payable_fen
    if sale.optimal:
        assert sale.payable_fen == answer.payable_fen
        assert key_of(sale, case.pack) == answer.key


@many
@given(cases(rules_max=4, lines_max=4, units_max=4))
def test_small_baskets_are_always_proven(case: Case) -> None:
    assert price(*case).optimal


@few
@given(cases(rules_max=2, lines_max=3, units_max=2))
def test_the_model_loses_nothing_by_dropping_what_is_worse(case: Case) -> None:
    assert literally_cheapest(*case) == cheapest(*case)


@few
@given(cases(rules_max=10, lines_max=6, units_max=6))
def test_never_worse_than_each_unit_its_best_rule(case: Case) -> None:
    sale = price(*case)
    assert sale.payable_fen <= greedy(*case)
    assert price(*case, steps_max=0).payable_fen <= greedy(*case)


@few
@given(cases(rules_max=10, lines_max=6, units_max=6))
def test_a_priced_sale_adds_up(case: Case) -> None:
    sale = price(*case)
    assert sale.gross_fen == sum(line.gross_fen for line in case.basket.lines)
    assert sale.gross_fen - sum(line.saved_fen for line in sale.lines) == sale.payable_fen
    for line, bought in zip(sale.lines, case.basket.lines, strict=True):
        assert 0 <= line.payable_fen <= line.gross_fen
        assert all(one.amount_fen > 0 for one in line.adjustments)
        assert sum(one.units for one in _one_of_each(line.adjustments)) <= bought.quantity


def _one_of_each(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """Unit rules of a line, a rule that two bear counted once."""
    return list({(one.rule, one.units): one for one in adjustments}.values())


@few
@given(cases(rules_max=8))
def test_a_rule_of_the_basket_is_spread_by_largest_remainder(case: Case) -> None:
    """Over the eligible lines in its scope, by their totals after unit rules, where it fits on each."""
    sale = price(*case)
    rules = [rule for rule in case.pack.price_rules if isinstance(rule, BasketRule)]
    used = [rule for rule in rules if sale.taken_off(rule.id)]
    totals = [
        line.gross_fen - sum(one.amount_fen for one in line.adjustments if one.units) for line in sale.lines
    ]
    expected = []
    for rule in used:
        weights = [
            total if line.eligible and rule.scope.covers(line.code, line.category) else 0
            for total, line in zip(totals, sale.lines, strict=True)
        ]
        expected.append(split(sale.taken_off(rule.id), weights))
    if all(sum(parts[i] for parts in expected) <= total for i, total in enumerate(totals)):
        assert [_parts(sale, rule.id) for rule in used] == expected


def _parts(sale: PricedSale, rule: str) -> list[int]:
    return [sum(one.amount_fen for one in line.adjustments if one.rule == rule) for line in sale.lines]


@few
@given(cases(rules_max=8))
def test_quotas_and_coupons_are_not_used_more_than_there_are(case: Case) -> None:
    sale = price(*case)
    for rule in case.pack.price_rules:
        adjustments = [one for line in sale.lines for one in line.adjustments if one.rule == rule.id]
        units = sum(one.units for one in adjustments)
        held = [one for one in case.basket.coupons if one.rule == rule.id]
        used = [one for one in sale.coupons_used if one.rule == rule.id]
        assert all(used.count(one) <= held.count(one) for one in used)
        if isinstance(rule, Flash):
            assert units <= max(0, rule.quota - case.basket.used[rule.id])
        if isinstance(rule, Gift):
            assert len(used) == units
        if isinstance(rule, Coupon):
            assert len(used) == bool(adjustments)


@few
@given(cases())
def test_the_same_basket_has_the_same_price(case: Case) -> None:
    assert price(*case) == price(*case)


@few
@given(cases(rules_max=10))
def test_the_packs_are_ones_that_loading_takes(case: Case) -> None:
    assert pack_mistakes(case.pack) == []


@few
@given(cases())
def test_one_rule_more_never_makes_it_dearer(case: Case) -> None:
    rules = case.pack.price_rules
    fewer = msgspec.structs.replace(case.pack, price_rules=rules[:-1])
    assert price(case.basket, case.pack).payable_fen <= price(case.basket, fewer).payable_fen
