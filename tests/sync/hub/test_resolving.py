"""What was set aside is settled: read again by a newer program, or dismissed by a person; the till hears of it."""

from __future__ import annotations

import json

import msgspec
import pytest

from pos.domain import events
from sync.hub.hub import Hub
from sync.hub.journal import resolving
from sync.hub.ledger.audit import audit
from sync.hub.words import Told
from sync.protocol.messages import ReportReply, TerminalReport
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal, read
from tests.sync.hub.test_cli import Shell, shell

__all__ = ["shell"]


def aside(till: FakeTerminal) -> tuple[str, ...]:
    sent = msgspec.json.encode(TerminalReport("1.0"))
    reply: ReportReply = read(till.call("POST", "/v1/report", sent), ReportReply)
    assert reply.set_aside is not None
    return reply.set_aside


def of_a_later_version(till: FakeTerminal) -> str:
    """A sale that says it is of version 2; its receipt number."""
    sale = sales.sale(till.next_receipt_no())
    body = msgspec.json.encode(msgspec.json.decode(events.encode(sale)) | {"v": 2})
    till.write(body)
    assert till.upload(till.entries[-1]).results[0].verdict == "quarantined"
    return sale.receipt_no


def test_what_a_newer_program_can_read_is_booked_in_its_place(
    hub: Hub, till: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt_no = of_a_later_version(till)
    till.write(sales.sale(till.next_receipt_no()))
    till.upload(till.entries[-1])
    assert len(aside(till)) == 1
    assert resolving.retry(hub) == 0
    decode = events.decode

    def newer(body: bytes) -> events.Event:
        return decode(msgspec.json.encode(msgspec.json.decode(body) | {"v": 1}))

    monkeypatch.setattr(events, "decode", newer)
    assert resolving.retry(hub) == 1
    assert resolving.retry(hub) == 0
    assert aside(till) == ()
    assert receipt_no in [one.receipt_no for one in till.day(sales.DATE).receipts]
    with hub.database.read() as connection:
        assert audit(connection).differences == ()


def test_what_is_dismissed_stays_with_its_reason_and_waits_no_more(hub: Hub, till: FakeTerminal) -> None:
    till.write(b"{}")
    till.upload(till.entries[-1])
    with hub.database.read() as connection:
        (one,) = resolving.waiting(connection, "en")
    with hub.database.write() as connection:
        resolving.dismiss(hub, connection, one.entry, "a test of the printer")
    assert aside(till) == ()
    with hub.database.write() as connection, pytest.raises(Told):
        resolving.dismiss(hub, connection, one.entry, "again")
    assert till.upload(till.entries[-1]).results[0].verdict == "quarantined"
    assert aside(till) == ()


def test_the_commands(hub: Hub, till: FakeTerminal, shell: Shell) -> None:
    till.write(b"{}")
    till.upload(till.entries[-1])
    data = ("--data", hub.folder.path)
    (one,) = json.loads(shell.run("journal", "aside", "--json", *data).stdout)
    assert one["terminal"] == "S1-1"
    assert "cannot read" in shell.run("journal", "aside", *data).stdout
    assert "0 entries" in shell.run("journal", "retry", *data).stderr
    assert "Give a reason" in shell.refused("journal", "dismiss", str(one["entry"]), "--reason", " ", *data)
    assert (
        "settled" in shell.run("journal", "dismiss", str(one["entry"]), "--reason", "nothing", *data).stderr
    )
    assert shell.run("journal", "aside", *data).stdout == ""
