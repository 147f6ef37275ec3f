"""What a day leaves in the log: enough to find a fault, nothing of anybody."""

import csv
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError

from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.journal import ingest
from sync.hub.pages import member_card
from sync.hub.storage import schema
from sync.hub.web import logs
from sync.protocol import trust
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What `pos-hub serve` would write on stderr."""
    root, written = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level, logs.LOGGER.level
    monkeypatch.setattr(sys, "stderr", written)
    logs.start("debug")
    yield written
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    logs.LOGGER.setLevel(before[2])


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_whole_day_names_nobody(
    log: io.StringIO,
    app: FastAPI,
    hub: Hub,
    new_code: Callable[..., str],
    http: InProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = new_code()
    till = FakeTerminal(http)
    till.post_enrolment(msgspec.structs.replace(till.enrol_request(code), code="00000-00000"))
    till.enrol(code)
    sale = sales.sale(till.next_receipt_no())
    till.write(sale)
    till.write(sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale)))
    till.write(sales.altered(sales.sale(till.next_receipt_no()), payable_fen=1))
    till.write(b'{"kind":"nonsense","member":"' + sales.MEMBER.encode() + b'"}')
    till.upload()
    till.upload()
    for feed in ("members", "staff", "catalogue", "packs", "terms"):
        till.feed(feed)
    till.day(sales.DATE)
    with hub.database.read() as connection:
        card = member_card.path_of(hub, connection, sales.MEMBER)
    assert http.get(card).status_code == 200
    assert http.get(card + "x").status_code == 404
    http.get("/?member=" + sales.MEMBER)
    till.call("GET", f"/v1/feeds/{sales.MEMBER}")
    till.call("GET", f"/v1/days/{sales.MEMBER}")
    faulty(till, hub, monkeypatch)

    said = log.getvalue()
    assert '"event": "our_fault"' in said
    for private in secrets_of(till, code, card):
        assert private not in said, private


def faulty(till: FakeTerminal, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faults of ours, whose exceptions have people's numbers in their words."""

    def looks_up(*_: object) -> None:
        raise KeyError(sales.MEMBER)

    def repeats_the_row(*_: object) -> None:
        with hub.database.write() as connection:
            row = members.known(connection, sales.MEMBER)
            connection.execute(
                schema.members.insert().values(
                    member_no=row.member_no, card_code=CARD, plan="", status="", expires="", activated=True
                )
            )

    for fault in (looks_up, repeats_the_row):
        with monkeypatch.context() as patch:
            patch.setattr(ingest, "take", fault)
            with pytest.raises(HubSaidNo, match="our_fault"):
                till.upload()


CARD = "91368861958193196424478"


def secrets_of(till: FakeTerminal, code: str, card: str) -> Iterator[str]:
    """Everything of people that the sample holds, and what passed over the wire today."""
    sample = (files("resources") / "sample" / "members.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(sample)):
        yield from (row[column] for column in ("member_no", "card_code", "name", "phone") if row[column])
    one_time = trust.read_enrolment_code(code)
    assert one_time is not None
    yield from (code, one_time.one_time, card, card.rpartition("/")[2], till.incarnation)
    for entry in till.entries:
        yield from (entry.hash.hex(), entry.body.decode())


def test_every_line_belongs_to_a_process_and_a_request(
    log: io.StringIO, till: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by 0")

    till.write(sales.walk_in(till.next_receipt_no()))
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "take", broken)
        answer: Any = till.post_batch(till.batch(till.entries))
    found = lines(log)
    fault = next(line for line in found if line["event"] == "our_fault")
    assert fault["request"] == answer.headers["X-Request-Id"] == found[-1]["request"]
    assert fault["incident"] in answer.json()["message"]
    assert fault["level"] == "error"
    assert "ZeroDivisionError: by 0" in fault["traceback"]
    assert {line["pid"] for line in found} == {os.getpid()}
    assert found[-1]["route"] == "/v1/journal"
    assert len({line["request"] for line in found}) > 1


def test_what_is_struck_out() -> None:
    error = IntegrityError("INSERT", {"member_no": sales.MEMBER}, ValueError("x"), hide_parameters=True)
    assert sales.MEMBER not in logs.struck_out(str(error))
    words = 'duplicate key "uq_members_card_code"\nDETAIL:  Key (name)=(窦墨菊) already exists.'
    assert logs.struck_out(words) == 'duplicate key "uq_members_card_code"'
    assert logs.struck_out("line 123, 30006012, a1b2c3d4e5f6g7") == "line 123, …, …"
