"""Joining a hub whose certificate is of the alliance's own authority, and hubs that only look like it."""

from __future__ import annotations

import datetime as dt
import ssl
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.client.enrol import EnrolledAt, EnrolmentRefusal, enrol
from sync.client.transport import HubTransport
from sync.client.trouble import NotTrusted
from sync.hub.trust import tls
from tests.sync.client.conftest import PATIENT
from tests.sync.client.hub_simulator import HubSimulator
from tests.sync.client.memory import INCARNATION

NOW = dt.datetime.now(dt.UTC)
INTRODUCED = "GET /v1/hub"


class Authority:
    """A TLS authority in a folder, and servers with its certificates."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.certificate = tls.make_authority(folder, "和美联盟", NOW)

    def context(self, host: str = "127.0.0.1", now: dt.datetime = NOW) -> ssl.SSLContext:
        tls.make_certificate(self.folder, (host,), now)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate_of(self.folder))
        return context


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


def join(hub: HubSimulator) -> EnrolledAt:
    return enrol(
        hub.url,
        hub.code,
        Ed25519PrivateKey.generate(),
        INCARNATION,
        now=lambda: dt.datetime.now(dt.UTC),
        open_transport=partial(HubTransport, limits=PATIENT),
    )


def refused(hub: HubSimulator) -> EnrolmentRefusal:
    with pytest.raises(EnrolmentRefusal) as caught:
        join(hub)
    assert hub.enrolments == []
    return caught.value


def test_the_authority_is_learnt_from_the_list_that_the_root_signed(ours: Authority) -> None:
    hub = HubSimulator()
    hub.authorities = (ours.certificate,)
    with hub.running(ours.context()):
        assert join(hub).key_list().tls == (ours.certificate,)
    assert hub.seen == [INTRODUCED, INTRODUCED, "POST /v1/enrol"]


def test_somebody_between_who_repeats_the_true_list_gets_no_code(ours: Authority, tmp_path: Path) -> None:
    hub = HubSimulator()
    hub.authorities = (ours.certificate,)
    with hub.running(Authority(tmp_path / "theirs").context()):
        refusal = refused(hub)
    assert refusal.reason == "not_trusted"
    assert "没有发出去" in str(refusal.message)
    assert hub.seen == [INTRODUCED]


def test_an_authority_that_no_root_vouched_for(ours: Authority) -> None:
    hub = HubSimulator()
    with hub.running(ours.context()):
        assert refused(hub).reason == "not_trusted"


@pytest.mark.parametrize(
    ("host", "made", "why"),
    [
        ("hub.example.cn", NOW, "mismatch"),
        ("192.0.2.7", NOW, "mismatch"),
        ("127.0.0.1", NOW - tls.SERVER_LIFE - dt.timedelta(hours=1), "expired"),
        ("127.0.0.1", NOW + dt.timedelta(days=9), "not yet valid"),
    ],
)
def test_a_certificate_for_another_host_or_time(
    ours: Authority, host: str, made: dt.datetime, why: str
) -> None:
    hub = HubSimulator()
    hub.authorities = (ours.certificate,)
    with hub.running(ours.context(host, made)):
        refusal = refused(hub)
    assert refusal.reason == "not_trusted"
    assert why in str(refusal.message)


def test_a_server_certificate_is_no_authority(ours: Authority, tmp_path: Path) -> None:
    """Whoever steals the hub's certificate cannot sign for other hosts with it."""
    server = ours.context()
    stolen = tmp_path / "stolen"
    stolen.mkdir()
    (stolen / "tls-authority.pem").write_bytes(tls.certificate_of(ours.folder).read_bytes())
    tls.make_certificate(stolen, ("localhost",), NOW)
    forged = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    chain = tls.certificate_of(stolen).read_bytes() + tls.certificate_of(ours.folder).read_bytes()
    (stolen / "chain.pem").write_bytes(chain)
    forged.load_cert_chain(stolen / "chain.pem", tls.certificate_of(stolen))
    hub = HubSimulator()
    for context in (server, forged):
        with hub.running(context):
            url = hub.url if context is server else hub.url.replace("127.0.0.1", "localhost")
            line = HubTransport(
                url, now=lambda: dt.datetime.now(dt.UTC), limits=PATIENT, authorities=(ours.certificate,)
            )
            expected = nullcontext() if context is server else pytest.raises(NotTrusted)
            with closing(line), expected:
                line.introduce()
    assert hub.seen == [INTRODUCED]
