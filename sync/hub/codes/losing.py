"""A terminal is declared lost: what its codes hold is freed at the alliance's risk."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, select, update

from sync.hub.alliance import places
from sync.hub.codes.tables import pay_codes
from sync.hub.hub import Hub
from sync.hub.ledger import holds
from sync.hub.rights.tables import right_claims
from sync.hub.storage import schema
from sync.hub.trust import enrolment


def declare_lost(
    hub: Hub, connection: Connection, terminal: str, *, replaced_only: bool = False
) -> dict[str, int]:
    """Shuts a terminal out and frees its open codes; returns what was freed per asset (minor units).

    With `replaced_only` the terminal goes on, and only codes of its earlier chains are freed. What was sold
    with such a code and arrives later is booked as far as the account has it; the rest the alliance bears.

    Raises:
        Told: there is no such terminal.

    """
    places.known_terminal(connection, terminal)
    if not replaced_only:
        enrolment.revoke(connection, terminal)
    chains, table = schema.chains, pay_codes
    claimed = right_claims.c.terminal == terminal
    connection.execute(right_claims.delete().where(claimed))  # it will not use them any more
    ended = select(chains.c.epoch).where(chains.c.terminal == terminal, chains.c.standing != "current")
    here = (table.c.terminal == terminal) & (table.c.state == "open") & table.c.epoch.in_(ended)
    freed: Counter[str] = Counter()
    for row in connection.execute(select(table).where(here)).all():
        holds.void(connection, row.hold_id, ended_at=hub.time())
        freed[row.asset] += row.amount
    connection.execute(update(table).where(here).values(state="lost"))
    return dict(freed)
