"""Pay codes while receipts are booked: read at once, judged in memory, written at once.

A sale takes of a code's asset what is reserved for it; what other sales see of an account is what nobody has
reserved. A code whose hold is gone is honoured by what is free: it was a valid code when it was sold with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from pos.domain import pay_codes
from pos.domain.events import CodesClosed, Event, SaleMade, UsedPayCode
from pos.domain.journal import ChainIdentity
from pos.domain.ledger import member_account
from pos.domain.pay_codes import SignedPayCode
from sync.hub.codes.tables import code_books, code_uses
from sync.hub.codes.tables import pay_codes as codes_table
from sync.hub.storage import bulk, schema
from sync.protocol import trust
from sync.protocol.messages import KeyList

GOOD = "good"
TWICE = "twice"
RELEASED = "released"
LOST = "lost"
FORGOTTEN = "forgotten"
FORGED = "forged"
STANDINGS = (GOOD, TWICE, RELEASED, LOST, FORGOTTEN, FORGED)
"""Good; spent before by another sale; freed when the till had closed it, or was declared lost; issued by this
hub, which was restored from before that; not signed by the alliance, or not for this till and member."""

_OF_STATE = {"spent": TWICE, "released": RELEASED, "lost": LOST}
_USES = ("receipt_no", "number", "terminal", "epoch", "member_no", "asset", "used", "standing")

Verifies = Callable[[SignedPayCode], bool]


@dataclass(slots=True)
class Code:
    """A code as the hub keeps it. `amount` is held while it is open."""

    terminal: str
    epoch: int
    number: int
    member_no: str
    member_tag: str
    asset: str
    amount: int
    hold_id: str
    state: str
    receipt_no: str | None = None
    used: int = 0


_CODE = ("terminal", "epoch", "number", "member_no", "member_tag", "asset", "amount", "hold_id", "state")


@dataclass(frozen=True, slots=True)
class _End:
    """How a hold ends: `posted` of it has become a transfer for the reason `linked`."""

    hold_id: str
    posted: int
    linked: str
    at: str


class CodeBook:
    """The codes of one chain that a batch is about."""

    def __init__(self, codes: Iterable[Code] = (), verifies: Verifies = lambda _read: False) -> None:
        self._codes = {one.number: one for one in codes}
        self._verifies = verifies
        self._changed: dict[int, Code] = {}
        self._ends: list[_End] = []
        self._uses: list[tuple[Any, ...]] = []
        self._closed: tuple[ChainIdentity, int] | None = None

    def reserved(self, sale: SaleMade) -> dict[str, int]:
        """What is held for a sale's codes, per asset."""
        held: dict[str, int] = {}
        for one in _each_once(sale):
            if self._standing(sale, one) == GOOD:
                held[one.asset] = held.get(one.asset, 0) + self._codes[one.number].amount
        return held

    def spend(
        self, sale: SaleMade, identity: ChainIdentity, linked: str, at: str
    ) -> dict[tuple[str, str], int]:
        """Ends the holds of a sale's codes; returns what is held no more, per account and unit."""
        freed: dict[tuple[str, str], int] = {}
        for one in _each_once(sale):
            standing = self._standing(sale, one)
            self._note_use(sale, identity, one, standing)
            if standing != GOOD:
                continue
            code = self._codes[one.number]
            place = member_account(code.member_no), code.asset
            freed[place] = freed.get(place, 0) + code.amount
            self._ends.append(_End(code.hold_id, one.used, linked, at))
            code.state, code.receipt_no, code.used = "spent", sale.receipt_no, one.used
            self._changed[code.number] = code
        return freed

    def close(
        self, closed: CodesClosed, identity: ChainIdentity, linked: str, at: str
    ) -> dict[tuple[str, str], int]:
        """Frees what is open up to a number; returns what is held no more, per account and unit."""
        freed: dict[tuple[str, str], int] = {}
        for code in self._codes.values():
            if code.state != "open" or code.number > closed.up_to:
                continue
            place = member_account(code.member_no), code.asset
            freed[place] = freed.get(place, 0) + code.amount
            self._ends.append(_End(code.hold_id, 0, linked, at))
            code.state = "released"
            self._changed[code.number] = code
        self._closed = identity, max(closed.up_to, self._closed[1] if self._closed else 0)
        return freed

    def write(self, connection: Connection) -> None:
        ends = [(one.hold_id, one.posted, one.linked, one.at) for one in self._ends]
        if ends:
            columns = ("pending_id", "posted", "linked", "ended_at")
            bulk.insert(connection, schema.pending_ends, columns, ends)
        if self._uses:
            bulk.insert(connection, code_uses, _USES, self._uses)
        table = codes_table
        for code in self._changed.values():
            here = (
                (table.c.terminal == code.terminal)
                & (table.c.epoch == code.epoch)
                & (table.c.number == code.number)
            )
            values = {"state": code.state, "receipt_no": code.receipt_no, "used": code.used}
            connection.execute(update(table).where(here).values(values))
        if self._closed is not None:
            _note_closed(connection, *self._closed)

    def _standing(self, sale: SaleMade, one: UsedPayCode) -> str:
        code, member = self._codes.get(one.number), sale.basket.member
        if code is None:
            read = pay_codes.read_pay_code(one.code)
            is_ours = read is not None and read.code.number == one.number and self._verifies(read)
            return FORGOTTEN if is_ours else FORGED
        if member is None or (code.member_no, code.asset) != (member.member_no, one.asset):
            return FORGED
        if not 0 <= one.used <= code.amount:
            return FORGED
        return GOOD if code.state == "open" else _OF_STATE[code.state]

    def _note_use(self, sale: SaleMade, identity: ChainIdentity, one: UsedPayCode, standing: str) -> None:
        member = sale.basket.member
        member_no = member.member_no if member is not None else ""
        row = (identity.terminal, identity.epoch, member_no, one.asset, one.used, standing)
        self._uses.append((sale.receipt_no, one.number, *row))


def _each_once(sale: SaleMade) -> Iterable[UsedPayCode]:
    """No till names a number twice in one sale; one that does has spent it once."""
    return {one.number: one for one in sale.pay_codes}.values()


def load(
    connection: Connection, identity: ChainIdentity, events: Sequence[Event], keys: Callable[[], KeyList]
) -> CodeBook:
    """The codes of a chain that these entries name or close."""
    numbers = {one.number for event in events if isinstance(event, SaleMade) for one in event.pay_codes}
    up_to = max((event.up_to for event in events if isinstance(event, CodesClosed)), default=0)
    if not numbers and not up_to:
        return CodeBook()
    table = codes_table
    here = (table.c.terminal == identity.terminal) & (table.c.epoch == identity.epoch)
    query = select(*(table.c[name] for name in _CODE)).where(here)
    rows = list(bulk.matching(connection, query, table.c.number, numbers))
    if up_to:
        rows += connection.execute(query.where(table.c.state == "open", table.c.number <= up_to)).all()
    codes = {row.number: Code(*row) for row in rows}
    return CodeBook(codes.values(), lambda read: _is_signed(read, identity, keys()))


def _is_signed(read: SignedPayCode, identity: ChainIdentity, keys: KeyList) -> bool:
    """Whether the alliance signed a code for this very chain."""
    mark = pay_codes.terminal_mark(identity.terminal, identity.incarnation)
    here = (mark, pay_codes.epoch_mark(identity.epoch))
    if (read.code.terminal_mark, read.code.epoch) != here:
        return False
    try:
        key = trust.key_of(keys, read.code.key_id, "codes")
    except trust.Untrusted:
        return False
    return trust.verify(key.public, read.signature, read.signed_bytes)


def _note_closed(connection: Connection, identity: ChainIdentity, up_to: int) -> None:
    table = code_books
    here = (table.c.terminal == identity.terminal) & (table.c.epoch == identity.epoch)
    connection.execute(update(table).where(here, table.c.closed < up_to).values(closed=up_to))
