"""What members hand in: one row each, and a row for everything that anybody did about it."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select, update

from sync.hub.growth import states, tables
from sync.hub.words import Told, Words

UNWRITTEN = 0
"""The number of a submission that has no row yet: its first move writes it."""


class Submission(msgspec.Struct, frozen=True):
    """A member's part in a task, or (`task` None) a piece of work by itself.

    `minutes` are what the member says (None: a piece of work, named by `work`), `granted_minutes` what the
    reviewer granted. `points` (minor units of `asset`) stand once they are booked. `round` counts how often
    it was handed in.
    """

    id: int
    task: int | None
    member_no: str
    activity: str
    standing: str = states.NEW
    people: int = 1
    minutes: int | None = None
    work: str | None = None
    round: int = 0
    granted_minutes: int | None = None
    asset: str | None = None
    points: int | None = None

    @property
    def linked(self) -> str:
        """What joins the transfers of this round."""
        return f"submission:{self.id}:{self.round}"


class Move(msgspec.Struct, frozen=True):
    """Who did what, when, and what it led to; `minutes` handed in or granted."""

    deed: str
    standing: str
    at: str
    by: str
    minutes: int | None
    reason: str


def known(connection: Connection, submission: int) -> Submission:
    """One submission.

    Raises:
        Told: there is none of that number.

    """
    table = tables.submissions
    row = connection.execute(select(table).where(table.c.id == submission)).mappings().first()
    if row is None:
        raise Told(
            Words("没有提交 {id}，请核对编号。", "There is no submission {id}; check the number."),
            id=submission,
        )
    return Submission(**row)


def of_task(connection: Connection, task: int, member_no: str) -> Submission | None:
    """A member's part in a task."""
    table = tables.submissions
    here = (table.c.task == task) & (table.c.member_no == member_no)
    row = connection.execute(select(table).where(here)).mappings().first()
    return None if row is None else Submission(**row)


def of_work(connection: Connection, activity: str, work: str) -> Submission | None:
    """Who handed in this article or review."""
    table = tables.submissions
    here = (table.c.activity == activity) & (table.c.work == work)
    row = connection.execute(select(table).where(here)).mappings().first()
    return None if row is None else Submission(**row)


def to_review(connection: Connection) -> list[Submission]:
    """What waits for a reviewer, longest first."""
    table = tables.submissions
    moves = tables.submission_moves
    waiting = (
        select(moves.c.submission, func.max(moves.c.id).label("since"))
        .where(moves.c.deed == "submit")
        .group_by(moves.c.submission)
        .subquery()
    )
    query = (
        select(table)
        .join(waiting, waiting.c.submission == table.c.id)
        .where(table.c.standing == states.SUBMITTED)
        .order_by(waiting.c.since)
    )
    return [Submission(**row) for row in connection.execute(query).mappings()]


def submissions_of(connection: Connection, member_no: str) -> list[Submission]:
    """Everything of a member, newest first."""
    table = tables.submissions
    query = select(table).where(table.c.member_no == member_no).order_by(table.c.id.desc())
    return [Submission(**row) for row in connection.execute(query).mappings()]


def part_in(connection: Connection, task: int) -> list[Submission]:
    """Everybody's part in a task, in the order of signing up."""
    table = tables.submissions
    query = select(table).where(table.c.task == task).order_by(table.c.id)
    return [Submission(**row) for row in connection.execute(query).mappings()]


def moves_of(connection: Connection, submission: int) -> list[Move]:
    """What was done about a submission, in order."""
    table = tables.submission_moves
    columns = [table.c[name] for name in Move.__struct_fields__]
    query = select(*columns).where(table.c.submission == submission).order_by(table.c.id)
    return [Move(**row) for row in connection.execute(query).mappings()]


def move(
    connection: Connection,
    one: Submission,
    deed: str,
    *,
    at: str,
    by: str,
    reason: str = "",
    **changes: object,
) -> Submission:
    """Does a deed: the row changes to what it leads to, and the deed is kept.

    Raises:
        Told: the deed is not possible now.

    """
    moved = _written(
        connection, msgspec.structs.replace(one, standing=states.after(one.standing, deed), **changes)
    )
    connection.execute(
        tables.submission_moves.insert().values(
            submission=moved.id,
            deed=deed,
            standing=moved.standing,
            at=at,
            by=by,
            minutes=moved.granted_minutes if deed == "approve" else moved.minutes,
            reason=reason,
        )
    )
    return moved


def _written(connection: Connection, one: Submission) -> Submission:
    """The row as it now is; one that has none yet gets it, and with it a number."""
    table = tables.submissions
    values = msgspec.structs.asdict(one)
    del values["id"]
    if one.id != UNWRITTEN:
        connection.execute(update(table).where(table.c.id == one.id).values(values))
        return one
    number = connection.execute(table.insert().values(values).returning(table.c.id)).scalar_one()
    return msgspec.structs.replace(one, id=number)
