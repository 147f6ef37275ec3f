"""Signed requests (RFC 9421 with a content digest), made and checked by the same module.

Covered are method, path, query and the body's digest. The key id names terminal and incarnation.
`created` is hub time as the terminal believes it. Whether it is near enough is the caller's ruling:
reads are refused when it is far off, uploads never are (their freshness is seq and hash).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

COVERED = ("@method", "@path", "@query", "content-digest")
TAG = "alliance-pos"
SKEW_MAX = dt.timedelta(minutes=5)


@dataclass(slots=True)
class Request:
    """A request as far as signatures go. `url` is absolute; header names in any case."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed a request, and when they thought it was (hub time, UTC)."""

    key_id: str
    created: dt.datetime
    nonce: str


class BadSignature(Exception):  # noqa: N818 - a verdict
    """The request is not what a known terminal signed. The text says why."""


def key_id(terminal: str, incarnation: str) -> str:
    """The key id of a terminal's incarnation."""
    return f"{terminal}/{incarnation}"


def sign(
    request: Request, key: Ed25519PrivateKey, key_name: str, *, created: dt.datetime, nonce: str
) -> None:
    """Adds content digest and signature to the request's headers."""
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=_Keys(lambda _: None, private=key)
    )
    signer.sign(
        request,
        key_id=key_name,
        created=created,
        nonce=nonce,
        tag=TAG,
        covered_component_ids=COVERED,
        body=request.body,
    )


def verify(request: Request, public_key: Callable[[str], bytes | None]) -> Signer:
    """Who signed the request. `public_key` finds the 32 bytes behind a key id, or None.

    Raises:
        BadSignature: missing or malformed signature, unknown key, changed content.

    """
    verifier = _AnyTimeVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(public_key))
    try:
        results = verifier.verify(
            request, max_age=None, expect_tag=TAG, require_components=COVERED, body=request.body
        )
    except HTTPMessageSignaturesException as error:
        raise BadSignature(str(error) or "the signature does not match the request") from error
    if len(results) != 1:
        raise BadSignature("exactly one signature is expected")
    parameters = results[0].parameters
    created = _moment(parameters["created"])
    return Signer(str(parameters["keyid"]), created, str(parameters.get("nonce", "")))


def _moment(created: int | str) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(int(created), tz=dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadSignature("its time of creation is no time") from error


class _AnyTimeVerifier(HTTPMessageVerifier):
    """A wrong clock is the caller's ruling, not the signature's."""

    max_clock_skew = dt.timedelta(days=365 * 500)


class _Keys(HTTPSignatureKeyResolver):
    def __init__(
        self, public: Callable[[str], bytes | None], private: Ed25519PrivateKey | None = None
    ) -> None:
        self._public, self._private = public, private

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:  # noqa: ARG002 - the library's shape
        return self._private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        public = self._public(key_id)
        if public is None:
            raise BadSignature(f"no terminal {key_id!r} is enrolled here")
        return Ed25519PublicKey.from_public_bytes(public)
