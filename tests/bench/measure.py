"""Runs ours and the floor in turn and compares them pair by pair."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """One benchmark's answer. Medians are in `unit`; ratios are ours / floor in time, of the pairs."""

    name: str
    ours_median: float
    floor_median: float
    ratio_median: float
    ratio_p99: float
    n: int
    unit: str
    floor: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def compare(
    name: str,
    floor_name: str,
    ours: Callable[[], float],
    floor: Callable[[], float],
    *,
    n: int,
    warm_up: int = 2,
) -> Comparison:
    """Takes `n` pairs of timings in seconds, ours and floor in turn, after `warm_up` pairs not counted.

    The p99 ratio is the 99th percentile of ours over the median of the floor: a slow sale counts as
    slow even when the floor happened to be slow in the same moment.
    """
    for _ in range(warm_up):
        ours()
        floor()
    pairs = [(ours(), floor()) for _ in range(n)]
    our_times, floor_times = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    floor_median = statistics.median(floor_times)
    return Comparison(
        name=name,
        ours_median=round(statistics.median(our_times) * 1000, 4),
        floor_median=round(floor_median * 1000, 4),
        ratio_median=round(statistics.median(a / b for a, b in pairs), 3),
        ratio_p99=round(percentile(our_times, 99) / floor_median, 3),
        n=n,
        unit="ms",
        floor=floor_name,
    )


def percentile(values: list[float], percent: int) -> float:
    """The value below which `percent` of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def timed(deed: Callable[[], object]) -> float:
    """How long a deed takes, in seconds."""
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started
