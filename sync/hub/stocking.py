"""Puts what was read from files into the hub, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from pos.domain.catalogue import Product
from pos.domain.programme import Pack
from sync.hub import feeds, members, packs
from sync.hub.hub import Hub, put_setting, setting
from sync.hub.imports import POINTS, NewMember
from sync.hub.words import Told, Words
from sync.protocol.messages import StaffRow


def found_alliance(connection: Connection, *, alliance_id: str, name: str, timezone: str) -> None:
    """The first rows of a new hub; its own epoch starts at 1."""
    put_setting(connection, "hub_epoch", "1")
    put_setting(connection, "alliance_id", alliance_id)
    put_setting(connection, "alliance_name", name)
    put_setting(connection, "timezone", timezone)
    feeds.start_counting(connection)


def today(hub: Hub, connection: Connection) -> dt.date:
    """The date where the alliance is."""
    return hub.now().astimezone(ZoneInfo(setting(connection, "timezone"))).date()


def put_goods(connection: Connection, store: str, products: Iterable[Product]) -> int:
    """Adds and changes goods of a store; those not named stay. Returns how many changed."""
    return sum(feeds.put(connection, "catalogue", one.code, one, store=store) for one in products)


def put_staff(connection: Connection, store: str, staff: Iterable[StaffRow]) -> int:
    """Like `put_goods`, for who may log in."""
    return sum(feeds.put(connection, "staff", one.number, one, store=store) for one in staff)


def put_members(hub: Hub, connection: Connection, newcomers: Iterable[NewMember]) -> int:
    """Adds and changes members; returns how many are new.

    Points of a new member are booked as an opening transfer. The ledger of one whom the hub knows
    already is not touched: sales have moved it since.

    Raises:
        Told: a card code belongs to another member.

    """
    added = 0
    for one in newcomers:
        holder = members.holder_of(connection, one.member.card_code)
        if holder not in (None, one.member.member_no):
            raise Told(_CARD_TAKEN, member_no=one.member.member_no, holder=holder)
        if members.put(connection, one.member):
            members.open_account(connection, one.member.member_no, POINTS, one.points, hub.time())
            added += 1
    return added


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
