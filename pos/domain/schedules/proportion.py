"""Sharing an amount among members in proportion: the same way in every schedule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import reduce

from pos.domain.money import split

_RUN = re.compile(r"[0-9]+|[^0-9]+")


def by_number(member_no: str) -> tuple[list[tuple[int, str]], str]:
    """A key that sorts member numbers: runs of digits count as numbers, so `M9` comes before `M10`."""
    return [_rank(run) for run in _RUN.findall(member_no)], member_no


def _rank(run: str) -> tuple[int, str]:
    """Of numbers the longer is the larger: so they compare however long they are."""
    digits = run.lstrip("0")
    return (len(digits), digits) if run[0] in "0123456789" else (-1, run)


def in_proportion(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Shares `total` (minor units) by weights that are not negative: largest remainder.

    Ties go to the lower member number; weight 0 gets 0; without any weight everybody gets 0.
    The order of `weights` is kept.
    """
    members = sorted(weights, key=by_number)
    unit = _common_denominator(weights.values())
    whole = [int(weights[member] * unit) for member in members]
    parts = split(total if any(whole) else 0, whole)
    shared = dict(zip(members, parts, strict=True))
    return {member: shared[member] for member in weights}


def _common_denominator(weights: Iterable[Fraction]) -> int:
    return reduce(
        lambda common, one: common * Fraction(one, common).numerator,
        (weight.denominator for weight in weights),
        1,
    )
