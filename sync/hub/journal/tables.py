"""Tables of the journal beside its entries, which never change."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from sync.hub.storage.schema import metadata

# What became of entries that were set aside: `how` is read (booked after all) or dismissed, with the reason.
settled_entries = Table(
    "settled_entries",
    metadata,
    Column(
        "entry_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("journal_entries.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("how", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("settled_at", Text, nullable=False),
)
