"""The cash drawer is opened without a sale: journaled first, then the pulse."""

from __future__ import annotations

from pos.domain.events import DrawerOpened
from pos.usecases.desk import Desk
from pos.usecases.roles import check_leave


def note_drawer_opened(cashier: str, desk: Desk, *, approved_by: str = "") -> None:
    """Writes down that somebody opened the drawer. On the journal's writer thread.

    Raises:
        Refusal: see `check_leave`.
        StorageTrouble: nothing was booked; the drawer stays shut.

    """
    check_leave(cashier, "open_drawer", desk, approved_by=approved_by)
    at = desk.clock.now().isoformat(timespec="seconds")
    with desk.journal.transaction() as transaction:
        transaction.append(DrawerOpened(at=at, cashier=cashier, approved_by=approved_by))
    desk.hub.nudge()
