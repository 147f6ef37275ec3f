"""Who may ask, and how every "no" looks."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.hub.hub import Hub
from sync.hub.journal import judging
from sync.hub.trust import enrolment
from sync.hub.web import edge, refusals
from sync.protocol.messages import HubIntroduction, Problem, UploadReply
from sync.protocol.request_signing import SKEW_MAX
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import Answer, FakeTerminal, read


def refusal(answer: Answer, status: int, error: str) -> Problem:
    problem = msgspec.json.decode(answer.content, type=Problem)
    assert (answer.status_code, problem.error) == (status, error)
    assert problem.message
    assert problem.hint
    assert dt.datetime.fromisoformat(problem.time).tzinfo is not None
    return problem


def test_the_open_routes(http: InProcess) -> None:
    assert http.get("/health").json()["ok"] is True
    assert read(http.get("/v1/hub"), HubIntroduction).protocols == (1,)
    described = http.get("/openapi.json").json()
    assert "UploadBatch" in described["components"]["schemas"]
    assert set(described["paths"]) == {
        "/health",
        "/v1/hub",
        "/v1/enrol",
        "/v1/journal",
        "/v1/feeds/{feed}",
        "/v1/days/{date}",
        "/v1/report",
        "/v1/members/{member_no}",
        "/v1/codes",
        "/v1/rights",
        "/v1/rejoin",
        "/v1/snapshots/{feed}",
        "/v1/snapshots/{feed}/{sha256}",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/v1/feeds/members", 401, "bad_signature"),
        ("GET", "/v1/days/2026-03-14", 401, "bad_signature"),
        ("POST", "/v1/journal", 401, "bad_signature"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/journal", 405, "wrong_method"),
        ("DELETE", "/v1/hub", 405, "wrong_method"),
        ("POST", "/v1/enrol", 400, "bad_request"),
    ],
)
def test_a_no_is_a_problem(http: InProcess, method: str, path: str, status: int, error: str) -> None:
    refusal(http.request(method, f"http://testserver{path}", headers={}, data=b""), status, error)


def test_a_problem_speaks_the_askers_language(http: InProcess) -> None:
    problems = [
        http.get("/nope", **{"Accept-Language": tag}).json() for tag in ("zh-CN", "en-GB,zh;q=0.5", "fr")
    ]
    assert [one["message"] for one in problems] == [
        "这里没有这个地址。",
        "There is nothing at this address.",
        "这里没有这个地址。",
    ]


def test_every_sentence_to_a_till_has_an_english_one() -> None:
    answers = [one for one in vars(refusals).values() if isinstance(one, refusals.Answer)]
    words = [*(one.message for one in answers), *(one.hint for one in answers), *judging.REASONS.values()]
    assert len(words) > 40
    for one in words:
        assert one.en.isascii(), one.en
        assert not one.zh.isascii(), one.zh


def test_an_upload_is_judged_in_the_askers_language(till: FakeTerminal) -> None:
    till.write(b"x")
    signed = till.signed("POST", "/v1/journal", msgspec.json.encode(till.batch(till.entries)))
    signed.headers["Accept-Language"] = "en"
    reply = msgspec.json.decode(till.send(signed).content, type=UploadReply)
    reasons = [one.reason for one in reply.results if one.reason]
    assert reasons
    assert all(reason.startswith("The hub cannot read this entry") for reason in reasons)


def test_a_changed_request_is_refused(till: FakeTerminal) -> None:
    till.write(b"x")
    body = msgspec.json.encode(till.batch(till.entries))
    changed = till.signed("POST", "/v1/journal", body)
    changed.body = body.replace(b'"epoch":1', b'"epoch":2')
    refusal(till.send(changed), 401, "bad_signature")
    elsewhere = till.signed("GET", "/v1/feeds/members")
    elsewhere.url = elsewhere.url.replace("members", "staff")
    refusal(till.send(elsewhere), 401, "bad_signature")
    later = till.signed("GET", "/v1/feeds/members?after=0")
    later.url = later.url.replace("after=0", "after=1")
    refusal(till.send(later), 401, "bad_signature")
    verb = till.signed("POST", "/v1/feeds/members")
    verb.method = "GET"
    refusal(till.send(verb), 401, "bad_signature")


def test_an_unknown_terminal_is_refused(http: InProcess, till: FakeTerminal) -> None:
    stranger = FakeTerminal(http, terminal="S9-9", epoch=1)
    refusal(stranger.call("GET", "/v1/feeds/members"), 401, "unknown_terminal")
    impostor = FakeTerminal(http, terminal=till.terminal, incarnation=till.incarnation)
    refusal(impostor.call("GET", "/v1/feeds/members"), 401, "bad_signature")


def test_a_revoked_terminal_is_shut_out(till: FakeTerminal, hub: Hub) -> None:
    entry = till.write(b"x")
    with hub.database.write() as connection:
        enrolment.revoke(connection, "S1-1")
    refusal(till.call("GET", "/v1/feeds/members"), 403, "terminal_revoked")
    refusal(till.post_batch(till.batch([entry])), 403, "terminal_revoked")


def test_reads_need_the_right_time_and_are_told_it(till: FakeTerminal) -> None:
    for off_by in (SKEW_MAX * 2, -SKEW_MAX * 2, dt.timedelta(days=-3000)):
        till.clock_off_by = off_by
        for path in ("/v1/feeds/members", f"/v1/days/{sales.DATE}"):
            problem = refusal(till.call("GET", path), 401, "clock_skew")
        believed = dt.datetime.now(dt.UTC) + off_by
        till.clock_off_by += dt.datetime.fromisoformat(problem.time) - believed
        assert till.feed("members").rows, "having adopted the hub's time, the till is answered"


def test_a_wrong_clock_never_stops_an_upload(till: FakeTerminal) -> None:
    till.clock_off_by = dt.timedelta(days=-9000)
    till.write(sales.walk_in(till.next_receipt_no()))
    assert till.upload().results[0].verdict == "accepted"


def test_a_terminal_uploads_its_own_journal_only(till: FakeTerminal) -> None:
    till.write(b"x")
    batch = till.batch(till.entries)
    for change in ({"terminal": "S2-1"}, {"incarnation": "0" * 16}, {"epoch": 7}):
        altered: Any = msgspec.structs.replace(batch, **change)
        refusal(till.post_batch(altered), 403, "not_your_journal")


def test_a_body_beyond_the_limit_is_refused(till: FakeTerminal) -> None:
    refusal(till.call("POST", "/v1/journal", bytes(edge.BODY_LENGTH_MAX + 1)), 413, "too_large")


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/v1/feeds/gossip", 404, "unknown_feed"),
        ("/v1/feeds/members?after=-1", 422, "malformed"),
        ("/v1/feeds/members?after=99999999999999999999", 422, "malformed"),
        ("/v1/feeds/members?limit=0", 422, "malformed"),
        ("/v1/feeds/members?after=x", 422, "malformed"),
        ("/v1/days/yesterday", 422, "malformed"),
        ("/v1/days/2026-02-30", 422, "malformed"),
    ],
)
def test_wrong_parameters(till: FakeTerminal, path: str, status: int, error: str) -> None:
    refusal(till.call("GET", path), status, error)


def test_a_fault_of_ours_is_told_as_a_problem(till: FakeTerminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret 91368861958193196424478")

    monkeypatch.setattr("sync.hub.feeds.feed_rows.after", broken)
    problem = refusal(till.call("GET", "/v1/feeds/members"), 500, "our_fault")
    assert "9136" not in problem.message


NESTED = b"[" * 100_000
GARBAGE = st.one_of(
    st.binary(max_size=300),
    st.just(NESTED),
    st.just(b'{"entries":' + NESTED),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda more: st.lists(more, max_size=3)
    ).map(msgspec.json.encode),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=GARBAGE)
def test_garbage_is_answered_with_a_problem(till: FakeTerminal, body: bytes) -> None:
    refusal(till.call("POST", "/v1/journal", body), 400, "bad_batch")
    answer = till.http.request("POST", f"{till.url}/v1/enrol", headers={}, data=body)
    refusal(answer, 400, "bad_request")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(["signature", "signature-input", "content-digest"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80)
        | st.sampled_from(
            [
                'pyhms=("@method" "@path" "@query" "content-digest");created=99999999999999;keyid="S1-1/0";alg="ed25519"',
                'pyhms=();tag="alliance-pos"',
                "pyhms=:AAAA:",
                "sha-256=:AAAA:",
            ]
        ),
        min_size=1,
    )
)
def test_garbage_signatures_are_answered_with_a_problem(till: FakeTerminal, changes: dict[str, str]) -> None:
    message = till.signed("GET", "/v1/feeds/members")
    headers = {name.lower(): value for name, value in message.headers.items()}
    message.headers = headers | changes
    answer = till.send(message)
    assert answer.status_code == 401
    msgspec.json.decode(answer.content, type=Problem)
