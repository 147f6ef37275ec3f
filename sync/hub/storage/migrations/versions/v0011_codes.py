"""Pay codes, and the books that number them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "pay_codes",
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("member_tag", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("receipt_no", sa.Text()),
        sa.Column("used", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("terminal", "epoch", "number", name="pk_pay_codes"),
    )
    op.create_index("ix_pay_codes_member", "pay_codes", ["member_no", "state"])
    op.create_index("ix_pay_codes_tag", "pay_codes", ["member_tag"])
    op.create_index("ix_pay_codes_state", "pay_codes", ["state", "terminal", "epoch"])
    op.create_table(
        "code_books",
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("terminal", "epoch", name="pk_code_books"),
    )
    op.create_table(
        "code_uses",
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("receipt_no", "number", name="pk_code_uses"),
    )
    op.create_index("ix_code_uses_standing", "code_uses", ["standing"])


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError
