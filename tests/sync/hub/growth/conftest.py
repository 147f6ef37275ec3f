import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest

from sync.hub.growth import tasks
from sync.hub.hub import Hub

NOON = dt.datetime(2026, 3, 14, 4, 0, tzinfo=dt.UTC)
"""Noon in Shanghai of the day on which the tests' sales are made."""


def at(hub: Hub, moment: dt.datetime) -> Hub:
    """The same hub with another clock."""
    return dataclasses.replace(hub, now=lambda: moment)


@pytest.fixture
def noon(hub: Hub) -> Hub:
    return at(hub, NOON)


@pytest.fixture
def published(noon: Hub) -> Callable[..., int]:
    """Publishes a task; a volunteer's morning of at most two hours, unless told otherwise."""

    def publish(**changes: object) -> int:
        fields = {
            "activity": "volunteer", "title": "陪老人去医院", "date": "2026-03-14", "minutes_max": 120
        } | changes  # fmt: skip
        with noon.database.write() as connection:
            return tasks.add_task(noon, connection, tasks.NewTask(**fields), by="desk")  # type: ignore[arg-type]

    return publish
