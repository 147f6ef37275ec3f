"""Rules that count different lines: what is saved in each part of the basket is searched side by side."""

from __future__ import annotations

from collections.abc import Sequence

from pos.domain.pricing.search.candidate import Candidate
from pos.domain.pricing.search.cost import Steps, saved_of
from pos.domain.pricing.search.group import Option
from pos.domain.pricing.search.sums import in_order

FOLLOWED_MAX = 400
"""How many states are followed once the step bound is reached: those that may come to the most."""

_States = dict[tuple[int, ...], tuple[int, int, tuple[object, ...]]]
"""What is saved in each part, to cost, the most it may come to, and the options chosen."""


def search_parts(
    offered: Sequence[list[Option]], candidate: Candidate, to_beat_fen: int, steps: Steps
) -> list[Option] | None:
    """The best option of each group under the candidate's rules, or None where nothing saves `to_beat_fen`.

    Of states that save the same in every part the cheapest is kept. A state is dropped when a
    threshold is out of reach, or when even its best continuation would save less than what is known.
    """
    order = sorted(range(len(offered)), key=lambda i: -len(offered[i]))
    most, least = _rests([offered[group] for group in order], len(candidate.gross_fen))
    states: _States = {(0,) * len(candidate.gross_fen): (0, 0, ())}
    for place, group in enumerate(order, start=1):
        states = _extended(states, offered[group], candidate, to_beat_fen - most[place], least[place])
        if not steps.take(len(states)):
            kept = sorted(states, key=lambda saved: (-states[saved][1], states[saved][0], saved))
            states = {saved: states[saved] for saved in kept[:FOLLOWED_MAX]}
    found = [
        (so_far + more, path)
        for saved, (so_far, _, path) in states.items()
        if (more := candidate.cost(saved)) is not None
    ]
    if not found:
        return None
    _, path = min(found, key=lambda one: one[0])
    return in_order(path, order)


def _rests(offered: Sequence[list[Option]], parts: int) -> tuple[list[int], list[list[int]]]:
    """`[i]`: the most that groups from place `i` on save in all, and the least they save in each part."""
    most, least = [0], [[0] * parts]
    for options in reversed(offered):
        most.append(most[-1] + max(saved_of(option.cost) for option in options))
        least.append(
            [fen + min(option.saved[part] for option in options) for part, fen in enumerate(least[-1])]
        )
    return most[::-1], least[::-1]


def _extended(
    states: _States, options: list[Option], candidate: Candidate, needed_fen: int, least: Sequence[int]
) -> _States:
    """Every state with every option added; `needed_fen` is what must be saved by now, rules included."""
    reached: _States = {}
    for saved, (so_far, _, path) in states.items():
        for option in options:
            after = tuple(fen + more for fen, more in zip(saved, option.saved, strict=True))
            totals = candidate.totals([fen + later for fen, later in zip(after, least, strict=True)])
            if totals is None:
                continue
            total = so_far + option.cost
            at_most = saved_of(total) + sum(
                rule.saved(fen) for rule, fen in zip(candidate.rules, totals, strict=True)
            )
            if at_most < needed_fen:
                continue
            if after not in reached or total < reached[after][0]:
                reached[after] = (total, at_most, (path, option))
    return reached
