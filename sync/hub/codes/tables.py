"""Tables of pay codes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from sync.hub.storage.schema import metadata

# A code is (terminal, epoch, number). `state`: open, spent (a sale has come), released (its number was
# closed at the till), lost (freed at the alliance's risk). `amount` is the most ever signed under the number.
pay_codes = Table(
    "pay_codes",
    metadata,
    Column("terminal", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("member_no", Text, nullable=False),
    Column("member_tag", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("hold_id", Text, nullable=False),  # in `pending_transfers`
    Column("state", Text, nullable=False),
    Column("asked_by", Text, nullable=False),  # phone, terminal, command
    Column("issued_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),  # of the copy that was signed last
    Column("receipt_no", Text),
    Column("used", BigInteger, nullable=False, server_default="0"),
    Index("ix_pay_codes_member", "member_no", "state"),
    Index("ix_pay_codes_tag", "member_tag"),
    Index("ix_pay_codes_state", "state", "terminal", "epoch"),
)

# Per chain: the last number given out, what the till was told to close, and what it has closed.
code_books = Table(
    "code_books",
    metadata,
    Column("terminal", Text, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("last_number", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("closed", BigInteger, nullable=False),
)

# Codes as sales used them, in the order of arrival; `standing` is a name in `code_book.STANDINGS`.
code_uses = Table(
    "code_uses",
    metadata,
    Column("receipt_no", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("terminal", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("member_no", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("standing", Text, nullable=False),
    Index("ix_code_uses_standing", "standing"),
)
