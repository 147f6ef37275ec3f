"""Days and years as schedules count them: the alliance's own, from when its pack was first published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from sync.hub.hub import setting
from sync.hub.storage import schema
from sync.hub.words import stamp

DAY = dt.timedelta(days=1)


def first_day(connection: Connection, pack_id: str) -> dt.date:
    """The date on which a pack was first published."""
    table = schema.packs.c
    published = connection.execute(
        select(func.min(table.published_at)).where(table.id == pack_id)
    ).scalar_one()
    moment = dt.datetime.fromisoformat(str(published))
    return moment.astimezone(ZoneInfo(setting(connection, "timezone"))).date()


def days(first: dt.date, before: dt.date) -> Iterator[dt.date]:
    """From `first` on, without `before`."""
    for ordinal in range(first.toordinal(), before.toordinal()):
        yield dt.date.fromordinal(ordinal)


def month_end(day: dt.date) -> dt.date:
    following = (day.replace(day=28) + 4 * DAY).replace(day=1)
    return following - DAY


def year_as_stamps(connection: Connection, year: int) -> tuple[str, str]:
    """The beginning of a year and of the next, where the alliance is, as they compare with stamps."""
    timezone = ZoneInfo(setting(connection, "timezone"))
    begins, ends = (dt.datetime(one, 1, 1, tzinfo=timezone) for one in (year, year + 1))
    return stamp(begins), stamp(ends)
