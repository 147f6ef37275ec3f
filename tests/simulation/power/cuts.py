"""Cuts the power at moments of a recorded morning and holds the till to what it had told people."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.simulation.power.checker import Violation, check, told_in
from tests.simulation.power.disk import MOODS, Disk
from tests.simulation.power.faults import without
from tests.simulation.power.recorder import recording
from tests.simulation.power.shop import morning
from tests.simulation.power.trace import Said, Step, Sync, SyncFolder

_IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass
class Outcome:
    """What came of a campaign; `problem` is None when everything held."""

    cuts: int = 0
    images: int = 0
    problem: str | None = None
    moods: Counter[str] = field(default_factory=Counter)


def recorded(seed: int, care: str | None = None) -> tuple[Step, ...]:
    """A morning, as the disk and people saw it; with a kind of `care` taken away, if one is named."""
    with tempfile.TemporaryDirectory(prefix="power-", dir=_IN_MEMORY) as place:
        root = Path(place) / "disk"
        root.mkdir()
        with recording(root) as trace, without(care, trace):
            morning(trace, Path(place) / "hub", seed)
            return tuple(trace.steps)


def run(seed: int, cuts: int, *, care: str | None = None, images_per_cut: int = 3) -> Outcome:
    """So many cuts, at moments that the seed chooses, with several images each; ends at the first violation."""
    steps, chance, outcome = recorded(seed, care), random.Random(f"cuts {seed}"), Outcome()
    for cut in _moments(steps, cuts, chance):
        outcome.cuts += 1
        told = told_in(step for step in steps[:cut] if isinstance(step, Said))
        disk = Disk(steps[:cut])
        for mood in chance.sample(MOODS, images_per_cut):
            outcome.images += 1
            outcome.moods[mood] += 1
            image = disk.after(mood, chance)
            with tempfile.TemporaryDirectory(prefix="power-", dir=_IN_MEMORY) as place:
                root = Path(place) / "disk"
                root.mkdir()
                image.write_to(root)
                try:
                    check(root, told)
                except Violation as violation:
                    outcome.problem = f"step {cut} of {len(steps)}, {mood}: {violation}"
                    return outcome
                finally:
                    shutil.rmtree(root, ignore_errors=True)
    return outcome


def _moments(steps: tuple[Step, ...], cuts: int, chance: random.Random) -> list[int]:
    """After any step; half of them where something has just become durable or was told, which is where it matters."""
    sharp = [at for at, step in enumerate(steps, 1) if isinstance(step, Sync | SyncFolder | Said)]
    near = [max(0, at + chance.choice((-1, 0, 1))) for at in chance.choices(sharp, k=cuts // 2)]
    anywhere = [chance.randint(0, len(steps)) for _ in range(cuts - len(near))]
    return sorted(near + anywhere)
