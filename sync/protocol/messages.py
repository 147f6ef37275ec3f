"""The messages, version 1, as JSON. Field names are the wire's names; bytes travel as base64.

A reader passes over fields it does not know and keeps the bytes it was given. Every reply of the
hub to a terminal carries a `HubMark`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from pos.domain.day import ReceiptFigures
from pos.domain.receipt import StoreCard
from sync.protocol.commands import TerminalReport

__all__ = ["TerminalReport"]  # the description of the routes finds every message here

PROTOCOL = 1
BATCH_ENTRIES_MAX = 200
BATCH_BYTES_MAX = 4 << 20
FEED_ROWS_MAX = 2_000
SNAPSHOT_PIECE_BYTES = 4 << 20


def _described(pattern: str, **more: Any) -> msgspec.Meta:
    """What the published description says of a field; readers check it themselves, in their own words."""
    return msgspec.Meta(extra_json_schema={"pattern": pattern, **more})


# Base64 of any bytes, of a public key's 32 and of a signature's 64; hexadecimal of a hash and an incarnation.
_OCTET4 = "[A-Za-z0-9+/]{4}"
Bytes = Annotated[bytes, _described(f"^({_OCTET4})*([A-Za-z0-9+/]{{2}}==|[A-Za-z0-9+/]{{3}}=)?$")]
KeyBytes = Annotated[bytes, _described("^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
SignatureBytes = Annotated[bytes, _described("^[A-Za-z0-9+/]{85}[AQgw]==$")]
HashText = Annotated[str, _described("^[0-9a-f]{64}$")]
IncarnationText = Annotated[str, _described("^[0-9a-f]{16}$")]
Seq = Annotated[int, msgspec.Meta(extra_json_schema={"minimum": 1, "maximum": (1 << 53) - 1})]
Epoch = Annotated[int, msgspec.Meta(extra_json_schema={"minimum": 0, "maximum": (1 << 31) - 1})]

Feed = Literal[
    "balances", "catalogue", "commands", "members", "packs", "pickups", "staff", "terminals", "terms"
]
FEEDS: tuple[Feed, ...] = (
    "packs",
    "terms",
    "staff",
    "terminals",
    "commands",
    "pickups",
    "catalogue",
    "balances",
    "members",
)
"""In the order in which a till asks: what it cannot sell without, and what is short, comes first."""


class HighWater(msgspec.Struct, frozen=True):
    """Up to where the hub holds a terminal's chain without a gap; seq 0 is nothing yet. `hash` is hex."""

    seq: int
    hash: str


class HubMark(msgspec.Struct, frozen=True):
    """The hub's own epoch (raised when the hub is restored), its time (ISO 8601, UTC) and high-water.

    `fence`: the terminal is to take no pay code of a number up to this one any more, and to say so by an
    entry `codes_closed`; it never falls within an epoch of the terminal. `keys_version` is that of the key
    list which `GET /v1/hub` gives.
    """

    epoch: int
    time: str
    high_water: HighWater
    fence: int = 0
    keys_version: int = 0


# --- enrolment -----------------------------------------------------------------------------------


class SignedBytes(msgspec.Struct, frozen=True):
    """Exact bytes under a signature: `signature = Ed25519(key, tag || payload)`; the tag is agreed."""

    payload: Bytes
    key_id: str
    signature: SignatureBytes


class HubIntroduction(msgspec.Struct, frozen=True):
    """`GET /v1/hub`, open to all: which versions are spoken, and the key list signed by the root."""

    protocols: tuple[int, ...]
    epoch: int
    time: str
    keys: SignedBytes


class Health(msgspec.Struct, frozen=True):
    """`GET /health`, open to all: the hub answers (its database may be away for a moment)."""

    ok: bool
    protocols: tuple[int, ...]
    time: str


KeyStatus = Literal["next", "current", "retired", "revoked"]


class PublicKey(msgspec.Struct, frozen=True):
    """One key of the alliance. `use` is what it may sign; `public` its 32 raw bytes.

    One key of a use is `current`: the hub signs with it. The `next` one is told long before it is used and
    holds already; a `retired` one still holds for what it signed; a `revoked` one holds for nothing.
    """

    id: str
    use: str
    public: bytes
    status: KeyStatus = "current"


class KeyList(msgspec.Struct, frozen=True):
    """The alliance's keys as of `version`; signed by `root`, whose fingerprint the technician was given.

    `tls` holds the alliance's own TLS authorities, DER certificates; empty where the hub's certificate is a
    public one.
    """

    version: int
    root: bytes
    keys: tuple[PublicKey, ...]
    tls: tuple[bytes, ...] = ()


class EnrolRequest(msgspec.Struct, frozen=True):
    """`POST /v1/enrol`. `proof` is the terminal's signature over `trust.enrolment_claim(...)`."""

    code: str
    public_key: KeyBytes
    incarnation: IncarnationText
    proof: SignatureBytes


class Enrolment(msgspec.Struct, frozen=True):
    """What a terminal is told when it joins; comes as `SignedBytes` under a key of use `hub`.

    The same request again gets the same answer, so a lost reply costs nothing. The till keeps the signed
    bytes: a hub restored from before knows by them who it was (`RejoinRequest`). `last_receipt` is the last
    one of the till that this one replaces that had come; what was sold there after it is on its disk alone.
    """

    terminal: str
    epoch: int
    incarnation: str
    hub_epoch: int
    time: str
    store: StoreCard
    public_key: KeyBytes = b""
    last_receipt: str = ""


# --- upload --------------------------------------------------------------------------------------


class UploadedEntry(msgspec.Struct, frozen=True):
    """One journal entry as it stands at the till. `prev_hash` and `hash` are hexadecimal."""

    seq: Seq
    prev_hash: HashText
    hash: HashText
    body: Bytes


class ChainHead(msgspec.Struct, frozen=True):
    """The last entry of a batch under the terminal's signature, kept by the hub as evidence.

    `signature = Ed25519(terminal, trust.chain_head_claim(identity, seq, hash))`.
    """

    seq: Seq
    hash: HashText
    signature: SignatureBytes


class UploadBatch(msgspec.Struct, frozen=True):
    """`POST /v1/journal`: entries in order. Sending one twice is harmless."""

    terminal: str
    incarnation: str
    epoch: Epoch
    entries: Annotated[
        tuple[UploadedEntry, ...],
        msgspec.Meta(extra_json_schema={"minItems": 1, "maxItems": BATCH_ENTRIES_MAX}),
    ]
    head: ChainHead


Verdict = Literal["accepted", "exists", "exists_with_different_content", "quarantined"]


class EntryResult(msgspec.Struct, frozen=True):
    """What became of one entry. `reason` is a sentence when it was not simply taken."""

    seq: int
    hash: str
    verdict: Verdict
    reason: str = ""


class UploadReply(msgspec.Struct, frozen=True):
    """One result per entry, in order. `backed_up`: up to which number a backup of the hub holds the chain.

    What lies above that must stay at the till, however often the hub has said that it has it.
    """

    hub: HubMark
    results: tuple[EntryResult, ...]
    backed_up: int = 0


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


class SnapshotOffer(msgspec.Struct, frozen=True):
    """`GET /v1/snapshots/{feed}`: a file that holds all of a feed as of a change number, to begin from.

    Its packed bytes (zstandard; `packed_length`, `sha256` in hexadecimal) come from
    `GET /v1/snapshots/{feed}/{sha256}?start=N`, `SNAPSHOT_PIECE_BYTES` at a time; unpacked they are `length`
    bytes of SQLite with the tables of `cache_tables` at version `format`. `mark_seq` is the terminal's
    high-water of the moment the file was made: the rows count its entries up to there.
    """

    hub: HubMark
    feed: str
    format: int
    change: int
    mark_seq: int
    rows: int
    length: int
    packed_length: int
    sha256: HashText


MemberStatus = Literal["active", "blocked", "sealed"]


class MemberRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A member as tills know them: no name, no phone, no birthday.

    `expires` is the last day of the plan (ISO date). A `sealed` card has no plan yet: tills sell it one.
    `home_store` is the store of the first paid sale, `referrer` whether somebody brought the member,
    `bought` whether there is a paid sale anywhere. Balances are None: a member's own stores are told
    them in the feed `balances` (a hub of an earlier version told all stores here).
    """

    member_no: str
    card_hash: str
    plan: str
    status: MemberStatus
    expires: str
    balances: dict[str, int] | None = None
    home_store: str | None = None
    referrer: bool = False
    activated: bool = True
    expiring: dict[str, tuple[tuple[str, int], ...]] = {}
    bought: bool = False


class MemberBalances(msgspec.Struct, frozen=True):
    """What a member holds, for the stores where they buy (feed `balances`, under the member's number).

    Minor units per asset; coupons (`coupon:<rule>`) and paid sales (`sales`) are counted, too. `expiring`
    lists, per asset, the last usable day and amount of each lot that runs out.
    """

    member_no: str
    balances: dict[str, int]
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


class MemberAnswer(msgspec.Struct, frozen=True):
    """`GET /v1/members/{member_no}`: the member with balances, for the store where they stand now.

    From then on the store is one of the member's, and is told the balances by its feed; that is the row
    a till should wait for, because it comes in its place among the others.
    """

    hub: HubMark
    member: MemberRow


class TerminalRow(msgspec.Struct, frozen=True):
    """A terminal whose printed coupons are good (feed `terminals`, under its id); keys are 32 raw bytes.

    `keys` holds also those of its earlier chains; a revoked one is left out.
    """

    terminal: str
    store: str
    merchant: str
    keys: tuple[bytes, ...]


class StaffRow(msgspec.Struct, frozen=True):
    """Who may log in. `pin_hash` is Argon2id in its encoded form.

    A till treats a `role` that it does not know as a cashier's. `badge_hash` is `printed_codes.code_hash`
    of their badge; empty: they have none.
    """

    number: str
    role: str
    pin_hash: str
    badge_hash: str = ""


# --- terminals -----------------------------------------------------------------------------------


class ReportReply(msgspec.Struct, frozen=True):
    """The hub has taken in the terminal's report; the outcomes in it need not be told again.

    `set_aside` are the hashes of this chain's entries that still wait for a person at the hub, a hundred at
    most; None from a hub that does not say.
    """

    hub: HubMark
    set_aside: tuple[HashText, ...] | None = None


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
