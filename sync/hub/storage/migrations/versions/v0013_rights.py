"""Once-only rights: claims, and orders to be picked up; what became of entries that were set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "right_claims",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_right_claims"),
    )
    op.create_table(
        "pickups",
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("goods", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("order_no", name="pk_pickups"),
    )
    op.create_index("ix_pickups_member", "pickups", ["member_no", "state"])
    op.create_table(
        "hand_overs",
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_hash", name="pk_hand_overs"),
    )
    op.create_index("ix_hand_overs_order", "hand_overs", ["order_no"])
    op.create_table(
        "settled_entries",
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entries.id"], name="fk_settled_entries_entry_id_journal_entries"
        ),
        sa.PrimaryKeyConstraint("entry_id", name="pk_settled_entries"),
    )


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError
