"""What a migrated database still has to tell the tills: rows whose content has changed with the schema."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.hub.alliance import members
from sync.hub.trust import terminal_keys


def tell_tills(connection: Connection) -> None:
    """Runs in the migration's own transaction. (Terms come about when a till asks for them.)"""
    members.refresh_all(connection)
    terminal_keys.refresh_all(connection)
