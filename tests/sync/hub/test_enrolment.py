import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.hub.hub import Hub
from sync.hub.trust.guessing import ENROLMENT_BY_PEER
from sync.hub.web.app import make_app
from sync.hub.words import utc_now
from sync.protocol.messages import EnrolRequest, Problem
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import Answer, FakeTerminal, HubSaidNo

NewCode = Callable[..., str]


def error_of(answer: Answer) -> tuple[int, str]:
    return answer.status_code, msgspec.json.decode(answer.content, type=Problem).error


def at(hub: Hub, ahead: dt.timedelta) -> InProcess:
    """The same hub, later."""
    return InProcess(make_app(replace(hub, now=lambda: utc_now() + ahead)))


def test_a_terminal_joins_and_learns_who_it_is(http: InProcess, new_code: NewCode) -> None:
    till = FakeTerminal(http)
    enrolment = till.enrol(new_code())
    assert (enrolment.terminal, enrolment.epoch, enrolment.hub_epoch) == ("S1-1", 1, 1)
    assert enrolment.incarnation == till.incarnation
    assert enrolment.store.store == "S1"
    assert enrolment.store.timezone == "Asia/Shanghai"
    assert enrolment.store.terminal_label == "1 号机"
    assert enrolment.store.footer
    assert till.feed("packs").hub.high_water.seq == 0


def test_a_lost_reply_costs_nothing(http: InProcess, new_code: NewCode, hub: Hub) -> None:
    till = FakeTerminal(http)
    request = till.enrol_request(new_code())
    first = till.post_enrolment(request)
    again = till.post_enrolment(request)
    till.http = at(hub, dt.timedelta(days=2))  # the code has expired since; the promise stands
    much_later = till.post_enrolment(request)
    assert first.status_code == 200
    assert first.content == again.content == much_later.content


def test_a_used_code_is_no_good_to_another_machine(http: InProcess, new_code: NewCode) -> None:
    code = new_code()
    FakeTerminal(http).enrol(code)
    other = FakeTerminal(http)
    assert error_of(other.post_enrolment(other.enrol_request(code))) == (403, "code_used")


def test_the_same_key_in_another_data_folder_is_another_machine(http: InProcess, new_code: NewCode) -> None:
    code, till = new_code(), FakeTerminal(http)
    till.enrol(code)
    clone = FakeTerminal(http, key=till.key)
    assert error_of(clone.post_enrolment(clone.enrol_request(code))) == (403, "code_used")


def test_an_expired_code_is_refused(new_code: NewCode, hub: Hub) -> None:
    code = new_code(valid_for=dt.timedelta(hours=1))
    till = FakeTerminal(at(hub, dt.timedelta(hours=1, seconds=1)))
    assert error_of(till.post_enrolment(till.enrol_request(code))) == (403, "code_expired")


def test_a_newer_code_voids_the_earlier_one(http: InProcess, new_code: NewCode) -> None:
    earlier, later = new_code(), new_code()
    till = FakeTerminal(http)
    assert error_of(till.post_enrolment(till.enrol_request(earlier))) == (403, "code_expired")
    assert till.enrol(later).epoch == 1


def test_a_wrong_code_is_refused_and_guessing_is_slowed_down(
    http: InProcess, new_code: NewCode, hub: Hub
) -> None:
    code = new_code()
    wrong = "0" * 10 + code.replace("-", "")[10:]
    till = FakeTerminal(http)
    request = till.enrol_request(wrong)
    for _ in range(ENROLMENT_BY_PEER.free):
        assert error_of(till.post_enrolment(request)) == (403, "code_unknown")
    assert error_of(till.post_enrolment(request)) == (429, "too_many_wrong_codes")
    assert error_of(till.post_enrolment(till.enrol_request(code))) == (429, "too_many_wrong_codes")
    elsewhere = FakeTerminal(InProcess(http.app, peer="192.0.2.2"))
    assert elsewhere.enrol(code).terminal == "S1-1"


def test_the_key_must_be_held_and_the_code_meant_for_this_hub(http: InProcess, new_code: NewCode) -> None:
    code, till = new_code(), FakeTerminal(http)
    request = till.enrol_request(code)
    stolen = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    others_hub = till.enrol_request(code[:-4] + ("0000" if code[-4:] != "0000" else "1111"))
    for wrong in (
        msgspec.structs.replace(request, public_key=stolen),
        msgspec.structs.replace(request, incarnation="0" * 16),
        msgspec.structs.replace(request, proof=bytes(64)),
        msgspec.structs.replace(request, proof=b""),
        others_hub,
    ):
        assert error_of(till.post_enrolment(wrong)) == (403, "proof_wrong")
    assert till.enrol(code).epoch == 1, "a failed attempt does not use up the code"


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": b"short"},
        {"incarnation": "ABCDEF0123456789"},
        {"incarnation": "12"},
        {"incarnation": "zz" * 8},
    ],
)
def test_a_malformed_request_is_refused(
    http: InProcess, new_code: NewCode, change: dict[str, object]
) -> None:
    till = FakeTerminal(http)
    request: EnrolRequest = msgspec.structs.replace(till.enrol_request(new_code()), **change)
    assert error_of(till.post_enrolment(request)) == (400, "bad_request")


def test_enrolling_anew_replaces_the_former_machine(
    till: FakeTerminal, http: InProcess, new_code: NewCode
) -> None:
    entry = till.write(b"made before the replacement")
    successor = FakeTerminal(http)
    assert successor.enrol(new_code()).epoch == 2
    with pytest.raises(HubSaidNo) as refused:
        till.feed("members")
    assert (refused.value.status, refused.value.problem.error) == (403, "terminal_replaced")
    assert till.upload(entry).hub.high_water.seq == 1, "its sales still arrive"
    assert successor.feed("members").hub.high_water.seq == 0


def test_the_same_machine_enrolled_again_gets_a_new_epoch(till: FakeTerminal, new_code: NewCode) -> None:
    till.write(b"in the first epoch")
    till.upload()
    assert till.enrol(new_code()).epoch == 2
    assert till.feed("members").hub.high_water.seq == 0, "a chain begins with its epoch"


def test_an_incarnation_cannot_be_taken_over_with_another_key(
    till: FakeTerminal, http: InProcess, new_code: NewCode
) -> None:
    thief = FakeTerminal(http, incarnation=till.incarnation)
    assert error_of(thief.post_enrolment(thief.enrol_request(new_code()))) == (403, "incarnation_taken")


def test_the_database_holds_no_code(hub: Hub, new_code: NewCode) -> None:
    one_time = new_code().replace("-", "")[:10]
    assert one_time.encode() not in b"".join(
        path.read_bytes() for path in hub.folder.path.rglob("*") if path.is_file()
    )
