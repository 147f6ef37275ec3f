"""Books a receipt: its row of figures, its postings, what was overdrawn, what it makes of a member.

Runs inside the transaction that stores the entry. What overdraws is booked to the clawback account
and reported; it is never a reason to refuse a sale that was made.
"""

from __future__ import annotations

from collections import Counter

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain.day import figures_of
from pos.domain.events import MembershipSold, ReceiptEvent, RefundMade, SaleMade, kind_of
from pos.domain.journal import ChainIdentity
from pos.domain.ledger import (
    SALES,
    Posting,
    member_account,
    membership_postings,
    refund_postings,
    sale_postings,
)
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import coupon_unit
from sync.hub.alliance import coupons, knowledge, members
from sync.hub.alliance.coupons import GOOD
from sync.hub.alliance.knowledge import Known
from sync.hub.journal import bearing
from sync.hub.journal.bearing import CLAWBACK_RETURNED, OVERDRAWN
from sync.hub.ledger import accounts
from sync.hub.storage import schema


class Source(msgspec.Struct, frozen=True):
    """Where a receipt came from: the stored entry, its hash, whose chain, and when it arrived."""

    entry_id: int
    entry_hash: bytes
    identity: ChainIdentity
    received_at: str


def is_booked(connection: Connection, receipt_no: str) -> bool:
    table = schema.receipts
    return (
        connection.execute(select(table.c.entry_id).where(table.c.receipt_no == receipt_no)).first()
        is not None
    )


def book(connection: Connection, event: ReceiptEvent, source: Source) -> frozenset[str]:
    """Writes everything that follows from one receipt, but for feed rows (once per batch).

    Returns the accounts whose owners tills must be told about: the member's in any case, as a plan or home
    store may have changed while no balance has.
    """
    match event:
        case SaleMade():
            postings = _book_sale(connection, event, source)
        case RefundMade():
            postings = _book_refund(connection, event, source)
        case MembershipSold():
            postings = _book_membership(connection, event, source)
    member_no = member_of(event)
    moved = {account for one in postings for account in (one.debit, one.credit)}
    return frozenset(moved | {member_account(member_no)} if member_no is not None else moved)


def member_of(event: ReceiptEvent) -> str | None:
    if isinstance(event, SaleMade):
        return event.basket.member.member_no if event.basket.member else None
    return event.member_no


def _book_sale(connection: Connection, sale: SaleMade, source: Source) -> tuple[Posting, ...]:
    member_no = member_of(sale)
    balances = accounts.member_balances(connection, member_no) if member_no is not None else {}
    known = knowledge.of_sale(connection, sale, balances)
    uses = coupons.judged(connection, sale.result.coupons_used)
    bad = Counter(coupon_unit(one.coupon.rule, one.coupon.issuer) for one in uses if one.standing != GOOD)
    postings = bearing.borne_in_sale(sale, sale_postings(sale, balances, known.parties), bad)
    _write(connection, sale, source, known, postings)
    coupons.note_uses(connection, sale.receipt_no, uses, _borne_fen(sale, uses))
    coupons.note_printed(connection, sale, source.received_at)
    if member_no is not None and balances.get(SALES, 0) == 0:
        members.note_home_store(connection, member_no, sale.store)
    return postings


def _borne_fen(sale: SaleMade, uses: list[coupons.Use]) -> list[int]:
    """What is borne for each use: the first shares of its rule, as many as were not good."""
    left: dict[str, list[int]] = {}
    borne = []
    for one in uses:
        shares = left.setdefault(one.coupon.rule, bearing.shares_fen(sale, one.coupon.rule))
        borne.append(shares.pop(0) if one.standing != GOOD and one.coupon.issuer else 0)
    return borne


def _book_refund(connection: Connection, refund: RefundMade, source: Source) -> tuple[Posting, ...]:
    known = knowledge.of_refund(connection, refund)
    owed, printed = _still_overdrawn(connection, refund.of), coupons.borne_units(connection, refund.of)
    by_member = {unit: amount - printed.get(unit, 0) for unit, amount in owed.items()}
    postings = bearing.borne_in_refund(
        refund_postings(refund, by_member, known.parties), printed, owed.get(CNY, 0)
    )
    _write(connection, refund, source, known, postings)
    coupons.free(connection, refund, source.received_at)
    if refund.member_no is not None and _has_no_sale(connection, refund):
        members.note_home_store(connection, refund.member_no, None)
    return postings


def _has_no_sale(connection: Connection, refund: RefundMade) -> bool:
    """Whether this refund undid the member's only paid sale."""
    if not refund.result.complete or refund.member_no is None:
        return False
    return accounts.member_balances(connection, refund.member_no).get(SALES, 0) == 0


def _book_membership(connection: Connection, sold: MembershipSold, source: Source) -> tuple[Posting, ...]:
    balances = accounts.member_balances(connection, sold.member_no)
    known = knowledge.of_membership(connection, sold, balances)
    postings = membership_postings(sold, balances)
    _write(connection, sold, source, known, postings)
    members.take_deal(connection, sold.member_no, sold.deal)
    return postings


def _write(
    connection: Connection,
    event: ReceiptEvent,
    source: Source,
    known: Known,
    postings: tuple[Posting, ...],
) -> None:
    connection.execute(
        schema.receipts.insert().values(
            receipt_no=event.receipt_no,
            entry_id=source.entry_id,
            entry_hash=source.entry_hash.hex(),
            terminal=source.identity.terminal,
            incarnation=source.identity.incarnation,
            epoch=source.identity.epoch,
            store=event.store,
            date=event.date,
            kind=kind_of(event),
            of=event.of if isinstance(event, RefundMade) else None,
            member_no=member_of(event),
            known=None if member_of(event) is None else knowledge.encoded(known),
            **msgspec.structs.asdict(figures_of(event)),
        )
    )
    accounts.post(connection, source.entry_hash.hex(), postings, source.received_at)
    _note_overdrafts(connection, event, postings)


def _still_overdrawn(connection: Connection, sale_no: str) -> dict[str, int]:
    table = schema.overdrafts
    query = select(table.c.asset, table.c.remaining).where(table.c.receipt_no == sale_no)
    return {row.asset: row.remaining for row in connection.execute(query)}


def _note_overdrafts(connection: Connection, event: ReceiptEvent, postings: tuple[Posting, ...]) -> None:
    """Keeps per sale and unit what the clawback account still bears."""
    table = schema.overdrafts
    borne: Counter[str] = Counter()
    for posting in postings:
        if posting.code == OVERDRAWN:
            borne[posting.unit] += posting.amount
        elif posting.code == CLAWBACK_RETURNED and isinstance(event, RefundMade):
            sale = (table.c.receipt_no == event.of) & (table.c.asset == posting.unit)
            connection.execute(update(table).where(sale).values(remaining=table.c.remaining - posting.amount))
    for unit, amount in borne.items():
        connection.execute(
            table.insert().values(
                receipt_no=event.receipt_no,
                asset=unit,
                member_no=member_of(event),
                amount=amount,
                remaining=amount,
            )
        )
