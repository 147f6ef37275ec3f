"""Reports of terminals, commands to them, and which stores are told a member's balances."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _terminals()
    _member_stores()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement))
    for statement in _KNOWN_SO_FAR:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _terminals() -> None:
    op.create_table(
        "terminal_reports",
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column("report", sa.Text()),
        sa.Column("reported_at", sa.Text()),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_terminal_reports_terminal"),
        sa.PrimaryKeyConstraint("terminal", name="pk_terminal_reports"),
    )
    op.create_table(
        "terminal_commands",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Text()),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_terminal_commands_terminal"),
        sa.PrimaryKeyConstraint("number", name="pk_terminal_commands"),
        sa.UniqueConstraint("id", name="uq_terminal_commands_id"),
    )
    op.create_index("ix_terminal_commands_terminal", "terminal_commands", ["terminal"])


def _member_stores() -> None:
    op.create_table(
        "member_stores",
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("last_used", sa.Text()),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_no", "store", name="pk_member_stores"),
    )
    op.create_index("ix_member_stores_told", "member_stores", ["told", "last_used"])


# Whoever books a receipt, and however many at once: its store is one of the member's from then on.
_SQLITE = (
    """
    CREATE TRIGGER receipts_make_a_store_the_members AFTER INSERT ON receipts
    WHEN NEW.member_no IS NOT NULL
    BEGIN
        INSERT INTO member_stores (member_no, store, last_used, chosen, told)
            VALUES (NEW.member_no, NEW.store, NEW.date, 0, 1)
            ON CONFLICT (member_no, store) DO UPDATE
            SET told = 1, last_used = max(coalesce(last_used, ''), excluded.last_used);
    END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION receipts_make_a_store_the_members() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO member_stores AS known (member_no, store, last_used, chosen, told)
            SELECT member_no, store, max(date), false, true FROM booked
            WHERE member_no IS NOT NULL GROUP BY member_no, store
            ON CONFLICT (member_no, store) DO UPDATE
            SET told = true, last_used = greatest(known.last_used, EXCLUDED.last_used);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER receipts_make_a_store_the_members AFTER INSERT ON receipts
        REFERENCING NEW TABLE AS booked FOR EACH STATEMENT
        EXECUTE FUNCTION receipts_make_a_store_the_members()
    """,
)

_KNOWN_SO_FAR = (
    """
    INSERT INTO member_stores (member_no, store, last_used, chosen, told)
    SELECT member_no, store, max(date), false, true FROM receipts
    WHERE member_no IS NOT NULL GROUP BY member_no, store
    """,
    # An alliance of one store has had no other to choose.
    """
    INSERT INTO member_stores (member_no, store, last_used, chosen, told)
    SELECT members.member_no, stores.id, NULL, true, true FROM members CROSS JOIN stores
    WHERE (SELECT count(*) FROM stores) = 1
    ON CONFLICT (member_no, store) DO UPDATE SET chosen = true
    """,
    """
    INSERT INTO member_stores (member_no, store, last_used, chosen, told)
    SELECT member_no, home_store, NULL, false, true FROM members WHERE home_store IS NOT NULL
    ON CONFLICT (member_no, store) DO NOTHING
    """,
)
