"""Days of two neighbouring shops, S1 of M1 and S2 of M2, and their statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
from sqlalchemy import or_, select

from pos.domain.basket import BasketLine, HeldCoupon
from pos.domain.events import MembershipSold, PrintedCoupon, ReceiptEvent, RefundMade, SaleMade
from pos.domain.membership import MembershipDeal
from pos.domain.programme.part import CNY
from pos.domain.refund import ReturnedLine
from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.settlement.booked import PAID
from sync.hub.settlement.locking import lock
from sync.hub.settlement.locks import Day
from sync.hub.settlement.paying import mark_paid
from sync.hub.settlement.statement import Statement, statement
from sync.hub.storage import schema
from tests.sync.hub import honest, sales
from tests.sync.hub.terminals import FakeTerminal

DAY = dt.date.fromisoformat(sales.DATE)
NEXT = DAY + dt.timedelta(days=1)
YEAR = MembershipDeal(
    kind="join", plan="basic", fee_fen=10_000, credit_fen=0, first_day="2026-03-14", last_day="2027-03-13"
)
THIRD = NEXT + dt.timedelta(days=1)
PAID_ON = dt.date(2026, 4, 1)
COUPON, NUMBER = "neighbour_30_3", "00112233445566aa"


def dated(event: ReceiptEvent, day: dt.date) -> ReceiptEvent:
    return msgspec.structs.replace(event, date=day.isoformat())


def book(till: FakeTerminal, *events: ReceiptEvent, day: dt.date = DAY) -> None:
    """Uploads receipts of a day."""
    entries = [till.write(dated(one, day)) for one in events]
    assert {one.verdict for one in till.upload(*entries).results} == {"accepted"}


def store_id(till: FakeTerminal) -> str:
    return till.terminal.partition("-")[0]


def buy(
    till: FakeTerminal,
    pack: str = "tongyi",
    *,
    member: str = sales.NEWCOMER,
    lines: tuple[BasketLine, ...] = sales.FRUIT_LINES,
    redeem: dict[str, int] | None = None,
    printed: tuple[HeldCoupon, ...] = (),
    prints: tuple[PrintedCoupon, ...] = (),
    day: dt.date = DAY,
) -> SaleMade:
    basket = honest.basket(till, lines, member, redeem=redeem, printed=printed)
    made = sales.sold(till.next_receipt_no(), basket, sales.PACKS[pack], store=store_id(till), printed=prints)
    book(till, made, day=day)
    return made


def give_back(
    till: FakeTerminal,
    of: SaleMade,
    *returning: ReturnedLine,
    earlier: tuple[RefundMade, ...] = (),
    day: dt.date = DAY,
) -> RefundMade:
    made = sales.give_back(
        till.next_receipt_no(), of, *(returning or sales.whole(of, *earlier)), earlier=earlier
    )
    book(till, made, day=day)
    return made


def join(till: FakeTerminal, *, day: dt.date = DAY) -> MembershipSold:
    made = sales.membership(till.next_receipt_no(), YEAR, member=sales.FRIEND)
    made = msgspec.structs.replace(made, store=store_id(till))
    book(till, made, day=day)
    return made


def of_store(hub: Hub, store: str = "S1", first: dt.date = DAY, last: dt.date | None = None) -> Statement:
    with hub.database.read() as connection:
        return statement(connection, store=store, first=first, last=last or first)


def of_merchant(hub: Hub, merchant: str, first: dt.date = DAY, last: dt.date | None = None) -> Statement:
    with hub.database.read() as connection:
        return statement(connection, merchant=merchant, first=first, last=last or first)


def set_home(hub: Hub, member_no: str, store: str) -> None:
    with hub.database.write() as connection:
        members.note_home_store(connection, member_no, store)
        members.refresh_feed(connection, member_no)


def moved_fen(hub: Hub, account: str, where: Callable[[str], bool] = lambda _: True) -> int:
    """What an account's transfers of money come to, by dates for which `where` holds; not by our own code.

    Transfers without a receipt count as of no date (an empty text).
    """
    transfers, receipts = schema.transfers, schema.receipts
    query = (
        select(transfers, receipts.c.date)
        .outerjoin(receipts, receipts.c.entry_hash == transfers.c.linked)
        .where(transfers.c.unit == CNY, transfers.c.code != PAID)
        .where(or_(transfers.c.debit == account, transfers.c.credit == account))
    )
    with hub.database.read() as connection:
        return sum(
            row.amount if row.credit == account else -row.amount
            for row in connection.execute(query)
            if where(row.date or "")
        )


def freeze(hub: Hub, first: dt.date = DAY, last: dt.date | None = None, store: str = "S1") -> tuple[Day, ...]:
    with hub.database.write() as connection:
        return lock(hub, connection, store=store, first=first, last=last or first, by="王会计")


def pay(
    hub: Hub,
    first: dt.date = DAY,
    last: dt.date | None = None,
    *,
    reference: str = "网银 0317-1",
    paid_on: dt.date = PAID_ON,
) -> tuple[Day, ...]:
    with hub.database.write() as connection:
        return mark_paid(
            hub,
            connection,
            store="S1",
            first=first,
            last=last or first,
            reference=reference,
            paid_on=paid_on,
            by="王会计",
        )


def content(told: Statement) -> Statement:
    """A statement without what is of the moment it was asked for."""
    return msgspec.structs.replace(told, outstanding_fen=0, late=(), days=(), frozen=False)
