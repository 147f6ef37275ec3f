"""`python -m tests.simulation.codes --seeds A..B`: runs seeds; says how to run a failing one again."""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import click

from tests.simulation.codes.faults import PROTECTIONS, without
from tests.simulation.codes.model import Violation
from tests.simulation.codes.world import run_seed


class Outcome:
    """What came of a seed; `problem` is None when everything held."""

    def __init__(
        self, seed: int, problem: str | None, counts: Counter[str], overdrawn: int, bound: int
    ) -> None:
        self.seed, self.problem, self.counts = seed, problem, counts
        self.overdrawn, self.bound = overdrawn, bound


def outcome_of(seed: int, protection: str | None) -> Outcome:
    with without(protection) as bend:
        try:
            world = run_seed(seed, bend)
        except Violation as violation:
            return Outcome(seed, str(violation), Counter(), 0, 0)
    books = world.model.books
    return Outcome(seed, None, world.counts, sum(books.by_code.values()), world.model.bound)


@click.command()
@click.option("--seeds", required=True, metavar="A..B", help="from A to B, both included")
@click.option("--without", "protection", type=click.Choice(PROTECTIONS), help="take a protection away")
@click.option("--jobs", default=2, show_default=True)
def main(seeds: str, protection: str | None, jobs: int) -> None:
    """Exit 1 at the first seed that must not be; with a protection away, exit 1 when none notices."""
    first, _, last = seeds.partition("..")
    wanted = range(int(first), int(last or first) + 1)
    counts: Counter[str] = Counter()
    done = overdrawn = bound = 0
    with ProcessPoolExecutor(jobs) as pool:
        for outcome in pool.map(outcome_of, wanted, [protection] * len(wanted)):
            done += 1
            if outcome.problem is not None:
                click.echo(f"seed {outcome.seed}: {outcome.problem}")
                again = f" --without {protection}" if protection else ""
                click.echo(f"again: python -m tests.simulation.codes --seeds {outcome.seed}{again}")
                pool.shutdown(cancel_futures=True)
                sys.exit(0 if protection else 1)
            counts += outcome.counts
            overdrawn, bound = overdrawn + outcome.overdrawn, bound + outcome.bound
    click.echo(f"{done} seeds held; pay codes overdrew {overdrawn} of at most {bound} minor units")
    for name, count in sorted(counts.items()):
        click.echo(f"  {count:7d}  {name}")
    sys.exit(1 if protection else 0)


if __name__ == "__main__":
    main()
