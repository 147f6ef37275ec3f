"""Tables of growth: tasks and what members did for them, invitations, exchanges, merchants' own points.

Triggers forbid UPDATE and DELETE on `submission_moves`. Moments are ISO 8601 text in UTC; `by` is who did it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from sync.hub.storage.schema import metadata

_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in INTEGER

tasks = Table(
    "tasks",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("activity", Text, nullable=False),  # the pack's
    Column("title", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("minutes_max", Integer),  # NULL: what is done is counted in pieces
    Column("places", Integer, nullable=False),  # persons
    Column("people_max", Integer, nullable=False),  # persons who may come under one member
    Column("store", Text, ForeignKey("stores.id")),  # NULL: for none in particular
    Column("area", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("closed_at", Text),
)

# One row per member and task, or per piece of work without a task.
submissions = Table(
    "submissions",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("task", _Key, ForeignKey("tasks.id")),
    Column("member_no", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("standing", Text, nullable=False),  # a name in `states.STANDINGS`
    Column("people", Integer, nullable=False),
    Column("minutes", Integer),  # as the member says; NULL: a piece of work
    Column("work", Text),  # title or address of the article or review
    Column("round", Integer, nullable=False),  # how often it was handed in
    Column("granted_minutes", Integer),
    Column("asset", Text),  # what the approval booked
    Column("points", BigInteger),  # minor units of it
    UniqueConstraint("task", "member_no"),
    UniqueConstraint("activity", "work"),
    Index("ix_submissions_member_no", "member_no"),
    Index("ix_submissions_standing", "standing"),
)

submission_moves = Table(
    "submission_moves",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("submission", _Key, ForeignKey("submissions.id"), nullable=False),
    Column("deed", Text, nullable=False),  # a name in `states.MOVES`
    Column("standing", Text, nullable=False),  # what it led to
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("minutes", Integer),
    Column("reason", Text, nullable=False),
    Index("ix_submission_moves_submission", "submission"),
)

merchant_referrals = Table(
    "merchant_referrals",
    metadata,
    Column("merchant", Text, ForeignKey("merchants.id"), primary_key=True),
    Column("member_no", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("points", BigInteger, nullable=False),  # minor units
    Column("cause", Text, nullable=False),  # first_sale, fee
    Column("booked_at", Text, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("invited", Text, ForeignKey("members.member_no"), primary_key=True),
    Column("inviter", Text, ForeignKey("members.member_no"), nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_invitations_inviter", "inviter"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Text, primary_key=True),  # chosen by who asks, so that asking again exchanges nothing more
    Column("member_no", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("wish", BigInteger, nullable=False),  # minor units of the source, as was asked
    Column("taken", BigInteger, nullable=False),
    Column("given", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
)

# Fees for which points are held until the rest is paid.
fee_requests = Table(
    "fee_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("member_no", Text, nullable=False),
    Column("deal", Text, nullable=False),  # JSON, `MembershipDeal`
    Column("asset", Text, nullable=False),
    Column("points", BigInteger, nullable=False),  # minor units held
    Column("wish", BigInteger, nullable=False),
    Column("value_fen", BigInteger, nullable=False),
    Column("standing", Text, nullable=False),  # held, paid, called_off
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Index("ix_fee_requests_member_no", "member_no"),
)

own_points = Table(
    "own_points",
    metadata,
    Column("merchant", Text, ForeignKey("merchants.id"), primary_key=True),
    Column("ratio", Text, nullable=False),  # decimal text: alliance points for `takes` of its own
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
)

own_point_fundings = Table(
    "own_point_fundings",
    metadata,
    Column("merchant", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("amount_fen", BigInteger, nullable=False),  # negative: taken back
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    ForeignKeyConstraint(["merchant"], ["own_points.merchant"]),
)

conversions = Table(
    "conversions",
    metadata,
    Column("merchant", Text, primary_key=True),
    Column("reference", Text, primary_key=True),  # the merchant's own number
    Column("member_no", Text, nullable=False),
    Column("own", Text, nullable=False),  # decimal text: its own points handed in
    Column("taken", Text, nullable=False),  # decimal text: those of them that were converted
    Column("given", BigInteger, nullable=False),  # minor units of the alliance's points
    Column("funded_fen", BigInteger, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    CheckConstraint("given > 0", name="given_positive"),
    ForeignKeyConstraint(["merchant"], ["own_points.merchant"]),
    Index("ix_conversions_member_no", "member_no"),
)
