"""Largest remainder inside the database, against the one in Python."""

import random
from fractions import Fraction

import pytest
from sqlalchemy import text

from pos.domain.schedules.proportion import in_proportion
from sync.hub.hub import Hub
from sync.hub.schedules import proportion, runs
from sync.hub.schedules.tables import schedule_shares
from sync.hub.storage import bulk


def split(hub: Hub, pool: int, weights: dict[str, int]) -> dict[str, int] | None:
    """What the database gives each account, in a transaction that leaves nothing."""
    with hub.database.write() as connection:
        period = str(random.random())
        run = runs.begin(connection, "test", "test", period, inputs={}, at="", by="")
        rows = [(run.id, account, "", 0, weight, 0) for account, weight in weights.items()]
        bulk.insert(connection, schedule_shares, [one.name for one in schedule_shares.columns], rows)
        found = proportion.prepare(connection, run.id, pool)
        if found is None:
            return None
        query = f"SELECT account, {found.amount} AS amount FROM ({found.shares()}) AS shares"
        return {row.account: row.amount for row in connection.execute(text(query), {"run": run.id})}


def pure(pool: int, weights: dict[str, int]) -> dict[str, int]:
    shared = in_proportion(pool, {account: Fraction(weight) for account, weight in weights.items()})
    return {account: amount for account, amount in shared.items() if weights[account]}


@pytest.mark.parametrize(
    ("pool", "weights"),
    [
        (100_000_00, [3120_000, 1550_000]),
        (1, [1, 1, 1]),
        (2, [1, 1, 1]),
        (0, [5, 6]),
        (7, [0, 3, 0]),
        (10**15, [1, 2**45, 2**45 - 1]),
        (999_999_999_999_99, [10**13 + n * 7_777_777 for n in range(40)]),
        (5, [2**55, 2**55, 1]),
    ],
)
def test_it_is_the_rule(hub: Hub, pool: int, weights: list[int]) -> None:
    named = {f"member:{n}": weight for n, weight in enumerate(weights)}
    assert split(hub, pool, named) == pure(pool, named)


def test_ties_go_to_the_lower_member_number(hub: Hub) -> None:
    named = {f"member:{n}": 1 for n in (10, 9, 2, 100)}
    assert split(hub, 2, named) == {"member:2": 1, "member:9": 1, "member:10": 0, "member:100": 0}


@pytest.mark.parametrize("seed", range(25))
def test_random_pools(hub: Hub, seed: int) -> None:
    draw = random.Random(seed)
    digits = draw.choice([1, 3, 8, 15])
    named = {f"member:{n}": draw.randrange(10**digits) for n in range(draw.choice([3, 50, 400]))}
    pool = draw.randrange(10 ** draw.choice([1, 4, 13]))
    if any(named.values()):
        assert split(hub, pool, named) == pure(pool, named)


def test_nobody_weighs_anything(hub: Hub) -> None:
    assert split(hub, 100, {"member:1": 0}) is None


def test_weights_beyond_64_bits_are_refused(hub: Hub) -> None:
    with pytest.raises(OverflowError):
        split(hub, 100, {"member:1": 2**62, "member:2": 2**61})
