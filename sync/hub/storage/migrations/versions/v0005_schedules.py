"""Tables of the schedules: runs, awards, lots in release, shares of pools, consumption."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts by itself only in INTEGER


def upgrade() -> None:
    _runs()
    _once()
    _pools()
    _distribution()


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _runs() -> None:
    op.create_table(
        "schedule_runs",
        sa.Column("id", _KEY, nullable=False),
        *_texts("schedule", "pack", "period", "state", "inputs", "inputs_sha256", "cursor", "details"),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        *_texts("amounts", "started_at"),
        sa.Column("finished_at", sa.Text()),
        *_texts("by"),
        sa.PrimaryKeyConstraint("id", name="pk_schedule_runs"),
        sa.UniqueConstraint("schedule", "pack", "period", name="uq_schedule_runs_schedule_pack_period"),
    )


def _once() -> None:
    op.create_table(
        "schedule_awards",
        *_texts("kind", "rule", "account", "unit"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        *_texts("awarded_at"),
        sa.PrimaryKeyConstraint("kind", "rule", "account", name="pk_schedule_awards"),
    )
    op.create_index("ix_schedule_awards_account", "schedule_awards", ["account"])
    op.create_table(
        "release_lots",
        *_texts("schedule", "pack", "account", "source"),
        sa.Column("first_period", sa.Integer(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "pack", "account", "source", name="pk_release_lots"),
    )


def _pools() -> None:
    op.create_table(
        "schedule_shares",
        _run(),
        *_texts("account", "plan"),
        sa.Column("consumption_fen", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run", "account", name="pk_schedule_shares"),
        sqlite_with_rowid=False,
    )


def _distribution() -> None:
    op.create_table(
        "distribution_plans",
        _run(),
        *_texts("account", "plan"),
        sa.ForeignKeyConstraint(["run"], ["schedule_runs.id"], name="fk_distribution_plans_run"),
        sa.PrimaryKeyConstraint("run", "account", name="pk_distribution_plans"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "distribution_earned",
        _run(),
        *_texts("account", "unit"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run", "account", "unit", name="pk_distribution_earned"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consumption",
        *_texts("account", "date", "receipt_no"),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "date", "receipt_no", name="pk_consumption"),
        sqlite_with_rowid=False,
    )


def _run() -> sa.Column[int]:
    return sa.Column("run", _KEY, nullable=False, autoincrement=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
