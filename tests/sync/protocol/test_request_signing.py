from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.request_signing import BadSignature, Request, Signer, key_id, sign, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = key_id("S1-1", "0123456789abcdef")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def known(name: str) -> bytes | None:
    return KEY.public_key().public_bytes_raw() if name == NAME else None


def signed(
    method: str = "POST",
    url: str = "https://hub.example/v1/journal?a=1",
    body: bytes = b'{"entries":[]}',
    created: dt.datetime = NOON,
) -> Request:
    request = Request(method, url, {"Content-Type": "application/json"}, body)
    sign(request, KEY, NAME, created=created, nonce="n-1")
    return request


def test_who_signed_and_when() -> None:
    assert verify(signed(), known) == Signer(NAME, NOON, "n-1")


def test_a_request_without_a_body() -> None:
    assert verify(signed("GET", "https://hub.example/v1/feeds/packs?after=0", b""), known).key_id == NAME


def test_what_a_proxy_changes_is_not_covered() -> None:
    """Host and scheme may change on the way; the terminal knows by TLS whom it talks to."""
    request = signed()
    request.url = "http://127.0.0.1:8000/v1/journal?a=1"
    request.headers["X-Forwarded-For"] = "192.0.2.1"
    assert verify(request, known).key_id == NAME


def test_header_names_in_any_case() -> None:
    request = signed()
    request.headers = {name.lower(): value for name, value in request.headers.items()}
    assert verify(request, known).key_id == NAME


def _method(request: Request) -> None:
    request.method = "PUT"


def _path(request: Request) -> None:
    request.url = request.url.replace("journal", "journals")


def _query(request: Request) -> None:
    request.url = request.url.replace("a=1", "a=2")


def _no_query(request: Request) -> None:
    request.url = request.url.partition("?")[0]


def _body(request: Request) -> None:
    request.body += b" "


def _no_body(request: Request) -> None:
    request.body = b""


def _digest(request: Request) -> None:
    other = signed(body=b"other")
    request.headers["Content-Digest"] = other.headers["Content-Digest"]


def _digest_and_body(request: Request) -> None:
    _digest(request)
    request.body = b"other"


def _no_digest(request: Request) -> None:
    del request.headers["Content-Digest"]


def _no_signature(request: Request) -> None:
    del request.headers["Signature"]


def _no_input(request: Request) -> None:
    del request.headers["Signature-Input"]


def _created(request: Request) -> None:
    text = request.headers["Signature-Input"]
    request.headers["Signature-Input"] = text.replace(str(int(NOON.timestamp())), "1")


def _nonce(request: Request) -> None:
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace("n-1", "n-2")


def _tag(request: Request) -> None:
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace("alliance-pos", "other")


def _fewer_parts(request: Request) -> None:
    request.headers["Signature-Input"] = request.headers["Signature-Input"].replace('"@path" ', "")


def _another_signature(request: Request) -> None:
    request.headers["Signature"] = signed(body=b"other").headers["Signature"]


@pytest.mark.parametrize(
    "change",
    [
        _method,
        _path,
        _query,
        _no_query,
        _body,
        _no_body,
        _digest,
        _digest_and_body,
        _no_digest,
        _no_signature,
        _no_input,
        _created,
        _nonce,
        _tag,
        _fewer_parts,
        _another_signature,
    ],
    ids=lambda change: change.__name__.strip("_"),
)
def test_a_changed_request_is_not_what_was_signed(change: Callable[[Request], None]) -> None:
    request = signed()
    change(request)
    with pytest.raises(BadSignature):
        verify(request, known)


def test_an_unknown_key() -> None:
    with pytest.raises(BadSignature, match="no terminal"):
        verify(signed(), lambda _: None)


def test_another_terminals_key() -> None:
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(BadSignature):
        verify(signed(), lambda _: other)


def test_an_unsigned_request() -> None:
    with pytest.raises(BadSignature):
        verify(Request("GET", "https://hub.example/v1/feeds/packs?after=0"), known)


@given(
    st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2400, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001
)
def test_any_time_verifies_and_is_told(created: dt.datetime) -> None:
    """Whether it is near enough is the caller's ruling."""
    assert verify(signed(created=created), known).created == created.replace(microsecond=0)


@pytest.mark.parametrize("days", [-20_000, -400, 400, 20_000])
def test_a_till_clock_years_off_still_signs(days: int) -> None:
    created = NOON + dt.timedelta(days=days)
    assert verify(signed(created=created), known).created == created


def test_a_signature_made_without_created() -> None:
    request = signed()
    text = request.headers["Signature-Input"]
    stamp = f";created={int(NOON.timestamp())}"
    assert stamp in text
    request.headers["Signature-Input"] = text.replace(stamp, "")
    with pytest.raises(BadSignature):
        verify(request, known)
