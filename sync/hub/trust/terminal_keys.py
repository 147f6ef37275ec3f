"""The feed `terminals`: by which keys a till tells that a printed coupon is from the alliance."""

from __future__ import annotations

from sqlalchemy import Connection, select

from sync.hub.feeds import feed_rows
from sync.hub.storage import schema
from sync.protocol.messages import TerminalRow


def refresh(connection: Connection, terminal: str) -> None:
    """Tells all tills a terminal's keys: those of its earlier chains too, of a revoked one none."""
    chains, terminals, stores = schema.chains, schema.terminals, schema.stores
    keys = connection.execute(
        select(chains.c.public_key)
        .where(chains.c.terminal == terminal, chains.c.standing != "revoked")
        .order_by(chains.c.epoch)
    )
    place = connection.execute(
        select(terminals.c.store, stores.c.merchant_id)
        .join(stores, stores.c.id == terminals.c.store)
        .where(terminals.c.id == terminal)
    ).one()
    row = TerminalRow(terminal, place.store, place.merchant_id, tuple(dict.fromkeys(keys.scalars())))
    feed_rows.put(connection, "terminals", terminal, row if row.keys else None)


def refresh_all(connection: Connection) -> None:
    for terminal in connection.execute(select(schema.chains.c.terminal).distinct()).scalars().all():
        refresh(connection, terminal)
