"""A small slice of `python -m tests.simulation.codes`: it holds, and it notices what is taken away."""

from __future__ import annotations

import pytest

from tests.simulation.codes.faults import without
from tests.simulation.codes.model import Violation
from tests.simulation.codes.world import run_seed

SEEDS_MAX = 60
"""So many seeds may pass before one notices; the campaign's own limit is a thousand."""


@pytest.mark.parametrize("mood", ["plain", "copied", "restored", "lost"])
def test_nothing_is_overdrawn_beyond_the_bound_and_nothing_is_locked(mood: str) -> None:
    world = run_seed(7, mood=mood)
    assert world.counts["sell yes"] > 0


def test_a_seed_is_the_same_every_time() -> None:
    assert run_seed(3).trace == run_seed(3).trace


@pytest.mark.parametrize(
    ("protection", "first"), [("unique", 1), ("fence", 15), ("epoch", 2), ("binding", 8)]
)
def test_a_missing_protection_is_noticed(protection: str, first: int) -> None:
    with without(protection) as bend:
        for seed in range(first, first + SEEDS_MAX):
            try:
                run_seed(seed, bend)
            except Violation:
                return
    pytest.fail(f"{SEEDS_MAX} seeds did not notice that {protection} is missing")
