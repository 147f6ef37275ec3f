"""What the deeds need of the outside. `pos.bootstrap` gives the real ones, tests give fakes.

Readers may be called from any thread. `Journal.transaction` belongs to the journal's writer thread.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from pos.domain.cart import Cart
from pos.domain.catalogue import Product
from pos.domain.day import Figures, ReceiptFigures
from pos.domain.events import Event, PackRef, ReceiptEvent, RefundMade
from pos.domain.journal import ChainIdentity, Entry
from pos.domain.message import Message
from pos.domain.offline import Redeemed
from pos.domain.oversight import Noteworthy
from pos.domain.programme.pack import Pack
from pos.domain.receipt import BalanceAfter, StoreCard
from pos.domain.rights import Right
from sync.protocol.commands import Command, CommandDone
from sync.protocol.messages import (
    MemberStatus,
    PublicKey,
    StoreTerms,
    TerminalRow,
)
from sync.protocol.pickups import PickupRow


class Clock(Protocol):
    def now(self) -> datetime:
        """The store's local time, with its offset."""
        ...


class Goods(Protocol):
    def product(self, code: str) -> Product | None:
        """The good with exactly this GTIN or PLU code."""
        ...

    def search(self, text: str, limit: int) -> tuple[Product, ...]:
        """Goods whose code starts with, initials start with, or name contains `text`; best first."""
        ...


class KnownMember(msgspec.Struct, frozen=True):
    """A member as the till knows them now.

    `balances` (minor units per asset; coupons and paid sales are counted there, too) are those of the
    last download with this till's own later entries added. `expires` is the last day of the plan.
    `expiring` are the lots that run out, per asset: last usable day and what is left of them.
    Without `balances_told` this store knows of them only what was done here: nothing to show or to spend.
    """

    member_no: str
    plan: str
    status: MemberStatus
    expires: str
    balances: dict[str, int]
    home_store: str | None = None
    referrer: bool = False
    activated: bool = True
    expiring: dict[str, tuple[tuple[str, int], ...]] = {}
    balances_told: bool = True

    def usable(self, date: str) -> dict[str, int]:
        """The balances without what has run out by a date (a lot is usable through its last day).

        Nothing where they are not known: what was earned here may have been spent elsewhere.
        """
        if not self.balances_told:
            return {}
        return {
            asset: amount - sum(left for last_day, left in self.expiring.get(asset, ()) if last_day < date)
            for asset, amount in self.balances.items()
        }


class Members(Protocol):
    def by_card(self, card_hash: str) -> KnownMember | None: ...

    def by_number(self, member_no: str) -> KnownMember | None: ...

    def by_tag(self, member_tag: str) -> KnownMember | None:
        """The member whose card's hash begins with these 16 hexadecimal digits."""
        ...

    def cached_at(self) -> datetime | None:
        """When the hub last told all balances, or None if it never has."""
        ...


class StaffMember(msgspec.Struct, frozen=True):
    """Somebody who may log in; `pin_hash` is Argon2id in its encoded form. For `role` see `roles`."""

    number: str
    role: str
    pin_hash: str


class WrongPins(msgspec.Struct, frozen=True):
    """Wrong PINs of a number in a row; `last` is the moment of the last one by the till's clock."""

    count: int = 0
    last: datetime | None = None


class Staff(Protocol):
    def by_badge(self, badge_hash: str) -> StaffMember | None:
        """Whose badge has this `printed_codes.code_hash`."""
        ...

    def by_number(self, number: str) -> StaffMember | None: ...

    def nobody(self) -> bool:
        """Whether no staff is known yet: the till waits for its first download."""
        ...


class PinCheck(Protocol):
    def __call__(self, pin_hash: str, pin: str) -> bool:
        """Whether the PIN is the one behind the hash; slow on purpose (about 0.1 s)."""
        ...


class LoadedPack(msgspec.Struct, frozen=True):
    """A pack with the reference that sales carry."""

    ref: PackRef
    pack: Pack


class Packs(Protocol):
    def current(self) -> LoadedPack | None:
        """The pack sales are priced under, or None before the first download."""
        ...

    def by_ref(self, ref: PackRef) -> LoadedPack | None:
        """The pack an older sale was priced under."""
        ...


class Terms(Protocol):
    """What the hub told of this store and of the alliance's terminals."""

    def of_store(self) -> StoreTerms:
        """The store's terms, with this till's own later entries in its deposit."""
        ...

    def terminal(self, terminal: str) -> TerminalRow | None:
        """A terminal whose printed coupons are good."""
        ...

    def waiting(self, code_hash: str) -> PickupRow | None:
        """The order that waits in this store for whoever shows a code, by the code's hash."""
        ...


class Seal(Protocol):
    """Signs what this till prints, checks what other tills printed, and draws numbers nobody can guess."""

    def sign(self, message: bytes) -> bytes: ...

    def holds(self, public_key: bytes, message: bytes, signature: bytes) -> bool: ...

    def new_number(self) -> str:
        """64 random bits as 16 hexadecimal digits."""
        ...


class AllianceKeys(Protocol):
    """The alliance's keys, as its root last signed them for this till."""

    def of_code(self, key_id: str) -> PublicKey | None:
        """A key for pay codes, also a retired or revoked one; None for one that this till was not told of."""
        ...


class StoredReceipt(msgspec.Struct, frozen=True):
    """A sale, refund or membership as journaled."""

    seq: int
    hash: bytes
    event: ReceiptEvent


class ReceiptRow(msgspec.Struct, frozen=True):
    """One line in the list of receipts. `figures` are a refund's negative ones for a refund."""

    seq: int
    receipt_no: str
    kind: Literal["sale", "refund", "membership"]
    of: str | None
    at: str
    date: str
    cashier: str
    member_no: str | None
    figures: Figures
    confirmed: bool


class Pending(msgspec.Struct, frozen=True):
    """What the hub has not confirmed: entries in all, sales and refunds among them, and since when."""

    entries: int
    receipts: int
    since: str | None


class RightSpent(Exception):  # noqa: N818 - an answer: the entry is not booked
    """A once-only right was used up before; the transaction is taken back."""

    def __init__(self, right: Right) -> None:
        super().__init__(f"{right.kind} {right.key}")
        self.right = right


class Transaction(Protocol):
    """Inside one SQLite transaction: all of it is durable when the block ends, or none of it."""

    def next_receipt_no(self) -> str: ...

    def append(self, event: Event) -> Entry:
        """Adds the entry to the chain and brings every projection up to it.

        Raises:
            RightSpent: the entry uses a right that was used up before.

        """
        ...

    def queue_receipt(self, seq: int, balances: tuple[BalanceAfter, ...], *, copy: bool = False) -> int:
        """Puts a receipt into the print queue and gives the job's number."""
        ...

    def forget_cart(self) -> None: ...


class Journal(Protocol):
    @property
    def identity(self) -> ChainIdentity: ...

    @property
    def store(self) -> StoreCard: ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """On the writer's thread only. Raises `StorageTrouble` when the disk or database says no."""
        ...

    def receipt(self, receipt_no: str) -> StoredReceipt | None: ...

    def receipt_at(self, seq: int) -> StoredReceipt | None:
        """The sale, refund or membership at this place of the chain."""
        ...

    def last_configuration(self) -> PackRef | None:
        """The pack that the chain last says is in force."""
        ...

    def refunds_of(self, receipt_no: str) -> tuple[RefundMade, ...]: ...

    def receipts(self, *, date: str | None = None, limit: int = 100) -> tuple[ReceiptRow, ...]:
        """Newest first."""
        ...

    def figures(self, date: str) -> tuple[ReceiptFigures, ...]:
        """Every receipt of a business date, oldest first."""
        ...

    def for_the_owner(self, date: str, tries: int) -> tuple[Noteworthy, ...]:
        """What an owner wants to hear of a date, oldest first; see `oversight.of_interest`."""
        ...

    def offline_redeemed(self, member_no: str, asset: str, date: str) -> Redeemed:
        """What was redeemed at this till without a pay code, net of refunds."""
        ...

    def rule_units(self, rule: str, first_date: str, last_date: str) -> int:
        """How many units this till sold under a rule on these business dates, both included."""
        ...

    def right_spent(self, right: Right) -> bool:
        """Whether a once-only right was used up at this till."""
        ...

    def codes_closed(self) -> int:
        """Up to which number pay codes are refused; 0 at first."""
        ...

    def copied(self) -> bool:
        """Whether the hub has seen another copy of this chain: no pay code is taken until a new enrolment."""
        ...

    def pending(self) -> Pending: ...

    def last_seq(self) -> int: ...

    def open_cart(self) -> Cart | None:
        """The cart that was open when the till last stopped."""
        ...

    def save_cart(self, cart: Cart) -> None:
        """On the writer's thread; cheap, and may be lost for a moment when power fails."""
        ...

    def wrong_pins(self, number: str) -> WrongPins:
        """Wrong PINs of a number since its last success, or since the owner let it try again."""
        ...

    def numbers_with_wrong_pins(self, count: int) -> tuple[str, ...]:
        """Numbers that got their PIN wrong at least so often, counted as in `wrong_pins`."""
        ...


class TillLock(msgspec.Struct, frozen=True):
    """The hub has locked this till; `sentence` is its own, for whoever stands before the screen."""

    sentence: str
    since: str


class Orders(Protocol):
    """The hub's commands: what came of each, and what they have changed for good."""

    def settled(self, command_id: str) -> bool:
        """Whether a command is over and done with; on disk, whatever was lost since."""
        ...

    def settle(self, command: Command, done: CommandDone, *, receipt_seq: int | None = None) -> None:
        """Writes down what came of a command together with what it does, in one transaction.

        On the journal's writer thread. `receipt_seq` is the receipt that `PrintReceipt` names.
        """
        ...

    def lock(self) -> TillLock | None: ...

    def unlock(self) -> None:
        """Somebody who may has unlocked the till. On the journal's writer thread."""
        ...

    def wanted_version(self) -> str | None:
        """The version of this program that the alliance wants installed here."""
        ...


class HubState(msgspec.Struct, frozen=True):
    """What the till knows of its hub. `problem` says what to do when it is not simply away."""

    provisioned: bool
    online: bool
    offline_since: datetime | None = None
    clock_offset_ms: int | None = None
    quarantined: int = 0
    problem: Message | None = None


class Granted(msgspec.Struct, frozen=True):
    """The hub lets this till use a right. `entries`: of a refund, the bodies of the sale and its refunds."""

    entries: tuple[bytes, ...] = ()


class Denied(msgspec.Struct, frozen=True):
    """The hub says no; `word` is its own for programs."""

    word: str
    message: Message


class HubLink(Protocol):
    def state(self) -> HubState: ...

    def nudge(self) -> None:
        """Something is there to upload; come soon."""
        ...


class StorageTrouble(Exception):  # noqa: N818 - the environment failed, not the program
    """The disk is full, the database cannot be written, or it is damaged; `message` says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
