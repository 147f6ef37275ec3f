"""Protections of entries taken away, one at a time: the simulation must notice each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import msgspec

from pos.domain.events import ReceiptEvent, SaleMade
from sync.hub.journal import booking, ingest
from sync.hub.web import refusals
from sync.hub.web.refusals import Refused

FAULTS = ("once", "quarantine", "every sale")


@contextmanager
def without(protection: str | None) -> Iterator[None]:
    """`once`: an entry that comes again is booked again. `quarantine`: what cannot be read holds up its batch.
    `every sale`: now and then one is forgotten. None for no fault.
    """
    with ExitStack() as patches:
        for target, replacement in _patches(protection):
            patches.enter_context(patch(target, replacement))
        yield


def _patches(protection: str | None) -> tuple[tuple[str, Any], ...]:
    match protection:
        case None:
            return ()
        case "once":
            return (
                ("sync.hub.journal.ingest._is_same", lambda *_: False),
                ("sync.hub.journal.ingest._Intake._under_its_number", _under_another_number),
            )
        case "quarantine":
            return (("sync.hub.journal.ingest._read", _refuses),)
        case "every sale":
            return (("sync.hub.journal.booking.book", _forgetful()),)
        case _:
            raise ValueError(protection)


def _under_another_number(self: Any, ruling: Any, _entry: Any) -> Any:
    event = ruling.event
    if not isinstance(event, ReceiptEvent) or event.receipt_no not in self._books.receipts:
        return ruling
    again = f"{event.receipt_no}-{len(self._rows)}-{self.received_at}"
    return ruling._replace(event=msgspec.structs.replace(event, receipt_no=again))


_read = ingest._read
_book = booking.book


def _refuses(*args: Any) -> Any:
    reading = _read(*args)
    if reading.fault is not None and reading.fault.reason == "unreadable":
        raise Refused(refusals.BAD_BATCH, detail="unreadable")
    return reading


def _forgetful() -> Any:
    seen = 0

    def book(books: Any, event: Any, source: Any) -> None:
        nonlocal seen
        seen += isinstance(event, SaleMade)
        if not isinstance(event, SaleMade) or seen % 5:
            _book(books, event, source)

    return book
