"""The days over which a quota is counted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

FIRST_DAY, LAST_DAY = "0000-00-00", "9999-99-99"


def quota_days(per: Literal["day", "week", "ever"], today: str) -> tuple[str, str]:
    """First and last date of the quota that is running on a date; a week is Monday to Sunday."""
    if per == "ever":
        return FIRST_DAY, LAST_DAY
    if per == "day":
        return today, today
    day = date.fromisoformat(today)
    monday = day - timedelta(days=day.weekday())
    return monday.isoformat(), (monday + timedelta(days=6)).isoformat()
