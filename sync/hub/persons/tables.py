"""The table of persons."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from sync.hub.storage.schema import metadata

# `sealed` is AES-256-GCM of name, phone and birthday under the persons' key, bound to the member's number;
# `phone_hash` a keyed hash, to find a phone number that somebody names. Neither tells without the key's file.
member_persons = Table(
    "member_persons",
    metadata,
    Column("member_no", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("phone_hash", LargeBinary),
    Column("kept_at", Text, nullable=False),
    Index("ix_member_persons_phone_hash", "phone_hash"),
)
