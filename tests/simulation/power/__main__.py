"""`python -m tests.simulation.power --cuts N --seed S`: cuts the power N times; says how to run a failure again."""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import click

from tests.simulation.power.cuts import Outcome, run
from tests.simulation.power.faults import FAULTS

CUTS_A_MORNING = 60


@click.command()
@click.option("--cuts", default=600, show_default=True, help="in all; a morning is recorded for every 60")
@click.option("--seed", default=1, show_default=True, help="of the first morning")
@click.option("--without", "care", type=click.Choice(FAULTS), help="take a kind of care away")
@click.option("--jobs", default=2, show_default=True)
def main(cuts: int, seed: int, care: str | None, jobs: int) -> None:
    """Exit 1 at the first cut after which the till breaks its word; with care taken away, exit 1 if none is found."""
    mornings = range(seed, seed + -(-cuts // CUTS_A_MORNING))
    moods: Counter[str] = Counter()
    cut = images = 0
    with ProcessPoolExecutor(jobs) as pool:
        shares = [min(CUTS_A_MORNING, cuts - CUTS_A_MORNING * at) for at in range(len(mornings))]
        for morning, outcome in zip(
            mornings, pool.map(_run, mornings, shares, [care] * len(shares)), strict=True
        ):
            cut, images = cut + outcome.cuts, images + outcome.images
            moods += outcome.moods
            if outcome.problem is not None:
                click.echo(f"seed {morning}: {outcome.problem}")
                again = f" --without {care!r}" if care else ""
                click.echo(
                    f"again: python -m tests.simulation.power --cuts {shares[0]} --seed {morning}{again}"
                )
                pool.shutdown(cancel_futures=True)
                sys.exit(0 if care else 1)
    click.echo(f"{cut} cuts, {images} disks: every word was kept")
    for mood, count in sorted(moods.items()):
        click.echo(f"  {count:6d}  {mood}")
    sys.exit(1 if care else 0)


def _run(seed: int, cuts: int, care: str | None) -> Outcome:
    return run(seed, cuts, care=care)


if __name__ == "__main__":
    main()
