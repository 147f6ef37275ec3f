"""What feeds need now and then: stores let go of members who do not come any more, snapshots made anew."""

from __future__ import annotations

import datetime as dt

from sync.hub.alliance import stocking
from sync.hub.feeds import member_rows, snapshots
from sync.hub.hub import Hub
from sync.hub.web import logs

EVERY = dt.timedelta(hours=1)


class Upkeep:
    """Says when it is due in this process. Doing it twice at once does no harm."""

    def __init__(self) -> None:
        self._done_at: dt.datetime | None = None

    def is_due(self, now: dt.datetime) -> bool:
        """Once an hour, asked with each report of a till: an alliance whose tills are off needs none."""
        if self._done_at is not None and self._done_at <= now < self._done_at + EVERY:
            return False
        self._done_at = now
        return True


def run(hub: Hub) -> None:
    """All of it; what fails is logged and done the next time."""
    try:
        let_go_of_members(hub)
        snapshots.refresh(hub)
    except Exception as error:  # noqa: BLE001 - runs behind an answer, for nobody in particular
        logs.fault("upkeep_of_feeds_failed", error)


def let_go_of_members(hub: Hub) -> int:
    """In transactions of a bounded size; returns how many members stores have let go."""
    gone, more = 0, True
    while more:
        with hub.database.write() as connection:
            count = member_rows.let_go(connection, stocking.today(hub, connection))
        gone, more = gone + count, count > 0
    return gone
