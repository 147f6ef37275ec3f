"""Milestones: reached once, by all that was ever earned of an asset net of refunds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

import msgspec

from pos.domain.programme.part import exact
from pos.domain.programme.timed import Milestone


class Standing(msgspec.Struct, frozen=True):
    """How a member stands to a milestone. `new`: reached now for the first time, so that it gives now.

    `missing` is what is still to be earned, in minor units; 0 once reached.
    """

    milestone: Milestone
    reached: bool
    new: bool
    missing: int


def standings(
    lifetime: int, milestones: Sequence[Milestone], already: Collection[str], *, scale: int
) -> tuple[Standing, ...]:
    """Where `lifetime` (minor units earned, net of refunds) stands; spending does not lower it.

    `already` names the milestones reached earlier: they stay reached and give nothing again.
    """
    found = []
    for milestone in milestones:
        missing = max(0, _minor_at_least(milestone.at, scale) - lifetime)
        before = milestone.id in already
        reached = before or missing == 0
        found.append(Standing(milestone, reached, reached and not before, 0 if reached else missing))
    return tuple(found)


def _minor_at_least(text: str, scale: int) -> int:
    """Whole units as minor units; what is finer than the scale counts up, so nobody is there too early."""
    value: Fraction = exact(text) * 10**scale
    return -int(-value // 1)
