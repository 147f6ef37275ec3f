"""The year's profit to members in proportion to their contribution (ruling 19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from pos.domain.money import BASIS_POINTS, FEN_PER_YUAN
from pos.domain.programme.part import exact
from pos.domain.programme.timed import Distribution
from pos.domain.schedules.proportion import in_proportion


class Contribution(msgspec.Struct, frozen=True):
    """A member's calendar year.

    `consumption_fen` is the eligible payable not paid with points, net of refunds; `earned` what was
    earned of each asset, in its minor units.
    """

    member_no: str
    plan: str
    consumption_fen: int = 0
    earned: dict[str, int] = {}


class Portion(msgspec.Struct, frozen=True):
    """What a member gets, in fen, for its weight (the contribution value, exact)."""

    member_no: str
    weight: Fraction
    amount_fen: int


class Distributed(msgspec.Struct, frozen=True):
    """Who gets what. What cannot be given because nobody contributed is carried over to the next year."""

    portions: tuple[Portion, ...]
    carried_over_fen: int

    @property
    def total_fen(self) -> int:
        return sum(one.amount_fen for one in self.portions)


def pool_of(net_profit_fen: int, rule: Distribution) -> int:
    """The members' part of the year's net profit in fen, rounded down; a loss gives an empty pool."""
    return max(0, net_profit_fen) * rule.pool_bp // BASIS_POINTS


def weight_of(year: Contribution, rule: Distribution, scales: Mapping[str, int]) -> Fraction:
    """A member's contribution, exact; a year with more returned than bought weighs nothing.

    A yuan of consumption and a whole unit of an asset weigh what the pack says, in thousandths. `scales`
    gives each weighed asset's minor digits. Plans that do not take part weigh 0.
    """
    if rule.plans and year.plan not in rule.plans:
        return Fraction(0)
    multiplier = exact(rule.consumption_multipliers.get(year.plan, "1"))
    weight = Fraction(year.consumption_fen, FEN_PER_YUAN) * exact(rule.consumption) * multiplier
    for one in rule.weights:
        units = Fraction(year.earned.get(one.asset, 0), 10 ** scales[one.asset])
        weight += units * exact(one.weight)
    return max(Fraction(0), weight)


def distribute(
    pool_fen: int, years: Sequence[Contribution], rule: Distribution, scales: Mapping[str, int]
) -> Distributed:
    """Shares the pool by contribution: largest remainder, ties to the lower member number.

    Members (each once) keep the order in which they were given.
    """
    weights = {year.member_no: weight_of(year, rule, scales) for year in years}
    amounts = in_proportion(pool_fen, weights)
    portions = tuple(Portion(member, weight, amounts[member]) for member, weight in weights.items())
    return Distributed(portions, carried_over_fen=pool_fen - sum(amounts.values()))
