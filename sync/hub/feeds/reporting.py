"""What a till says of itself over HTTP beside its journal, and what it asks about who stands before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Annotated

import msgspec
from fastapi import BackgroundTasks, Depends, Path, Request, Response

from sync.hub.alliance import members, stocking
from sync.hub.codes import fencing
from sync.hub.feeds import commands, member_rows, terminals_seen, upkeep
from sync.hub.feeds.terminals_seen import LastSeen
from sync.hub.hub import Hub
from sync.hub.journal import resolving
from sync.hub.web import edge, logs, refusals
from sync.hub.web.edge import Body, Caller, TheHub, json_response
from sync.hub.web.refusals import Refused
from sync.protocol.messages import MemberAnswer, ReportReply, TerminalReport


def current_reader(request: Request, hub: TheHub, body: Body, later: BackgroundTasks) -> Caller:
    """`edge.current_reader`, noting that the terminal was heard of: a write a minute, after the answer."""
    caller = edge.current_reader(request, hub, body)
    last_seen: LastSeen = request.app.state.last_seen
    if last_seen.is_due(caller.terminal, hub.now()):
        later.add_task(_note_seen, hub, caller.terminal)
    return caller


def _note_seen(hub: Hub, terminal: str) -> None:
    try:
        terminals_seen.note_seen(hub, terminal)
    except Exception as error:  # noqa: BLE001 - the terminal was answered; the next minute tries again
        logs.fault("last_seen_not_noted", error)


Reader = Annotated[Caller, Depends(current_reader)]


def report(request: Request, hub: TheHub, caller: Reader, body: Body, later: BackgroundTasks) -> Response:
    """Takes in how a terminal is, and what came of the commands to it."""
    if request.app.state.upkeep.is_due(hub.now()):
        later.add_task(upkeep.run, hub)
    try:
        told = msgspec.json.decode(body, type=TerminalReport)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(refusals.BAD_REQUEST, detail=error) from error
    with hub.database.read() as connection:
        news = terminals_seen.is_news(hub, connection, caller.terminal, told)
        past = fencing.due(hub, connection, caller.terminal, caller.epoch) is not None
    if news or past:
        with hub.database.write() as connection:
            terminals_seen.note_report(hub, connection, caller.terminal, told)
            commands.take_outcomes(connection, caller.terminal, told.done)
            fencing.raise_fence(hub, connection, caller.terminal, caller.epoch)
    with hub.database.read() as connection:
        aside = resolving.hashes_of(connection, caller.terminal, caller.epoch)
        return json_response(ReportReply(edge.mark_for(hub, connection, caller), aside))


MEMBERS_ASKED_MAX = 120
"""By one terminal in an hour and at one worker: more than members come, fewer than a thief would want."""


class Asked:
    """How many members each terminal has asked about in this process since the hour began."""

    def __init__(self) -> None:
        self._hour: dt.datetime | None = None
        self._counts: Counter[str] = Counter()

    def too_often(self, terminal: str, now: dt.datetime) -> bool:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._counts = hour, Counter()
        self._counts[terminal] += 1
        return self._counts[terminal] > MEMBERS_ASKED_MAX


MemberNumber = Annotated[str, Path(pattern="^[0-9]{4,20}$")]


def member(request: Request, member_no: MemberNumber, hub: TheHub, caller: Reader) -> Response:
    """A member with balances, for the store where they stand; it is one of their stores from now on."""
    asked: Asked = request.app.state.asked
    if asked.too_often(caller.terminal, hub.now()):
        raise Refused(refusals.ASKED_TOO_OFTEN)
    with hub.database.read() as connection:
        if members.find(connection, member_no) is None:
            raise Refused(refusals.NO_SUCH_MEMBER)
    with hub.database.write() as connection:
        member_rows.note_asked(connection, member_no, caller.store, stocking.today(hub, connection))
        members.refresh_feed(connection, member_no)
        (row,) = members.rows_of(connection, (member_no,)).values()
        told = edge.mark_for(hub, connection, caller)
    return json_response(MemberAnswer(told, row))
