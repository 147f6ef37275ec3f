"""Tables of once-only rights."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

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

# Orders that were paid elsewhere. `terminal` alone hands one over; `state`: waiting, handed_over, cancelled.
pickups = Table(
    "pickups",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("store", Text, nullable=False),
    Column("terminal", Text, nullable=False),
    Column("goods", Text, nullable=False),  # JSON, `PickupGoods` each
    Column("last_day", Text, nullable=False),
    Column("member_no", Text),
    Column("state", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Index("ix_pickups_member", "member_no", "state"),
)

# Every time an order went out, as tills tell it. A second time: a copy of a till, or a move that came late.
hand_overs = Table(
    "hand_overs",
    metadata,
    Column("entry_hash", Text, primary_key=True),
    Column("order_no", Text, nullable=False),
    Column("terminal", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    Column("again", Integer, nullable=False),  # 0: the first time
    Index("ix_hand_overs_order", "order_no"),
)
