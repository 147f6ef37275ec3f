"""The tables of journal, books, feeds and the alliance; other subjects have a `tables.py` of their own.

Migrations build them; `tests/sync/hub/test_database.py` holds the two together.

Moments are ISO 8601 text in UTC, hashes 32 raw bytes, amounts integers of minor units.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from pos.domain.day import FIGURE_NAMES

VERSION = "0013"
"""The newest migration; opening a database at another version migrates it or refuses it."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in INTEGER

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

merchants = Table(
    "merchants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("rebate_bp", Integer),  # NULL: the pack's own rate
    Column("referrer", Text),  # the number of the member who brought the merchant
    Column("area_agent", Text),  # the account of its area's agent; NULL: there is none
)

stores = Table(
    "stores",
    metadata,
    Column("id", Text, primary_key=True),
    Column("merchant_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("footer", Text, nullable=False),  # a JSON list of sentences
)

terminals = Table(
    "terminals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("store", Text, ForeignKey("stores.id"), nullable=False),
    Column("label", Text, nullable=False),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("terminal", Text, ForeignKey("terminals.id"), nullable=False),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    Column("made_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("void", Boolean, nullable=False),
    Column("used_by_key", LargeBinary),
    Column("used_by_incarnation", Text),
    Column("reply", LargeBinary),
)

# A chain is what one incarnation of a terminal writes in one epoch.
chains = Table(
    "chains",
    metadata,
    Column("terminal", Text, ForeignKey("terminals.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("incarnation", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("store", Text, nullable=False),
    Column("standing", Text, nullable=False),  # current, replaced, revoked
    Column("enrolled_at", Text, nullable=False),
    Column("high_seq", BigInteger, nullable=False),
    Column("high_hash", LargeBinary, nullable=False),
    Column("backed_up_seq", BigInteger, nullable=False, server_default="0"),  # up to where a backup holds it
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("terminal", Text, primary_key=True),
    Column("incarnation", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("signature", LargeBinary, nullable=False),
    Column("received_at", Text, nullable=False),
)

journal_entries = Table(
    "journal_entries",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("terminal", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("verdict", Text, nullable=False),  # accepted, quarantined, exists_with_different_content
    Column("reason", Text, nullable=False),  # a name in `judging.REASONS`, or empty
    Column("detail", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Index("ix_journal_entries_chain", "terminal", "incarnation", "epoch", "seq"),
    Index("ix_journal_entries_verdict", "verdict", "terminal"),
    Index(
        "uq_journal_entries_main_branch",
        "terminal",
        "incarnation",
        "epoch",
        "seq",
        unique=True,
        sqlite_where=text("verdict <> 'exists_with_different_content'"),
        postgresql_where=text("verdict <> 'exists_with_different_content'"),
    ),
)

receipts = Table(
    "receipts",
    metadata,
    Column("receipt_no", Text, primary_key=True),
    Column("entry_id", _Key, ForeignKey("journal_entries.id"), nullable=False, unique=True),
    Column("entry_hash", Text, nullable=False),  # hexadecimal, as in transfers.linked
    Column("terminal", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("store", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("of", Text),  # the sale a refund belongs to
    Column("member_no", Text),
    *(Column(name, BigInteger, nullable=False) for name in FIGURE_NAMES),
    Column("known", Text),  # JSON, `knowledge.Known`, of a member's receipt
    Index("ix_receipts_store_date", "store", "date"),
    Index("ix_receipts_of", "of"),
    Index("ix_receipts_entry_hash", "entry_hash"),
)

# Immutable: triggers forbid UPDATE and DELETE. `linked` joins what was booked for one reason.
transfers = Table(
    "transfers",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("linked", Text, nullable=False),
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("booked_at", Text, nullable=False),
    Column("covered", Boolean, nullable=False, server_default=false()),  # the debit account must hold it
    Column("reason", Text),  # a person's words; a correction has one
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("debit <> credit", name="two_accounts"),
    Index("ix_transfers_linked", "linked"),
    Index("ix_transfers_debit_unit", "debit", "unit"),
    Index("ix_transfers_credit_unit", "credit", "unit"),
)

# Kept by triggers on `transfers`, `pending_transfers` and `pending_ends`; no program writes here.
balances = Table(
    "balances",
    metadata,
    Column("account", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False, server_default="0"),  # held for pending transfers out of it
)

# A hold: the debit account must have it free, and it stays out of reach until its end. Immutable.
pending_transfers = Table(
    "pending_transfers",
    metadata,
    Column("id", Text, primary_key=True),  # chosen by who asks, so that asking again holds nothing more
    Column("debit", Text, nullable=False),
    Column("credit", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("debit <> credit", name="two_accounts"),
    Index("ix_pending_transfers_debit_unit", "debit", "unit"),
)

# How a hold ended: `posted` of it became a transfer (0: none), the rest was freed. Immutable.
pending_ends = Table(
    "pending_ends",
    metadata,
    Column("pending_id", Text, ForeignKey("pending_transfers.id"), primary_key=True),
    Column("posted", BigInteger, nullable=False),
    Column("linked", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    CheckConstraint("posted >= 0", name="posted_not_negative"),
)

overdrafts = Table(
    "overdrafts",
    metadata,
    Column("receipt_no", Text, ForeignKey("receipts.receipt_no"), primary_key=True),
    Column("asset", Text, primary_key=True),
    Column("member_no", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
)

# Coupons for their bearer, as sales printed them.
coupons = Table(
    "coupons",
    metadata,
    Column("number", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("issuer", Text),  # the merchant that pays for it, where one does
    Column("receipt_no", Text, ForeignKey("receipts.receipt_no"), nullable=False),
    Column("last_day", Text, nullable=False),
    Column("taken_back", Boolean, nullable=False),
)

# Printed coupons as sales took them, in the order of arrival.
coupon_uses = Table(
    "coupon_uses",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("number", Text, nullable=False),
    Column("receipt_no", Text, ForeignKey("receipts.receipt_no"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("issuer", Text),
    Column("standing", Text, nullable=False),  # a name in `coupons.STANDINGS`
    Column("borne_fen", BigInteger, nullable=False),  # what the clawback account paid in the issuer's place
    Column("freed", Boolean, nullable=False),  # the sale was given back whole
    Index("ix_coupon_uses_number", "number"),
    Index("ix_coupon_uses_receipt_no", "receipt_no"),
)

recomputations = Table(
    "recomputations",
    metadata,
    Column("receipt_no", Text, ForeignKey("receipts.receipt_no"), primary_key=True),
    Column("agrees", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("done_at", Text, nullable=False),
)

feed_rows = Table(
    "feed_rows",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("store", Text, primary_key=True),  # empty: for every store
    Column("key", Text, primary_key=True),
    Column("change", BigInteger, nullable=False),
    Column("body", LargeBinary),  # JSON; NULL: it is gone
    UniqueConstraint("change"),
    Index("ix_feed_rows_cursor", "feed", "change"),
)

packs = Table(
    "packs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sha256", Text, nullable=False, unique=True),
    Column("payload", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("published_at", Text, nullable=False),
)

asset_prices = Table(
    "asset_prices",
    metadata,
    Column("asset", Text, primary_key=True),
    Column("date", Text, primary_key=True),  # the first day on which it holds
    Column("price_yuan", Text, nullable=False),  # an exact decimal
)

members = Table(
    "members",
    metadata,
    Column("member_no", Text, primary_key=True),
    Column("card_code", Text, nullable=False, unique=True),
    Column("plan", Text, nullable=False),  # empty while the card is sealed
    Column("status", Text, nullable=False),  # active, blocked, sealed
    Column("expires", Text, nullable=False),
    Column("referrer", Text),  # the number of the member who brought this one
    Column("home_store", Text),
    Column("activated", Boolean, nullable=False),
    Index("ix_members_referrer", "referrer"),
)
