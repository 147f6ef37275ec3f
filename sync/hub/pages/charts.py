"""Charts as rectangles: integers until they are drawn, and the same numbers as text beside them.

A chart is stretched to its box, so labels are not part of the drawing: the page sets them beneath it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos.domain import money

WIDTH, HEIGHT = 1000, 300
_GAP = 4  # of each bar's share of the width, one part in four stays free
_STEPS = (1, 2, 5)
_LINES_MAX = 4
_LABELS_MAX = 8


class Point(NamedTuple):
    """One bar: what stands beneath it, its value, and both in words."""

    label: str
    value: int
    told: str
    current: bool = False


class Rect(NamedTuple):
    """A bar, in the drawing's own units from its upper left corner."""

    x: int
    y: int
    width: int
    height: int
    point: Point


class Bars(NamedTuple):
    """`lines` are the heights of grid lines, `zero` of the base line, `top` the greatest value."""

    rects: tuple[Rect, ...]
    lines: tuple[int, ...]
    zero: int
    top: int
    labels: tuple[str, ...]

    @property
    def points(self) -> list[Point]:
        return [one.point for one in self.rects]


class Slice(NamedTuple):
    """A part of a strip: its name, amount, share in basis points, and where it is drawn."""

    name: str
    amount: int
    share_bp: int
    x: int
    width: int


def bars(points: Sequence[Point]) -> Bars:
    """Bars side by side; values below 0 hang from the base line."""
    values = [one.value for one in points]
    step = _step(max([*values, 0]) - min([*values, 0]))
    top, bottom = -(-max([*values, 0]) // step) * step, min([*values, 0]) // step * step
    reach = top - bottom or 1

    def height(value: int) -> int:
        return HEIGHT - (value - bottom) * HEIGHT // reach

    each = WIDTH // max(1, len(points))
    free = max(1, each // _GAP)
    rects = []
    for at, one in enumerate(points):
        y = sorted((height(one.value), height(0)))
        tall = y[1] - y[0]
        if one.value and not tall:
            tall = 1  # a small amount is still to be seen
        rects.append(Rect(at * WIDTH // len(points) + free // 2, y[1] - tall, each - free, tall, one))
    lines = tuple(height(value) for value in range(bottom, top + 1, step))
    return Bars(tuple(rects), lines, height(0), top, _labels([one.label for one in points]))


def _step(reach: int) -> int:
    """The least of 1, 2, 5, 10, … that needs no more than `_LINES_MAX` lines."""
    ten = 1
    while True:
        for digit in _STEPS:
            if digit * ten * _LINES_MAX >= reach:
                return digit * ten
        ten *= 10


def _labels(labels: Sequence[str]) -> tuple[str, ...]:
    """As many as can be read, evenly spread; the others are empty."""
    every = -(-len(labels) // _LABELS_MAX) or 1
    return tuple(label if at % every == 0 else "" for at, label in enumerate(labels))


def strip(parts: Sequence[tuple[str, int]]) -> tuple[Slice, ...]:
    """What is above 0, side by side in proportion to the whole."""
    shown = [(name, amount) for name, amount in parts if amount > 0]
    amounts = [amount for _, amount in shown]
    widths = money.split(WIDTH if shown else 0, amounts)
    shares = money.split(money.BASIS_POINTS if shown else 0, amounts)
    slices, x = [], 0
    for (name, amount), width, share_bp in zip(shown, widths, shares, strict=True):
        slices.append(Slice(name, amount, share_bp, x, width))
        x += width
    return tuple(slices)


def length(amount: int, greatest: int) -> int:
    """How long a meter is, of `WIDTH`."""
    return max(0, amount) * WIDTH // greatest if greatest > 0 else 0
