"""A small slice of `python -m tests.simulation.world`: it holds, and it notices what is taken away."""

from __future__ import annotations

import pytest

from tests.simulation.codes.model import Violation
from tests.simulation.world.faults import FAULTS, without
from tests.simulation.world.world import run_seed


@pytest.mark.parametrize("mood", ["plain", "anything"])
def test_every_paid_sale_is_booked_once(mood: str) -> None:
    world = run_seed(11, mood=mood)
    assert world.model.paid
    assert any(name.startswith("an old message") for name in world.counts)


def test_a_seed_is_the_same_every_time() -> None:
    assert run_seed(5).trace == run_seed(5).trace


@pytest.mark.parametrize("protection", FAULTS)
def test_a_missing_protection_is_noticed(protection: str) -> None:
    for seed in range(1, 9):
        try:
            with without(protection):
                run_seed(seed)
        except Violation:
            return
    pytest.fail(f"8 seeds did not notice that {protection!r} is missing")
