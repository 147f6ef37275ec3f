"""Tasks at the desk: what members handed in, approved with the time granted or sent back with a reason."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from sync.hub.alliance import packs
from sync.hub.growth import rates, states, tasks
from sync.hub.growth.submissions import Submission
from sync.hub.hub import setting
from sync.hub.pages import figures_in_words as words
from sync.hub.pages import framing
from sync.hub.pages.desk.rights import Reviewer
from sync.hub.pages.framing import Number
from sync.hub.pages.spoken import Naming
from sync.hub.people import audit
from sync.hub.people.forms import CheckedForm, Fields
from sync.hub.people.visitors import Visitor
from sync.hub.web.edge import TheHub
from sync.hub.words import Told, Words

ROUTES = APIRouter(include_in_schema=False)


class Waiting(NamedTuple):
    """A submission with its task's title (or the work itself), and what approving it whole would book."""

    one: Submission
    title: str
    activity: str
    handed_in_at: str
    time: str
    worth: str


@ROUTES.get("/desk/tasks")
def to_review(request: Request, hub: TheHub, visitor: Reviewer) -> Response:
    with hub.database.read() as connection:
        return _list(request, connection, visitor)


@ROUTES.post("/desk/tasks/{number}")
def review(number: Number, request: Request, hub: TheHub, visitor: Reviewer, form: CheckedForm) -> Response:
    """Ends a submission: `deed` is `approve` or `reject`."""
    approves = form["deed"] == "approve"
    try:
        with hub.database.write() as connection:
            if approves:
                done = tasks.approve(hub, connection, number, by=visitor.name, minutes=_minutes(form))
            else:
                done = tasks.reject(hub, connection, number, by=visitor.name, reason=form["reason"])
            act = "tasks.approve" if approves else "tasks.reject"
            audit.note(connection, visitor, act, f"submission:{done.id}")
    except Told as told:
        with hub.database.read() as connection:
            return _list(request, connection, visitor, mistake=told, form=form, number=number)
    return framing.led_on("/desk/tasks", "approved" if done.standing == states.APPROVED else "declined")


def _minutes(form: Fields) -> int | None:
    """The time granted; nothing typed grants what was handed in.

    Raises:
        Told: what is typed is no time.

    """
    if not form["time"]:
        return None
    minutes = rates.parse_minutes(form["time"])
    if minutes is None:
        raise Told(_NO_TIME)
    return minutes


def _list(
    request: Request,
    connection: Connection,
    visitor: Visitor,
    *,
    mistake: Told | None = None,
    form: Fields | None = None,
    number: int = 0,
) -> Response:
    timezone = setting(connection, "timezone")
    return framing.page(
        request,
        visitor,
        "desk/tasks.html",
        place="tasks",
        status=200 if mistake is None else 422,
        mistake=mistake,
        form=form or Fields([]),
        number=number,
        alliance=setting(connection, "alliance_name"),
        found=waiting(connection, visitor),
        moment=lambda stamp: words.moment(stamp, timezone, visitor.language),
    )


def waiting(connection: Connection, visitor: Visitor) -> list[Waiting]:
    naming = Naming(connection, visitor.language)
    return [_waiting(connection, one, naming) for one in tasks.to_review(connection)]


def _waiting(connection: Connection, one: Submission, naming: Naming) -> Waiting:
    pack = packs.current(connection)
    activity = next((kind for kind in pack.activities if kind.id == one.activity), None) if pack else None
    worth = ""
    if pack is not None and activity is not None:
        asset = pack.asset(activity.asset)
        points = rates.points_for(activity, asset, minutes=one.minutes, people=one.people)
        worth = f"{naming.amount(asset.id, points)} {naming.of(asset.id)}"
    handed_in = [move.at for move in tasks.moves_of(connection, one.id) if move.deed == "submit"]
    return Waiting(
        one,
        tasks.known_task(connection, one.task).title if one.task is not None else one.work or "",
        naming.of(activity.name) if activity else one.activity,
        handed_in[-1] if handed_in else "",
        "" if one.minutes is None else rates.hours_text(one.minutes),
        worth,
    )


_NO_TIME = Words(
    "时长读不懂：请写小时，如 1.5 或 1:30。", "That is no time: write hours, such as 1.5 or 1:30."
)
