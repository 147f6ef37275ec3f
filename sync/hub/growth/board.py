"""The board of tasks that the alliance publishes."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection, Select, func, select, update

from pos.domain.programme.pack import Pack
from pos.domain.programme.timed import Activity
from sync.hub.alliance import places, stocking
from sync.hub.growth import rates, states
from sync.hub.growth.posting import known_by
from sync.hub.growth.tables import submissions, tasks
from sync.hub.hub import Hub
from sync.hub.words import Told, Words

TITLE_LENGTH_MAX = 80
PLACES_MAX = 10_000
PEOPLE_MAX = 10


class NewTask(msgspec.Struct, frozen=True):
    """What is to be done on a day.

    `activity` is one of the pack's; `minutes_max` the most that one person may be granted (None where the
    pack counts pieces); `places` are persons; `people_max` how many of them may come under one member, such
    as a parent with a child. `store` (None: no particular one) and `area` say where.
    """

    activity: str
    title: str
    date: str
    minutes_max: int | None = None
    places: int = 1
    people_max: int = 1
    store: str | None = None
    area: str = ""


class Task(NewTask, frozen=True, kw_only=True):
    """One on the board; `taken` are the persons who signed up or came."""

    id: int
    made_at: str
    by: str
    closed_at: str | None
    taken: int

    @property
    def free(self) -> int:
        return max(0, self.places - self.taken)


def add_task(hub: Hub, connection: Connection, new: NewTask, *, by: str) -> int:
    """Publishes a task under the current pack; returns its number.

    Raises:
        Told: the pack has no such activity, or something about the task cannot be.

    """
    activity = activity_of(stocking.current_pack(connection), new.activity)
    _check(new, activity)
    if new.store is not None:
        places.known_store(connection, new.store)
    values = msgspec.structs.asdict(new) | {
        "title": new.title.strip(), "made_at": hub.time(), "by": known_by(by)
    }  # fmt: skip
    key: int = connection.execute(tasks.insert().values(values).returning(tasks.c.id)).scalar_one()
    return key


def activity_of(pack: Pack, activity: str) -> Activity:
    """An activity that members hand in.

    Raises:
        Told: the pack has none of that name; those it has are named.

    """
    offered = {one.id: one for one in pack.activities if one.id != rates.MERCHANT_REFERRAL}
    if activity not in offered:
        raise Told(_NO_ACTIVITY, pack=pack.id, activity=activity[:40], activities="、".join(offered) or "-")
    return offered[activity]


def _check(new: NewTask, activity: Activity) -> None:
    """What of a task a person can get wrong."""
    title = new.title.strip()
    if not title or len(title) > TITLE_LENGTH_MAX or not title.isprintable():
        raise Told(_TITLE, max=TITLE_LENGTH_MAX)
    if len(new.area) > TITLE_LENGTH_MAX or not new.area.isprintable():
        raise Told(_AREA, max=TITLE_LENGTH_MAX)
    if not _is_date(new.date):
        raise Told(_DATE, date=new.date[:20])
    if not (1 <= new.people_max <= PEOPLE_MAX and new.people_max <= new.places <= PLACES_MAX):
        raise Told(_PLACES, places=PLACES_MAX, people=PEOPLE_MAX)
    if rates.is_timed(activity) != (new.minutes_max is not None):
        raise Told(
            _HOURS_WANTED if rates.is_timed(activity) else _NO_HOURS, name=activity.name, per=activity.per
        )
    if new.minutes_max is not None and not 1 <= new.minutes_max <= rates.MINUTES_MAX:
        raise Told(_HOURS)


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def close(hub: Hub, connection: Connection, task: int) -> None:
    """Takes a task off the board; what was handed in can still be reviewed.

    Raises:
        Told: there is no such task.

    """
    known_task(connection, task)
    here = (tasks.c.id == task) & tasks.c.closed_at.is_(None)
    connection.execute(update(tasks).where(here).values(closed_at=hub.time()))


def open_tasks(connection: Connection) -> list[Task]:
    """Everything on the board, in the order of days; also what is over, until it is closed."""
    query = _tasks().where(tasks.c.closed_at.is_(None)).order_by(tasks.c.date, tasks.c.id)
    return [Task(**row) for row in connection.execute(query).mappings()]


def all_tasks(connection: Connection) -> list[Task]:
    """The board's whole history, newest first."""
    query = _tasks().order_by(tasks.c.date.desc(), tasks.c.id.desc())
    return [Task(**row) for row in connection.execute(query).mappings()]


def known_task(connection: Connection, task: int) -> Task:
    """One task, on the board or not.

    Raises:
        Told: there is none of that number.

    """
    row = connection.execute(_tasks().where(tasks.c.id == task)).mappings().first()
    if row is None:
        raise Told(
            Words("没有任务 {task}，请核对编号。", "There is no task {task}; check the number."), task=task
        )
    return Task(**row)


def _tasks() -> Select[tuple[object, ...]]:
    taken = (
        select(func.coalesce(func.sum(submissions.c.people), 0))
        .where(submissions.c.task == tasks.c.id, submissions.c.standing != states.LEFT)
        .scalar_subquery()
    )
    return select(tasks, taken.label("taken"))


_NO_ACTIVITY = Words(
    "方案 {pack} 没有可以提交的活动 {activity}；有：{activities}。",
    "Pack {pack} has no activity {activity} that can be handed in; it has: {activities}.",
)
_TITLE = Words("请写明任务标题（1–{max} 个字）。", "Give the task a title (1 to {max} characters).")
_AREA = Words("地点最多 {max} 个字。", "The area may have at most {max} characters.")
_DATE = Words(
    "日期「{date}」不对，例如：2026-11-26。", "The date “{date}” will not do; an example: 2026-11-26."
)
_PLACES = Words(
    "名额要在 1 到 {places} 之间，每位会员可带 1 到 {people} 人，且不超过名额。",
    "Places lie between 1 and {places}; under one member come 1 to {people} persons, "
    "no more than there are places.",
)
_HOURS_WANTED = Words(
    "「{name}」按{per}计，请写明最多多少小时。", "“{name}” is counted by the hour; say how many at most."
)
_NO_HOURS = Words("「{name}」按{per}计，不写小时。", "“{name}” is counted by the {per}; give no hours.")
_HOURS = Words("小时数要大于 0，不超过 24。", "Hours must be above 0 and at most 24.")
