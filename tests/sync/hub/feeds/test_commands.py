"""Commands go to one terminal, are told until it says what came of them, and no longer."""

from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import pytest

from sync.hub.feeds import commands
from sync.hub.hub import Hub
from sync.hub.words import Told
from sync.protocol.commands import Command, CommandDone, Deed, Lock, TerminalReport, Unlock
from sync.protocol.messages import ReportReply
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo, read

LOCK = Lock("盘点中")


def send(hub: Hub, deed: Deed, terminal: str = "S1-1") -> Command:
    with hub.database.write() as connection:
        return commands.send(hub, connection, terminal, deed)


def told(till: FakeTerminal) -> list[Command]:
    bodies = [row.body for row in till.feed("commands").rows if row.body is not None]
    return [msgspec.convert(body, Command) for body in bodies]


def report(till: FakeTerminal, *done: CommandDone) -> ReportReply:
    content = msgspec.json.encode(TerminalReport(software="test 1", done=done))
    reply: ReportReply = read(till.call("POST", "/v1/report", content), ReportReply)
    return reply


def standing(hub: Hub, at: Hub | None = None) -> list[tuple[str, str]]:
    with hub.database.read() as connection:
        found = commands.listed(at or hub, connection, "S1-1")
    return [(one.standing, one.detail) for one in found]


def test_only_the_one_it_is_for_is_told(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    sent = send(hub, LOCK)
    assert told(till) == [sent]
    assert told(neighbour) == []


def test_it_is_told_until_its_outcome_is(till: FakeTerminal, hub: Hub) -> None:
    first, second = send(hub, LOCK), send(hub, Unlock())
    assert [one.number for one in told(till)] == [first.number, second.number]
    report(till, CommandDone(first.id, "done", "2026-03-01T10:00:00+08:00"))
    assert told(till) == [second]
    report(till, CommandDone(first.id, "failed", "2026-03-01T10:00:09+08:00", "twice"))
    assert standing(hub) == [("waiting", ""), ("done", "")], "what was said first holds"


def test_nobody_speaks_for_another_terminal(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    sent = send(hub, LOCK)
    report(neighbour, CommandDone(sent.id, "done", "2026-03-01T10:00:00+08:00"))
    assert told(till) == [sent]
    assert standing(hub) == [("waiting", "")]


def test_one_that_nobody_took_in_time_has_lapsed(till: FakeTerminal, hub: Hub) -> None:
    send(hub, LOCK)
    later = dataclasses.replace(hub, now=lambda: hub.now() + commands.VALID_FOR + dt.timedelta(seconds=1))
    assert standing(hub, later) == [("lapsed", "")]


def test_a_terminal_that_is_not_there_gets_none(hub: Hub) -> None:
    with pytest.raises(Told, match="S9-9"), hub.database.write() as connection:
        commands.send(hub, connection, "S9-9", LOCK)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"software": "t", "pending": -1}',
        b'{"software": "t", "done": [{"id": "0\\u0000", "outcome": "done", "at": ""}]}',
        b'{"software": "t", "done": [{"id": "0000000000000000", "outcome": "perhaps", "at": ""}]}',
    ],
)
def test_a_report_that_is_none_is_refused(till: FakeTerminal, content: bytes) -> None:
    with pytest.raises(HubSaidNo) as said:
        read(till.call("POST", "/v1/report", content), ReportReply)
    assert said.value.status == 400
