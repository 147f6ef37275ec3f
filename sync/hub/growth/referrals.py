"""Merchants that members brought: the referral points, once per merchant, when it becomes active.

Active means that its stores have sold something that was not all given back, or that it has paid its fee
for the alliance (money from its own account to the alliance's fees). One level only: whoever brought the
member gets nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from sqlalchemy import Connection, exists, func, select

from pos.domain.ledger import (
    ALLIANCE_FEES,
    ALLIANCE_ISSUED,
    Posting,
    member_account,
    merchant_account,
)
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from pos.domain.programme.timed import Activity
from sync.hub.alliance import packs, stocking
from sync.hub.alliance.telling import tell_tills
from sync.hub.growth import rates
from sync.hub.growth.tables import merchant_referrals
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import schema

Cause = Literal["first_sale", "fee"]


class Referral(msgspec.Struct, frozen=True):
    """What was booked for a merchant: `points` minor units of `asset` to `member_no`."""

    merchant: str
    member_no: str
    asset: str
    points: int
    cause: Cause
    booked_at: str


def book_due(hub: Hub, connection: Connection) -> list[Referral]:
    """Books every referral that is due and was not booked yet; running it again books nothing more.

    Nothing is due under a pack without the activity `merchant_referral`, or to a number nobody knows.
    """
    pack = packs.current(connection)
    booked = due(connection, pack, hub.time()) if pack else []
    for one, posting in zip(booked, note(connection, booked), strict=True):
        accounts.post(connection, f"referral:{one.merchant}", (posting,), one.booked_at)
    moved = (member_account(one.member_no) for one in booked)
    tell_tills(connection, moved, stocking.today(hub, connection))
    return booked


def due(connection: Connection, pack: Pack, stamp: str) -> list[Referral]:
    """What is to be booked now under a pack."""
    activity = activity_of(pack)
    if activity is None:
        return []
    points = rates.points_for(activity, pack.asset(activity.asset), minutes=None)
    return [
        Referral(merchant, member_no, activity.asset, points, cause, stamp)
        for merchant, member_no, cause in _active(connection)
    ]


def activity_of(pack: Pack) -> Activity | None:
    """What a pack gives for bringing a merchant; None if nothing."""
    return next((one for one in pack.activities if one.id == rates.MERCHANT_REFERRAL), None)


def note(connection: Connection, found: list[Referral]) -> list[Posting]:
    """Notes referrals, each merchant once, and returns what is to be booked in the same transaction."""
    for one in found:
        connection.execute(merchant_referrals.insert().values(msgspec.structs.asdict(one)))
    return [
        Posting(ALLIANCE_ISSUED, member_account(one.member_no), one.asset, one.points, "earned")
        for one in found
    ]


def referrals_of(connection: Connection, member_no: str) -> list[Referral]:
    """What a member got for merchants, in the order of booking."""
    table = merchant_referrals
    query = select(table).where(table.c.member_no == member_no).order_by(table.c.booked_at, table.c.merchant)
    return [Referral(**row) for row in connection.execute(query).mappings()]


def waiting(connection: Connection) -> list[tuple[str, str]]:
    """Merchants that somebody brought and that are not active yet, with who did."""
    table, booked = schema.merchants, merchant_referrals
    query = (
        select(table.c.id, table.c.referrer)
        .where(table.c.referrer.is_not(None), ~exists().where(booked.c.merchant == table.c.id))
        .order_by(table.c.id)
    )
    return [(row.id, row.referrer) for row in connection.execute(query)]


def _active(connection: Connection) -> list[tuple[str, str, Cause]]:
    found: list[tuple[str, str, Cause]] = []
    known = schema.members
    for merchant, member_no in waiting(connection):
        cause = _cause(connection, merchant)
        here = known.c.member_no == member_no
        if cause is not None and connection.execute(select(known.c.member_no).where(here)).first():
            found.append((merchant, member_no, cause))
    return found


def _cause(connection: Connection, merchant: str) -> Cause | None:
    """What made the merchant active; None if nothing has yet."""
    receipts, stores, moved = schema.receipts.c, schema.stores.c, schema.transfers.c
    sold = (
        select(func.sum(receipts.payable_fen))
        .join(schema.stores, stores.id == receipts.store)
        .where(stores.merchant_id == merchant)
    )
    if (connection.execute(sold).scalar() or 0) > 0:
        return "first_sale"
    fee = select(moved.id).where(
        moved.debit == merchant_account(merchant), moved.credit == ALLIANCE_FEES, moved.unit == CNY
    )
    return "fee" if connection.execute(fee.limit(1)).first() else None
