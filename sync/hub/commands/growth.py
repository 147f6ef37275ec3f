"""The time bank: tasks, what members hand in, and its review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, DATA, MEMBER, opened, print_json, tell
from sync.hub.commands.growth_members import BY
from sync.hub.words import Told, Words

if TYPE_CHECKING:
    from sync.hub.growth.tasks import Submission, Task

NUMBER = click.IntRange(1, 2**31 - 1)
SUBMISSION = click.option("--submission", required=True, type=NUMBER, help="Number of the submission.")
TASK = click.option("--task", "number", required=True, type=NUMBER, help="Number of the task.")
REASON = click.option("--reason", required=True, help="Why; the member reads it.")
PEOPLE = click.option(
    "--people", type=NUMBER, help="Persons who come under this member, the member included."
)


@click.group()
def task() -> None:
    """Volunteer tasks, and what members hand in for them."""


@task.command("add")
@DATA
@click.option("--activity", required=True, help="An activity of the current pack, such as volunteer.")
@click.option("--title", required=True)
@click.option("--date", required=True, help="The day, such as 2026-11-26.")
@click.option("--hours", help="The most that one person may be granted: 1.5 or 1:30.")
@click.option("--places", default=1, show_default=True, type=NUMBER, help="Persons who are wanted.")
@click.option(
    "--people", default=1, show_default=True, type=NUMBER, help="Persons who may come under one member."
)
@click.option("--store", help="The store that it is for.")
@click.option("--area", default="", help="Where.")
@BY
@AS_JSON
def task_add(
    *,
    data: Path,
    activity: str,
    title: str,
    date: str,
    hours: str | None,
    places: int,
    people: int,
    store: str | None,
    area: str,
    by: str,
    as_json: bool,
) -> None:
    """Publish a task."""
    from sync.hub.growth import tasks

    new = tasks.NewTask(activity, title, date, _minutes(hours), places, people, store, area)
    with opened(data) as hub, hub.database.write() as connection:
        number = tasks.add_task(hub, connection, new, by=by)
    if as_json:
        print_json({"task": number})
    else:
        tell(Words("已发布任务 {task}。", "Task {task} is published."), task=number)


@task.command("close")
@DATA
@TASK
def task_close(*, data: Path, number: int) -> None:
    """Take a task off the board; what was handed in can still be reviewed."""
    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.write() as connection:
        tasks.close(hub, connection, number)
    tell(Words("任务 {task} 已关闭。", "Task {task} is closed."), task=number)


@task.command("list")
@DATA
@click.option("--all", "everything", is_flag=True, help="Closed tasks, too.")
@click.option("--to-review", is_flag=True, help="What waits for a reviewer.")
@click.option("--member", help="What this member handed in.")
@AS_JSON
def task_list(*, data: Path, everything: bool, to_review: bool, member: str | None, as_json: bool) -> None:
    """Print the board, what waits for review, or a member's part."""
    import msgspec

    from sync.hub.alliance import members
    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.read() as connection:
        if member is not None:
            members.known(connection, member)
            submissions = tasks.submissions_of(connection, member)
        else:
            submissions = tasks.to_review(connection) if to_review else []
        board = tasks.all_tasks(connection) if everything else tasks.open_tasks(connection)
    listed = submissions if to_review or member is not None else board
    if as_json:
        print_json(msgspec.to_builtins(listed))
        return
    for one in listed:
        click.echo(_submission_line(one) if isinstance(one, tasks.Submission) else _task_line(one))


@task.command("sign-up")
@DATA
@TASK
@MEMBER
@PEOPLE
@BY
def task_sign_up(*, data: Path, number: int, member: str, people: int | None, by: str) -> None:
    """Sign a member up for a task."""
    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.write() as connection:
        one = tasks.sign_up(hub, connection, number, member, by=by, people=people or 1)
    _tell_standing(one)


@task.command("leave")
@DATA
@TASK
@MEMBER
@BY
def task_leave(*, data: Path, number: int, member: str, by: str) -> None:
    """Give a member's places back."""
    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.write() as connection:
        one = tasks.leave(hub, connection, number, member, by=by)
    _tell_standing(one)


@task.command("submit")
@DATA
@MEMBER
@click.option("--task", "number", type=NUMBER, help="Number of the task.")
@click.option("--activity", help="In place of --task: an article or a review of one's own accord.")
@click.option("--hours", help="How long it took: 1.5 or 1:30.")
@click.option("--work", help="Title or address of the article or review.")
@PEOPLE
@BY
@AS_JSON
def task_submit(
    *,
    data: Path,
    member: str,
    number: int | None,
    activity: str | None,
    hours: str | None,
    work: str | None,
    people: int | None,
    by: str,
    as_json: bool,
) -> None:
    """Hand in what a member did: hours for a task, or a piece of work."""
    from sync.hub.growth import tasks

    if (number is None) == (activity is None):
        raise Told(_ONE_OF, options="--task, --activity")
    if number is None and (hours is not None or people is not None):
        raise Told(_NOT_WITH_ACTIVITY)
    minutes = _minutes(hours)
    with opened(data) as hub, hub.database.write() as connection:
        if number is not None:
            one = tasks.submit(
                hub, connection, number, member, by=by, minutes=minutes, work=work, people=people
            )
        else:
            one = tasks.submit_work(hub, connection, str(activity), member, work=work or "", by=by)
    _answer(one, as_json=as_json)


@task.command("approve")
@DATA
@SUBMISSION
@click.option("--hours", help="What is granted; without it, all that was handed in.")
@BY
@AS_JSON
def task_approve(*, data: Path, submission: int, hours: str | None, by: str, as_json: bool) -> None:
    """Approve what was handed in; the points are booked."""
    from sync.hub.growth import tasks

    minutes = _minutes(hours)
    with opened(data) as hub, hub.database.write() as connection:
        one = tasks.approve(hub, connection, submission, by=by, minutes=minutes)
    _answer(one, as_json=as_json)


@task.command("reject")
@DATA
@SUBMISSION
@REASON
@BY
@AS_JSON
def task_reject(*, data: Path, submission: int, reason: str, by: str, as_json: bool) -> None:
    """Send back what was handed in."""
    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.write() as connection:
        one = tasks.reject(hub, connection, submission, by=by, reason=reason)
    _answer(one, as_json=as_json)


@task.command("withdraw")
@DATA
@SUBMISSION
@REASON
@BY
@AS_JSON
def task_withdraw(*, data: Path, submission: int, reason: str, by: str, as_json: bool) -> None:
    """Take an approval back; the points are booked back."""
    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.write() as connection:
        one = tasks.withdraw(hub, connection, submission, by=by, reason=reason)
    _answer(one, as_json=as_json)


@task.command("show")
@DATA
@SUBMISSION
@AS_JSON
def task_show(*, data: Path, submission: int, as_json: bool) -> None:
    """Print a submission and who did what about it."""
    import msgspec

    from sync.hub.growth import tasks

    with opened(data) as hub, hub.database.read() as connection:
        one, moves = tasks.known(connection, submission), tasks.moves_of(connection, submission)
    if as_json:
        print_json({**msgspec.to_builtins(one), "moves": msgspec.to_builtins(moves)})
        return
    click.echo(_submission_line(one))
    for move in moves:
        click.echo(f"  {move.at}  {move.deed}  {move.by}  {move.reason}".rstrip())


def _minutes(hours: str | None) -> int | None:
    from sync.hub.growth import rates

    if hours is None:
        return None
    minutes = rates.parse_minutes(hours)
    if minutes is None:
        raise Told(_HOURS, hours=hours[:20])
    return minutes


def _answer(one: Submission, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        print_json(msgspec.to_builtins(one))
    else:
        _tell_standing(one)


def _tell_standing(one: Submission) -> None:
    from sync.hub.growth.states import STANDINGS

    standing = STANDINGS[one.standing]
    tell(
        Words(
            f"会员 {{member}} 的提交 {{id}}：{standing.zh}。",
            f"Submission {{id}} of member {{member}}: {standing.en}.",
        ),
        id=one.id,
        member=one.member_no,
    )


def _task_line(one: Task) -> str:
    from sync.hub.growth.rates import hours_text

    hours = "" if one.minutes_max is None else f"  {hours_text(one.minutes_max)}"
    where = "  ".join(part for part in (one.store, one.area) if part)
    what = f"{one.activity}{hours}  {one.taken}/{one.places}"
    return f"{one.id}  {one.date}  {what}  {one.title}  {where}".rstrip()


def _submission_line(one: Submission) -> str:
    from sync.hub.growth.rates import hours_text

    what = one.work or "" if one.minutes is None else hours_text(one.minutes)
    return f"{one.id}  {one.task or '-'}  {one.member_no}  {one.activity}  {one.standing}  {what}".rstrip()


_ONE_OF = Words("请只写其中一个：{options}。", "Give exactly one of: {options}.")
_NOT_WITH_ACTIVITY = Words(
    "--activity 用于文章和点评，不写 --hours、--people。",
    "--activity is for articles and reviews; leave off --hours and --people.",
)
_HOURS = Words(
    "时长「{hours}」不对，例如 1.5 或 1:30，不超过 24 小时。",
    "The hours “{hours}” will not do; examples: 1.5 or 1:30, at most 24.",
)
