"""A pool split over a million weights inside the database: exact, by largest remainder.

The weights stand in `schedule_shares`. What `pos.domain.money.split` reckons in Python is reckoned here by
both engines in 64-bit integers: a product of pool and weight may need more, so it is divided digit by
digit, as on paper, with digits as large as 64 bits allow.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, text

from pos.domain.schedules.proportion import by_number

_BITS = 62
"""Sums of two products stay below 2**63."""


class Split(msgspec.Struct, frozen=True):
    """A pool over weights: `total` of them, the largest, and what decides who gets one unit more.

    Everybody's remainder above `threshold` brings one more; of the equal ones, the `extra` marked.
    """

    pool: int
    total: int
    largest: int
    threshold: int = 0

    def shares(self, where: str = "") -> str:
        """SQL for account, weight, quotient, remainder and extra of a run's shares (`:run`)."""
        inner = f"SELECT * FROM schedule_shares WHERE run = :run AND weight > 0{where}"  # noqa: S608 - our own
        return _divided(self, inner)

    @property
    def amount(self) -> str:
        """SQL for what a share gets, beside `shares`."""
        return f"quotient + CASE WHEN remainder > {self.threshold} THEN 1 ELSE 0 END + extra"


class _Digits(NamedTuple):
    """A weight is read as `digits` digits of `bits` bits, the highest first."""

    bits: int
    digits: int


def prepare(connection: Connection, run: int, pool: int) -> Split | None:
    """Decides who gets what, and marks whom ties favour; None if nobody weighs anything."""
    query = "SELECT COALESCE(SUM(weight), 0) AS total, COALESCE(MAX(weight), 0) AS largest"
    query += " FROM schedule_shares WHERE run = :run AND weight > 0"
    row = connection.execute(text(query), {"run": run}).one()
    total, largest = int(row.total), int(row.largest)
    if total == 0:
        return None
    split = Split(pool, total, largest)
    whole = _one(connection, f"SELECT SUM(quotient) FROM ({split.shares()}) AS shares", run)  # noqa: S608
    left = pool - whole
    if left == 0:
        return msgspec.structs.replace(split, threshold=total)
    query = f"SELECT remainder FROM ({split.shares()}) AS shares ORDER BY remainder DESC LIMIT 1 OFFSET :skip"  # noqa: S608
    threshold = _one(connection, query, run, skip=left - 1)
    query = f"SELECT COUNT(*) FROM ({split.shares()}) AS shares WHERE remainder > :threshold"  # noqa: S608
    above = _one(connection, query, run, threshold=threshold)
    _favour(connection, split, run, threshold, left - above)
    return msgspec.structs.replace(split, threshold=threshold)


def _favour(connection: Connection, split: Split, run: int, threshold: int, count: int) -> None:
    """Among equal remainders the lower member numbers get the unit."""
    query = f"SELECT account FROM ({split.shares()}) AS shares WHERE remainder = :threshold"  # noqa: S608
    equal = connection.execute(text(query), {"run": run, "threshold": threshold}).scalars()
    favoured = sorted(equal, key=by_number)[:count]
    mark = text("UPDATE schedule_shares SET extra = 1 WHERE run = :run AND account = :account")
    connection.execute(mark, [{"run": run, "account": account} for account in favoured])


def _one(connection: Connection, query: str, run: int, **params: int) -> int:
    return int(connection.execute(text(query), {"run": run, **params}).scalar_one())


def _digits(split: Split) -> _Digits:
    """As few digits as 64-bit integers allow: remainder and digit product stay below 2**62 each."""
    bits = min(_BITS - split.total.bit_length(), max(1, split.largest.bit_length()))
    if bits < 1:
        raise OverflowError(f"weights of {split.total} in all are beyond 64-bit integers")
    return _Digits(bits, -(-split.largest.bit_length() // bits))


def _divided(split: Split, inner: str) -> str:
    """SQL: pool x weight ÷ total as quotient and remainder, digit by digit.

    The pool is taken as `whole` times the total and `rest`; of the weight each digit brings down
    remainder x base + rest x digit, which is divided by the total as in long division.
    """
    whole, rest = divmod(split.pool, split.total)
    bits, digits = _digits(split)
    base, mask = 1 << bits, (1 << bits) - 1
    columns = "run, account, plan, consumption_fen, weight, extra"
    # An engine that puts one step's formula into the next one's doubles it with every digit.
    kept = "MATERIALIZED " if digits > _DIGITS_AT_ONCE else ""
    none = "CAST(0 AS BIGINT)"
    steps = [f"d{digits} AS (SELECT s.*, {none} AS high, {none} AS remainder FROM s)"]  # noqa: S608
    for place in reversed(range(digits)):
        down = f"(remainder * {base} + {rest} * ((weight >> {place * bits}) & {mask}))"
        steps.append(
            f"d{place} AS {kept}(SELECT {columns}, high * {base} + {down} / {split.total} AS high, "  # noqa: S608
            f"{down} % {split.total} AS remainder FROM d{place + 1})"
        )
    return (
        f"WITH s AS ({inner}), {', '.join(steps)} "  # noqa: S608
        f"SELECT {columns}, weight * {whole} + high AS quotient, remainder FROM d0"
    )


_DIGITS_AT_ONCE = 3
