"""A till as the hub sees it: a key, a chain, signed requests. Nothing of the real till is in it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain import events
from pos.domain.events import Event
from pos.domain.journal import GENESIS, ChainIdentity, Entry, link
from pos.domain.receipt import StoreCard
from sync.protocol import request_signing, trust
from sync.protocol.messages import (
    ChainHead,
    DayStatement,
    Enrolment,
    EnrolRequest,
    FeedPage,
    FeedRow,
    HubIntroduction,
    Problem,
    SignedBytes,
    UploadBatch,
    UploadedEntry,
    UploadReply,
)


class Answer(Protocol):
    """What `requests` and the in-process client have in common."""

    @property
    def status_code(self) -> int: ...
    @property
    def content(self) -> bytes: ...


class Http(Protocol):
    """Whatever carries a request; `requests.Session` and Starlette's test client both do."""

    def request(self, method: str, url: str, *, headers: dict[str, str], data: Any) -> Answer: ...


class HubSaidNo(AssertionError):  # noqa: N818 - an answer
    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem


def read(answer: Answer, message: type[Any]) -> Any:
    """The decoded answer.

    Raises:
        HubSaidNo: it is not 2xx; then it must be a `Problem`.

    """
    if answer.status_code // 100 != 2:
        raise HubSaidNo(answer.status_code, msgspec.json.decode(answer.content, type=Problem))
    return msgspec.json.decode(answer.content, type=message)


@dataclass
class FakeTerminal:
    """One incarnation of a terminal. `clock_off_by` is how wrong its clock is."""

    http: Http
    url: str = "http://testserver"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    incarnation: str = field(default_factory=lambda: secrets.token_hex(8))
    clock_off_by: dt.timedelta = dt.timedelta()
    terminal: str = "?"
    epoch: int = 0
    store: StoreCard | None = None
    entries: list[Entry] = field(default_factory=list)
    receipts: int = 0

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def identity(self) -> ChainIdentity:
        return ChainIdentity(self.terminal, self.epoch, self.incarnation)

    # --- enrolment

    def enrol_request(self, code_text: str) -> EnrolRequest:
        code = trust.read_enrolment_code(code_text)
        assert code is not None
        claim = trust.enrolment_claim(code.one_time, self.public_key, self.incarnation, code.fingerprint)
        return EnrolRequest(code.one_time, self.public_key, self.incarnation, self.key.sign(claim))

    def post_enrolment(self, request: EnrolRequest) -> Answer:
        return self.http.request(
            "POST", f"{self.url}/v1/enrol", headers={}, data=msgspec.json.encode(request)
        )

    def enrol(self, code_text: str) -> Enrolment:
        """Joins as a careful till does: checks the root, then the reply's signature."""
        code = trust.read_enrolment_code(code_text)
        assert code is not None
        introduction = self.http.request("GET", f"{self.url}/v1/hub", headers={}, data=b"")
        keys = trust.read_key_list(read(introduction, HubIntroduction).keys, code.fingerprint)
        signed = read(self.post_enrolment(self.enrol_request(code_text)), SignedBytes)
        payload = trust.open_signed(signed, keys, use="hub", tag=trust.ENROLMENT_TAG)
        enrolment = msgspec.json.decode(payload, type=Enrolment)
        self.terminal, self.epoch, self.store = enrolment.terminal, enrolment.epoch, enrolment.store
        return enrolment

    # --- the journal

    def next_receipt_no(self) -> str:
        self.receipts += 1
        return self.identity.receipt_no(self.receipts)

    def write(self, body: Event | bytes) -> Entry:
        """Appends an event (or any bytes) to the chain."""
        encoded = body if isinstance(body, bytes) else events.encode(body)
        previous = self.entries[-1].hash if self.entries else GENESIS
        entry = link(self.identity, len(self.entries) + 1, previous, encoded)
        self.entries.append(entry)
        return entry

    def batch(self, entries: Iterable[Entry]) -> UploadBatch:
        entries = tuple(entries)
        last = entries[-1]
        signature = self.key.sign(trust.chain_head_claim(self.identity, last.seq, last.hash))
        return UploadBatch(
            terminal=self.terminal,
            incarnation=self.incarnation,
            epoch=self.epoch,
            entries=tuple(
                UploadedEntry(one.seq, one.prev_hash.hex(), one.hash.hex(), one.body) for one in entries
            ),
            head=ChainHead(last.seq, last.hash.hex(), signature),
        )

    def upload(self, *entries: Entry) -> UploadReply:
        """Sends these entries, or the whole chain."""
        reply: UploadReply = read(self.post_batch(self.batch(entries or self.entries)), UploadReply)
        return reply

    def post_batch(self, batch: UploadBatch) -> Answer:
        return self.call("POST", "/v1/journal", msgspec.json.encode(batch))

    # --- reading

    def feed(self, name: str, after: int = 0, limit: int = 2_000) -> FeedPage:
        page: FeedPage = read(self.call("GET", f"/v1/feeds/{name}?after={after}&limit={limit}"), FeedPage)
        return page

    def feed_row(self, name: str, key: str) -> FeedRow:
        return next(row for row in self.feed(name).rows if row.key == key)

    def points(self, member_no: str) -> int:
        """A member's points in minor units, as this store is told them."""
        balances = self.feed_row("balances", member_no).body["balances"]
        return int(balances.get("points", 0))

    def day(self, date: str) -> DayStatement:
        statement: DayStatement = read(self.call("GET", f"/v1/days/{date}"), DayStatement)
        return statement

    # --- signed requests

    def signed(self, method: str, path: str, body: bytes = b"") -> request_signing.Request:
        message = request_signing.Request(method, self.url + path, {}, body)
        request_signing.sign(
            message,
            self.key,
            request_signing.key_id(self.terminal, self.incarnation),
            created=dt.datetime.now(dt.UTC) + self.clock_off_by,
            nonce=secrets.token_hex(8),
        )
        return message

    def call(self, method: str, path: str, body: bytes = b"") -> Answer:
        return self.send(self.signed(method, path, body))

    def send(self, message: request_signing.Request) -> Answer:
        return self.http.request(message.method, message.url, headers=message.headers, data=message.body)
