"""The cash drawer is opened without a sale: journaled first, then the pulse."""

from __future__ import annotations

from pos.domain.events import DrawerOpened
from pos.usecases.desk import Desk


def note_drawer_opened(cashier: str, desk: Desk) -> None:
    """Writes down that somebody opened the drawer. On the journal's writer thread."""
    with desk.journal.transaction() as transaction:
        transaction.append(DrawerOpened(at=desk.clock.now().isoformat(timespec="seconds"), cashier=cashier))
    desk.hub.nudge()
