"""Puts what was read from files into the hub, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection

from pos.domain.catalogue import Product
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, packs
from sync.hub.alliance.imports import NewMember
from sync.hub.alliance.members import Member
from sync.hub.feeds import feed_rows, member_rows
from sync.hub.hub import Hub, put_setting, setting
from sync.hub.words import Told, Words
from sync.protocol.messages import StaffRow


def found_alliance(connection: Connection, *, alliance_id: str, name: str, timezone: str) -> None:
    """The first rows of a new hub; its own epoch starts at 1."""
    put_setting(connection, "hub_epoch", "1")
    put_setting(connection, "alliance_id", alliance_id)
    put_setting(connection, "alliance_name", name)
    put_setting(connection, "timezone", timezone)
    feed_rows.start_counting(connection)


def today(hub: Hub, connection: Connection) -> dt.date:
    """The date where the alliance is."""
    return hub.now().astimezone(ZoneInfo(setting(connection, "timezone"))).date()


def put_goods(connection: Connection, store: str, products: Iterable[Product]) -> int:
    """Adds and changes goods of a store; those not named stay. Returns how many changed."""
    return sum(feed_rows.put(connection, "catalogue", one.code, one, store=store) for one in products)


def put_staff(connection: Connection, store: str, staff: Iterable[StaffRow]) -> int:
    """Like `put_goods`, for who may log in."""
    return sum(feed_rows.put(connection, "staff", one.number, one, store=store) for one in staff)


def put_members(
    hub: Hub, connection: Connection, newcomers: Iterable[NewMember], *, store: str | None = None
) -> int:
    """Adds and changes members, for whom `store` is chosen as one of theirs; returns how many are new.

    What a new member holds is booked as opening transfers. The ledger of one whom the hub knows already
    is not touched, because sales have moved it since; nor does a card become sealed again.

    Raises:
        Told: a card code belongs to another member.

    """
    added = 0
    for one in newcomers:
        holder = members.holder_of(connection, one.member.card_code)
        if holder not in (None, one.member.member_no):
            raise Told(_CARD_TAKEN, member_no=one.member.member_no, holder=holder)
        if store is not None:
            member_rows.choose(connection, (one.member.member_no,), store)
        standing = members.find(connection, one.member.member_no)
        if standing is None:
            members.put(connection, one.member)
            members.open_account(connection, one.member.member_no, one.opening, hub.time())
            added += 1
        else:
            members.put(connection, _changed(standing, one.member))
    return added


def _changed(standing: Member, read: Member) -> Member:
    """A known member as the file wants it, but for what has become of it at tills since."""
    sold = read.status == "sealed" and standing.status != "sealed"
    return msgspec.structs.replace(
        read,
        plan=standing.plan if sold else read.plan,
        status=standing.status if sold else read.status,
        expires=standing.expires if sold else read.expires,
        referrer=read.referrer or standing.referrer,
        home_store=standing.home_store or read.home_store,
        activated=standing.activated,
    )


def current_pack(connection: Connection) -> Pack:
    """The pack in force.

    Raises:
        Told: none was published yet.

    """
    pack = packs.current(connection)
    if pack is None:
        raise Told(
            Words(
                "还没有发布方案。请先运行：pos-hub pack publish FILE",
                "No pack has been published. Publish one first: pos-hub pack publish FILE",
            )
        )
    return pack


_CARD_TAKEN = Words(
    "会员 {member_no} 的会员码已属于会员 {holder}，没有导入任何内容。",
    "The card code of member {member_no} belongs to member {holder}; nothing was imported.",
)
