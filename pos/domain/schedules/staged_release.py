"""Points that turn into another asset period by period (rulings 13 and 17).

Every lot counts its own periods. What a period pays follows from the exact cumulative sum, rounded
down at the target's scale, less what was paid before: no rounding adds up over the periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from pos.domain.money import BASIS_POINTS
from pos.domain.programme.timed import Release


class Period(msgspec.Struct, frozen=True):
    """Period `number` (from 1) pays `amount`, then `cumulative` has been paid. Minor units of the target."""

    number: int
    amount: int
    cumulative: int


class Released(msgspec.Struct, frozen=True):
    """A lot's periods so far. Once the last is over, `lapsed` (minor units) will never be paid."""

    periods: tuple[Period, ...]
    cap_reached_in: int | None = None
    lapsed: int = 0

    @property
    def total(self) -> int:
        return self.periods[-1].cumulative if self.periods else 0


def release(points: int, grew: Sequence[bool], rule: Release, *, scale: int, into_scale: int) -> Released:
    """Releases a lot of `points` (minor units at `scale`) into an asset of `into_scale`.

    `grew` says of each period so far whether turnover grew enough; the first pays `first_bp` either
    way. Nothing follows the period in which the cap is reached, nor `periods_max`.
    """
    promised = Fraction(points * 10**into_scale, 10**scale)
    cap = promised * rule.cap_times
    amount = promised * Fraction(rule.first_bp, BASIS_POINTS)
    due, paid, periods = Fraction(0), 0, list[Period]()
    for number, has_risen in enumerate(grew[: rule.periods_max], start=1):
        if number > 1 and has_risen:
            amount *= Fraction(rule.step_bp, BASIS_POINTS)
        due = min(due + amount, cap)
        cumulative = int(due)
        periods.append(Period(number, cumulative - paid, cumulative))
        paid = cumulative
        if due == cap:
            return Released(tuple(periods), cap_reached_in=number)
    over = len(periods) == rule.periods_max
    return Released(tuple(periods), lapsed=int(cap) - paid if over else 0)


def has_grown(turnover_fen: int, before_fen: int, rule: Release) -> bool:
    """Whether turnover is `growth_bp` above the last period's: then the period may also end early."""
    return turnover_fen > 0 and turnover_fen * BASIS_POINTS >= before_fen * (BASIS_POINTS + rule.growth_bp)
