"""Puts what was read from files into the hub, all of it or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, select

from pos.domain.catalogue import Product
from pos.domain.printed_codes import code_hash
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members, packs
from sync.hub.alliance.imports import NewMember
from sync.hub.alliance.members import Member
from sync.hub.feeds import feed_rows, member_rows
from sync.hub.hub import Hub, put_setting, setting
from sync.hub.persons import persons
from sync.hub.storage import schema
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
    """Like `put_goods`, for who may log in; a badge stays where none is named."""
    badges = {one.number: one.badge_hash for one in staff_of(connection, store)}
    rows = [
        one if one.badge_hash else msgspec.structs.replace(one, badge_hash=badges.get(one.number, ""))
        for one in staff
    ]
    return sum(feed_rows.put(connection, "staff", one.number, one, store=store) for one in rows)


def staff_of(connection: Connection, store: str) -> tuple[StaffRow, ...]:
    """Who may log in at a store, by number."""
    table = schema.feed_rows
    query = select(table.c.body).where(
        table.c.feed == "staff", table.c.store == store, table.c.body.is_not(None)
    )
    rows = connection.execute(query.order_by(table.c.key)).scalars()
    return tuple(msgspec.json.decode(body, type=StaffRow) for body in rows)


def give_badge(connection: Connection, store: str, number: str, code: str) -> None:
    """A new badge for somebody on the staff; the hub, too, keeps only its hash.

    Raises:
        Told: nobody there has this number.

    """
    person = _known_staff(connection, store, number)
    changed = msgspec.structs.replace(person, badge_hash=code_hash(code))
    feed_rows.put(connection, "staff", number, changed, store=store)


def remove_staff(connection: Connection, store: str, number: str) -> None:
    """Takes somebody off the staff.

    Raises:
        Told: nobody there has this number.

    """
    _known_staff(connection, store, number)
    feed_rows.put(connection, "staff", number, None, store=store)


def _known_staff(connection: Connection, store: str, number: str) -> StaffRow:
    person = next((one for one in staff_of(connection, store) if one.number == number), None)
    if person is None:
        raise Told(
            Words("门店 {store} 没有工号 {number}。", "Store {store} has no number {number}."),
            store=store[:40],
            number=number[:20],
        )
    return person


def put_members(
    hub: Hub, connection: Connection, newcomers: Iterable[NewMember], *, store: str | None = None
) -> int:
    """Adds and changes members, for whom `store` is chosen as one of theirs; returns how many are new.

    What a new member holds is booked as opening transfers. The ledger of one whom the hub knows already
    is not touched, because sales have moved it since; nor does a card become sealed again.

    Raises:
        Told: a card code belongs to another member.

    """
    added, people = 0, []
    for one in newcomers:
        people.append((one.member.member_no, one.person))
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
    persons.put_all(hub, connection, people)
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
