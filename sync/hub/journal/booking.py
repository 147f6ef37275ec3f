"""Books a receipt: its row of figures, its postings, what was overdrawn, what it makes of a member.

Works on `Books` in memory; who takes a batch writes them into the transaction that stores the entries.
What overdraws is booked to the clawback account and reported; it is never a reason to refuse a sale that
was made.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from pos.domain.day import figures_of
from pos.domain.events import CodesClosed, MembershipSold, ReceiptEvent, RefundMade, SaleMade, kind_of
from pos.domain.journal import ChainIdentity
from pos.domain.ledger import (
    ALLIANCE_CLAWBACK,
    BEARER,
    SALES,
    Posting,
    member_account,
    membership_postings,
    merchant_account,
    refund_postings,
    sale_postings,
)
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import coupon_unit
from sync.hub.alliance import knowledge, members
from sync.hub.alliance.coupon_book import Judged, Use
from sync.hub.alliance.coupons import GOOD
from sync.hub.alliance.knowledge import Known
from sync.hub.journal import bearing
from sync.hub.journal.bearing import CLAWBACK_RETURNED
from sync.hub.journal.books import Books, member_of


class Source(msgspec.Struct, frozen=True):
    """Where a receipt came from: the stored entry, its hash (hexadecimal), whose chain, when it arrived."""

    entry_id: int
    entry_hash: str
    identity: ChainIdentity
    received_at: str


def book(books: Books, event: ReceiptEvent, source: Source) -> None:
    """Everything that follows from one receipt, but for feed rows (once per batch).

    The member is told of in any case, as a plan or home store may have changed while no balance has.
    """
    member_no = member_of(event)
    if member_no is not None:
        books.moved.add(member_account(member_no))
    follow(books, event, known_of(books, event), source)
    if isinstance(event, SaleMade) and event.pay_codes:
        freed = books.codes.spend(event, source.identity, source.entry_hash, source.received_at)
        books.free(freed)


def close_codes(books: Books, closed: CodesClosed, source: Source) -> None:
    """Frees what the codes hold that a till will take no more."""
    freed = books.codes.close(closed, source.identity, source.entry_hash, source.received_at)
    books.free(freed)
    books.moved |= {account for account, _ in freed}


def known_of(books: Books, event: ReceiptEvent) -> Known:
    """What the hub knows of a receipt just before it books it."""
    member_no = member_of(event)
    member = books.members.get(member_no) if member_no is not None else None
    reserved = books.codes.reserved(event) if isinstance(event, SaleMade) else {}
    balances = books.takable(member_account(member_no), reserved) if member_no is not None else {}
    match event:
        case SaleMade():
            return knowledge.of_sale(event, member, books.merchant, balances, books.prices[event.date])
        case RefundMade():
            sale = knowledge.decoded(books.receipts.get(event.of))
            return knowledge.of_refund(event, sale, member, books.merchant)
        case MembershipSold():
            return knowledge.of_membership(event, member, balances)


def follow(books: Books, event: ReceiptEvent, known: Known, source: Source) -> None:
    """Books a receipt by what was known of it: the same now as when it is audited."""
    match event:
        case SaleMade():
            _book_sale(books, event, known, source)
        case RefundMade():
            _book_refund(books, event, known, source)
        case MembershipSold():
            _book_membership(books, event, known, source)


def _book_sale(books: Books, sale: SaleMade, known: Known, source: Source) -> None:
    uses = books.coupons.judged(sale.result.coupons_used)
    bad = Counter(coupon_unit(one.coupon.rule, one.coupon.issuer) for one in uses if one.standing != GOOD)
    postings = sale_postings(sale, known.balances, known.parties)
    if sale.result.coupons_used:
        postings = bearing.borne_in_sale(sale, postings, bad)
    _write(books, sale, source, known, postings)
    books.coupons.note_uses(sale.receipt_no, source.entry_hash, uses, _borne_fen(sale, uses))
    _settle(books, books.coupons.note_printed(sale), source.received_at)
    member_no = member_of(sale)
    if member_no is not None and known.balances.get(SALES, 0) == 0:
        books.set_home_store(member_no, sale.store)


def _borne_fen(sale: SaleMade, uses: list[Judged]) -> list[int]:
    """What is borne for each use: the first shares of its rule, as many as were not good."""
    left: dict[str, list[int]] = {}
    borne = []
    for one in uses:
        shares = left.setdefault(one.coupon.rule, bearing.shares_fen(sale, one.coupon.rule))
        borne.append(shares.pop(0) if one.standing != GOOD and one.coupon.issuer else 0)
    return borne


def _book_refund(books: Books, refund: RefundMade, known: Known, source: Source) -> None:
    owed, printed = books.still_overdrawn(refund.of), books.coupons.borne_units(refund.of)
    by_member = {unit: amount - printed.get(unit, 0) for unit, amount in owed.items()}
    postings = bearing.borne_in_refund(
        refund_postings(refund, by_member, known.parties), printed, owed.get(CNY, 0)
    )
    _write(books, refund, source, known, postings)
    _settle(books, books.coupons.free(refund), source.received_at)
    if refund.member_no is not None and _has_no_sale(books, refund):
        books.set_home_store(refund.member_no, None)


def _has_no_sale(books: Books, refund: RefundMade) -> bool:
    """Whether this refund undid the member's only paid sale."""
    if not refund.result.complete or refund.member_no is None:
        return False
    return books.held(member_account(refund.member_no)).get(SALES, 0) == 0


def _book_membership(books: Books, sold: MembershipSold, known: Known, source: Source) -> None:
    _write(books, sold, source, known, membership_postings(sold, known.balances))
    books.change_member(sold.member_no, lambda member: members.after_deal(member, sold.deal))


def _settle(books: Books, uses: list[Use], booked_at: str) -> None:
    """Moves uses that turned good from the clawback account to who owes for them."""
    for use in uses:
        owed = books.still_overdrawn(use.receipt_no)
        payer = merchant_account(use.issuer) if use.issuer else ""
        postings = (
            Posting(BEARER, ALLIANCE_CLAWBACK, use.unit, min(1, owed.get(use.unit, 0)), CLAWBACK_RETURNED),
            Posting(payer, ALLIANCE_CLAWBACK, CNY, min(use.borne_fen, owed.get(CNY, 0)), CLAWBACK_RETURNED),
        )
        moved = [one for one in postings if one.amount > 0]
        books.post(use.entry_hash, moved, booked_at)
        for one in moved:
            books.make_good(use.receipt_no, one.unit, one.amount)
        books.coupons.settle(use)


def _write(
    books: Books, event: ReceiptEvent, source: Source, known: Known, postings: tuple[Posting, ...]
) -> None:
    member_no = member_of(event)
    sale_no = event.of if isinstance(event, RefundMade) else None
    books.add_receipt(
        {
            "receipt_no": event.receipt_no,
            "entry_id": source.entry_id,
            "entry_hash": source.entry_hash,
            "terminal": source.identity.terminal,
            "incarnation": source.identity.incarnation,
            "epoch": source.identity.epoch,
            "store": event.store,
            "date": event.date,
            "kind": kind_of(event),
            "of": sale_no,
            "member_no": member_no,
            "known": None if member_no is None else knowledge.encoded(known),
            **msgspec.structs.asdict(figures_of(event)),
        }
    )
    books.post(source.entry_hash, postings, source.received_at)
    books.note_overdrafts(event.receipt_no, member_no, sale_no, postings)
