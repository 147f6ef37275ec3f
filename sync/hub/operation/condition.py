"""How a hub is: whether it can take sales, and what an operator wants to see of it."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, select

from sync.hub.hub import Hub
from sync.hub.operation.backup import MADE_AT
from sync.hub.operation.metrics import Standing
from sync.hub.schedules.tables import schedule_runs
from sync.hub.storage import migrating, schema
from sync.hub.trust import tls
from sync.hub.words import Words

DISK_FREE_MIN = 200 << 20
"""Below so many bytes the hub says that it is not ready: a day's sales of a large alliance are a tenth."""


class Condition(NamedTuple):
    """Read at one moment. `backed_up_s`: how long ago the last backup was made; None: never."""

    engine: str
    schema: str
    disk_free_bytes: int
    backed_up_s: int | None

    @property
    def problems(self) -> tuple[Words, ...]:
        """Why no sales should be sent here; empty when all is well."""
        found = []
        if self.schema != migrating.NEWEST:
            found.append(_OTHER_SCHEMA)
        if self.disk_free_bytes < DISK_FREE_MIN:
            found.append(_DISK_FULL)
        return tuple(found)


def of(hub: Hub) -> Condition:
    with hub.database.read() as connection:
        found = migrating.version_of(connection) or ""
        backed_up_at = _setting(connection, MADE_AT)
    backed_up_s = None if backed_up_at is None else _seconds_between(backed_up_at, hub.now())
    free = shutil.disk_usage(hub.folder.path).free
    return Condition(hub.database.dialect, found, free, backed_up_s)


def standings(hub: Hub) -> tuple[Standing, ...]:
    """What `metrics.page` shows beside the counts."""
    now = of(hub)
    with hub.database.read() as connection:
        waiting = _count(connection, schema.receipts) - _count(connection, schema.recomputations)
        rows = connection.execute(
            select(schema.feed_rows.c.feed, func.count().label("rows")).group_by(schema.feed_rows.c.feed)
        ).all()
        ran = connection.execute(
            select(schedule_runs.c.schedule, func.max(schedule_runs.c.finished_at).label("at"))
            .where(schedule_runs.c.finished_at.is_not(None))
            .group_by(schedule_runs.c.schedule)
        ).all()
    found = [
        Standing(
            "pos_hub_info", "Engine and schema version.", 1, {"engine": now.engine, "schema": now.schema}
        ),
        Standing("pos_hub_disk_free_bytes", "Free where the data folder lies.", now.disk_free_bytes),
        Standing("pos_hub_recompute_backlog", "Receipts not yet reckoned again.", waiting),
        *(
            Standing("pos_hub_feed_rows", "Rows that tills are told.", row.rows, {"feed": row.feed})
            for row in rows
        ),
        *(
            Standing(
                "pos_hub_schedule_age_seconds",
                "Since a schedule's last run ended.",
                _seconds_between(row.at, hub.now()),
                {"schedule": row.schedule},
            )
            for row in ran
        ),
    ]
    own_certificate = tls.certificate_of(hub.folder.keys)
    if own_certificate.is_file():
        left = int((tls.end_of(own_certificate) - hub.now()).total_seconds())
        found.append(Standing("pos_hub_certificate_seconds", "Until the hub's own certificate ends.", left))
    if now.backed_up_s is not None:
        found.append(Standing("pos_hub_backup_age_seconds", "Since the last backup.", now.backed_up_s))
    return tuple(found)


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _setting(connection: Connection, name: str) -> str | None:
    table = schema.settings
    return connection.execute(select(table.c.value).where(table.c.name == name)).scalar()


def _seconds_between(moment: str, now: dt.datetime) -> int:
    """From a moment as the tables keep it until now."""
    return int((now - dt.datetime.fromisoformat(moment)).total_seconds())


_OTHER_SCHEMA = Words(
    "数据库是另一个版本的，请运行 pos-hub migrate。",
    "The database is of another version; run pos-hub migrate.",
)
_DISK_FULL = Words("磁盘快满了，请清理。", "The disk is nearly full; free some space.")
