"""What nobody honest sends: nothing gets in, nothing is half-applied, and the answer says what to do."""

import gzip
import json
from typing import Any

import msgspec
import pytest
import zstandard
from sqlalchemy import func, select

from pos.domain.events import SaleMade
from sync.hub.hub import Hub
from sync.hub.storage.all_tables import metadata
from sync.protocol.messages import Problem
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import Answer, FakeTerminal

INJECTIONS = (
    "'; DROP TABLE transfers; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "{{7*7}}",
    "../../etc/passwd",
    "\x00\x1b[2J",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢\N{RIGHT-TO-LEFT OVERRIDE}",
    "A" * 100_000,
)


def counts(hub: Hub) -> dict[str, int]:
    """Rows of every table: what must not change."""
    with hub.database.read() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in metadata.sorted_tables
        }


def problem(answer: Answer) -> Problem:
    told: Problem = msgspec.json.decode(answer.content, type=Problem)
    assert told.message, told
    assert told.hint, told
    return told


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_not_unpacked(till: FakeTerminal, hub: Hub, pack: Any) -> None:
    before = counts(hub)
    bomb = pack(bytes(256 << 20))
    assert len(bomb) < 1 << 20
    message = till.signed("POST", "/v1/journal", bomb)
    message.headers["Content-Encoding"] = pack.__module__.removesuffix("andard")
    answer = till.send(message)
    assert (answer.status_code, problem(answer).error) == (415, "body_encoded")
    assert counts(hub) == before


@pytest.mark.parametrize("text", INJECTIONS)
def test_strings_that_want_to_be_more(http: InProcess, till: FakeTerminal, hub: Hub, text: str) -> None:
    """In every string of every message: refused or stored as what it is."""
    till.write(sales.walk_in(till.next_receipt_no()))
    batch = till.batch(till.entries)
    before = counts(hub)
    for change in ({"terminal": text}, {"incarnation": text}):
        assert till.post_batch(msgspec.structs.replace(batch, **change)).status_code == 403
    for field in ("prev_hash", "hash"):
        entry = msgspec.structs.replace(batch.entries[0], **{field: text})
        answer = till.post_batch(msgspec.structs.replace(batch, entries=(entry,)))
        assert (answer.status_code, problem(answer).error) == (400, "bad_batch")
    asked = {"code": text, "public_key": text, "incarnation": text, "proof": text}
    answer = http.request("POST", f"{till.url}/v1/enrol", headers={}, data=json.dumps(asked).encode())
    assert answer.status_code == 400
    assert counts(hub) == before


def named(number: str, text: str) -> SaleMade:
    """A walk-in's sale of goods with this name."""
    sale = msgspec.to_builtins(sales.walk_in(number))
    for line in sale["basket"]["lines"]:
        line["product"]["name"] = text
    return msgspec.convert(sale, SaleMade)


@pytest.mark.parametrize("text", [one for one in INJECTIONS[:-1] if "\0" not in one])
def test_a_body_of_a_sale_may_say_anything(till: FakeTerminal, hub: Hub, text: str) -> None:
    """A name in a sale is a till's own text: booked, and shown as text."""
    till.write(named(till.next_receipt_no(), text))
    assert till.upload().results[0].verdict == "accepted"
    with hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(metadata.tables["receipts"])).scalar() == 1


def test_what_no_text_may_hold_is_kept_for_a_person(till: FakeTerminal) -> None:
    """PostgreSQL knows no U+0000; on both engines the next sale goes on."""
    till.write(named(till.next_receipt_no(), "\0"))
    till.write(sales.walk_in(till.next_receipt_no()))
    assert [one.verdict for one in till.upload().results] == ["quarantined", "accepted"]


def test_the_same_request_again_changes_nothing(till: FakeTerminal, hub: Hub) -> None:
    """Whoever records a signed upload and plays it back books nothing."""
    till.write(sales.sale(till.next_receipt_no()))
    message = till.signed("POST", "/v1/journal", msgspec.json.encode(till.batch(till.entries)))
    first = till.send(message)
    assert first.status_code == 200
    before = counts(hub)
    for _ in range(3):
        again = till.send(message)
        assert again.status_code == 200
        assert [one["verdict"] for one in json.loads(again.content)["results"]] == ["exists"]
    assert counts(hub) == before


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"a":' * 100_000, b'{"entries":[' + b"{}," * 300_000 + b"{}]}", b"\xff\xfe" * 1000],
    ids=["arrays", "objects", "many", "not text"],
)
@pytest.mark.parametrize("path", ["/v1/journal", "/v1/enrol"])
def test_deep_and_wide_bodies(till: FakeTerminal, hub: Hub, path: str, body: bytes) -> None:
    before = counts(hub)
    answer = till.call("POST", path, body)
    assert answer.status_code in {400, 413}
    problem(answer)
    assert counts(hub) == before


def test_a_thousand_guesses_get_nobody_in(http: InProcess, hub: Hub) -> None:
    """Each in the right form and with a proof of its own, as a guesser would send it."""
    before = counts(hub)
    stranger = FakeTerminal(http)
    fingerprint = hub.keys.fingerprint
    said = [
        json.loads(stranger.post_enrolment(stranger.enrol_request(f"{guess:010d}{fingerprint}")).content)
        for guess in range(1000)
    ]
    assert [one["error"] for one in said[:10]] == ["code_unknown"] * 10
    assert {one["error"] for one in said[10:]} == {"too_many_wrong_codes"}
    after = counts(hub)
    assert {name for name in after if after[name] != before[name]} <= {"wrong_guesses"}
