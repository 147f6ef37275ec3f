"""What a member does about tasks: signs up, leaves, hands in hours or a piece of work."""

from __future__ import annotations

from sqlalchemy import Connection

from sync.hub.alliance import members, stocking
from sync.hub.growth import board, rates, submissions
from sync.hub.growth.board import Task
from sync.hub.growth.posting import known_by
from sync.hub.growth.submissions import UNWRITTEN, Submission
from sync.hub.hub import Hub
from sync.hub.words import Told, Words

WORK_LENGTH_MAX = 200


def sign_up(
    hub: Hub, connection: Connection, task: int, member_no: str, *, by: str, people: int = 1
) -> Submission:
    """Takes `people` places for a member and who comes along.

    Raises:
        Told: no such task or member, the task is over or closed, no place is left, or signed up already.

    """
    member_no, doer = _active(connection, member_no), known_by(by)
    wanted = _on_the_board(connection, task)
    if wanted.date < stocking.today(hub, connection).isoformat():
        raise Told(_OVER, title=wanted.title, date=wanted.date)
    one = _part(connection, wanted, member_no)
    _check_people(wanted, one, people)
    return submissions.move(connection, one, "sign_up", at=hub.time(), by=doer, people=people)


def leave(hub: Hub, connection: Connection, task: int, member_no: str, *, by: str) -> Submission:
    """Gives the places back, before anything was handed in.

    Raises:
        Told: not signed up.

    """
    wanted, doer = board.known_task(connection, task), known_by(by)
    one = submissions.of_task(connection, task, member_no)
    if one is None:
        raise Told(_NOT_SIGNED_UP, title=wanted.title, member=member_no[:40])
    return submissions.move(connection, one, "leave", at=hub.time(), by=doer)


def submit(
    hub: Hub,
    connection: Connection,
    task: int,
    member_no: str,
    *,
    by: str,
    minutes: int | None = None,
    work: str | None = None,
    people: int | None = None,
) -> Submission:
    """Hands in what a member did for a task: minutes where its activity is timed, else a piece of work.

    A member who did not sign up may hand in as long as a place is free. `people` stays what was signed up for
    where it is None. What was rejected or withdrawn may be handed in again.

    Raises:
        Told: no such task or member, handed in already, the day is still to come, too many hours.

    """
    member_no, doer = _active(connection, member_no), known_by(by)
    wanted = _on_the_board(connection, task)
    if wanted.date > stocking.today(hub, connection).isoformat():
        raise Told(_TO_COME, title=wanted.title, date=wanted.date)
    one = _part(connection, wanted, member_no)
    came = one.people if people is None else people
    _check_people(wanted, one, came)
    if wanted.minutes_max is None:
        minutes, work = None, _new_work(connection, one, work)
    else:
        minutes, work = _minutes_within(wanted, minutes), None
    return submissions.move(
        connection,
        one,
        "submit",
        at=hub.time(),
        by=doer,
        people=came,
        minutes=minutes,
        work=work,
        round=one.round + 1,
    )


def submit_work(
    hub: Hub, connection: Connection, activity: str, member_no: str, *, work: str, by: str
) -> Submission:
    """Hands in an article or a review for which no task was published; the same work counts once.

    Raises:
        Told: no such activity or member, one that is counted by the hour, or a work that stands already.

    """
    member_no, doer = _active(connection, member_no), known_by(by)
    found = board.activity_of(stocking.current_pack(connection), activity)
    if rates.is_timed(found):
        raise Told(_NEEDS_TASK, name=found.name, per=found.per)
    standing = submissions.of_work(connection, activity, work.strip())
    if standing is not None and standing.task is None and standing.member_no == member_no:
        one = standing
    else:
        one = Submission(UNWRITTEN, None, member_no, activity)
    work = _new_work(connection, one, work)
    return submissions.move(connection, one, "submit", at=hub.time(), by=doer, work=work, round=one.round + 1)


def _active(connection: Connection, member_no: str) -> str:
    """A member who may earn: neither blocked nor a card that was not sold yet."""
    member = members.known(connection, member_no)
    if member.status != "active":
        raise Told(_NOT_ACTIVE, member=member_no)
    return member_no


def _on_the_board(connection: Connection, task: int) -> Task:
    wanted = board.known_task(connection, task)
    if wanted.closed_at is not None:
        raise Told(_CLOSED, title=wanted.title)
    return wanted


def _part(connection: Connection, task: Task, member_no: str) -> Submission:
    one = submissions.of_task(connection, task.id, member_no)
    if one is not None:
        return one
    return Submission(UNWRITTEN, task.id, member_no, task.activity)


def _check_people(task: Task, one: Submission, people: int) -> None:
    """`people` fit under one member and into what is free, counting what this member holds already."""
    if not 1 <= people <= task.people_max:
        raise Told(_PEOPLE, title=task.title, max=task.people_max)
    holds = one.people if one.standing in _HOLDS_PLACES else 0
    if people > task.free + holds:
        raise Told(_FULL, title=task.title, free=task.free + holds)


def _minutes_within(task: Task, minutes: int | None) -> int:
    most = task.minutes_max or 0
    if minutes is None or not 1 <= minutes <= most:
        raise Told(_MINUTES, title=task.title, max=rates.hours_text(most))
    return minutes


def _new_work(connection: Connection, one: Submission, work: str | None) -> str:
    """The title or address of a work that nobody else handed in."""
    said = (work or "").strip()
    if not said or len(said) > WORK_LENGTH_MAX or not said.isprintable():
        raise Told(_WORK, max=WORK_LENGTH_MAX)
    other = submissions.of_work(connection, one.activity, said)
    if other is not None and other.id != one.id:
        raise Told(_WORK_TAKEN, id=other.id)
    return said


_HOLDS_PLACES = frozenset({"signed_up", "submitted", "approved", "rejected", "withdrawn"})

_OVER = Words(
    "「{title}」的日期 {date} 已过，不能再报名；做过的请直接提交。",
    "“{title}” was on {date}; nobody can sign up any more. Hand in what was done.",
)
_TO_COME = Words(
    "「{title}」在 {date} 才开始，请在当天或之后提交。",
    "“{title}” is on {date}; hand in on that day or later.",
)
_CLOSED = Words("「{title}」已关闭。", "“{title}” is closed.")
_NOT_SIGNED_UP = Words(
    "会员 {member} 没有报名「{title}」。", "Member {member} has not signed up for “{title}”."
)
_NOT_ACTIVE = Words(
    "会员 {member} 的会员卡未开通或已停用，请先办理。",
    "The card of member {member} is not sold yet or blocked; see to that first.",
)
_PEOPLE = Words(
    "「{title}」每位会员最多可带 {max} 人（含本人）。",
    "“{title}” takes 1 to {max} persons under one member, the member included.",
)
_FULL = Words("「{title}」只剩 {free} 个名额。", "“{title}” has {free} places left.")
_MINUTES = Words(
    "请写明时长：「{title}」要大于 0，最多 {max} 小时。",
    "Say how long it took: for “{title}” above 0 and at most {max} hours.",
)
_NEEDS_TASK = Words(
    "「{name}」按{per}计，请先由联盟发布任务，再提交到该任务。",
    "“{name}” is counted by the hour: it needs a task that the alliance published; hand in for that.",
)
_WORK = Words(
    "请写明文章或点评的标题或网址（1–{max} 个字）。",
    "Name the article or review by title or address (1 to {max} characters).",
)
_WORK_TAKEN = Words(
    "这篇已经提交过了（提交 {id}），同一篇只算一次。",
    "This work was handed in already (submission {id}); it counts once.",
)
