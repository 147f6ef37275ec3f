"""What the desk sees of every terminal."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import event

from sync.hub.feeds import terminals_seen
from sync.hub.feeds.terminals_seen import LastSeen, TerminalState
from sync.hub.hub import Hub
from sync.hub.trust.enrolment import revoke
from sync.protocol.commands import TerminalReport
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal


def state(hub: Hub, terminal: str = "S1-1") -> TerminalState:
    with hub.database.read() as connection:
        return next(one for one in terminals_seen.overview(connection) if one.terminal == terminal)


def report(till: FakeTerminal, **facts: object) -> None:
    told = msgspec.convert({"software": "alliance-pos 0.1.0", **facts}, TerminalReport)
    assert till.call("POST", "/v1/report", msgspec.json.encode(told)).status_code == 200


def test_a_terminal_that_was_never_enrolled_is_listed_too(hub: Hub) -> None:
    found = state(hub)
    assert (found.standing, found.epoch, found.last_seen, found.software) == ("not_enrolled", 0, None, None)


def test_any_signed_question_shows_that_it_is_there(till: FakeTerminal, hub: Hub) -> None:
    assert state(hub).last_seen is None
    till.feed("staff")
    found = state(hub)
    assert (found.standing, found.epoch) == ("current", 1)
    assert found.last_seen is not None
    assert found.reported_at is None


def test_what_it_reported_last_is_kept(till: FakeTerminal, hub: Hub) -> None:
    report(till, pending=7, pending_since="2026-03-01T10:00:00+08:00", clock_offset_ms=-250)
    report(till, pending=3, locked=True, last_command=2)
    found = state(hub)
    assert (found.software, found.pending, found.pending_since) == ("alliance-pos 0.1.0", 3, None)
    assert (found.locked, found.last_command, found.clock_offset_ms) == (True, 2, None)


def test_what_was_set_aside_is_counted_by_the_hub_itself(till: FakeTerminal, hub: Hub) -> None:
    till.write(b'{"kind": "weather", "v": 1}')
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    assert state(hub).quarantined == 1


def test_a_revoked_one_says_so(till: FakeTerminal, hub: Hub) -> None:
    with hub.database.write() as connection:
        revoke(connection, "S1-1")
    assert state(hub).standing == "revoked"


def test_being_there_costs_a_write_a_minute(till: FakeTerminal, hub: Hub) -> None:
    till.feed("staff")
    report(till)
    writes: list[str] = []
    engine = hub.database._engine
    event.listen(engine, "before_cursor_execute", lambda *said: writes.append(said[2]))
    for _ in range(5):
        till.feed("staff")
        report(till, clock_offset_ms=12)
    assert [one for one in writes if one.startswith(("INSERT", "UPDATE"))] == []


def test_a_minute_later_it_is_written_again() -> None:
    seen, now = LastSeen(), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    due = [seen.is_due("S1-1", now + dt.timedelta(seconds=after)) for after in (0, 1, 59, 60, 61, -5)]
    assert due == [True, False, False, True, False, True]
    assert seen.is_due("S1-2", now)
