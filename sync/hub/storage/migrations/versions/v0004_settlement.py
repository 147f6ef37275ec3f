"""Tables of settlement: frozen days, paid days, and a short way to money of other stores' receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_UNUSUAL = (
    "unit = 'CNY' AND code NOT IN ('fee', 'reimbursement', 'reimbursement_back', 'share', 'share_back')"
)


def upgrade() -> None:
    _locks()
    _payments()
    for side in ("debit", "credit"):
        op.execute(f"CREATE INDEX ix_transfers_{side}_unusual ON transfers ({side}) WHERE {_UNUSUAL}")
    for table in ("settlement_locks", "settlement_payments"):
        _forbid_changes(table)


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _locks() -> None:
    op.create_table(
        "settlement_locks",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("transfer", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("locked_at", sa.Text(), nullable=False),
        sa.Column("locked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "date", name="pk_settlement_locks"),
    )


def _payments() -> None:
    op.create_table(
        "settlement_payments",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("linked", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Text(), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "date", name="pk_settlement_payments"),
        sa.ForeignKeyConstraint(
            ["account", "date"],
            ["settlement_locks.account", "settlement_locks.date"],
            name="fk_settlement_payments_account",
        ),
    )


def _forbid_changes(table: str) -> None:
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
