"""The ledger kept by the database itself: balances by trigger, holds, cover, nothing altered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_IMMUTABLE = ("transfers", "journal_entries", "pending_transfers", "pending_ends")
_OLD_IMMUTABLE_ON_SQLITE = ("transfers", "journal_entries")  # their triggers came with 0001


def upgrade() -> None:
    _columns()
    _holds()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement))
    _forbid_changes()


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _columns() -> None:
    op.add_column("transfers", sa.Column("covered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "ALTER TABLE transfers ADD COLUMN reason TEXT "
        "CONSTRAINT ck_transfers_correction_has_reason "
        "CHECK (code <> 'correction' OR COALESCE(reason, '') <> '')"
    )
    op.add_column("balances", sa.Column("pending", sa.BigInteger(), nullable=False, server_default="0"))


def _holds() -> None:
    op.create_table(
        "pending_transfers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_pending_transfers_amount_positive"),
        sa.CheckConstraint("debit <> credit", name="ck_pending_transfers_two_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_pending_transfers"),
    )
    op.create_index("ix_pending_transfers_debit_unit", "pending_transfers", ["debit", "unit"])
    op.create_table(
        "pending_ends",
        sa.Column("pending_id", sa.Text(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("linked", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=False),
        sa.CheckConstraint("posted >= 0", name="ck_pending_ends_posted_not_negative"),
        sa.ForeignKeyConstraint(["pending_id"], ["pending_transfers.id"], name="fk_pending_ends_pending_id"),
        sa.PrimaryKeyConstraint("pending_id", name="pk_pending_ends"),
    )


def _forbid_changes() -> None:
    """What was booked or received is never altered; corrections are new rows."""
    for table in _IMMUTABLE:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION never_changed()"
            )
        elif table not in _OLD_IMMUTABLE_ON_SQLITE:
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END"
                )


_SQLITE = (
    """
    CREATE TRIGGER transfers_booked AFTER INSERT ON transfers BEGIN
        INSERT INTO balances (account, unit, amount) VALUES (NEW.debit, NEW.unit, -NEW.amount)
            ON CONFLICT (account, unit) DO UPDATE SET amount = amount + excluded.amount;
        INSERT INTO balances (account, unit, amount) VALUES (NEW.credit, NEW.unit, NEW.amount)
            ON CONFLICT (account, unit) DO UPDATE SET amount = amount + excluded.amount;
        SELECT RAISE(ABORT, 'transfer is not covered')
            FROM balances WHERE NEW.covered AND account = NEW.debit AND unit = NEW.unit
            AND amount < pending;
    END
    """,
    """
    CREATE TRIGGER pending_transfers_held AFTER INSERT ON pending_transfers BEGIN
        INSERT INTO balances (account, unit, amount, pending)
            VALUES (NEW.debit, NEW.unit, 0, NEW.amount)
            ON CONFLICT (account, unit) DO UPDATE SET pending = pending + excluded.pending;
        SELECT RAISE(ABORT, 'transfer is not covered')
            FROM balances WHERE account = NEW.debit AND unit = NEW.unit AND amount < pending;
    END
    """,
    """
    CREATE TRIGGER pending_ends_freed AFTER INSERT ON pending_ends BEGIN
        SELECT RAISE(ABORT, 'more posted than was held')
            FROM pending_transfers WHERE id = NEW.pending_id AND NEW.posted > amount;
        UPDATE balances SET pending = pending - held.amount
            FROM pending_transfers AS held
            WHERE held.id = NEW.pending_id AND balances.account = held.debit AND balances.unit = held.unit;
    END
    """,
)

_POSTGRESQL = (
    """
    CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE FUNCTION transfers_booked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO balances AS standing (account, unit, amount)
            SELECT account, unit, SUM(amount)::bigint FROM (
                SELECT credit AS account, unit, amount FROM booked
                UNION ALL SELECT debit, unit, -amount FROM booked
            ) AS moved GROUP BY account, unit
            ON CONFLICT (account, unit) DO UPDATE SET amount = standing.amount + EXCLUDED.amount;
        IF EXISTS (
            SELECT 1 FROM booked JOIN balances
                ON balances.account = booked.debit AND balances.unit = booked.unit
                WHERE booked.covered AND balances.amount < balances.pending
        ) THEN
            RAISE EXCEPTION 'transfer is not covered' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER transfers_booked AFTER INSERT ON transfers
        REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION transfers_booked()
    """,
    """
    CREATE FUNCTION pending_transfers_held() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO balances AS standing (account, unit, amount, pending)
            VALUES (NEW.debit, NEW.unit, 0, NEW.amount)
            ON CONFLICT (account, unit) DO UPDATE SET pending = standing.pending + EXCLUDED.pending;
        IF EXISTS (
            SELECT 1 FROM balances WHERE account = NEW.debit AND unit = NEW.unit AND amount < pending
        ) THEN
            RAISE EXCEPTION 'transfer is not covered' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER pending_transfers_held AFTER INSERT ON pending_transfers
        FOR EACH ROW EXECUTE FUNCTION pending_transfers_held()
    """,
    """
    CREATE FUNCTION pending_ends_freed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE held pending_transfers%ROWTYPE;
    BEGIN
        SELECT * INTO STRICT held FROM pending_transfers WHERE id = NEW.pending_id;
        IF NEW.posted > held.amount THEN
            RAISE EXCEPTION 'more posted than was held' USING ERRCODE = 'check_violation';
        END IF;
        UPDATE balances SET pending = pending - held.amount
            WHERE account = held.debit AND unit = held.unit;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER pending_ends_freed AFTER INSERT ON pending_ends
        FOR EACH ROW EXECUTE FUNCTION pending_ends_freed()
    """,
)
