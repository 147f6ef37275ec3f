"""What a year's distribution is judged by: a public report without names, and the auditor's figures.

Public lines carry a tag instead of a member: the beginning of SHA-256 over the year and the card code. Who
holds the card finds the own line; card codes are random, so nobody else can go through them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select, text

from pos.domain.ledger import member_account
from sync.hub.alliance import members
from sync.hub.schedules import runs
from sync.hub.schedules.contributions import Weighing
from sync.hub.schedules.distributing import NAME
from sync.hub.schedules.proportion import Split
from sync.hub.schedules.runs import Run
from sync.hub.schedules.tables import distribution_earned, schedule_runs

_TAG_CHARACTERS = 16


class DistributionReport(msgspec.Struct, frozen=True):
    """A year in totals, all amounts in fen.

    Weights are integers over `denominator`; `total_weight` of them share the pool. `members` have a weight
    above 0; `rounded_up` of them got one fen by largest remainder, `by_number` of these because among equal
    remainders theirs were the lower member numbers. `threshold` is the remainder at which that was decided.
    """

    year: str
    pack: str
    pack_version: int
    pack_sha256: str
    state: str
    net_profit_fen: int
    pool_bp: int
    carried_in_fen: int
    pool_fen: int
    paid_fen: int
    carried_over_fen: int
    members: int
    total_weight: int
    denominator: int
    rounded_up: int
    by_number: int
    threshold: int
    inputs: dict[str, Any]
    inputs_sha256: str
    started_at: str
    finished_at: str | None
    by: str


class Line(msgspec.Struct, frozen=True):
    """One member's line. `earned` is unit to minor units of the year; `weight` over the report's denominator.

    `quotient_fen` and `remainder` are pool x weight ÷ total weight; `amount_fen` is what was paid.
    """

    member_no: str
    tag: str
    plan: str
    consumption_fen: int
    earned: dict[str, int]
    weight: int
    quotient_fen: int
    remainder: int
    amount_fen: int


def distribution_report(connection: Connection, year: int | str) -> DistributionReport | None:
    """A year's totals as far as its run has come; None if there is no run whose pool has been split."""
    run = _run_of(connection, str(year))
    if run is None:
        return None
    split, weights = _split(run), msgspec.convert(run.inputs["weighing"], Weighing)
    taking_part, rounded_up, by_number = _counts(connection, run, split)
    return DistributionReport(
        year=run.period,
        pack=run.pack,
        pack_version=run.inputs["pack_version"],
        pack_sha256=run.inputs["pack_sha256"],
        state=run.state,
        net_profit_fen=run.inputs["net_profit_fen"],
        pool_bp=run.inputs["rule"]["pool_bp"],
        carried_in_fen=run.inputs["carried_in_fen"],
        pool_fen=run.inputs["pool_fen"],
        paid_fen=run.amounts.get("CNY", 0),
        carried_over_fen=run.details["carried_over_fen"],
        members=taking_part,
        total_weight=split.total if split else 0,
        denominator=weights.denominator,
        rounded_up=rounded_up,
        by_number=by_number,
        threshold=split.threshold if split else 0,
        inputs=run.inputs,
        inputs_sha256=run.inputs_sha256,
        started_at=run.started_at,
        finished_at=run.finished_at,
        by=run.by,
    )


def distribution_lines(connection: Connection, year: int | str) -> Iterator[Line]:
    """Everybody with a weight, in the order of member numbers as texts; a million come one by one."""
    run = _run_of(connection, str(year))
    split = _split(run) if run else None
    if run is not None and split is not None:
        yield from _lines(connection, run, split)


def distribution_line_of(connection: Connection, year: int | str, member_no: str) -> Line | None:
    """One member's own line; None if they had no weight in that year."""
    run = _run_of(connection, str(year))
    split = _split(run) if run else None
    if run is None or split is None:
        return None
    where = " AND account = :account"
    found = [*_lines(connection, run, split, where, account=member_account(member_no))]
    return found[0] if found else None


def distributed_years(connection: Connection) -> tuple[str, ...]:
    """The years of which there is a report, the latest first."""
    table = schedule_runs.c
    query = select(table.period).where(table.schedule == NAME, table.details.like('%"carried_over_fen"%'))
    return tuple(connection.execute(query.distinct().order_by(table.period.desc())).scalars())


def public_tag(year: str, card_code: str) -> str:
    """Under which a member finds the own line; anybody can reckon it again from the card."""
    return hashlib.sha256(f"{year}:{card_code}".encode()).hexdigest()[:_TAG_CHARACTERS]


def tag_of(connection: Connection, year: str, member_no: str) -> str:
    """A member's tag of a year, for their own page."""
    return public_tag(year, members.known(connection, member_no).card_code)


# --- reading ----------------------------------------------------------------------------------------


def _run_of(connection: Connection, year: str) -> Run | None:
    """The run of a year whose pool has been split; of several packs, the one begun last."""
    table = schedule_runs.c
    query = select(table.id).where(table.schedule == NAME, table.period == year).order_by(table.id.desc())
    found = (runs.by_id(connection, run_id) for run_id in connection.execute(query).scalars().all())
    return next((run for run in found if "carried_over_fen" in run.details), None)


def _split(run: Run) -> Split | None:
    return msgspec.convert(run.details["split"], Split) if "split" in run.details else None


def _counts(connection: Connection, run: Run, split: Split | None) -> tuple[int, int, int]:
    if split is None:
        return 0, 0, 0
    more = f"CASE WHEN remainder > {split.threshold} THEN 1 ELSE 0 END"
    query = (
        f"SELECT COUNT(*) AS members, COALESCE(SUM({more}), 0) AS above, COALESCE(SUM(extra), 0) AS favoured "  # noqa: S608
        f"FROM ({split.shares()}) AS shares"
    )
    row = connection.execute(text(query), {"run": run.id}).one()
    return int(row.members), int(row.above) + int(row.favoured), int(row.favoured)


def _lines(connection: Connection, run: Run, split: Split, where: str = "", **params: str) -> Iterator[Line]:
    units = sorted(run.inputs["weighing"]["by_asset"])
    collation = '"C"' if connection.dialect.name == "postgresql" else "BINARY"
    query = (
        f"SELECT shares.*, {split.amount} AS amount, members.member_no, members.card_code "  # noqa: S608
        f"FROM ({split.shares(where)}) AS shares "
        f"JOIN members ON members.member_no = SUBSTR(shares.account, 8) ORDER BY account COLLATE {collation}"
    )
    earned = _earned(connection, run, units, params.get("account"))
    streamed = text(query).execution_options(yield_per=5_000)
    rows = connection.execute(streamed, {"run": run.id, **params})
    for row in rows:
        yield Line(
            member_no=row.member_no,
            tag=public_tag(run.period, row.card_code),
            plan=row.plan,
            consumption_fen=int(row.consumption_fen),
            earned=earned.get(row.account, {}),
            weight=int(row.weight),
            quotient_fen=int(row.quotient),
            remainder=int(row.remainder),
            amount_fen=int(row.amount),
        )


def _earned(
    connection: Connection, run: Run, units: list[str], account: str | None
) -> dict[str, dict[str, int]]:
    """Account to what it earned of the assets that count."""
    table = distribution_earned.c
    query = select(table.account, table.unit, table.amount).where(table.run == run.id)
    if account is not None:
        query = query.where(table.account == account)
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(query) if units else ():
        found.setdefault(row.account, {})[row.unit] = row.amount
    return found
