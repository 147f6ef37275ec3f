from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.client.enrol import EnrolledAt, EnrolmentRefusal, enrol
from sync.client.transport import HubTransport, Limits
from sync.protocol import trust
from sync.protocol.messages import SignedBytes
from tests.sync.client.conftest import PATIENT, SHORT
from tests.sync.client.hub_simulator import Bend, HubSimulator
from tests.sync.client.memory import INCARNATION

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def now() -> datetime:
    return datetime.now(UTC)


def join(hub: HubSimulator, code: str | None = None, limits: Limits = PATIENT) -> EnrolledAt:
    return enrol(
        hub.url + "/",
        code or hub.code,
        KEY,
        INCARNATION,
        now=now,
        open_transport=partial(HubTransport, limits=limits),
    )


def refused(hub: HubSimulator, code: str | None = None, limits: Limits = PATIENT) -> EnrolmentRefusal:
    with pytest.raises(EnrolmentRefusal) as caught:
        join(hub, code, limits)
    assert str(caught.value.message)
    return caught.value


def test_a_till_joins(hub: HubSimulator) -> None:
    joined = join(hub)
    assert joined.hub_url == hub.url
    assert joined.enrolment.terminal == "S1-1"
    assert joined.enrolment.incarnation == INCARNATION
    assert joined.fingerprint == hub.fingerprint
    assert joined.key_list() == hub.key_list()
    assert hub.seen == ["GET /v1/hub", "POST /v1/enrol"]


def test_what_is_kept_survives_being_written_down(hub: HubSimulator) -> None:
    joined = join(hub)
    assert msgspec.json.decode(msgspec.json.encode(joined), type=EnrolledAt) == joined


def test_stored_keys_that_were_changed_are_not_believed(hub: HubSimulator) -> None:
    joined = join(hub)
    changed = joined.keys.payload.replace(b'"version":1', b'"version":2')
    forged = msgspec.structs.replace(joined, keys=msgspec.structs.replace(joined.keys, payload=changed))
    with pytest.raises(trust.Untrusted):
        forged.key_list()


def test_the_code_is_read_as_people_type_it(hub: HubSimulator) -> None:
    assert join(hub, hub.code.lower().replace("-", " ").replace("0", "o")).hub_url == hub.url


@pytest.mark.parametrize("code", ["x", "12345", "U" * 26, "0" * 27, "入网码"])
def test_a_mistyped_code_never_leaves_the_machine(hub: HubSimulator, code: str) -> None:
    assert refused(hub, code).reason == "code"
    assert hub.seen == []


def test_the_one_time_code_is_not_told_to_another_hub(hub: HubSimulator) -> None:
    other = trust.fingerprint(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    refusal = refused(hub, hub.one_time + other)
    assert refusal.reason == "another_hub"
    assert "没有发出去" in str(refusal.message)
    assert hub.seen == ["GET /v1/hub"]
    assert hub.enrolments == []


def test_a_key_list_its_root_did_not_sign_is_not_believed(
    hub: HubSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = trust.sign_bytes(
        Ed25519PrivateKey.generate(), "root", trust.KEYS_TAG, hub.signed_key_list().payload
    )
    monkeypatch.setattr(hub, "signed_key_list", lambda: forged)
    assert refused(hub).reason == "another_hub"
    assert hub.enrolments == []


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b'{"version": 1}'])
def test_a_key_list_that_is_none(hub: HubSimulator, monkeypatch: pytest.MonkeyPatch, payload: bytes) -> None:
    monkeypatch.setattr(hub, "signed_key_list", lambda: SignedBytes(payload, "root", b""))
    assert refused(hub).reason == "another_hub"


def test_a_hub_of_another_protocol(hub: HubSimulator) -> None:
    hub.protocols = (2, 3)
    refusal = refused(hub)
    assert refusal.reason == "protocol"
    assert "2, 3" in str(refusal.message)


def test_a_used_code_is_told_in_the_hubs_words(hub: HubSimulator) -> None:
    code, hub.one_time = hub.code, "9" * 10
    refusal = refused(hub, code)
    assert refusal.reason == "refused"
    assert "请核对后重新输入" in str(refusal.message)


def test_an_answer_under_a_key_for_something_else(hub: HubSimulator) -> None:
    hub.enrolment_use = "pack"
    assert refused(hub).reason == "reply"


@pytest.mark.parametrize(
    "change",
    [
        {"incarnation": "f" * 16},
        {"terminal": "../etc"},
        {"terminal": "A" * 25},
        {"epoch": 0},
        {"epoch": 1 << 32},
    ],
)
def test_an_answer_for_somebody_else(hub: HubSimulator, change: dict[str, object]) -> None:
    hub.spoil_enrolment = lambda told: msgspec.structs.replace(told, **change)
    assert refused(hub).reason == "reply"


@pytest.mark.parametrize(
    ("bend", "reason"),
    [("html_200", "trouble"), ("error_500", "trouble"), ("nothing", "away"), ("hang", "away")],
)
@pytest.mark.parametrize("step", [0, 1])
def test_after_any_failure_the_same_code_can_be_tried_again(
    hub: HubSimulator, bend: Bend, reason: str, step: int
) -> None:
    hub.bends.extend([None] * step + [bend])
    assert refused(hub, limits=SHORT if bend == "hang" else PATIENT).reason == reason
    assert join(hub).enrolment.epoch == 1


def test_a_lost_reply_costs_nothing(hub: HubSimulator) -> None:
    hub.bends.extend([None, "drop_reply"])
    assert refused(hub).reason == "away"
    assert join(hub).enrolment.terminal == "S1-1"
    assert hub.enrolments[0] == hub.enrolments[1]


@pytest.mark.parametrize(
    ("url", "reason"), [("http://192.0.2.1", "plain_http"), ("hub", "address"), ("", "address")]
)
def test_addresses_that_will_not_do(hub: HubSimulator, url: str, reason: str) -> None:
    with pytest.raises(EnrolmentRefusal) as caught:
        enrol(url, hub.code, KEY, INCARNATION, now=now)
    assert caught.value.reason == reason
