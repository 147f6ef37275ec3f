"""Tables of people: who logs in, their sessions, what they did, wrong guesses, and links of member pages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from sync.hub.storage.schema import metadata

_Key = BigInteger().with_variant(Integer, "sqlite")

_HERE = text("removed_at IS NULL")

# `password` is an Argon2id hash; NULL until the set-up link was used. The hub's secret seals
# `totp_secret` and `totp_offered`.
users = Table(
    "users",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("name", Text, nullable=False),  # what is typed at log-in, folded
    Column("role", Text, nullable=False),
    Column("merchant", Text, ForeignKey("merchants.id")),  # an owner's
    Column("language", Text),  # zh, en; NULL: the browser's
    Column("password", Text),
    Column("totp_secret", LargeBinary),
    Column("totp_offered", LargeBinary),  # shown for enrolment, not yet confirmed
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # the last one used
    Column("made_at", Text, nullable=False),
    Column("removed_at", Text),
    Index("uq_users_name", "name", unique=True, sqlite_where=_HERE, postgresql_where=_HERE),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("user_id", _Key, ForeignKey("users.id"), nullable=False),
    Index("ix_recovery_codes_user_id", "user_id"),
)

setup_links = Table(
    "setup_links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", _Key, ForeignKey("users.id"), nullable=False),
    Column("expires_at", Text, nullable=False),
    Index("ix_setup_links_user_id", "user_id"),
)

# The cookie's token is kept as its hash: who reads the database cannot take over a session.
user_sessions = Table(
    "user_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", _Key, ForeignKey("users.id"), nullable=False),
    Column("stage", Text, nullable=False),  # half: the second factor is still asked; full
    Column("browser", Text, nullable=False),  # as it calls itself, cut short
    Column("made_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Index("ix_user_sessions_user_id", "user_id"),
    Index("ix_user_sessions_expires_at", "expires_at"),
)

# Append-only: triggers forbid UPDATE and DELETE.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("at", Text, nullable=False),
    Column("user_id", BigInteger),  # NULL: a command, or nobody who is known
    Column("who", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_audit_log_subject", "subject"),
    Index("ix_audit_log_user_id", "user_id"),
)

# Who guesses what, as keyed hashes; a row is worth nothing after `forget_at`.
wrong_guesses = Table(
    "wrong_guesses",
    metadata,
    Column("guesser", LargeBinary, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("shut_until", Text, nullable=False),  # empty: not shut out
    Column("forget_at", Text, nullable=False),
    Index("ix_wrong_guesses_forget_at", "forget_at"),
)

# The number that a member's page link must carry; without a row, the first one (0).
member_links = Table(
    "member_links",
    metadata,
    Column("member_no", Text, ForeignKey("members.member_no"), primary_key=True),
    Column("number", Integer, nullable=False),
)
