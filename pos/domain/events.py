"""What a journal entry can say. Each body is JSON that names its own `kind` and version `v`.

Corrections are new entries; nothing here is ever changed. A sale carries every input of its pricing,
so that the hub can reckon it again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pos.domain.basket import Basket
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.pricing.result import PricedSale
from pos.domain.refund import Refund, ReturnedLine


class PackRef(msgspec.Struct, frozen=True):
    """The pack a sale was priced under; `sha256` is of the pack's signed bytes, hexadecimal."""

    id: str
    version: int
    sha256: str


class Tender(msgspec.Struct, frozen=True):
    """What the customer gave. Change is stated once for the sale."""

    kind: str
    amount_fen: int


class ChainOpened(msgspec.Struct, frozen=True, tag="chain_opened", tag_field="kind"):
    """The first entry of an incarnation. `public_key` is the terminal's Ed25519 key, hexadecimal."""

    at: str
    store: str
    public_key: str
    software: str
    v: int = 1


class ConfigurationApplied(msgspec.Struct, frozen=True, tag="configuration_applied", tag_field="kind"):
    """From here on sales are priced under this pack."""

    at: str
    pack: PackRef
    v: int = 1


class PrintedCoupon(msgspec.Struct, frozen=True):
    """A coupon for its bearer: `code` is what its QR holds, `number` the right that is used up once."""

    rule: str
    number: str
    code: str
    last_day: str


class UsedPayCode(msgspec.Struct, frozen=True):
    """A pay code that a sale used up: its whole `code`, and what of its `amount` was spent (minor units)."""

    code: str
    number: int
    asset: str
    amount: int
    used: int


class SaleMade(msgspec.Struct, frozen=True, tag="sale", tag_field="kind"):
    """A paid sale. `at` is the till's local time with offset, `date` the business date it counts in.

    `online` says whether the hub could be asked at that moment, `clock_offset_ms` what the till
    believed its clock was off by against the hub (None: never heard from it). `printed` are coupons
    for bearers that came out with the receipt, `pay_codes` what reserved the points that were redeemed.
    """

    receipt_no: str
    at: str
    date: str
    store: str
    cashier: str
    pack: PackRef
    basket: Basket
    result: PricedSale
    tenders: tuple[Tender, ...]
    change_fen: int
    online: bool
    clock_offset_ms: int | None = None
    printed: tuple[PrintedCoupon, ...] = ()
    pay_codes: tuple[UsedPayCode, ...] = ()
    v: int = 1


class RefundMade(msgspec.Struct, frozen=True, tag="refund", tag_field="kind"):
    """A return of parts of the sale `of`. `before` is what had been returned, line to pieces.

    `member_no`, `plan`, `merchant` and `home_store` repeat the sale's, so that the entry can be booked on
    its own. `purpose` says why: goods came back, are exchanged, or the sale was a mistake. `approved_by` is
    the second person's number, where one was needed.
    """

    receipt_no: str
    of: str
    at: str
    date: str
    store: str
    cashier: str
    pack: PackRef
    before: dict[int, int]
    cash_back_before_fen: int
    returning: tuple[ReturnedLine, ...]
    result: Refund
    member_no: str | None
    plan: str | None
    online: bool
    clock_offset_ms: int | None = None
    merchant: str = ""
    home_store: str | None = None
    purpose: Literal["return", "exchange", "void"] = "return"
    approved_by: str = ""
    v: int = 1


class MembershipSold(msgspec.Struct, frozen=True, tag="membership", tag_field="kind"):
    """A plan sold, renewed or upgraded. The fee is the alliance's money and no revenue of the store.

    `paid_in_points` went towards the fee; `due_fen` was paid in tenders.
    """

    receipt_no: str
    at: str
    date: str
    store: str
    cashier: str
    pack: PackRef
    member_no: str
    deal: MembershipDeal
    paid_in_points: tuple[PointsForFee, ...]
    due_fen: int
    tenders: tuple[Tender, ...]
    change_fen: int
    online: bool
    clock_offset_ms: int | None = None
    v: int = 1


class DrawerOpened(msgspec.Struct, frozen=True, tag="drawer_opened", tag_field="kind"):
    """The cash drawer was opened without a sale; `approved_by` as in `RefundMade`."""

    at: str
    cashier: str
    approved_by: str = ""
    v: int = 1


class LoggedIn(msgspec.Struct, frozen=True, tag="log_in", tag_field="kind"):
    """Somebody gave their number and a PIN at the till; `ok` says whether it was right.

    `asked_by` is empty at a log-in, and otherwise the number of whoever asked them to approve something.
    """

    at: str
    number: str
    ok: bool
    asked_by: str = ""
    v: int = 1


class CodesClosed(msgspec.Struct, frozen=True, tag="codes_closed", tag_field="kind"):
    """From here on this chain takes no pay code up to number `up_to`: the hub may free what they hold."""

    at: str
    up_to: int
    v: int = 1


class KeysApplied(msgspec.Struct, frozen=True, tag="keys_applied", tag_field="kind"):
    """From here on the alliance's keys are those of this list; no list goes below its `version` again.

    `sha256` is of the list's signed bytes, hexadecimal.
    """

    at: str
    version: int
    sha256: str
    v: int = 1


class LockOutLifted(msgspec.Struct, frozen=True, tag="lock_out_lifted", tag_field="kind"):
    """Somebody who may has let a locked-out number try again."""

    at: str
    number: str
    by: str
    v: int = 1


class OrderHandedOver(msgspec.Struct, frozen=True, tag="order_handed_over", tag_field="kind"):
    """Goods that were paid elsewhere went to whoever showed the order's code. No money moves."""

    at: str
    date: str
    cashier: str
    order: str
    v: int = 1


Event = (
    ChainOpened
    | ConfigurationApplied
    | SaleMade
    | RefundMade
    | MembershipSold
    | DrawerOpened
    | LoggedIn
    | CodesClosed
    | KeysApplied
    | LockOutLifted
    | OrderHandedOver
)
ReceiptEvent = SaleMade | RefundMade | MembershipSold
"""What has a receipt number, figures and postings."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class UnknownEvent(Exception):  # noqa: N818 - an answer, not a fault of this program
    """The body is of a kind or version that this program does not know, or is not an event."""


def encode(event: Event) -> bytes:
    """The exact bytes to store; encode once and keep them."""
    return _encoder.encode(event)


def decode(body: bytes) -> Event:
    """Reads a body; fields this version does not know are passed over (the bytes keep them).

    Raises:
        UnknownEvent: with the reason in its text.

    """
    try:
        event = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnknownEvent(str(error)) from error
    if event.v != 1:
        raise UnknownEvent(f"version {event.v} of this kind is not known here")
    return event


def kind_of(event: Event) -> str:
    """The word that the body carries under `kind`."""
    return str(type(event).__struct_config__.tag)


class _Kind(msgspec.Struct):
    kind: str = "?"
    receipt_no: str | None = None


def peek(body: bytes) -> tuple[str, str | None]:
    """Kind and receipt number of a body, without reading the rest; `?` where it has none."""
    try:
        head = msgspec.json.decode(body, type=_Kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "?", None
    return head.kind, head.receipt_no
