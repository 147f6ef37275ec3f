"""Reckons every receipt again, with the till's own code and the pack version the entry names.

Runs after the till was answered, over whatever has not been done yet, so that a crash in between
loses nothing. A difference is recorded and shown; the booking stays as the till made it.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from pos.domain import events
from pos.domain.events import PackRef, RefundMade, SaleMade
from pos.domain.message import Refusal
from pos.domain.pricing import price
from pos.domain.programme import Pack
from pos.domain.refund import add_returned, refund
from sync.hub import packs, schema
from sync.hub.hub import Hub

CHUNK = 200


def catch_up(hub: Hub) -> int:
    """Does every receipt that has no recomputation yet; returns how many."""
    done = 0
    while True:
        with hub.database.read() as connection:
            verdicts = {number: _why(connection, number) for number in _waiting(connection)}
        if not verdicts:
            return done
        with hub.database.write() as connection:
            waiting = set(_waiting(connection))
            for number, why in verdicts.items():
                if number in waiting:
                    _record(connection, number, why, hub.time())
        done += len(verdicts)


def _waiting(connection: Connection) -> list[str]:
    receipts, done = schema.receipts, schema.recomputations
    query = (
        select(receipts.c.receipt_no)
        .outerjoin(done, done.c.receipt_no == receipts.c.receipt_no)
        .where(done.c.receipt_no.is_(None))
        .order_by(receipts.c.entry_id)
        .limit(CHUNK)
    )
    return list(connection.execute(query).scalars())


def _record(connection: Connection, receipt_no: str, why: str, done_at: str) -> None:
    connection.execute(
        schema.recomputations.insert().values(receipt_no=receipt_no, agrees=not why, why=why, done_at=done_at)
    )


def _why(connection: Connection, receipt_no: str) -> str:
    """What differs, for a person to look into; empty when both sides agree."""
    event = _event(connection, receipt_no)
    if event is None:
        return "the entry cannot be read"
    pack = _pack(connection, event.pack)
    if pack is None:
        return f"pack {event.pack.id} version {event.pack.version} is not at the hub"
    try:
        if isinstance(event, SaleMade):
            return _differences(event.result, price(event.basket, pack))
        return _refund_why(connection, event, pack)
    except Refusal as error:
        return f"the rules refuse it: {error.reason}"
    except (ArithmeticError, ValueError, LookupError, RecursionError) as error:
        return f"it cannot be reckoned: {error!r}"


def _pack(connection: Connection, ref: PackRef) -> Pack | None:
    pack = packs.by_hash(connection, ref.sha256)
    return pack if pack is not None and (pack.id, pack.version) == (ref.id, ref.version) else None


def _refund_why(connection: Connection, event: RefundMade, pack: Pack) -> str:
    sale = _event(connection, event.of)
    if not isinstance(sale, SaleMade):
        return f"the sale {event.of} is not at the hub"
    member = sale.basket.member
    if (event.member_no, event.plan) != ((member.member_no, member.plan) if member else (None, None)):
        return "it names another member or plan than the sale"
    before, cash_back_before_fen = _before(connection, event)
    if (before, cash_back_before_fen) != (event.before, event.cash_back_before_fen):
        return "the hub knows other refunds before it"
    again = refund(
        sale.result,
        event.plan,
        pack,
        before=before,
        cash_back_before_fen=cash_back_before_fen,
        returning=event.returning,
    )
    return _differences(event.result, again)


def _before(connection: Connection, event: RefundMade) -> tuple[dict[int, int], int]:
    """Line to pieces, and cash in fen, that went back before by the hub's own records."""
    table = schema.receipts
    this = select(table.c.entry_id).where(table.c.receipt_no == event.receipt_no).scalar_subquery()
    query = select(table.c.receipt_no).where(table.c.of == event.of, table.c.entry_id < this)
    returned: dict[int, int] = {}
    cash_back_fen = 0
    for number in connection.execute(query.order_by(table.c.entry_id)).scalars().all():
        earlier = _event(connection, number)
        if isinstance(earlier, RefundMade):
            returned = add_returned(returned, earlier.returning)
            cash_back_fen += earlier.result.cash_back_fen
    return returned, cash_back_fen


def _event(connection: Connection, receipt_no: str) -> SaleMade | RefundMade | None:
    entries, receipts = schema.journal_entries, schema.receipts
    body = connection.execute(
        select(entries.c.body)
        .join(receipts, receipts.c.entry_id == entries.c.id)
        .where(receipts.c.receipt_no == receipt_no)
    ).scalar()
    if body is None:
        return None
    event = events.decode(body)
    return event if isinstance(event, SaleMade | RefundMade) else None


def _differences(claimed: msgspec.Struct, reckoned: msgspec.Struct) -> str:
    """The fields that differ as they stand on the wire, where it makes no odds who built them."""
    ours, theirs = _plain(reckoned), _plain(claimed)
    return "; ".join(
        f"{name}: till {_short(theirs[name])}, hub {_short(ours[name])}"
        for name in ours
        if ours[name] != theirs[name]
    )


def _plain(record: msgspec.Struct) -> dict[str, bytes]:
    return {
        name: msgspec.json.encode(getattr(record, name), order="deterministic")
        for name in record.__struct_fields__
    }


def _short(encoded: bytes) -> str:
    text = encoded.decode()
    return text if len(text) <= 160 else text[:160] + "…"
