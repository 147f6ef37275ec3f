"""Who contests what, until when it must be answered, and how it ended: in a correction, or dismissed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec
from sqlalchemy import Connection, func, select, update

from pos.domain.ledger import ALLIANCE_ISSUED, ALLIANCE_SHARE, member_account, store_account
from pos.domain.programme.part import CNY
from sync.hub.disputes.tables import disputes
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words, stamp

ANSWER_WITHIN = dt.timedelta(hours=48)
REASON_LENGTH_MAX = 1000
OPEN_PER_PARTY_MAX = 50
AMOUNT_MAX = 10**12

State = Literal["open", "corrected", "dismissed"]


class Contested(msgspec.Struct, frozen=True):
    """What is contested: a receipt, or a line of the statement of `first_day` to `last_day` (ISO dates)."""

    receipt_no: str | None = None
    first_day: str | None = None
    last_day: str | None = None
    line: str | None = None


class Correction(msgspec.Struct, frozen=True):
    """Moves `amount` minor units of `unit` to who contests (negative: from them)."""

    unit: str
    amount: int


class Dispute(msgspec.Struct, frozen=True):
    """One dispute. `party` is the ledger account of who contests; moments are stamps in UTC."""

    id: int
    party: str
    opened_by: str
    opened_at: str
    due_at: str
    receipt_no: str | None
    first_day: str | None
    last_day: str | None
    line: str | None
    reason: str
    state: State
    answer: str | None
    answered_by: str | None
    answered_at: str | None
    unit: str | None
    amount: int | None

    def overdue(self, now: str) -> bool:
        return self.state == "open" and self.due_at < now

    @property
    def late(self) -> bool:
        """Whether it was answered after its time."""
        return self.answered_at is not None and self.answered_at > self.due_at


# --- opening -------------------------------------------------------------------------------------


def open_one(
    connection: Connection, about: Contested, *, party: str, reason: str, opened_by: str, now: dt.datetime
) -> int:
    """Opens a dispute and returns its number.

    Raises:
        Told: no reason, not theirs to contest, or contested already.

    """
    told = _sentence(reason, _NO_REASON)
    _check_theirs(connection, about, party, now)
    _check_not_open(connection, about, party)
    row = msgspec.structs.asdict(about) | {
        "party": party,
        "opened_by": opened_by,
        "opened_at": stamp(now),
        "due_at": stamp(now + ANSWER_WITHIN),
        "reason": told,
        "state": "open",
    }
    key = connection.execute(disputes.insert().values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _sentence(text: str, missing: Words) -> str:
    told = text.strip()
    if len(told) < 2:
        raise Told(missing)
    if len(told) > REASON_LENGTH_MAX:
        raise Told(_TOO_LONG, max=REASON_LENGTH_MAX)
    return told


def _check_theirs(connection: Connection, about: Contested, party: str, now: dt.datetime) -> None:
    """A receipt must be of the store, or of the member; a statement is a store's, of days that have begun."""
    if about.receipt_no is None:
        days = [_day(about.first_day), _day(about.last_day)]
        begun = (now + dt.timedelta(days=1)).date()  # wherever the store is
        if days != sorted(days) or days[-1] > begun:
            raise Told(_NO_PERIOD)
        return
    table = schema.receipts
    query = select(table.c.store, table.c.member_no).where(table.c.receipt_no == about.receipt_no)
    row = connection.execute(query).first()
    theirs = row is not None and party in (store_account(row.store), member_account(row.member_no or ""))
    if not theirs:
        raise Told(_NO_RECEIPT, receipt_no=about.receipt_no[:60])


def _day(text: str | None) -> dt.date:
    """Raises `Told` where it is no date, written as dates are."""
    try:
        day = dt.date.fromisoformat(text or "")
    except ValueError as error:
        raise Told(_NO_PERIOD) from error
    if day.isoformat() != text:
        raise Told(_NO_PERIOD)
    return day


def _check_not_open(connection: Connection, about: Contested, party: str) -> None:
    table = disputes.c
    here = (table.party == party) & (table.state == "open")
    if (connection.execute(select(func.count()).where(here)).scalar() or 0) >= OPEN_PER_PARTY_MAX:
        raise Told(_TOO_MANY, max=OPEN_PER_PARTY_MAX)
    same = [
        getattr(table, name).is_not_distinct_from(value)
        for name, value in msgspec.structs.asdict(about).items()
    ]
    number = connection.execute(select(table.id).where(here, *same)).scalar()
    if number is not None:
        raise Told(_OPEN_ALREADY, id=number)


# --- answering -----------------------------------------------------------------------------------


def answer(
    connection: Connection,
    dispute_id: int,
    text: str,
    *,
    answered_by: str,
    now: dt.datetime,
    correction: Correction | None = None,
) -> frozenset[str]:
    """Ends a dispute with an answer, and books the correction if there is one.

    Returns the accounts that moved: tell the tills of them in the same transaction.

    Raises:
        Told: no such dispute, it has ended, no answer, or a correction that cannot be booked.

    """
    found = known(connection, dispute_id)
    if found.state != "open":
        raise Told(_ENDED, id=dispute_id)
    told = _sentence(text, _NO_ANSWER)
    moved = _book(connection, found, correction, told, stamp(now)) if correction else frozenset[str]()
    connection.execute(
        update(disputes)
        .where(disputes.c.id == dispute_id)
        .values(
            state="corrected" if correction else "dismissed",
            answer=told,
            answered_by=answered_by,
            answered_at=stamp(now),
            unit=correction.unit if correction else None,
            amount=correction.amount if correction else None,
        )
    )
    return moved


def _book(
    connection: Connection, dispute: Dispute, correction: Correction, reason: str, booked_at: str
) -> frozenset[str]:
    if not 0 < abs(correction.amount) <= AMOUNT_MAX:
        raise Told(_NO_AMOUNT)
    payer = ALLIANCE_SHARE if correction.unit == CNY else ALLIANCE_ISSUED
    ends = (payer, dispute.party) if correction.amount > 0 else (dispute.party, payer)
    accounts.correct(
        connection,
        f"dispute:{dispute.id}",
        debit=ends[0],
        credit=ends[1],
        unit=correction.unit,
        amount=abs(correction.amount),
        reason=reason,
        booked_at=booked_at,
    )
    return frozenset(ends)


# --- reading -------------------------------------------------------------------------------------


def known(connection: Connection, dispute_id: int) -> Dispute:
    """Raises `Told` where there is none of that number."""
    row = connection.execute(select(disputes).where(disputes.c.id == dispute_id)).mappings().first()
    if row is None:
        raise Told(_UNKNOWN, id=dispute_id)
    return Dispute(**row)


def listed(
    connection: Connection, parties: Iterable[str] | None = None, *, limit: int = 200
) -> list[Dispute]:
    """Open ones first, by when they are due (so overdue ones lead), then the ended ones, newest first."""
    table = disputes.c
    query = select(disputes)
    if parties is not None:
        query = query.where(table.party.in_(tuple(parties)))
    opened = connection.execute(query.where(table.state == "open").order_by(table.due_at).limit(limit))
    ended = connection.execute(query.where(table.state != "open").order_by(table.id.desc()).limit(limit))
    return [Dispute(**row) for row in (*opened.mappings(), *ended.mappings())][:limit]


def waiting(connection: Connection, now: str, parties: Iterable[str] | None = None) -> tuple[int, int]:
    """How many are open, and how many of those are overdue."""
    table = disputes.c
    query = select(func.count(), func.count().filter(table.due_at < now)).where(table.state == "open")
    if parties is not None:
        query = query.where(table.party.in_(tuple(parties)))
    opened, overdue = connection.execute(query).one()
    return int(opened), int(overdue)


_NO_REASON = Words("请写明哪里不对。", "Please say what is wrong.")
_NO_ANSWER = Words("请写明答复的理由。", "Please say why it is answered so.")
_TOO_LONG = Words("太长了，最多 {max} 个字。", "That is too long; at most {max} characters.")
_NO_PERIOD = Words(
    "请写明结算单的起止日期，例如 2026-03-01 至 2026-03-31，不能是将来的日期。",
    "Name the first and last day of the statement, such as 2026-03-01 to 2026-03-31; none may lie ahead.",
)
_NO_RECEIPT = Words(
    "您的账上没有小票 {receipt_no}，请核对小票号。",
    "There is no receipt {receipt_no} of yours; check its number.",
)
_OPEN_ALREADY = Words(
    "这一项已经提过申诉（{id} 号），正在处理。", "This is contested already (no. {id}) and being looked into."
)
_TOO_MANY = Words(
    "还有 {max} 个申诉没有答复，请等答复后再提。",
    "{max} disputes are still waiting for an answer; wait for some of them first.",
)
_ENDED = Words("{id} 号申诉已经答复过了。", "Dispute {id} has been answered already.")
_UNKNOWN = Words("没有 {id} 号申诉。", "There is no dispute {id}.")
_NO_AMOUNT = Words("更正的数量不能是 0，也不能太大。", "A correction is not 0, and within reason.")
