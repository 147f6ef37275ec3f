"""Puts amounts of the whole sale onto its lines: in proportion, and on no line more than it can bear."""

from __future__ import annotations

from collections.abc import Sequence

from pos.domain.money import split


def split_within(total: int, weights: Sequence[int], room: Sequence[int]) -> list[int]:
    """Like `money.split`, but no part above its room; what does not fit goes where room is left."""
    parts = split(total, weights)
    if all(part <= most for part, most in zip(parts, room, strict=True)):
        return parts
    parts = [min(part, most) for part, most in zip(parts, room, strict=True)]
    spare = [most - part for part, most in zip(parts, room, strict=True)]
    more = split(total - sum(parts), spare)
    return [part + one for part, one in zip(parts, more, strict=True)]


def split_together(
    amounts: Sequence[int], weights: Sequence[Sequence[int]], room: Sequence[int]
) -> list[list[int]]:
    """Several amounts, each in proportion to its own weights, that share the lines' room.

    Where they do not all fit in proportion, earlier ones make way as far as they can go elsewhere.
    Together they must fit: then every amount is placed in full.
    """
    placed = [split(amount, own) for amount, own in zip(amounts, weights, strict=True)]
    if all(sum(parts[line] for parts in placed) <= most for line, most in enumerate(room)):
        return placed
    placed, left = [], list(room)
    for amount, own in zip(amounts, weights, strict=True):
        within = [most if weight else 0 for most, weight in zip(left, own, strict=True)]
        parts = split_within(min(amount, sum(within)), own, within)
        placed.append(parts)
        left = [most - part for most, part in zip(left, parts, strict=True)]
        for _ in range(amount - sum(parts)):
            _make_way(placed, weights, left)
    return placed


def _make_way(placed: list[list[int]], weights: Sequence[Sequence[int]], left: list[int]) -> None:
    """Places one more unit of the last amount: where an earlier one gives way that finds room elsewhere."""
    came_from: dict[int, tuple[int, int]] = {}
    waiting = [len(placed) - 1]
    for number in waiting:
        free = next((line for line, weight in enumerate(weights[number]) if weight and left[line]), None)
        if free is not None:
            left[free] -= 1
            placed[number][free] += 1
            _walk_back(placed, came_from, number)
            return
        for line, weight in enumerate(weights[number]):
            for other, parts in enumerate(placed):
                if weight and parts[line] and other not in {*came_from, waiting[0]}:
                    came_from[other] = (number, line)
                    waiting.append(other)
    raise ValueError("the amounts do not fit together")


def _walk_back(placed: list[list[int]], came_from: dict[int, tuple[int, int]], number: int) -> None:
    """Each amount on the way here moves a unit from the line where it makes way for the one before."""
    while number in came_from:
        before, line = came_from[number]
        placed[number][line] -= 1
        placed[before][line] += 1
        number = before
