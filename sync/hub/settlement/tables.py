"""Tables of settlement: days that were frozen, and days that were paid.

Triggers forbid UPDATE and DELETE on both.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    and_,
    literal_column,
)

from sync.hub.storage import schema
from sync.hub.storage.schema import metadata

# An account's frozen day. Whatever has a higher number than `transfer` or `entry` came later.
locks = Table(
    "settlement_locks",
    metadata,
    Column("account", Text, primary_key=True),  # store:<id> or merchant:<id>
    Column("date", Text, primary_key=True),
    Column("transfer", BigInteger, nullable=False),  # the newest transfer of that moment
    Column("entry", BigInteger, nullable=False),  # the newest journal entry of that moment
    Column("net_fen", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # JSON: the lines that the day counts
    Column("sha256", Text, nullable=False),  # of `locking.claim`
    Column("locked_at", Text, nullable=False),
    Column("locked_by", Text, nullable=False),
)

# A frozen day that was paid, one row each; a payment for several days has the same `linked`.
payments = Table(
    "settlement_payments",
    metadata,
    Column("account", Text, primary_key=True),
    Column("date", Text, primary_key=True),
    Column("linked", Text, nullable=False),  # as in transfers
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column(
        "amount_fen", BigInteger, nullable=False
    ),  # of the whole payment; negative: the alliance received it
    Column("reference", Text, nullable=False),
    Column("paid_on", Text, nullable=False),
    Column("paid_by", Text, nullable=False),
    Column("booked_at", Text, nullable=False),
    ForeignKeyConstraint(["account", "date"], ["settlement_locks.account", "settlement_locks.date"]),
)

UNUSUAL = and_(
    literal_column("unit") == literal_column("'CNY'"),
    literal_column("code").not_in(
        [
            literal_column(f"'{code}'")
            for code in ("fee", "reimbursement", "reimbursement_back", "share", "share_back")
        ]
    ),
)
"""Money that may belong to no receipt of the account's own store; in literals, as a partial index asks."""

for _side in ("debit", "credit"):
    Index(
        f"ix_transfers_{_side}_unusual",
        schema.transfers.c[_side],
        sqlite_where=UNUSUAL,
        postgresql_where=UNUSUAL,
    )
