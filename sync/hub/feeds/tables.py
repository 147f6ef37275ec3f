"""Tables of downloads beside `feed_rows`: reports of tills, commands to them, which stores know a member."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from sync.hub.storage.schema import metadata

_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in INTEGER

# When a terminal last signed a request (to the minute), and what it last reported of itself.
terminal_reports = Table(
    "terminal_reports",
    metadata,
    Column("terminal", Text, ForeignKey("terminals.id"), primary_key=True),
    Column("seen_at", Text, nullable=False),
    Column("report", Text),  # JSON, `TerminalReport`; NULL: it never reported
    Column("reported_at", Text),
)

terminal_commands = Table(
    "terminal_commands",
    metadata,
    Column("number", _Key, primary_key=True),
    Column("id", Text, nullable=False, unique=True),  # random: a restored hub may give a number twice
    Column("terminal", Text, ForeignKey("terminals.id"), nullable=False),
    Column("deed", Text, nullable=False),  # JSON, `commands.Deed`
    Column("sent_at", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("outcome", Text),  # NULL until the terminal has told
    Column("detail", Text, nullable=False),
    Column("done_at", Text),
    Index("ix_terminal_commands_terminal", "terminal"),
)

# The stores that are told a member's balances. A trigger on `receipts` writes here, too.
member_stores = Table(
    "member_stores",
    metadata,
    Column("member_no", Text, primary_key=True),
    Column("store", Text, primary_key=True),
    Column("last_used", Text),  # the date of the last receipt there, or of the last time the store asked
    Column("chosen", Boolean, nullable=False),  # by the member or the operator; it does not lapse
    Column("told", Boolean, nullable=False),
    Index("ix_member_stores_told", "told", "last_used"),
)
