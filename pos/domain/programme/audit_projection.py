"""Month by month: what a pack lets its holders redeem, and what merchants have paid by then.

The turnover is steady; releases run at their fastest. A month counts as one release period and 30 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import accumulate

import msgspec

from pos.domain.money import BASIS_POINTS, FEN_PER_YUAN, round_half_up
from pos.domain.programme.audit import Audit, Issue
from pos.domain.programme.part import exact
from pos.domain.programme.timed import DailyPool, Release

TURNOVER_YUAN = 10_000
"""Member sales in a month, all of them eligible and paid in money."""

DAYS_A_MONTH = 30
MONTHS_A_YEAR = 12


class Month(msgspec.Struct, frozen=True):
    """Totals since the first month, in fen: issued to all, due from the alliance, paid by merchants."""

    month: int
    issued_fen: int
    due_fen: int
    collected_fen: int


class Projection(msgspec.Struct, frozen=True):
    """The months, and the first one in which more is due than was ever collected (None: not within them)."""

    months: tuple[Month, ...]
    cannot_be_paid_from: int | None


class Lot(msgspec.Struct, frozen=True):
    """One sale's promises by themselves, counted in release periods."""

    exceeds_in: int | None
    """The period in which what became due exceeds what was collected for the sale; None: never."""
    ends_in: int
    """The period with which the release ends."""


def project(audit: Audit, years: int) -> Projection:
    """The months of so many years at a steady turnover of `TURNOVER_YUAN`."""
    months = []
    first = None
    for month, due in enumerate(_due(audit, MONTHS_A_YEAR * years), start=1):
        collected = audit.collected * TURNOVER_YUAN * month
        months.append(Month(month, _fen(audit.issued * TURNOVER_YUAN * month), _fen(due), _fen(collected)))
        if first is None and due > collected:
            first = month
    return Projection(tuple(months), first)


def _fen(yuan: Fraction) -> int:
    return round_half_up(yuan * FEN_PER_YUAN)


def _due(audit: Audit, months: int) -> Iterator[Fraction]:
    """In yuan: what the alliance must have paid by the end of month 1, 2 … if all is redeemed at once."""
    # one lot a month: after three months one is three periods old, one two, one has just begun
    lots = accumulate(_of_one_lot(audit, period) for period in range(1, months + 1))
    pooled = _pooled(audit)
    for month, released in enumerate(lots, start=1):
        paid = sum((min(per_month, pool_yuan(audit, pool)) for pool, per_month in pooled), Fraction(0))
        yield released * TURNOVER_YUAN + paid * month


def _of_one_lot(audit: Audit, period: int) -> Fraction:
    """What one yuan of sale has made due by the end of a period, pools left out."""
    return sum(
        (one.yuan * _part(one.worth.release, period) for one in audit.issues if _is_due_by_itself(one)),
        Fraction(0),
    )


def _is_due_by_itself(issue: Issue) -> bool:
    return issue.worth.bearer == "alliance" and issue.worth.pool is None


def _part(release: Release | None, period: int) -> Fraction:
    return Fraction(1) if release is None else released_times(release, period) / release.cap_times


def released_times(release: Release, period: int) -> Fraction:
    """How many times a lot was paid out by the end of a period if every period counts as growth."""
    paid = _schedule(release)
    return paid[min(period, len(paid)) - 1]


@cache
def _schedule(release: Release) -> tuple[Fraction, ...]:
    """The total after each period, until `cap_times` or `periods_max`."""
    first, step = Fraction(release.first_bp, BASIS_POINTS), Fraction(release.step_bp, BASIS_POINTS)
    paid = [first]
    while paid[-1] < release.cap_times and len(paid) < release.periods_max:
        first *= step
        paid.append(paid[-1] + first)
    return (*paid[:-1], min(paid[-1], Fraction(release.cap_times)))


def _pooled(audit: Audit) -> list[tuple[DailyPool, Fraction]]:
    """Each daily pool, with what a month brings to those who wait for it, in yuan."""
    return [
        (
            pool,
            TURNOVER_YUAN
            * sum(
                (
                    one.yuan
                    for one in audit.issues
                    if one.worth.pool == pool and one.worth.bearer == "alliance"
                ),
                Fraction(0),
            ),
        )
        for pool in audit.pack.daily_pools
    ]


def pool_yuan(audit: Audit, pool: DailyPool) -> Fraction:
    """What a daily pool hands out in a month at the pack's price, in yuan."""
    return exact(pool.amount) * DAYS_A_MONTH * exact(audit.pack.asset(pool.asset).price_yuan or "0")


def turnover_that_carries_pools(audit: Audit) -> Fraction | None:
    """From which monthly turnover on merchants pay no less than pools and the rest hand out.

    None: no turnover does, since what is due by itself already takes all that is collected.
    """
    left = audit.collected - _of_one_lot(audit, max(_periods(audit), default=1))
    pools = sum((pool_yuan(audit, pool) for pool in audit.pack.daily_pools), Fraction(0))
    return pools / left if left > 0 else None


def _periods(audit: Audit) -> list[int]:
    return [one.worth.release.periods_max for one in audit.issues if one.worth.release is not None]


def single_lot(audit: Audit) -> Lot | None:
    """One sale by itself; None where the alliance releases nothing period by period."""
    releases = [
        one.worth.release
        for one in audit.issues
        if one.worth.release is not None and one.worth.bearer == "alliance"
    ]
    if not releases:
        return None
    ends = max(len(_schedule(release)) for release in releases)
    over = (period for period in range(1, ends + 1) if _of_one_lot(audit, period) > audit.collected)
    return Lot(next(over, None), ends)
