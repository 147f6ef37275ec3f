"""A year's contributions, reckoned inside the database: `distribution.weight_of` for a million members.

Weights are integers: numerators over one `denominator`, exact. They stand in `schedule_shares`, what was
earned of the assets that count in `distribution_earned`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import msgspec
from sqlalchemy import Connection, select, text

from pos.domain.ledger import member_account
from pos.domain.money import FEN_PER_YUAN
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import exact
from pos.domain.programme.timed import Distribution
from sync.hub.alliance.knowledge import Known
from sync.hub.schedules.tables import distribution_plans
from sync.hub.storage import bulk, schema


class Weighing(msgspec.Struct, frozen=True):
    """What a fen of consumption under each plan, and a minor unit of each asset, counts over `denominator`.

    `other_plans` is for plans that have no multiplier of their own. Plans not in `plans` weigh nothing,
    unless it is empty.
    """

    denominator: int
    by_plan: dict[str, int]
    other_plans: int
    by_asset: dict[str, int]
    plans: tuple[str, ...] = ()

    @property
    def units(self) -> list[str]:
        return sorted(self.by_asset)


def weighing(pack: Pack, rule: Distribution) -> Weighing:
    """The pack's rates as integers over their smallest common denominator."""
    per_fen = exact(rule.consumption) / FEN_PER_YUAN
    by_plan = {plan: per_fen * exact(times) for plan, times in rule.consumption_multipliers.items()}
    by_asset = {one.asset: exact(one.weight) / 10 ** pack.asset(one.asset).scale for one in rule.weights}
    denominator = math.lcm(*(rate.denominator for rate in (per_fen, *by_plan.values(), *by_asset.values())))
    return Weighing(
        denominator,
        _numerators(by_plan, denominator),
        int(per_fen * denominator),
        _numerators(by_asset, denominator),
        rule.plans,
    )


def _numerators(rates: Mapping[str, Fraction], denominator: int) -> dict[str, int]:
    return {name: int(rate * denominator) for name, rate in sorted(rates.items())}


class Year(msgspec.Struct, frozen=True):
    """What counts: dates of receipts, stamps of other transfers, and how far the books had come."""

    first: str
    last: str
    begins: str
    ends: str
    entries_up_to: int
    transfers_up_to: int


def next_border(connection: Connection, after: str, limit: int) -> str | None:
    """The last of the next `limit` members' accounts in the database's order; None if there are no more."""
    query = """
        SELECT MAX(account) FROM (
            SELECT DISTINCT account FROM balances
            WHERE account > :after AND account LIKE 'member:%' ORDER BY account LIMIT :limit
        ) AS neighbours
    """
    border: str | None = connection.execute(text(query), {"after": after, "limit": limit}).scalar()
    return border


def collect(
    connection: Connection, run: int, weights: Weighing, year: Year, *, after: str, last: str
) -> None:
    """Writes down the contributions of the accounts above `after` and up to `last` that count at all."""
    within = {"run": run, "after": after, "last": last}
    years = msgspec.structs.asdict(year)
    years["first_day"], years["last_day"] = years.pop("first"), years.pop("last")
    if weights.units:
        connection.execute(text(_EARNED.format(units=_quoted(weights.units))), within | years)
    connection.execute(text(_shares(weights)), within | years)


def note_earlier_plans(connection: Connection, run: int, last: str) -> None:
    """Notes the plans of members who bought another one after the year: what they had at its end counts.

    What a member had before a plan was sold was kept with the receipt.
    """
    receipts, member = schema.receipts.c, schema.members.c
    query = (
        select(receipts.member_no, receipts.known, member.plan)
        .join_from(schema.receipts, schema.members, member.member_no == receipts.member_no)
        .where(receipts.kind == "membership", receipts.date > last)
        .order_by(receipts.entry_id)
    )
    earlier: dict[str, str] = {}
    now: dict[str, str] = {}
    for row in connection.execute(query):
        known = msgspec.json.decode(row.known, type=Known) if row.known else None
        now[row.member_no] = row.plan
        if known is not None and known.member is not None:
            earlier.setdefault(row.member_no, known.member.plan)
    rows = [(run, member_account(no), plan) for no, plan in earlier.items() if plan != now[no]]
    bulk.insert(connection, distribution_plans, ("run", "account", "plan"), rows)


# Members, plans and dates are looked up row by row through their keys: a join would read whole tables for
# every chunk, as no planner knows how few rows a chunk has.

# What the alliance issued and took back: one side of an account at a time, so that each uses its index.
_EARNED_SIDE = """
    SELECT account, unit, amount FROM (
        SELECT {account} AS account, unit, {sign}amount AS amount, booked_at,
            (SELECT date FROM receipts WHERE entry_hash = transfers.linked) AS date
        FROM transfers
        WHERE {account} > :after AND {account} <= :last AND {account} LIKE 'member:%'
        AND {other} = 'alliance:issued' AND unit IN ({{units}}) AND id <= :transfers_up_to
    ) AS moved
    WHERE CASE WHEN date IS NULL THEN booked_at >= :begins AND booked_at < :ends
        ELSE date >= :first_day AND date <= :last_day END
"""
_EARNED = """
    INSERT INTO distribution_earned (run, account, unit, amount)
    SELECT :run, account, unit, CAST(SUM(amount) AS BIGINT) FROM ({credits} UNION ALL {debits}) AS moved
    GROUP BY account, unit
""".replace("{credits}", _EARNED_SIDE.format(account="credit", other="debit", sign="")).replace(
    "{debits}", _EARNED_SIDE.format(account="debit", other="credit", sign="-")
)

_SHARES = """
    INSERT INTO schedule_shares (run, account, plan, consumption_fen, weight, extra)
    WITH parts AS (
        SELECT account, fen, 0 AS earned FROM consumption
        WHERE account > :after AND account <= :last
        AND date >= :first_day AND date <= :last_day AND entry_id <= :entries_up_to
        {earned}
    ),
    year AS (
        SELECT account, CAST(SUM(fen) AS BIGINT) AS fen, CAST(SUM(earned) AS BIGINT) AS earned
        FROM parts GROUP BY account
    ),
    known AS MATERIALIZED (
        SELECT account, fen, earned, COALESCE(
            (SELECT plan FROM distribution_plans AS had WHERE had.run = :run AND had.account = year.account),
            (SELECT plan FROM members WHERE member_no = SUBSTR(year.account, 8))
        ) AS plan
        FROM year
    ),
    weighed AS (SELECT account, plan, fen, {weight} AS weight FROM known WHERE plan IS NOT NULL)
    SELECT :run, account, plan, fen, CASE WHEN weight > 0 THEN weight ELSE 0 END, 0
    FROM weighed ORDER BY account
"""
_EARNED_WEIGHT = """
        UNION ALL SELECT account, 0, amount * CASE unit {by_asset} END FROM distribution_earned
        WHERE run = :run AND account > :after AND account <= :last
"""


def _shares(weights: Weighing) -> str:
    """SQL for one chunk's weights; the names in it are a checked pack's ids."""
    weight = f"fen * {_case('plan', weights.by_plan, weights.other_plans)} + earned"
    if weights.plans:
        weight = f"CASE WHEN plan IN ({_quoted(weights.plans)}) THEN {weight} ELSE 0 END"
    by_asset = " ".join(f"WHEN '{unit}' THEN {rate}" for unit, rate in weights.by_asset.items())
    earned = _EARNED_WEIGHT.format(by_asset=by_asset) if weights.units else ""
    return _SHARES.format(weight=weight, earned=earned)


def _case(column: str, rates: Mapping[str, int], otherwise: int) -> str:
    if not rates:
        return str(otherwise)
    cases = " ".join(f"WHEN '{name}' THEN {rate}" for name, rate in rates.items())
    return f"CASE {column} {cases} ELSE {otherwise} END"


def _quoted(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
