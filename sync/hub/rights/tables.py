"""Tables of once-only rights."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from sync.hub.storage.schema import metadata

# Which till asked last whether it may use a right; see `claiming`.
right_claims = Table(
    "right_claims",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("terminal", Text, nullable=False),
    Column("claimed_at", Text, nullable=False),
)
