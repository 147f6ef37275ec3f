"""One receipt as it was uploaded, and whether the hub reckons it the same."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from pos.domain import events
from pos.domain.day import FIGURE_NAMES, Figures
from pos.domain.events import MembershipSold, ReceiptEvent, RefundMade, SaleMade, Tender
from pos.domain.language import Language
from pos.domain.money import decimal_text
from sync.hub.pages.owner import matters
from sync.hub.pages.spoken import sentence
from sync.hub.storage import schema


class Line(NamedTuple):
    """A line in words: what was sold, what was taken off and by which offers."""

    name: str
    how_much: str
    gross_fen: int
    off: tuple[tuple[str, int], ...]
    payable_fen: int


class Receipt(NamedTuple):
    """One receipt. `refunds` are their numbers; `differs` says what the hub reckons otherwise."""

    receipt_no: str
    store: str
    terminal: str
    date: str
    at: str
    kind: str
    of: str | None
    member_no: str | None
    cashier: str
    figures: Figures
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    change_fen: int
    refunds: tuple[str, ...]
    differs: tuple[str, ...]
    detail: str


def find(connection: Connection, receipt_no: str, language: Language) -> Receipt | None:
    table, entries = schema.receipts, schema.journal_entries
    query = (
        select(table, entries.c.body)
        .join(entries, entries.c.id == table.c.entry_id)
        .where(table.c.receipt_no == receipt_no)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    event = events.decode(row["body"])
    assert isinstance(event, ReceiptEvent)
    why = _why(connection, receipt_no)
    return Receipt(
        receipt_no=receipt_no,
        store=row["store"],
        terminal=row["terminal"],
        date=row["date"],
        at=event.at[:16].replace("T", " "),
        kind=row["kind"],
        of=row["of"],
        member_no=row["member_no"],
        cashier=event.cashier,
        figures=Figures(*(row[name] for name in FIGURE_NAMES)),
        lines=tuple(_lines(event, language)),
        tenders=() if isinstance(event, RefundMade) else event.tenders,
        change_fen=0 if isinstance(event, RefundMade) else event.change_fen,
        refunds=_refunds(connection, receipt_no),
        differs=matters.in_words(why, language) if why else (),
        detail=why,
    )


def _why(connection: Connection, receipt_no: str) -> str:
    table = schema.recomputations
    query = select(table.c.why).where(table.c.receipt_no == receipt_no, table.c.agrees.is_(False))
    return connection.execute(query).scalar() or ""


def _refunds(connection: Connection, receipt_no: str) -> tuple[str, ...]:
    table = schema.receipts
    query = select(table.c.receipt_no).where(table.c.of == receipt_no).order_by(table.c.entry_id)
    return tuple(connection.execute(query).scalars())


def _lines(event: ReceiptEvent, language: Language) -> list[Line]:
    match event:
        case SaleMade():
            return [
                Line(
                    one.name,
                    _how_much(one.quantity, one.weight_g, one.unit),
                    one.gross_fen,
                    tuple((sentence(part.text, language), part.amount_fen) for part in one.adjustments),
                    one.payable_fen,
                )
                for one in event.result.lines
            ]
        case RefundMade():
            return [
                Line(
                    one.name,
                    _how_much(one.quantity, one.weight_g, one.unit),
                    -one.gross_fen,
                    (),
                    -one.payable_fen,
                )
                for one in event.result.lines
            ]
        case MembershipSold():
            return [Line(event.deal.plan, event.deal.last_day, event.due_fen, (), event.due_fen)]


def _how_much(quantity: int, weight_g: int | None, unit: str) -> str:
    return f"{quantity} {unit}" if weight_g is None else f"{decimal_text(weight_g, 3)} kg"
