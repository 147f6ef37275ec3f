"""Whatever the other side does, the till sees one of a few failures with a sentence."""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.client.days import ask_day
from sync.client.transport import HubTransport
from sync.client.trouble import ClockSkew, HubAway, HubFailure, HubRefused, HubTrouble, PlainHttpRefused
from sync.client.wire import Sockets
from sync.protocol.messages import DayStatement, Problem
from tests.sync.client.conftest import PATIENT, SHORT, Till
from tests.sync.client.hub_simulator import Bend, HubSimulator


@pytest.mark.parametrize(
    ("bend", "failure", "what"),
    [
        ("html", HubTrouble, "error"),
        ("html_200", HubTrouble, "not JSON: text/html"),
        ("garbage", HubTrouble, "unreadable"),
        ("another_shape", HubTrouble, "unreadable"),
        ("not_http", HubTrouble, "not HTTP"),
        ("error_500", HubTrouble, "error"),
        ("bad_gzip", HubTrouble, "not HTTP"),
        ("redirect", HubTrouble, "redirect"),
        ("huge", HubTrouble, "more than 200000 bytes"),
        ("nothing", HubAway, ""),
        ("hang", HubAway, ""),
        ("drop_reply", HubAway, ""),
        ("drip", HubAway, "deadline"),
        ("drip_head", HubAway, "deadline"),
    ],
)
def test_strange_answers(till: Till, bend: Bend, failure: type[HubFailure], what: str) -> None:
    till.hub.always = bend
    impatient = till.connect(SHORT if bend in {"hang", "drip", "drip_head"} else PATIENT)
    with pytest.raises(failure) as caught:
        impatient.feed("catalogue", 0)
    assert isinstance(caught.value, HubTrouble | HubAway)
    assert what in caught.value.what
    assert str(caught.value.message).endswith(("技术员", "自动上传"))
    till.hub.always = None
    if bend not in {"hang", "drip", "drip_head"}:
        assert impatient.feed("catalogue", 0).rows == ()
    impatient.close()
    assert till.transport.feed("catalogue", 0).rows == ()


def test_an_answer_that_breaks_off_is_a_failure(till: Till) -> None:
    till.hub.always = "cut_short"
    with pytest.raises((HubAway, HubTrouble)):
        till.transport.feed("catalogue", 0)


def test_a_redirect_is_not_followed(till: Till) -> None:
    till.hub.always = "redirect"
    with pytest.raises(HubTrouble) as caught:
        till.transport.day("2026-03-01")
    assert caught.value.status == 307
    assert till.hub.seen == ["GET /v1/days/2026-03-01"]


def test_packed_answers_are_read(till: Till) -> None:
    till.hub.always = "gzip"
    assert till.transport.day("2026-03-01").date == "2026-03-01"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    transport = HubTransport(f"http://127.0.0.1:{port}", now=lambda: dt.datetime.now(dt.UTC))
    with pytest.raises(HubAway, match="连不上总部"):
        transport.introduce()


def test_no_is_told_in_the_hubs_words(till: Till) -> None:
    till.hub.refuses = Problem("terminal_revoked", "这台收银机已被停用。", "请联系联盟总部。")
    with pytest.raises(HubRefused, match="已被停用。 请联系联盟总部") as caught:
        till.transport.feed("members", 0)
    assert caught.value.status == 403
    assert caught.value.problem.error == "terminal_revoked"


def test_a_no_without_problem_is_trouble(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    till.hub.bends.append("html_404")
    with pytest.raises(HubTrouble) as caught:
        till.transport.feed("members", 0)
    assert caught.value.status == 404
    for answer in ({"detail": "Not Found"}, "no"):
        monkeypatch.setattr(till.hub, "answer", lambda _, told=answer: (404, told))
        with pytest.raises(HubTrouble):
            till.transport.feed("members", 0)


@pytest.mark.parametrize("text", ["yesterday", "2026-03-01T12:00:00", "", "9999-12-31T23:59:59-14:00"])
def test_a_mark_without_a_time_is_trouble(till: Till, text: str) -> None:
    till.hub.time_text = text or " "
    with pytest.raises(HubTrouble, match="no time"):
        till.transport.feed("members", 0)


def test_requests_say_hub_time_and_learn_it(till: Till) -> None:
    till.clock.shift = dt.timedelta(minutes=-3)
    till.transport.feed("members", 0)
    offset_ms = till.transport.clock.offset_ms
    assert offset_ms is not None
    assert abs(offset_ms - 180_000) < 2_000


def test_a_till_whose_clock_is_far_off_adopts_the_hubs_time(till: Till) -> None:
    till.clock.shift = dt.timedelta(days=-400)
    assert till.transport.feed("members", 0).rows == ()
    assert len(till.hub.seen) == 2
    till.transport.feed("members", 0)
    assert len(till.hub.seen) == 3


def test_a_hub_that_never_likes_the_time_is_told_apart(till: Till) -> None:
    till.hub.refuses = Problem("clock_skew", "时间不对", "", "2026-03-01T12:00:00+00:00")
    with pytest.raises(ClockSkew, match="校准") as caught:
        till.transport.feed("members", 0)
    assert caught.value.hub_time == dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert len(till.hub.seen) == 2


def test_a_refusal_with_about_the_same_time_is_no_clock_matter(till: Till) -> None:
    till.hub.refuses = Problem("terminal_revoked", "停用", "", till.hub.time())
    with pytest.raises(HubRefused):
        till.transport.feed("members", 0)


def test_signing_needs_a_terminal(hub: HubSimulator) -> None:
    transport = HubTransport(hub.url, now=lambda: dt.datetime.now(dt.UTC))
    with pytest.raises(ValueError, match="enrolled"):
        transport.feed("members", 0)
    transport.close()


def test_every_request_has_a_nonce_of_its_own(till: Till) -> None:
    for _ in range(2):
        till.transport.feed("members", 0)
    first, second = (headers["Signature-Input"] for headers in till.hub.headers)
    assert first.partition("nonce=")[2].split(";")[0] != second.partition("nonce=")[2].split(";")[0]


def test_nothing_secret_is_logged(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    till.outbox.add()
    till.session.sync_once()
    till.hub.always = "garbage"
    with pytest.raises(HubTrouble):
        till.transport.feed("members", 0)
    signature = till.hub.headers[0]["Signature"]
    assert till.outbox.entries[0].body.decode() not in caplog.text
    assert signature not in caplog.text


def test_close_ends_an_exchange_that_hangs(till: Till, until: Callable[[Callable[[], bool]], None]) -> None:
    patient = till.connect(limits=type(SHORT)(read_s=20, total_s=20))
    till.hub.always = "hang"
    caught: list[HubFailure] = []

    def ask() -> None:
        try:
            patient.feed("members", 0)
        except HubFailure as failure:
            caught.append(failure)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: bool(till.hub.seen))
    started = time.monotonic()
    patient.close()
    thread.join(5)
    assert time.monotonic() - started < 3
    assert isinstance(caught[0], HubAway)
    with pytest.raises(HubAway):
        patient.feed("members", 0)


def test_a_connection_that_comes_up_after_the_close_is_shut_at_once() -> None:
    sockets = Sockets()
    sockets.close()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sockets.add(ours)
        assert theirs.recv(1) == b""


def test_a_day_for_people_is_a_statement_or_a_sentence(till: Till) -> None:
    assert isinstance(ask_day(till.transport, "2026-03-01"), DayStatement)
    till.hub.always = "nothing"
    assert "连不上总部" in str(ask_day(till.transport, "2026-03-01"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hub.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def der(certificate: Path) -> bytes:
    return x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(serialization.Encoding.DER)


def test_tls_is_verified(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    hub = HubSimulator()
    with hub.running(context):
        stranger = HubTransport(hub.url, now=lambda: dt.datetime.now(dt.UTC), limits=PATIENT)
        with pytest.raises(HubTrouble, match="self-signed"):
            stranger.introduce()
        stranger.close()
        assert hub.seen == []
        vouched = HubTransport(
            hub.url, now=lambda: dt.datetime.now(dt.UTC), limits=PATIENT, authorities=(der(certificate),)
        )
        assert vouched.introduce().epoch == 1
        vouched.close()


def test_environment_settings_do_not_divert_the_line(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert till.transport.feed("members", 0).rows == ()


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(PlainHttpRefused):
        HubTransport("http://192.0.2.1", now=lambda: dt.datetime.now(dt.UTC))
