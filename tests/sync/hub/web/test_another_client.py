"""Whoever reads docs/another-client.md can write a client: here is one, and it is answered."""

import base64
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from pos.domain import events
from pos.domain.journal import GENESIS, ChainIdentity, link
from sync.protocol import request_signing, trust
from tests.sync.hub import sales
from tests.sync.hub.web.another_client import Client
from tests.sync.hub.web.on_a_port import on_a_port

PAGE = (Path(__file__).parents[4] / "docs" / "another-client.md").read_text(encoding="utf-8")


@pytest.fixture
def client(app: FastAPI, new_code: Callable[..., str]) -> Iterator[Client]:
    with on_a_port(app) as address:
        client = Client(address, bytes(range(32)), "0011223344556677")
        client.enrol(new_code())
        yield client


def test_it_joins_uploads_and_reads(client: Client) -> None:
    assert (client.terminal, client.store, client.epoch) == ("S1-1", "S1", 1)
    opened = {"kind": "chain_opened", "at": "2026-03-14T08:00:00+08:00", "store": "S1", "v": 1}
    reply = client.send(json.dumps(opened | {"public_key": client.public.hex(), "software": "x"}).encode())
    assert [one["verdict"] for one in reply["results"]] == ["accepted"], reply
    assert reply["hub"]["high_water"] == {"seq": 1, "hash": client.last_hash.hex()}
    page = client.signed("GET", "/v1/feeds/catalogue", "after=0&limit=5")
    assert len(page["rows"]) == 5
    assert page["more"]
    assert page["next"] == page["rows"][-1]["change"]


def test_what_it_sends_is_booked(client: Client) -> None:
    """A sale in the bytes of the real till, in a chain of the other client's."""
    number = ChainIdentity(client.terminal, client.epoch, client.incarnation).receipt_no(1)
    client.send(events.encode(sales.walk_in(number)))
    day = client.signed("GET", f"/v1/days/{sales.DATE}")
    assert [one["receipt_no"] for one in day["receipts"]] == [number]


def example(name: str) -> str:
    """A value of the page's table of examples."""
    found = re.search(rf"^\| {re.escape(name)} \| `([^`]+)` \|$", PAGE, re.MULTILINE)
    assert found, name
    return found[1]


def test_the_pages_examples_are_the_programs() -> None:
    """Computed here with the project's own code, in the page by hand of nobody."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = key.public_key().public_bytes_raw()
    identity = ChainIdentity("S1-1", 1, "0011223344556677")
    entry = link(identity, 1, GENESIS, b'{"kind":"example"}')
    print_ = trust.fingerprint(public)
    request = request_signing.Request("GET", "http://hub/v1/feeds/members?after=0&limit=5")
    moment = dt.datetime.fromtimestamp(1_700_000_000, dt.UTC)
    request_signing.sign(request, key, "S1-1/0011223344556677", created=moment, nonce="ab")
    claim = trust.enrolment_claim("0123456789", public, identity.incarnation, print_)
    head = trust.chain_head_claim(identity, 1, entry.hash)
    assert {
        "public key": public.hex(),
        "fingerprint of that key": print_,
        "proof": base64.b64encode(key.sign(claim)).decode(),
        "hash of entry 1": entry.hash.hex(),
        "signature of the head": base64.b64encode(key.sign(head)).decode(),
        "Signature": request.headers["Signature"],
        "receipt 1": identity.receipt_no(1),
    } == {name: example(name) for name in EXAMPLES}


EXAMPLES = (
    "public key",
    "fingerprint of that key",
    "proof",
    "hash of entry 1",
    "signature of the head",
    "Signature",
    "receipt 1",
)
