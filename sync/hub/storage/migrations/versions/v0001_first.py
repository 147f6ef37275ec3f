"""The first schema: identity, journal, receipts, ledger, feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts by itself only in INTEGER
_IMMUTABLE = ("transfers", "journal_entries")


def upgrade() -> None:
    _settings_and_places()
    _identity()
    _journal()
    _receipts()
    _ledger()
    _feeds()
    if op.get_bind().dialect.name == "sqlite":
        _forbid_changes()


def downgrade() -> None:
    """There is nothing before the first version; a hub without its tables is no hub."""
    raise NotImplementedError


def _settings_and_places() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.create_table(
        "stores",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("merchant_id", sa.Text(), nullable=False),
        sa.Column("merchant_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stores"),
    )
    op.create_table(
        "terminals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["store"], ["stores.id"], name="fk_terminals_store"),
        sa.PrimaryKeyConstraint("id", name="pk_terminals"),
    )


def _identity() -> None:
    op.create_table(
        "enrolment_codes",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("used_by_key", sa.LargeBinary(), nullable=True),
        sa.Column("used_by_incarnation", sa.Text(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_enrolment_codes_terminal"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment_codes"),
        sa.UniqueConstraint("code_hash", name="uq_enrolment_codes_code_hash"),
    )
    op.create_table(
        "chains",
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("incarnation", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.Text(), nullable=False),
        sa.Column("high_seq", sa.BigInteger(), nullable=False),
        sa.Column("high_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["terminal"], ["terminals.id"], name="fk_chains_terminal"),
        sa.PrimaryKeyConstraint("terminal", "epoch", name="pk_chains"),
    )
    op.create_table(
        "chain_heads",
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("terminal", "incarnation", "epoch", "seq", "hash", name="pk_chain_heads"),
    )


def _journal() -> None:
    op.create_table(
        "journal_entries",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_entries"),
    )
    op.create_index(
        "ix_journal_entries_chain",
        "journal_entries",
        ["terminal", "incarnation", "epoch", "seq"],
        unique=False,
    )
    op.create_index("ix_journal_entries_verdict", "journal_entries", ["verdict", "terminal"], unique=False)
    op.create_index(
        "uq_journal_entries_main_branch",
        "journal_entries",
        ["terminal", "incarnation", "epoch", "seq"],
        unique=True,
        sqlite_where=sa.text("verdict <> 'exists_with_different_content'"),
        postgresql_where=sa.text("verdict <> 'exists_with_different_content'"),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("entry_id", _KEY, nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=True),
        sa.Column("member_no", sa.Text(), nullable=True),
        sa.Column("sales", sa.BigInteger(), nullable=False),
        sa.Column("refunds", sa.BigInteger(), nullable=False),
        sa.Column("gross_fen", sa.BigInteger(), nullable=False),
        sa.Column("adjustments_fen", sa.BigInteger(), nullable=False),
        sa.Column("payable_fen", sa.BigInteger(), nullable=False),
        sa.Column("cash_fen", sa.BigInteger(), nullable=False),
        sa.Column("points_redeemed", sa.BigInteger(), nullable=False),
        sa.Column("points_earned", sa.BigInteger(), nullable=False),
        sa.Column("received_fen", sa.BigInteger(), nullable=False),
        sa.Column("share_fen", sa.BigInteger(), nullable=False),
        sa.Column("reimbursements_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name="fk_receipts_entry_id"),
        sa.PrimaryKeyConstraint("receipt_no", name="pk_receipts"),
        sa.UniqueConstraint("entry_id", name="uq_receipts_entry_id"),
    )
    op.create_index("ix_receipts_of", "receipts", ["of"], unique=False)
    op.create_index("ix_receipts_store_date", "receipts", ["store", "date"], unique=False)
    op.create_table(
        "overdrafts",
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_no"], ["receipts.receipt_no"], name="fk_overdrafts_receipt_no"),
        sa.PrimaryKeyConstraint("receipt_no", "asset", name="pk_overdrafts"),
    )
    op.create_table(
        "recomputations",
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_no"], ["receipts.receipt_no"], name="fk_recomputations_receipt_no"),
        sa.PrimaryKeyConstraint("receipt_no", name="pk_recomputations"),
    )


def _ledger() -> None:
    op.create_table(
        "transfers",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("linked", sa.Text(), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("booked_at", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_transfers_amount_positive"),
        sa.CheckConstraint("debit <> credit", name="ck_transfers_two_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )
    op.create_index("ix_transfers_linked", "transfers", ["linked"], unique=False)
    op.create_table(
        "balances",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "unit", name="pk_balances"),
    )


def _feeds() -> None:
    op.create_table(
        "feed_rows",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("feed", "store", "key", name="pk_feed_rows"),
        sa.UniqueConstraint("change", name="uq_feed_rows_change"),
    )
    op.create_index("ix_feed_rows_cursor", "feed_rows", ["feed", "change"], unique=False)
    op.create_table(
        "packs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_packs"),
        sa.UniqueConstraint("sha256", name="uq_packs_sha256"),
    )
    op.create_table(
        "members",
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("card_code", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expires", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member_no", name="pk_members"),
        sa.UniqueConstraint("card_code", name="uq_members_card_code"),
    )


def _forbid_changes() -> None:
    """What was booked or received is never altered; corrections are new rows."""
    for table in _IMMUTABLE:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END"
            )
