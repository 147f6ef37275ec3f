"""Growth: volunteer tasks, referrals and invitations, exchanges, merchants' own points."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _time_bank()
    _referrals()
    _exchanges()
    _own_points()
    op.create_index("ix_members_referrer", "members", ["referrer"])


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _time_bank() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", _Key, nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("minutes_max", sa.Integer()),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("people_max", sa.Integer(), nullable=False),
        sa.Column("store", sa.Text()),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Text()),
        sa.ForeignKeyConstraint(["store"], ["stores.id"], name="fk_tasks_store"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", _Key, nullable=False),
        sa.Column("task", _Key),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer()),
        sa.Column("work", sa.Text()),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("granted_minutes", sa.Integer()),
        sa.Column("asset", sa.Text()),
        sa.Column("points", sa.BigInteger()),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="fk_submissions_task"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("task", "member_no", name="uq_submissions_task_member_no"),
        sa.UniqueConstraint("activity", "work", name="uq_submissions_activity_work"),
    )
    op.create_index("ix_submissions_member_no", "submissions", ["member_no"])
    op.create_index("ix_submissions_standing", "submissions", ["standing"])
    op.create_table(
        "submission_moves",
        sa.Column("id", _Key, nullable=False),
        sa.Column("submission", _Key, nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_submission_moves_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_submission_moves"),
    )
    op.create_index("ix_submission_moves_submission", "submission_moves", ["submission"])
    _forbid_changes("submission_moves")


def _forbid_changes(table: str) -> None:
    """Who did what is not altered afterwards."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION never_changed()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END"
        )


def _referrals() -> None:
    op.create_table(
        "merchant_referrals",
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_merchant_referrals_merchant"),
        sa.PrimaryKeyConstraint("merchant", name="pk_merchant_referrals"),
    )
    op.create_table(
        "invitations",
        sa.Column("invited", sa.Text(), nullable=False),
        sa.Column("inviter", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["invited"], ["members.member_no"], name="fk_invitations_invited"),
        sa.ForeignKeyConstraint(["inviter"], ["members.member_no"], name="fk_invitations_inviter"),
        sa.PrimaryKeyConstraint("invited", name="pk_invitations"),
    )
    op.create_index("ix_invitations_inviter", "invitations", ["inviter"])


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("wish", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
    )
    op.create_table(
        "fee_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("deal", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("wish", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fee_requests"),
    )
    op.create_index("ix_fee_requests_member_no", "fee_requests", ["member_no"])


def _own_points() -> None:
    op.create_table(
        "own_points",
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("ratio", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_own_points_merchant"),
        sa.PrimaryKeyConstraint("merchant", name="pk_own_points"),
    )
    op.create_table(
        "own_point_fundings",
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["merchant"], ["own_points.merchant"], name="fk_own_point_fundings_merchant"),
        sa.PrimaryKeyConstraint("merchant", "reference", name="pk_own_point_fundings"),
    )
    op.create_table(
        "conversions",
        sa.Column("merchant", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("own", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("funded_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("given > 0", name="ck_conversions_given_positive"),
        sa.ForeignKeyConstraint(["merchant"], ["own_points.merchant"], name="fk_conversions_merchant"),
        sa.PrimaryKeyConstraint("merchant", "reference", name="pk_conversions"),
    )
    op.create_index("ix_conversions_member_no", "conversions", ["member_no"])
