"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
A_MORNING = datetime(2026, 11, 21, 10, 42, tzinfo=SHANGHAI)


class FakeClock:
    def __init__(self, moment: datetime = A_MORNING) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def move(self, span: timedelta) -> None:
        self.moment += span
