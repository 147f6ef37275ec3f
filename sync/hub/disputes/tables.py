"""Tables of disputes."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from sync.hub.storage.schema import metadata

_Key = BigInteger().with_variant(Integer, "sqlite")

# Contested is a receipt, or a line of a statement (its first and last day). `party` is the ledger account of
# who contests; a correction moves `amount` of `unit` to it (negative: from it).
disputes = Table(
    "disputes",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("party", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("receipt_no", Text),
    Column("first_day", Text),
    Column("last_day", Text),
    Column("line", Text),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),  # open, corrected, dismissed
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_at", Text),
    Column("unit", Text),
    Column("amount", BigInteger),
    CheckConstraint("state IN ('open', 'corrected', 'dismissed')", name="state_known"),
    CheckConstraint("(receipt_no IS NULL) <> (first_day IS NULL)", name="about_one_thing"),
    Index("ix_disputes_state_due_at", "state", "due_at"),
    Index("ix_disputes_party", "party"),
)
