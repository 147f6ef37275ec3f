"""Tables of the schedules: their runs, what was given once, lots in release, shares of a pool, consumption.

Amounts are minor units, days ISO dates. `schedule`, `pack` and `period` name a run to people.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from sync.hub.storage.schema import metadata

_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in INTEGER

# One row per schedule, pack and period. `cursor` is where the next chunk begins.
schedule_runs = Table(
    "schedule_runs",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("schedule", Text, nullable=False),
    Column("pack", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("state", Text, nullable=False),  # running, finished
    Column("inputs", Text, nullable=False),  # JSON: everything that it was begun with
    Column("inputs_sha256", Text, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("details", Text, nullable=False),  # JSON: what was found on the way
    Column("transfers", BigInteger, nullable=False),
    Column("amounts", Text, nullable=False),  # JSON: unit to the sum that was booked
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("by", Text, nullable=False),
    UniqueConstraint("schedule", "pack", "period"),
)

# What an account is given once: a joining gift, a milestone, a rung of the ladder.
schedule_awards = Table(
    "schedule_awards",
    metadata,
    Column("kind", Text, primary_key=True),  # joining, milestones, invitations
    Column("rule", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("unit", Text, nullable=False),  # empty: a standing in words
    Column("amount", BigInteger, nullable=False),
    Column("locked", Boolean, nullable=False),  # until the membership is activated
    Column("awarded_at", Text, nullable=False),
    Index("ix_schedule_awards_account", "account"),
)

# Points in staged release; each lot counts its own periods from `first_period`.
release_lots = Table(
    "release_lots",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("pack", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("first_period", Integer, nullable=False),
    Column("paid", BigInteger, nullable=False),
    Column("ended", Boolean, nullable=False),
)

# Who takes part in a pool, and with what weight. `extra`: one minor unit by rank among equal remainders.
schedule_shares = Table(
    "schedule_shares",
    metadata,
    Column("run", _Key, primary_key=True, autoincrement=False),  # no foreign key: a million rows at once
    Column("account", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("consumption_fen", BigInteger, nullable=False),
    Column("weight", BigInteger, nullable=False),
    Column("extra", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What members of a distribution earned in its year of the assets that count.
distribution_earned = Table(
    "distribution_earned",
    metadata,
    Column("run", _Key, primary_key=True, autoincrement=False),  # no foreign key: a million rows at once
    Column("account", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Members whose plan has changed since the end of the year that is distributed: the plan they had then.
distribution_plans = Table(
    "distribution_plans",
    metadata,
    Column("run", _Key, ForeignKey("schedule_runs.id"), primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True),
    Column("plan", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Of each member's receipt: the eligible payable that was not paid with points; a refund's is negative.
consumption = Table(
    "consumption",
    metadata,
    Column("account", Text, primary_key=True),
    Column("date", Text, primary_key=True),
    Column("receipt_no", Text, primary_key=True),
    Column("entry_id", BigInteger, nullable=False),
    Column("fen", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
