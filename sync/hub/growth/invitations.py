"""Who invited whom: one level, nobody themselves or in a circle, and not after the first purchase.

What the hub goes by is `members.referrer`; the table beside it keeps who registered an invitation, and when.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, literal, select

from pos.domain.ledger import SALES, member_account
from sync.hub.alliance import members
from sync.hub.growth import tables
from sync.hub.growth.posting import known_by
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words

CHAIN_MAX = 10_000
"""No chain of people is longer; a circle that an import made ends the search there."""


class Invited(msgspec.Struct, frozen=True):
    """Whom somebody brought. `joined`: the card was sold; `bought`: at least once."""

    member_no: str
    joined: bool
    bought: bool


def register(hub: Hub, connection: Connection, invited: str, inviter: str, *, by: str) -> bool:
    """Keeps who invited a member; False if that was known already.

    Raises:
        Told: no such member, oneself, a circle, somebody else did, or the invited has bought before.

    """
    newcomer, host, doer = (
        members.known(connection, invited),
        members.known(connection, inviter),
        known_by(by),
    )
    if invited == inviter:
        raise Told(_ONESELF, no=invited)
    if newcomer.referrer == inviter:
        return False
    if newcomer.referrer is not None:
        raise Told(_ANOTHERS, no=invited)
    if accounts.member_balances(connection, invited).get(SALES, 0) > 0:
        raise Told(_LATE, no=invited)
    if host.status != "active":
        raise Told(_INVITER, no=inviter)
    if _is_above(connection, invited, of=inviter):
        raise Told(_CIRCLE, no=invited, inviter=inviter)
    members.change(connection, invited, activated=None, referrer=inviter)
    _keep(connection, invited, inviter, at=hub.time(), by=doer)
    return True


def _keep(connection: Connection, invited: str, inviter: str, *, at: str, by: str) -> None:
    """An earlier row stands there only if the alliance has since taken that inviter away."""
    table = tables.invitations
    connection.execute(table.delete().where(table.c.invited == invited))
    connection.execute(table.insert().values(invited=invited, inviter=inviter, at=at, by=by))


def _is_above(connection: Connection, member_no: str, *, of: str) -> bool:
    """Whether `member_no` stands somewhere in the chain of those who brought `of`."""
    table = schema.members
    here: str | None = of
    for _ in range(CHAIN_MAX):
        here = connection.execute(select(table.c.referrer).where(table.c.member_no == here)).scalar()
        if here is None or here == member_no:
            return here is not None
    return True


def invited_by(connection: Connection, inviter: str) -> list[Invited]:
    """Whom a member brought, directly."""
    table, paid = schema.members.c, schema.balances.c
    query = (
        select(table.member_no, table.status, func.coalesce(paid.amount, 0).label("sales"))
        .outerjoin(
            schema.balances,
            (paid.account == literal(member_account("")) + table.member_no) & (paid.unit == SALES),
        )
        .where(table.referrer == inviter)
        .order_by(table.member_no)
    )
    return [
        Invited(row.member_no, row.status != "sealed", row.sales > 0) for row in connection.execute(query)
    ]


_ONESELF = Words("会员 {no} 不能邀请自己。", "Member {no} cannot have invited themselves.")
_ANOTHERS = Words(
    "会员 {no} 已登记为别人邀请，不能再改。",
    "Member {no} is registered as invited by somebody else; that stays.",
)
_LATE = Words(
    "会员 {no} 已有消费，不能再补登邀请人。",
    "Member {no} has bought already; an inviter cannot be registered any more.",
)
_INVITER = Words(
    "邀请人 {no} 的会员卡未开通或已停用。",
    "The card of the inviter, {no}, is not sold yet or blocked.",
)
_CIRCLE = Words(
    "会员 {no} 直接或间接邀请了 {inviter}，不能反过来。",
    "Member {no} brought {inviter}, directly or through others; it cannot be the other way round too.",
)
