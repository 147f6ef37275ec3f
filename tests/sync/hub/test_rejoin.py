"""A hub restored from before a till had joined: it comes back by what the hub itself has signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select

from sync.hub.hub import Hub
from sync.hub.operation import restore
from sync.hub.storage import schema
from sync.protocol import trust
from sync.protocol.asking import RejoinRequest
from sync.protocol.messages import Enrolment, SignedBytes
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal


class Joined:
    """A terminal with the hub's signed word."""

    def __init__(self, http: InProcess, code: str) -> None:
        self.till = FakeTerminal(http)
        answer = self.till.post_enrolment(self.till.enrol_request(code))
        self.reply = msgspec.json.decode(answer.content, type=SignedBytes)
        told = msgspec.json.decode(self.reply.payload, type=Enrolment)
        self.till.terminal, self.till.epoch, self.till.store = told.terminal, told.epoch, told.store

    def request(self, key: Ed25519PrivateKey | None = None) -> RejoinRequest:
        claim = trust.rejoin_claim(self.reply.payload)
        return RejoinRequest(self.reply, (key or self.till.key).sign(claim))


@pytest.fixture
def joined(http: InProcess, new_code: Callable[..., str]) -> Joined:
    return Joined(http, new_code())


def restored(hub: Hub) -> None:
    """As from a backup that was made before anybody had joined."""
    with hub.database.write() as connection:
        connection.execute(delete(schema.chains))
        restore.begin_anew(connection, hub.time(), hub.now())


def send(http: InProcess, request: RejoinRequest) -> tuple[int, str]:
    answer = http.request(
        "POST",
        "http://testserver/v1/rejoin",
        headers={"Content-Type": "application/json"},
        data=msgspec.json.encode(request),
    )
    return answer.status_code, msgspec.json.decode(answer.content).get("error", "")


def standings(hub: Hub) -> dict[str, str]:
    with hub.database.read() as connection:
        rows = connection.execute(select(schema.chains.c.incarnation, schema.chains.c.standing)).all()
    return {row.incarnation: row.standing for row in rows}


def test_its_sales_are_booked_as_if_nothing_had_been(hub: Hub, http: InProcess, joined: Joined) -> None:
    till = joined.till
    till.write(sales.sale(till.next_receipt_no()))
    till.upload(till.entries[-1])
    restored(hub)
    assert send(http, joined.request()) == (200, "")
    assert send(http, joined.request()) == (200, "")
    assert standings(hub) == {till.incarnation: "current"}
    assert [one.verdict for one in till.upload(*till.entries).results][-1] != "quarantined"


def test_where_another_machine_has_its_place_it_may_only_upload(
    hub: Hub, http: InProcess, joined: Joined, new_code: Callable[..., str]
) -> None:
    restored(hub)
    other = Joined(http, new_code())
    assert other.till.epoch > 1_000_000
    assert send(http, joined.request()) == (200, "")
    assert standings(hub) == {other.till.incarnation: "current", joined.till.incarnation: "replaced"}


def test_what_is_not_believed(hub: Hub, http: InProcess, joined: Joined) -> None:
    restored(hub)
    thief = Ed25519PrivateKey.generate()
    assert send(http, joined.request(thief)) == (403, "proof_wrong")
    forged = trust.sign_bytes(thief, "hub-1", trust.ENROLMENT_TAG, joined.reply.payload)
    assert send(http, RejoinRequest(forged, b"")) == (401, "unknown_terminal")
    assert send(http, RejoinRequest(SignedBytes(b"{}", "hub-1", b""), b"")) == (401, "unknown_terminal")
    assert standings(hub) == {}


def test_a_revoked_terminal_that_the_hub_knows_stays_out(hub: Hub, http: InProcess, joined: Joined) -> None:
    with hub.database.write() as connection:
        connection.execute(schema.chains.update().values(standing="revoked"))
    assert send(http, joined.request()) == (200, "")
    assert set(standings(hub).values()) == {"revoked"}


def test_whoever_takes_a_tills_place_is_told_how_far_the_hub_got(
    http: InProcess, joined: Joined, new_code: Callable[..., str]
) -> None:
    till = joined.till
    for _ in range(2):
        till.write(sales.sale(till.next_receipt_no()))
    till.upload(till.entries[0])
    told = msgspec.json.decode(Joined(http, new_code()).reply.payload, type=Enrolment)
    assert told.last_receipt.endswith("-0001")
    assert dt.datetime.fromisoformat(told.time)
