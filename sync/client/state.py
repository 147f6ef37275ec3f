"""What the rest of the till may know about its connection to the hub."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pos.domain.message import Message


class SyncState(msgspec.Struct, frozen=True):
    """A snapshot. Online means that the last exchange succeeded; times are the till's own clock.

    `quarantined` counts entries the hub set aside since the program started (the outbox keeps all of
    them). `problem` can stand beside `online`: the hub answers, but somebody has to look.
    """

    online: bool = False
    offline_since: datetime | None = None
    last_contact: datetime | None = None
    clock_offset_ms: int | None = None
    quarantined: int = 0
    problem: Message | None = None
