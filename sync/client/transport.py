"""The hub over HTTP: one method per message, every foreign failure translated.

Nothing of a request or answer is logged: bodies hold sales, headers hold signatures, the enrolment
holds a one-time code.
"""

from __future__ import annotations

import http.client
import secrets
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from urllib3.exceptions import DecodeError, HTTPError, InsecureRequestWarning

from pos.domain.journal import ChainIdentity
from sync.client.address import hub_address
from sync.client.answers import ANSWER_BYTES_MAX, Answer, check_mark, hub_moment, read_answer, read_bytes
from sync.client.clock import HubClock, sample
from sync.client.trouble import ClockSkew, HubAway, HubFailure, HubRefused, HubTrouble, NotTrusted
from sync.client.wire import Sockets, deadline, open_session
from sync.protocol import request_signing
from sync.protocol.asking import CodeAnswer, CodeRequest, RejoinRequest, RightAnswer, RightRequest
from sync.protocol.messages import (
    DayStatement,
    EnrolRequest,
    Feed,
    FeedPage,
    Health,
    HubIntroduction,
    HubMark,
    MemberAnswer,
    ReportReply,
    SignedBytes,
    SnapshotOffer,
    TerminalReport,
    UploadBatch,
    UploadReply,
)

CLOCK_SKEW = "clock_skew"
_CHUNK_BYTES = 512 << 10

T = TypeVar("T")
M = TypeVar(
    "M",
    UploadReply,
    FeedPage,
    DayStatement,
    MemberAnswer,
    ReportReply,
    SnapshotOffer,
    CodeAnswer,
    RightAnswer,
)


class Limits(msgspec.Struct, frozen=True):
    """How long and how much. `total_s` ends an exchange however busily it drips."""

    connect_s: float = 2.0
    read_s: float = 10.0
    total_s: float = 30.0
    answer_bytes_max: int = ANSWER_BYTES_MAX


class HubTransport:
    """One till's line to its hub. Not for two threads at once, except `close`.

    Without `identity` and `key` only `introduce` and `enrol` can be asked. `now` is the till's clock
    with its offset; `clock` keeps what was learnt of the hub's and may be shared.

    Every method raises `HubAway`, `HubTrouble` or `HubRefused`; signed ones also `ClockSkew`.
    """

    def __init__(
        self,
        url: str,
        identity: ChainIdentity | None = None,
        key: Ed25519PrivateKey | None = None,
        *,
        now: Callable[[], datetime],
        clock: HubClock | None = None,
        limits: Limits | None = None,
        authorities: tuple[bytes, ...] = (),
        language: str = "zh",
        nonce: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self.url = hub_address(url)
        self.clock = clock or HubClock()
        self._identity, self._key = identity, key
        self._now, self._nonce = now, nonce
        self._limits = limits or Limits()
        self._headers = {"Accept": "application/json", "Accept-Language": language}
        self._sockets = Sockets()
        self._session = open_session(self._sockets, authorities)

    def trust(self, authorities: tuple[bytes, ...]) -> None:
        """Believes other authorities (DER certificates) beside the machine's from the next exchange on."""
        self._session.close()
        self._session = open_session(self._sockets, authorities)

    def introduce(self) -> HubIntroduction:
        """Who the hub says it is; to be believed only after `trust.read_key_list`."""
        return self._introduced(self._session)

    def introduce_unverified(self) -> HubIntroduction:
        """The same from whoever answers, whatever their certificate: the key list vouches for itself."""
        with open_session(self._sockets, (), verify=False) as anybody, warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureRequestWarning)
            return self._introduced(anybody)

    def _introduced(self, session: requests.Session) -> HubIntroduction:
        answer = self._exchange(self._request("GET", "/v1/hub"), session)
        introduction = read_answer(answer, HubIntroduction)
        self.clock.note(sample(hub_moment(introduction.time), answer.sent_at, answer.round_trip_ms))
        return introduction

    def enrol(self, request: EnrolRequest) -> SignedBytes:
        """Sends the one-time code; the answer holds an `Enrolment`."""
        sent = self._request("POST", "/v1/enrol", msgspec.json.encode(request))
        return read_answer(self._exchange(sent), SignedBytes)

    def rejoin(self, request: RejoinRequest) -> None:
        """Shows this till's own enrolment to a hub that has lost it."""
        sent = self._request("POST", "/v1/rejoin", msgspec.json.encode(request))
        read_answer(self._exchange(sent), Health)

    def upload(self, batch: UploadBatch) -> UploadReply:
        """Sends entries; sending them twice is harmless."""
        return self._asked("POST", "/v1/journal", UploadReply, msgspec.json.encode(batch))

    def feed(self, feed: Feed, after: int) -> FeedPage:
        """The changes of a feed after a change number."""
        return self._asked("GET", f"/v1/feeds/{feed}?after={after}", FeedPage)

    def member(self, member_no: str) -> MemberAnswer:
        """A member with balances; their next rows in the feeds come to this store, too."""
        return self._asked("GET", f"/v1/members/{member_no}", MemberAnswer)

    def code(self, request: CodeRequest) -> CodeAnswer:
        """A pay code for this terminal and a member who showed a card."""
        return self._asked("POST", "/v1/codes", CodeAnswer, msgspec.json.encode(request))

    def right(self, request: RightRequest) -> RightAnswer:
        """Whether this till may use a right that could be used elsewhere, too."""
        return self._asked("POST", "/v1/rights", RightAnswer, msgspec.json.encode(request))

    def report(self, report: TerminalReport) -> ReportReply:
        """Tells how this terminal is, and what came of the hub's commands."""
        return self._asked("POST", "/v1/report", ReportReply, msgspec.json.encode(report))

    def snapshot_offer(self, feed: Feed) -> SnapshotOffer:
        """What there is to begin a feed with."""
        return self._asked("GET", f"/v1/snapshots/{feed}", SnapshotOffer)

    def snapshot_piece(self, offer: SnapshotOffer, start: int) -> bytes:
        """Some of an offer's packed bytes, from `start` on."""
        request = self._request("GET", f"/v1/snapshots/{offer.feed}/{offer.sha256}?start={start}")
        self._sign(request)
        return read_bytes(self._exchange(request))

    def day(self, date: str) -> DayStatement:
        """What the hub has booked for this store on a business date (ISO)."""
        return self._asked("GET", f"/v1/days/{date}", DayStatement)

    def close(self) -> None:
        """Ends an exchange under way and all later ones. From any thread."""
        self._sockets.close()
        self._session.close()

    def _asked(self, method: str, path: str, shape: type[M], body: bytes = b"") -> M:
        """A signed exchange; when the hub names its time as the hindrance, once more with that time."""
        try:
            return self._signed(method, path, shape, body)
        except ClockSkew:
            return self._signed(method, path, shape, body)

    def _signed(self, method: str, path: str, shape: type[M], body: bytes) -> M:
        request = self._request(method, path, body)
        created = self._sign(request)
        answer = self._exchange(request)
        try:
            message = read_answer(answer, shape)
        except HubRefused as refused:
            if hub_time := _time_that_hinders(refused, created):
                self.clock.note(sample(hub_time, answer.sent_at, answer.round_trip_ms))
                raise ClockSkew(hub_time) from refused
            raise
        self._hear(message.hub, answer)
        return message

    def _hear(self, mark: HubMark, answer: Answer) -> None:
        check_mark(mark)
        self.clock.note(sample(hub_moment(mark.time), answer.sent_at, answer.round_trip_ms))

    def _request(self, method: str, path: str, body: bytes = b"") -> request_signing.Request:
        headers = dict(self._headers)
        if body:
            headers["Content-Type"] = "application/json"
        return request_signing.Request(method, self.url + path, headers, body)

    def _sign(self, request: request_signing.Request) -> datetime:
        if self._identity is None or self._key is None:
            raise ValueError("only an enrolled terminal can sign")
        created = self.clock.hub_time(self._now())
        name = request_signing.key_id(self._identity.terminal, self._identity.incarnation)
        request_signing.sign(request, self._key, name, created=created, nonce=self._nonce())
        return created

    def _exchange(self, request: request_signing.Request, session: requests.Session | None = None) -> Answer:
        sent_at, started = self._now(), time.monotonic()
        with deadline(self._sockets, self._limits.total_s) as passed:
            try:
                status, content_type, body = self._send(session or self._session, request)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise HubAway("deadline") if passed.is_set() else _translated(error) from error
        if passed.is_set() or self._sockets.closed:
            raise HubAway("deadline" if passed.is_set() else "closed")
        return Answer(status, content_type, body, sent_at, round((time.monotonic() - started) * 1000))

    def _send(self, session: requests.Session, request: request_signing.Request) -> tuple[int, str, bytes]:
        if self._sockets.closed:
            raise HubAway("closed")
        limits = self._limits
        with session.request(
            request.method,
            request.url,
            data=request.body or None,
            headers=request.headers,
            timeout=(limits.connect_s, limits.read_s),
            allow_redirects=False,
            stream=True,
        ) as response:
            body = _read_at_most(response, limits.answer_bytes_max)
            return response.status_code, response.headers.get("Content-Type", ""), body


def _translated(error: Exception) -> HubFailure:
    """Silence is a hub that is away; noise is trouble."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotTrusted(cause.verify_message)
    if isinstance(error, requests.exceptions.SSLError):
        return HubTrouble(None, "TLS")
    if isinstance(error, DecodeError) or any(_is_noise(cause) for cause in _causes(error)):
        return HubTrouble(None, "not HTTP as it should be")
    return HubAway(type(error).__name__)


def _is_noise(error: BaseException) -> bool:
    quiet = (http.client.RemoteDisconnected, http.client.IncompleteRead)
    return isinstance(error, http.client.HTTPException) and not isinstance(error, quiet)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _read_at_most(response: requests.Response, bytes_max: int) -> bytes:
    """The body, unpacked; `read1` gives what is there instead of waiting for a full chunk."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > bytes_max:
            raise HubTrouble(response.status_code, f"more than {bytes_max} bytes")
    return bytes(body)


def _time_that_hinders(refused: HubRefused, created: datetime) -> datetime | None:
    """The hub's time, if that is why it refused: it says so, or it is further away than it allows."""
    problem = refused.problem
    if not problem.time:
        return None
    hub_time = hub_moment(problem.time)
    far = abs(hub_time - created) > request_signing.SKEW_MAX - timedelta(seconds=1)
    return hub_time if far or problem.error == CLOCK_SKEW else None
