"""Tables of people."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _users()
    _what_users_hold()
    _audit_log()
    _guesses_and_links()


def downgrade() -> None:
    """An older hub could not book what this one has taken; restore a backup instead."""
    raise NotImplementedError


def _users() -> None:
    op.create_table(
        "users",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("merchant", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("password", sa.Text()),
        sa.Column("totp_secret", sa.LargeBinary()),
        sa.Column("totp_offered", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.Text()),
        sa.ForeignKeyConstraint(["merchant"], ["merchants.id"], name="fk_users_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.execute("CREATE UNIQUE INDEX uq_users_name ON users (name) WHERE removed_at IS NULL")


def _what_users_hold() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
    )
    op.create_table(
        "setup_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_setup_links_user_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_setup_links"),
    )
    op.create_table(
        "user_sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_sessions_user_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_user_sessions"),
    )
    for table in ("recovery_codes", "setup_links", "user_sessions"):
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])
    op.create_index("ix_user_sessions_expires_at", "user_sessions", ["expires_at"])


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject"])
    op.create_index("ix_audit_log_user_id", "audit_log", ["user_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION never_changed()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_log_no_{change.lower()} BEFORE {change} ON audit_log "
            "BEGIN SELECT RAISE(ABORT, 'audit_log are never changed'); END"
        )


def _guesses_and_links() -> None:
    op.create_table(
        "wrong_guesses",
        sa.Column("guesser", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("shut_until", sa.Text(), nullable=False),
        sa.Column("forget_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guesser", name="pk_wrong_guesses"),
    )
    op.create_index("ix_wrong_guesses_forget_at", "wrong_guesses", ["forget_at"])
    op.create_table(
        "member_links",
        sa.Column("member_no", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_no"], ["members.member_no"], name="fk_member_links_member_no"),
        sa.PrimaryKeyConstraint("member_no", name="pk_member_links"),
    )
