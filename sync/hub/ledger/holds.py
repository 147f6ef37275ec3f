"""Holds: an amount set apart in an account until it is posted or freed.

The database keeps `balances.pending`, refuses a hold beyond what is free, more posted than was held and a
second end. What is asked here first is asked so that people read a sentence. Every act is idempotent by
the hold's id, which the one who asks has chosen. A sale that a till uploads takes what the account has,
held or not: it has happened.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import Posting
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words


class Hold(msgspec.Struct, frozen=True):
    """`posting.amount` (minor units) waits in `posting.debit`; `posted` is None until the hold has ended."""

    id: str
    posting: Posting
    made_at: str
    posted: int | None = None
    linked: str | None = None


def hold(connection: Connection, hold_id: str, posting: Posting, made_at: str) -> Literal["held", "exists"]:
    """Sets an amount apart; asked again with the same id, it holds nothing more.

    Raises:
        Told: the account has less free, or the id is that of another hold.

    """
    standing = find(connection, hold_id)
    if standing is not None:
        if standing.posting != posting:
            raise Told(_OTHER_HOLD, id=hold_id[:60])
        return "exists"
    free = accounts.free(connection, posting.debit, posting.unit)
    if posting.amount > free:
        raise Told(_NOT_FREE, asked=posting.amount, free=max(0, free), unit=posting.unit)
    row = msgspec.structs.asdict(posting) | {"id": hold_id, "made_at": made_at}
    connection.execute(schema.pending_transfers.insert().values(row))
    return "held"


def post(connection: Connection, hold_id: str, amount: int, *, linked: str, ended_at: str) -> None:
    """Books `amount` of what is held as a transfer, and frees the rest; the same again books nothing more.

    Raises:
        Told: no such hold, it ended otherwise, less was held, or the account no longer covers it.

    """
    standing = _open(connection, hold_id, amount)
    if standing is None:
        return
    if amount > standing.posting.amount:
        raise Told(_MORE_THAN_HELD, asked=amount, held=standing.posting.amount)
    posting = msgspec.structs.replace(standing.posting, amount=amount)
    if accounts.free(connection, posting.debit, posting.unit) + standing.posting.amount < amount:
        raise Told(_NO_COVER, id=hold_id[:60])
    _end(connection, hold_id, amount, linked, ended_at)
    if amount:
        accounts.post(connection, linked, (posting,), ended_at, covered=True)


def void(connection: Connection, hold_id: str, *, ended_at: str) -> None:
    """Frees what is held; the same again does nothing.

    Raises:
        Told: there is no such hold, or it was posted.

    """
    if _open(connection, hold_id, 0) is not None:
        _end(connection, hold_id, 0, f"void:{hold_id}", ended_at)


def find(connection: Connection, hold_id: str) -> Hold | None:
    table, ends = schema.pending_transfers, schema.pending_ends
    query = (
        select(table, ends.c.posted, ends.c.linked)
        .outerjoin(ends, ends.c.pending_id == table.c.id)
        .where(table.c.id == hold_id)
    )
    row = connection.execute(query).first()
    return None if row is None else _read(row)


def open_holds(connection: Connection, account: str) -> tuple[Hold, ...]:
    """What is held in an account, the longest first."""
    table, ends = schema.pending_transfers, schema.pending_ends
    query = (
        select(table, ends.c.posted, ends.c.linked)
        .outerjoin(ends, ends.c.pending_id == table.c.id)
        .where(table.c.debit == account, ends.c.pending_id.is_(None))
        .order_by(table.c.made_at, table.c.id)
    )
    return tuple(_read(row) for row in connection.execute(query))


def _read(row: Any) -> Hold:
    posting = Posting(row.debit, row.credit, row.unit, row.amount, row.code)
    return Hold(row.id, posting, row.made_at, row.posted, row.linked)


def _open(connection: Connection, hold_id: str, amount: int) -> Hold | None:
    """The hold, if it waits to be ended; None if it ended with just this amount posted."""
    standing = find(connection, hold_id)
    if standing is None:
        raise Told(_NO_HOLD, id=hold_id[:60])
    if standing.posted is None:
        return standing
    if standing.posted != amount:
        raise Told(_ENDED, id=hold_id[:60], posted=standing.posted)
    return None


def _end(connection: Connection, hold_id: str, posted: int, linked: str, ended_at: str) -> None:
    connection.execute(
        schema.pending_ends.insert().values(
            pending_id=hold_id, posted=posted, linked=linked, ended_at=ended_at
        )
    )


_NOT_FREE = Words(
    "可用余额不足：要冻结 {asked}，可用 {free}（{unit}，最小单位）。请减少后再试。",
    "Not enough is free: {asked} asked, {free} free ({unit}, minor units). Ask for less.",
)
_OTHER_HOLD = Words(
    "编号 {id} 已用于另一笔冻结，请换一个编号。",
    "The id {id} is that of another hold; choose another one.",
)
_NO_HOLD = Words("没有冻结 {id}，请核对编号。", "There is no hold {id}; check its id.")
_ENDED = Words(
    "冻结 {id} 已结束，入账 {posted}；不能再改。",
    "Hold {id} has ended with {posted} posted; that cannot be changed.",
)
_MORE_THAN_HELD = Words(
    "入账 {asked} 超过冻结的 {held}。请先解冻，再按新的金额冻结。",
    "{asked} is more than the {held} that is held. Void the hold and make one of the new amount.",
)
_NO_COVER = Words(
    "冻结 {id} 的账户余额已不足（例如退货收回了积分）。请解冻后重新结算。",
    "The account no longer covers hold {id} (a refund may have taken points back). Void it and settle anew.",
)
