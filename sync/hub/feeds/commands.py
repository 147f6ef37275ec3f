"""Commands to terminals: sent, told to the one they are for, and what came of them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from typing import Literal

import msgspec
from sqlalchemy import Connection, select

from sync.hub.alliance import places
from sync.hub.feeds import feed_rows
from sync.hub.feeds.tables import terminal_commands
from sync.hub.hub import Hub
from sync.hub.words import stamp
from sync.protocol.commands import Command, CommandDone, Deed, Outcome

VALID_FOR = dt.timedelta(days=1)


class SentCommand(msgspec.Struct, frozen=True):
    """A command and how it stands: `waiting` until the terminal tells, `lapsed` if it never did in time."""

    terminal: str
    command: Command
    standing: Outcome | Literal["waiting", "lapsed"]
    detail: str = ""
    done_at: str | None = None


def send(
    hub: Hub, connection: Connection, terminal: str, deed: Deed, *, valid_for: dt.timedelta = VALID_FOR
) -> Command:
    """Leaves a command for a terminal, which takes it with its next pass.

    Raises:
        Told: there is no such terminal.

    """
    places.known_terminal(connection, terminal)
    now = hub.now()
    row = {
        "id": secrets.token_hex(8),
        "terminal": terminal,
        "deed": msgspec.json.encode(deed).decode(),
        "sent_at": stamp(now),
        "expires_at": stamp(now + valid_for),
        "detail": "",
    }
    inserted = terminal_commands.insert().values(row).returning(terminal_commands.c.number)
    number = int(connection.execute(inserted).scalar_one())
    command = Command(row["id"], number, row["sent_at"], row["expires_at"], deed)
    feed_rows.put(connection, "commands", command.id, command, store=scope(terminal))
    return command


def scope(terminal: str) -> str:
    """Where a terminal's own rows stand in the feed: no store's id has a slash in front."""
    return f"/{terminal}"


def take_outcomes(connection: Connection, terminal: str, done: Iterable[CommandDone]) -> None:
    """Keeps what a terminal says came of its commands, and tells it of them no more.

    What is said first holds; commands of others, or that this hub does not know (it was restored), are
    passed over.
    """
    table = terminal_commands
    for one in done:
        here = (table.c.id == one.id) & (table.c.terminal == terminal)
        values = {"outcome": one.outcome, "detail": one.detail, "done_at": one.at}
        changed = connection.execute(table.update().where(here, table.c.outcome.is_(None)).values(values))
        if changed.rowcount:
            feed_rows.put(connection, "commands", one.id, None, store=scope(terminal))


def listed(hub: Hub, connection: Connection, terminal: str, *, limit: int = 20) -> list[SentCommand]:
    """A terminal's commands, newest first."""
    table, now = terminal_commands, hub.time()
    query = select(table).where(table.c.terminal == terminal).order_by(table.c.number.desc()).limit(limit)
    found = []
    for row in connection.execute(query):
        deed = msgspec.json.decode(row.deed, type=Deed)
        waiting: Literal["waiting", "lapsed"] = "lapsed" if row.expires_at <= now else "waiting"
        command = Command(row.id, row.number, row.sent_at, row.expires_at, deed)
        found.append(SentCommand(terminal, command, row.outcome or waiting, row.detail, row.done_at))
    return found
