"""The messages, version 1, as JSON. Field names are the wire's names; bytes travel as base64.

A reader passes over fields it does not know and keeps the bytes it was given. Every reply of the
hub to a terminal carries a `HubMark`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pos.domain.day import ReceiptFigures
from pos.domain.receipt import StoreCard

PROTOCOL = 1
BATCH_ENTRIES_MAX = 200
BATCH_BYTES_MAX = 4 << 20
FEED_ROWS_MAX = 2_000

Feed = Literal["catalogue", "members", "packs", "staff", "terminals", "terms"]
FEEDS: tuple[Feed, ...] = ("packs", "terms", "staff", "terminals", "catalogue", "members")


class HighWater(msgspec.Struct, frozen=True):
    """Up to where the hub holds a terminal's chain without a gap; seq 0 is nothing yet. `hash` is hex."""

    seq: int
    hash: str


class HubMark(msgspec.Struct, frozen=True):
    """The hub's own epoch (raised when the hub is restored), its time (ISO 8601, UTC) and high-water."""

    epoch: int
    time: str
    high_water: HighWater


# --- enrolment -----------------------------------------------------------------------------------


class SignedBytes(msgspec.Struct, frozen=True):
    """Exact bytes under a signature: `signature = Ed25519(key, tag || payload)`; the tag is agreed."""

    payload: bytes
    key_id: str
    signature: bytes


class HubIntroduction(msgspec.Struct, frozen=True):
    """`GET /v1/hub`, open to all: which versions are spoken, and the key list signed by the root."""

    protocols: tuple[int, ...]
    epoch: int
    time: str
    keys: SignedBytes


class Health(msgspec.Struct, frozen=True):
    """`GET /health`, open to all: the hub and its database answer."""

    ok: bool
    protocols: tuple[int, ...]
    epoch: int
    time: str


class PublicKey(msgspec.Struct, frozen=True):
    """One key of the alliance. `use` is what it may sign; `public` its 32 raw bytes."""

    id: str
    use: str
    public: bytes


class KeyList(msgspec.Struct, frozen=True):
    """The alliance's keys as of `version`; signed by `root`, whose fingerprint the technician was given."""

    version: int
    root: bytes
    keys: tuple[PublicKey, ...]


class EnrolRequest(msgspec.Struct, frozen=True):
    """`POST /v1/enrol`. `proof` is the terminal's signature over `trust.enrolment_claim(...)`."""

    code: str
    public_key: bytes
    incarnation: str
    proof: bytes


class Enrolment(msgspec.Struct, frozen=True):
    """What a terminal is told when it joins; comes as `SignedBytes` under a key of use `hub`.

    The same request again gets the same answer, so a lost reply costs nothing.
    """

    terminal: str
    epoch: int
    incarnation: str
    hub_epoch: int
    time: str
    store: StoreCard


# --- upload --------------------------------------------------------------------------------------


class UploadedEntry(msgspec.Struct, frozen=True):
    """One journal entry as it stands at the till. `prev_hash` and `hash` are hexadecimal."""

    seq: int
    prev_hash: str
    hash: str
    body: bytes


class ChainHead(msgspec.Struct, frozen=True):
    """The last entry of a batch under the terminal's signature, kept by the hub as evidence.

    `signature = Ed25519(terminal, trust.chain_head_claim(identity, seq, hash))`.
    """

    seq: int
    hash: str
    signature: bytes


class UploadBatch(msgspec.Struct, frozen=True):
    """`POST /v1/journal`: entries in order. Sending one twice is harmless."""

    terminal: str
    incarnation: str
    epoch: int
    entries: tuple[UploadedEntry, ...]
    head: ChainHead


Verdict = Literal["accepted", "exists", "exists_with_different_content", "quarantined"]


class EntryResult(msgspec.Struct, frozen=True):
    """What became of one entry. `reason` is a sentence when it was not simply taken."""

    seq: int
    hash: str
    verdict: Verdict
    reason: str = ""


class UploadReply(msgspec.Struct, frozen=True):
    """One result per entry, in order."""

    hub: HubMark
    results: tuple[EntryResult, ...]


# --- download ------------------------------------------------------------------------------------


class FeedRow(msgspec.Struct, frozen=True):
    """One changed thing: its key, the change number, and its body (None: it is gone)."""

    change: int
    key: str
    body: Any = None


class FeedPage(msgspec.Struct, frozen=True):
    """`GET /v1/feeds/{feed}?after=N`: rows in order of change number; `more` says to ask again after `next`.

    Rows and `hub.high_water` are of one moment: balances count all own entries up to that mark.
    """

    hub: HubMark
    feed: str
    rows: tuple[FeedRow, ...]
    next: int
    more: bool


MemberStatus = Literal["active", "blocked", "sealed"]


class MemberRow(msgspec.Struct, frozen=True):
    """A member as tills know them: no name, no phone, no birthday.

    `expires` is the last day of the plan (ISO date); balances are minor units per asset, and also count
    coupons (`coupon:<rule>`) and paid sales (`sales`). A `sealed` card has no plan yet: tills sell it
    one. `home_store` is the store of the first paid sale, `referrer` whether somebody brought the
    member. `expiring` lists, per asset, the last usable day and amount of each lot that runs out.
    """

    member_no: str
    card_hash: str
    plan: str
    status: MemberStatus
    expires: str
    balances: dict[str, int]
    home_store: str | None = None
    referrer: bool = False
    activated: bool = True
    expiring: dict[str, tuple[tuple[str, int], ...]] = {}


class StoreTerms(msgspec.Struct, frozen=True):
    """What the hub tells a store of itself (feed `terms`, one row under the store's id).

    `rebate_bp` is the merchant's own rate (None: the pack's), `balances` its deposit in minor units,
    `asset_prices` the day's prices in yuan, decimal text.
    """

    merchant: str
    rebate_bp: int | None = None
    balances: dict[str, int] = {}
    referrer: bool = False
    area_agent: bool = True
    asset_prices: dict[str, str] = {}


class TerminalRow(msgspec.Struct, frozen=True):
    """A terminal whose printed coupons are good (feed `terminals`, under its id); keys are 32 raw bytes.

    `keys` holds also those of its earlier chains; a revoked one is left out.
    """

    terminal: str
    store: str
    merchant: str
    keys: tuple[bytes, ...]


class StaffRow(msgspec.Struct, frozen=True):
    """Who may log in. `pin_hash` is Argon2id in its encoded form."""

    number: str
    role: Literal["cashier", "owner", "technician"]
    pin_hash: str


# --- the day -------------------------------------------------------------------------------------


class DayStatement(msgspec.Struct, frozen=True):
    """`GET /v1/days/{date}`: what the hub has booked for the terminal's store on a business date."""

    hub: HubMark
    store: str
    date: str
    receipts: tuple[ReceiptFigures, ...]
    clawback: dict[str, int]
    recomputed_differently: tuple[str, ...]
    quarantined: tuple[EntryResult, ...]


class Problem(msgspec.Struct, frozen=True):
    """Any answer that is not 2xx: a stable word, what happened, and what to do next."""

    error: str
    message: str
    hint: str
    time: str = ""
