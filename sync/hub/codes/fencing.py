"""The fence: up to which number a till is to close its codes. Raised only while that till talks.

A code is past when its last copy has been out of date for `MARGIN`, or its number has been shown for as long
as one may be. The fence goes up to the highest past number below which none is still good.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, or_, select, update

from sync.hub.codes.issuing import RENEWED_FOR
from sync.hub.codes.tables import code_books, pay_codes
from sync.hub.hub import Hub
from sync.hub.words import stamp

MARGIN = dt.timedelta(minutes=10)


def due(hub: Hub, connection: Connection, terminal: str, epoch: int) -> int | None:
    """The number that the fence of a chain should rise to; None while it stands where it should."""
    table, book = pay_codes, code_books
    fence = connection.execute(
        select(book.c.fence).where(book.c.terminal == terminal, book.c.epoch == epoch)
    ).scalar()
    if fence is None:
        return None
    now = hub.now()
    past = or_(
        table.c.expires_at < stamp(now - MARGIN),
        table.c.issued_at < stamp(now - RENEWED_FOR - MARGIN),
    )
    here = select(table.c.number).where(
        table.c.terminal == terminal, table.c.epoch == epoch, table.c.state == "open"
    )
    first_good = connection.execute(here.where(~past).order_by(table.c.number).limit(1)).scalar()
    behind = here.where(past, table.c.number > fence)
    if first_good is not None:
        behind = behind.where(table.c.number < first_good)
    return connection.execute(behind.order_by(table.c.number.desc()).limit(1)).scalar()


def raise_fence(hub: Hub, connection: Connection, terminal: str, epoch: int) -> int:
    """Raises the fence where it is due; returns where it stands. In a write transaction."""
    book = code_books
    here = (book.c.terminal == terminal) & (book.c.epoch == epoch)
    number = due(hub, connection, terminal, epoch)
    if number is not None:
        connection.execute(update(book).where(here).values(fence=number))
    return connection.execute(select(book.c.fence).where(here)).scalar() or 0
