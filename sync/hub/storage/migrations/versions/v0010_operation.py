"""Up to where a backup holds each chain."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("chains", sa.Column("backed_up_seq", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError
