"""Orders that were paid elsewhere and are picked up at a store: their codes, and what became of them.

The home of the right is one till: it alone hands an order over, and needs no network for it. A code is
made from the hub's secret and the order's number, so it is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, RowMapping, func, select, update

from pos.domain.events import OrderHandedOver
from pos.domain.printed_codes import code_hash, printed_code
from sync.hub.alliance import members, places
from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub
from sync.hub.rights.tables import hand_overs, pickups
from sync.hub.words import Told, Words
from sync.protocol.pickups import PickupGoods, PickupRow

WAITING, HANDED_OVER, CANCELLED = "waiting", "handed_over", "cancelled"


class Order(msgspec.Struct, frozen=True):
    """An order as it is taken in. `member_no` has its code on the member's card page; None: nobody's."""

    order_no: str
    terminal: str
    goods: tuple[PickupGoods, ...]
    last_day: str
    member_no: str | None = None


def code_of(hub: Hub, order_no: str) -> str:
    """The 23 digits that the order's bearer shows."""
    return printed_code("pickup", int.from_bytes(hub.keys.seal("pick-up", order_no)[:8], "big"))


def take_in(hub: Hub, connection: Connection, orders: Iterable[Order]) -> int:
    """Adds orders and tells their tills; one that is here already stays as it is. Returns how many are new.

    Raises:
        Told: no such terminal or member.

    """
    new = 0
    for order in orders:
        _, store = places.known_terminal(connection, order.terminal)
        if order.member_no is not None:
            members.known(connection, order.member_no)
        here = pickups.c.order_no == order.order_no
        if connection.execute(select(pickups.c.order_no).where(here)).first() is not None:
            continue
        goods = msgspec.json.encode(order.goods).decode()
        facts = msgspec.structs.asdict(order) | {"goods": goods, "store": store}
        connection.execute(pickups.insert().values(**facts, state=WAITING, made_at=hub.time()))
        _tell(hub, connection, order.order_no)
        new += 1
    return new


def cancel(hub: Hub, connection: Connection, order_no: str) -> None:
    """Takes an order back. A till that is offline may hand it over until it has heard.

    Raises:
        Told: no such order waits.

    """
    _known(connection, order_no)
    _change(connection, order_no, state=CANCELLED)
    _tell(hub, connection, order_no)


def move(hub: Hub, connection: Connection, order_no: str, terminal: str) -> None:
    """Has another till of the store hand an order over; the first, if it is offline, may do so, too.

    Raises:
        Told: no such order waits, or the till is of another store.

    """
    standing = _known(connection, order_no)
    _, store = places.known_terminal(connection, terminal)
    if store != standing.store:
        raise Told(_OTHER_STORE, terminal=terminal, store=standing.store)
    _change(connection, order_no, terminal=terminal)
    _tell(hub, connection, order_no)


def note_hand_over(
    hub: Hub, connection: Connection, event: OrderHandedOver, terminal: str, entry_hash: str
) -> None:
    """Keeps what a till did; the first time ends the waiting."""
    before = connection.execute(
        select(func.count()).select_from(hand_overs).where(hand_overs.c.order_no == event.order)
    ).scalar_one()
    connection.execute(
        hand_overs.insert().values(
            entry_hash=entry_hash,
            order_no=event.order,
            terminal=terminal,
            at=event.at,
            received_at=hub.time(),
            again=int(before > 0),
        )
    )
    if before == 0:
        _change(connection, event.order, state=HANDED_OVER)
        _tell(hub, connection, event.order)


def listed(connection: Connection, *, store: str, state: str = WAITING) -> list[RowMapping]:
    """A store's orders, by number."""
    query = select(pickups).where(pickups.c.store == store, pickups.c.state == state)
    return list(connection.execute(query.order_by(pickups.c.order_no)).mappings())


def of_member(connection: Connection, member_no: str) -> list[RowMapping]:
    """What waits for a member, by number."""
    query = select(pickups).where(pickups.c.member_no == member_no, pickups.c.state == WAITING)
    return list(connection.execute(query.order_by(pickups.c.order_no)).mappings())


def goods_of(row: RowMapping) -> tuple[PickupGoods, ...]:
    """What is in an order."""
    return msgspec.json.decode(row["goods"], type=tuple[PickupGoods, ...])


def _known(connection: Connection, order_no: str) -> RowMapping:
    query = select(pickups).where(pickups.c.order_no == order_no, pickups.c.state == WAITING)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise Told(_NOT_WAITING, order=order_no[:60])
    return row


def _change(connection: Connection, order_no: str, **values: str) -> None:
    connection.execute(update(pickups).where(pickups.c.order_no == order_no).values(**values))


def _tell(hub: Hub, connection: Connection, order_no: str) -> None:
    """The row that the store's tills are told now; none once the order waits no more."""
    row = connection.execute(select(pickups).where(pickups.c.order_no == order_no)).mappings().first()
    if row is None:
        return
    waits = row["state"] == WAITING
    hashed = code_hash(code_of(hub, order_no))
    told = PickupRow(order_no, row["terminal"], hashed, goods_of(row), row["last_day"]) if waits else None
    feed_rows.put(connection, "pickups", order_no, told, store=row["store"])


_NOT_WAITING = Words("没有等待取货的订单 {order}。", "No order {order} waits to be picked up.")
_OTHER_STORE = Words(
    "收银机 {terminal} 不是门店 {store} 的。", "Terminal {terminal} is not one of store {store}."
)
