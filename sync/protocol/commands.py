"""Commands of the hub to one terminal, and what a terminal reports of itself.

A command is done once, however often it is delivered: the till keeps its `id` durably with what came of
it, and reports that until the hub has taken it in. One that is not done by `expires` is never done.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

TEXT_LENGTH_MAX = 2_000
SENTENCE_LENGTH_MAX = 120
VERSION_LENGTH_MAX = 40
_COUNT_MAX = (1 << 53) - 1

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH_MAX)]
_Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=SENTENCE_LENGTH_MAX)]
_Version = Annotated[str, msgspec.Meta(min_length=1, max_length=VERSION_LENGTH_MAX)]
_Moment = Annotated[str, msgspec.Meta(max_length=40)]


class PrintText(msgspec.Struct, frozen=True, tag="print_text", tag_field="do"):
    """Print a slip with this text; it may have several lines."""

    text: _Text


class PrintReceipt(msgspec.Struct, frozen=True, tag="print_receipt", tag_field="do"):
    """Print one of the terminal's own receipts again, marked as a copy."""

    receipt_no: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Resync(msgspec.Struct, frozen=True, tag="resync", tag_field="do"):
    """Fill the cache anew from the hub."""


class Lock(msgspec.Struct, frozen=True, tag="lock", tag_field="do"):
    """Show a lock screen with this sentence as soon as the cart is empty; uploading goes on."""

    sentence: _Sentence


class Unlock(msgspec.Struct, frozen=True, tag="unlock", tag_field="do"):
    """Take the lock screen away."""


class Upgrade(msgspec.Struct, frozen=True, tag="upgrade", tag_field="do"):
    """Show the technician which version to install; a till installs nothing by itself."""

    version: _Version


Deed = PrintText | PrintReceipt | Resync | Lock | Unlock | Upgrade


class Command(msgspec.Struct, frozen=True):
    """A row of the feed `commands`, under its `id`; people call it by its `number`. Moments are hub time."""

    id: str
    number: int
    sent: str
    expires: str
    deed: Deed


Outcome = Literal["done", "failed", "expired"]


class CommandDone(msgspec.Struct, frozen=True):
    """What came of a command, at a moment of the till's; `detail` says why where it was not simply done."""

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
    outcome: Outcome
    at: _Moment
    detail: Annotated[str, msgspec.Meta(max_length=SENTENCE_LENGTH_MAX)] = ""


class TerminalReport(msgspec.Struct, frozen=True):
    """`POST /v1/report`: how a terminal is. Sent with each pass; the hub keeps the latest.

    `pending` entries are not confirmed by the hub, the oldest of them `pending_since`; `quarantined` are
    those that the hub set aside as far as the till knows. `done` are outcomes the hub may not know yet.
    """

    software: Annotated[str, msgspec.Meta(max_length=100)]
    pending: Annotated[int, msgspec.Meta(ge=0, le=_COUNT_MAX)] = 0
    pending_since: _Moment | None = None
    quarantined: Annotated[int, msgspec.Meta(ge=0, le=_COUNT_MAX)] = 0
    clock_offset_ms: int | None = None
    locked: bool = False
    last_command: int | None = None
    done: Annotated[tuple[CommandDone, ...], msgspec.Meta(max_length=100)] = ()
