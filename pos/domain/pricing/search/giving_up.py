"""How much of what unit rules save can be given up for a set of basket rules without losing by it.

A fen given up by the lines may reach a threshold, or be a fen more for a percentage to be taken of; it never
brings more than that. What costs more than it can bring need not be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.candidate import Candidate
from pos.domain.pricing.search.offer import BasketOffer

TRIED_MAX = 8
"""How often the bound is lowered by a fen to come nearer to what rounding really allows."""


class Ceiling(NamedTuple):
    """What is left of each rule's goods, and of all of them, when the lines save the most: at most so much.

    `most_fen` is the most that unit rules save in the whole basket.
    """

    candidate: Candidate
    most_fen: int
    each_fen: tuple[int, ...]
    together_fen: int

    def missing_fen(self) -> int:
        """What must be given up for every threshold to be reached."""
        rules = self.candidate.rules
        return max(0, *(rule.min_fen - fen for rule, fen in zip(rules, self.each_fen, strict=True)))

    def exactly(self, given_up_fen: int) -> int:
        """The most that is saved in all when the lines give up so much."""
        offs = [
            rule.saved(fen + given_up_fen)
            for rule, fen in zip(self.candidate.rules, self.each_fen, strict=True)
        ]
        return self.most_fen - given_up_fen + min(sum(offs), self.together_fen + given_up_fen)

    def smoothly(self, given_up_fen: int) -> int:
        """No less than that, in fen times `BASIS_POINTS`, and without the ups and downs of rounding.

        It rises, then falls, and each step it falls by no less than the step before.
        """
        offs = [
            _smooth(rule, fen + given_up_fen)
            for rule, fen in zip(self.candidate.rules, self.each_fen, strict=True)
        ]
        together = (self.together_fen + given_up_fen) * BASIS_POINTS
        return (self.most_fen - given_up_fen) * BASIS_POINTS + min(sum(offs), together)


def ceiling(
    candidate: Candidate, most_fen: int, saved_of_kinds: Iterable[tuple[frozenset[int], int]]
) -> Ceiling:
    """`saved_of_kinds` is the most that lines of these kinds save that share nothing with lines of others."""
    each = [rule.gross_fen for rule in candidate.rules]
    together = sum(candidate.gross_fen)
    for kinds, saved_fen in saved_of_kinds:
        if all(kind in candidate.parts for kind in kinds):
            together -= saved_fen
        for at, rule in enumerate(candidate.rules):
            if kinds <= rule.kinds:
                each[at] -= saved_fen
    return Ceiling(candidate, most_fen, tuple(each), together)


def worth_giving_up(bound: Ceiling, to_beat_fen: int) -> int | None:
    """The most that may be given up and still save `to_beat_fen` in all; None: nothing comes to that."""
    least = bound.missing_fen()
    wanted = to_beat_fen * BASIS_POINTS
    low, most = _peak(bound, least), bound.most_fen
    if bound.smoothly(low) < wanted:
        return None
    while low < most:
        middle = (low + most + 1) // 2
        if bound.smoothly(middle) >= wanted:
            low = middle
        else:
            most = middle - 1
    for _ in range(TRIED_MAX):
        if most > least and bound.exactly(most) < to_beat_fen:
            most -= 1
    return most if bound.exactly(most) >= to_beat_fen or most > least else None


def _peak(bound: Ceiling, least: int) -> int:
    """What to give up to save the most, roundings aside."""
    low, high = least, bound.most_fen
    if low >= high or bound.smoothly(low) >= bound.smoothly(low + 1):
        return low
    while low < high:
        middle = (low + high) // 2
        if bound.smoothly(middle + 1) > bound.smoothly(middle):
            low = middle + 1
        else:
            high = middle
    return low


def _smooth(rule: BasketOffer, total_fen: int) -> int:
    if rule.off_bp is None:
        return min(rule.off_fen or 0, total_fen) * BASIS_POINTS
    off = total_fen * rule.off_bp + BASIS_POINTS
    return off if rule.max_fen is None else min(off, rule.max_fen * BASIS_POINTS)
