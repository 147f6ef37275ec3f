"""What all programmes need: merchants, asset prices, printed coupons, memberships, paid sales counted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts by itself only in INTEGER


def upgrade() -> None:
    _merchants()
    _members()
    _receipts()
    _coupons()
    op.create_index("ix_transfers_debit_unit", "transfers", ["debit", "unit"], unique=False)
    op.create_index("ix_transfers_credit_unit", "transfers", ["credit", "unit"], unique=False)
    _count_sales()


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _merchants() -> None:
    op.create_table(
        "merchants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rebate_bp", sa.Integer(), nullable=True),
        sa.Column("referrer", sa.Text(), nullable=True),
        sa.Column("area_agent", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_merchants"),
    )
    op.execute(
        "INSERT INTO merchants (id, name, area_agent) "
        "SELECT merchant_id, MIN(merchant_name), 'area_agent' FROM stores GROUP BY merchant_id"
    )
    op.drop_column("stores", "merchant_name")
    op.create_table(
        "asset_prices",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("price_yuan", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("asset", "date", name="pk_asset_prices"),
    )


def _members() -> None:
    op.add_column("members", sa.Column("referrer", sa.Text(), nullable=True))
    op.add_column("members", sa.Column("home_store", sa.Text(), nullable=True))
    op.add_column("members", sa.Column("activated", sa.Boolean(), nullable=False, server_default=sa.true()))


def _receipts() -> None:
    for name in ("memberships", "fees_fen"):
        op.add_column("receipts", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("receipts", sa.Column("known", sa.Text(), nullable=True))
    op.create_index("ix_receipts_entry_hash", "receipts", ["entry_hash"], unique=False)


def _coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_no"], ["receipts.receipt_no"], name="fk_coupons_receipt_no"),
        sa.PrimaryKeyConstraint("number", name="pk_coupons"),
    )
    op.create_table(
        "coupon_uses",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("receipt_no", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("borne_fen", sa.BigInteger(), nullable=False),
        sa.Column("freed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_no"], ["receipts.receipt_no"], name="fk_coupon_uses_receipt_no"),
        sa.PrimaryKeyConstraint("id", name="pk_coupon_uses"),
    )
    op.create_index("ix_coupon_uses_number", "coupon_uses", ["number"], unique=False)
    op.create_index("ix_coupon_uses_receipt_no", "coupon_uses", ["receipt_no"], unique=False)


_STANDING_SALES = """
    WITH standing AS (
        SELECT sale.entry_hash, sale.entry_id, sale.member_no, sale.store
        FROM receipts AS sale
        WHERE sale.kind = 'sale' AND sale.member_no IS NOT NULL
        AND (sale.gross_fen = 0 OR sale.gross_fen <> -(
            SELECT COALESCE(SUM(back.gross_fen), 0) FROM receipts AS back
            WHERE back.of = sale.receipt_no AND back.kind = 'refund')))
"""
"""Member sales of which something is left. (All gross given back: so is the whole sale.)"""

_COUNTED = """
    INSERT INTO transfers (linked, debit, credit, unit, amount, code, booked_at)
    SELECT s.entry_hash, 'alliance:issued', 'member:' || s.member_no, 'sales', 1, 'sale_counted',
        e.received_at
    FROM standing AS s JOIN journal_entries AS e ON e.id = s.entry_id ORDER BY s.entry_id
"""

_BALANCES = """
    INSERT INTO balances (account, unit, amount)
    SELECT credit, unit, SUM(amount) FROM transfers WHERE unit = 'sales' GROUP BY credit, unit
    UNION ALL
    SELECT debit, unit, -SUM(amount) FROM transfers WHERE unit = 'sales' GROUP BY debit, unit
"""

_HOME_STORES = """
    UPDATE members SET home_store = (
        SELECT s.store FROM standing AS s
        WHERE s.member_no = members.member_no ORDER BY s.entry_id LIMIT 1)
"""


def _count_sales() -> None:
    """Paid sales are a unit of the ledger from here on, and the first one's store is the home store."""
    op.execute(_STANDING_SALES + _COUNTED)
    op.execute(_BALANCES)
    op.execute(_STANDING_SALES + _HOME_STORES)
