"""Tables of disputes."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Contested receipts and statements, with their answers."""
    key = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "disputes",
        sa.Column("id", key, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("opened_by", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("receipt_no", sa.Text),
        sa.Column("first_day", sa.Text),
        sa.Column("last_day", sa.Text),
        sa.Column("line", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_by", sa.Text),
        sa.Column("answered_at", sa.Text),
        sa.Column("unit", sa.Text),
        sa.Column("amount", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
        sa.CheckConstraint("state IN ('open', 'corrected', 'dismissed')", name="ck_disputes_state_known"),
        sa.CheckConstraint("(receipt_no IS NULL) <> (first_day IS NULL)", name="ck_disputes_about_one_thing"),
    )
    op.create_index("ix_disputes_state_due_at", "disputes", ["state", "due_at"])
    op.create_index("ix_disputes_party", "disputes", ["party"])


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError
