"""Reckons every receipt again, with the till's own code and the pack version the entry names.

Runs after the till was answered, over whatever has not been done yet, so that a crash in between
loses nothing. A difference is recorded and shown, and so is a claim that the hub knew to be wrong; the
booking stays as the till made it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from pos.domain import events
from pos.domain.events import MembershipSold, PackRef, ReceiptEvent, RefundMade, SaleMade
from pos.domain.membership import Standing, deals, points_for_fee
from pos.domain.message import Refusal
from pos.domain.pricing.price import price
from pos.domain.programme.pack import Pack
from pos.domain.refund import add_returned, refund
from sync.hub.alliance import coupons, knowledge, packs
from sync.hub.alliance.knowledge import Known
from sync.hub.hub import Hub
from sync.hub.storage import bulk, schema

CHUNK = 200
SHOWN_MAX = 160


def catch_up(hub: Hub) -> int:
    """Does every receipt that has no recomputation yet; returns how many."""
    done = 0
    while True:
        with hub.database.read() as connection:
            read: Packs = {}
            verdicts = {one.receipt_no: _why(connection, one, read) for one in _waiting(connection)}
        if not verdicts:
            return done
        with hub.database.write() as connection:
            _record(connection, verdicts, hub.time())
        done += len(verdicts)


Packs = dict[PackRef, Pack | None]
"""Packs that a chunk of receipts has named so far."""


class Waiting(NamedTuple):
    """A receipt that is to be reckoned again: its entry's bytes, and what was kept with it."""

    receipt_no: str
    body: bytes
    known: str | None


def _waiting(connection: Connection) -> list[Waiting]:
    receipts, entries, done = schema.receipts, schema.journal_entries, schema.recomputations
    query = (
        select(receipts.c.receipt_no, entries.c.body, receipts.c.known)
        .join(entries, entries.c.id == receipts.c.entry_id)
        .outerjoin(done, done.c.receipt_no == receipts.c.receipt_no)
        .where(done.c.receipt_no.is_(None))
        .order_by(receipts.c.entry_id)
        .limit(CHUNK)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def _record(connection: Connection, verdicts: dict[str, str], done_at: str) -> None:
    """Keeps what was found; another worker may have kept some of it meanwhile."""
    table = schema.recomputations
    kept = bulk.matching(connection, select(table.c.receipt_no), table.c.receipt_no, verdicts)
    here = {row.receipt_no for row in kept}
    rows = [(number, not why, why, done_at) for number, why in verdicts.items() if number not in here]
    bulk.insert(connection, table, ("receipt_no", "agrees", "why", "done_at"), rows)


def _why(connection: Connection, one: Waiting, read: Packs) -> str:
    """What differs, for a person to look into; empty when both sides agree."""
    kept = _read(one.body, one.receipt_no)
    if kept is None:
        return "the entry cannot be read"
    ref, known = kept.event.pack, knowledge.decoded(one.known)
    if ref not in read:
        read[ref] = _pack(connection, ref)
    pack = read[ref]
    if pack is None:
        return f"pack {ref.id} version {ref.version} is not at the hub, or of a format that is read no more"
    try:
        found = _found(connection, kept, known, pack)
    except Refusal as error:
        found = [f"the rules refuse it: {error.reason}: {error.message}"]
    except (ArithmeticError, ValueError, LookupError, RecursionError) as error:
        found = [f"it cannot be reckoned: {error!r}"]
    return "; ".join([*found, *_claims(connection, kept.event, known)])


class Kept(NamedTuple):
    """A receipt as it was uploaded: the event, and its result as the till wrote it."""

    event: ReceiptEvent
    result: Any


def _found(connection: Connection, kept: Kept, known: Known | None, pack: Pack) -> list[str]:
    match kept.event:
        case SaleMade():
            return _differences(kept, price(kept.event.basket, pack))
        case RefundMade():
            return _refund_found(connection, kept, kept.event, pack)
        case MembershipSold():
            return _membership_found(kept.event, known, pack)


def _claims(connection: Connection, event: ReceiptEvent, known: Known | None) -> list[str]:
    """What the till believed and the hub knew better; nothing was kept with what an older hub booked."""
    if known is None or not isinstance(event, SaleMade):
        return []
    return [*knowledge.claims(event, known), *coupons.claims(connection, event)]


def _pack(connection: Connection, ref: PackRef) -> Pack | None:
    pack = packs.by_hash(connection, ref.sha256)
    return pack if pack is not None and (pack.id, pack.version) == (ref.id, ref.version) else None


# --- refunds -------------------------------------------------------------------------------------


def _refund_found(connection: Connection, kept: Kept, event: RefundMade, pack: Pack) -> list[str]:
    of = _kept(connection, event.of)
    sale = of.event if of else None
    if not isinstance(sale, SaleMade):
        return [f"the sale {event.of} is not at the hub"]
    if _whose(event) != _whose_sale(sale):
        return ["it names another member, plan, merchant or home store than the sale"]
    before, cash_back_before_fen = _before(connection, event)
    if (before, cash_back_before_fen) != (event.before, event.cash_back_before_fen):
        return ["the hub knows other refunds before it"]
    again = refund(
        sale.result,
        sale.basket,
        pack,
        before=before,
        cash_back_before_fen=cash_back_before_fen,
        returning=event.returning,
    )
    return _differences(kept, again)


_Whose = tuple[str | None, str | None, str, str | None]


def _whose(event: RefundMade) -> _Whose:
    return event.member_no, event.plan, event.merchant, event.home_store


def _whose_sale(sale: SaleMade) -> _Whose:
    member, merchant = sale.basket.member, sale.basket.merchant.merchant
    if member is None:
        return None, None, merchant, None
    return member.member_no, member.plan, merchant, member.home_store


def _before(connection: Connection, event: RefundMade) -> tuple[dict[int, int], int]:
    """Line to pieces, and cash in fen, that went back before by the hub's own records."""
    table = schema.receipts
    this = select(table.c.entry_id).where(table.c.receipt_no == event.receipt_no).scalar_subquery()
    query = select(table.c.receipt_no).where(table.c.of == event.of, table.c.entry_id < this)
    returned: dict[int, int] = {}
    cash_back_fen = 0
    for number in connection.execute(query.order_by(table.c.entry_id)).scalars().all():
        earlier = _kept(connection, number)
        if earlier is not None and isinstance(earlier.event, RefundMade):
            returned = add_returned(returned, earlier.event.returning)
            cash_back_fen += earlier.event.result.cash_back_fen
    return returned, cash_back_fen


# --- memberships ---------------------------------------------------------------------------------


def _membership_found(sold: MembershipSold, known: Known | None, pack: Pack) -> list[str]:
    """Whether the deal was one the pack offers to this member on that day, and its price was paid."""
    member = known.member if known else None
    if member is None:
        return [f"member {sold.member_no} is not at the hub"]
    found = _deal_found(sold, Standing(member.plan, member.expires), pack)
    for paid in sold.paid_in_points:
        if points_for_fee(sold.deal, pack, paid.asset, paid.amount, paid.amount) != paid:
            found.append(f"paid_in_points: the pack does not take {paid.amount} of {paid.asset} so")
    due_fen = sold.deal.price_fen - sum(one.value_fen for one in sold.paid_in_points)
    if due_fen != sold.due_fen:
        found.append(f"due_fen: till {sold.due_fen}, hub {due_fen}")
    return found


def _deal_found(sold: MembershipSold, standing: Standing, pack: Pack) -> list[str]:
    offered = deals(standing, pack, dt.date.fromisoformat(sold.date))
    if sold.deal in offered:
        return []
    of_plan = next((one for one in offered if one.plan == sold.deal.plan), None)
    return [f"deal: till {_short(_encoded(sold.deal))}, hub {_short(_encoded(of_plan))}"]


# --- what was uploaded ---------------------------------------------------------------------------


def _kept(connection: Connection, receipt_no: str) -> Kept | None:
    entries, receipts = schema.journal_entries, schema.receipts
    body = connection.execute(
        select(entries.c.body)
        .join(receipts, receipts.c.entry_id == entries.c.id)
        .where(receipts.c.receipt_no == receipt_no)
    ).scalar()
    return None if body is None else _read(body, receipt_no)


def _read(body: bytes, receipt_no: str) -> Kept | None:
    """What was uploaded, under the number that it is booked under."""
    event = events.decode(body)
    if not isinstance(event, ReceiptEvent):
        return None
    event = msgspec.structs.replace(event, receipt_no=receipt_no)
    return Kept(event, msgspec.json.decode(body).get("result"))


def _differences(kept: Kept, reckoned: msgspec.Struct) -> list[str]:
    """The fields that differ. What the till's version did not write yet is not held against it."""
    if reckoned == getattr(kept.event, "result", None):
        return []
    claimed = kept.result
    ours = {name: getattr(reckoned, name) for name in reckoned.__struct_fields__}
    return [
        f"{name}: till {_short(_encoded(claimed[name]))}, hub {_short(_encoded(value))}"
        for name, value in ours.items()
        if name in claimed and not _same(value, claimed[name])
    ]


def _same(ours: Any, theirs: Any) -> bool:
    """Whether a value is what stands on the wire, where it makes no odds who built it."""
    if isinstance(ours, msgspec.Struct):
        return isinstance(theirs, dict) and all(
            _same(getattr(ours, name), theirs[name]) for name in ours.__struct_fields__ if name in theirs
        )
    if isinstance(ours, tuple):
        return (
            isinstance(theirs, list)
            and len(ours) == len(theirs)
            and all(_same(*pair) for pair in zip(ours, theirs, strict=True))
        )
    return bool(msgspec.json.decode(_encoded(ours)) == theirs)


def _encoded(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _short(encoded: bytes) -> str:
    text = encoded.decode()
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
