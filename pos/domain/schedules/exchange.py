"""Stepped exchange of one asset into another: only whole multiples are taken, the rest stays."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from pos.domain.programme.assets import Exchange
from pos.domain.programme.part import exact


class Exchanged(msgspec.Struct, frozen=True):
    """`taken` and `left` in minor units of the source, `given` in those of the target."""

    taken: int
    given: int
    left: int


def exchange(
    amount: int, rule: Exchange, *, scale: int, to_scale: int, ratio: Fraction | None = None
) -> Exchanged:
    """Exchanges as much of `amount` as comes to whole multiples of `takes`.

    `ratio` is a merchant's own, whole units given per multiple; it counts only where the pack says
    `merchant_ratio`, and the pack's `gives` stands in for merchants that set none. What is given is
    rounded down at the target's scale; for nothing in return nothing is taken.
    """
    # Where `takes` is finer than the scale, several multiples together make the first whole amount.
    takes = exact(rule.takes) * 10**scale
    multiples = max(0, amount) // takes.numerator * takes.denominator
    gives = ratio if rule.merchant_ratio and ratio is not None else exact(rule.gives)
    given = int(multiples * gives * 10**to_scale)
    taken = int(multiples * takes) if given > 0 else 0
    return Exchanged(taken, given, amount - taken)
