"""Who members are, encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "member_persons",
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary()),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member_no", name="pk_member_persons"),
    )
    op.create_index("ix_member_persons_phone_hash", "member_persons", ["phone_hash"])


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError
