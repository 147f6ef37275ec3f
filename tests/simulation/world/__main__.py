"""`python -m tests.simulation.world --seeds A..B`: runs seeds; says how to run a failing one again."""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import click

from tests.simulation.codes.model import Violation
from tests.simulation.world.faults import FAULTS, without
from tests.simulation.world.world import run_seed


def outcome_of(seed: int, protection: str | None) -> tuple[int, str | None, Counter[str]]:
    """The seed, what must not be (None: all held), and what was done."""
    with without(protection):
        try:
            world = run_seed(seed)
        except Violation as violation:
            return seed, str(violation), Counter()
    return seed, None, world.counts + Counter({f"mood {world.mood}": 1})


@click.command()
@click.option("--seeds", required=True, metavar="A..B", help="from A to B, both included")
@click.option("--without", "protection", type=click.Choice(FAULTS), help="take a protection away")
@click.option("--jobs", default=2, show_default=True)
def main(seeds: str, protection: str | None, jobs: int) -> None:
    """Exit 1 at the first seed that must not be; with a protection away, exit 1 when none notices."""
    first, _, last = seeds.partition("..")
    wanted = range(int(first), int(last or first) + 1)
    counts: Counter[str] = Counter()
    done = 0
    with ProcessPoolExecutor(jobs) as pool:
        for seed, problem, counted in pool.map(outcome_of, wanted, [protection] * len(wanted)):
            done += 1
            if problem is not None:
                click.echo(f"seed {seed}: {problem}")
                again = f" --without {protection!r}" if protection else ""
                click.echo(f"again: python -m tests.simulation.world --seeds {seed}{again}")
                pool.shutdown(cancel_futures=True)
                sys.exit(0 if protection else 1)
            counts += counted
    click.echo(f"{done} seeds held: every paid sale booked once, every ledger even")
    for name, count in sorted(counts.items()):
        click.echo(f"  {count:7d}  {name}")
    sys.exit(1 if protection else 0)


if __name__ == "__main__":
    main()
