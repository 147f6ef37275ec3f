"""An order that was paid elsewhere is picked up: its code is good at one till, once."""

from __future__ import annotations

from pos.domain.events import OrderHandedOver
from pos.domain.message import Refusal, say
from pos.domain.printed_codes import code_hash
from pos.domain.rights import Right
from pos.usecases.desk import Desk, business_date
from pos.usecases.ports import RightSpent
from pos.usecases.roles import check_leave
from sync.protocol.pickups import PickupRow


def find_order(code: str, desk: Desk) -> PickupRow:
    """The order behind a scanned pick-up code, if this till may hand it over. Needs no hub.

    A day that has passed is for people to decide: the goods are paid.

    Raises:
        Refusal: `unknown_order`, `other_till` or `handed_over`.

    """
    order = desk.terms.waiting(code_hash(code))
    if order is None:
        raise Refusal(
            "unknown_order",
            say("没有等待取货的这张单：可能已取走、已取消，或本机还没收到。请联网同步后再扫一次"),
        )
    if order.terminal != desk.journal.identity.terminal:
        raise Refusal(
            "other_till", say("这张单要在 {terminal} 号机取货，请到那台机办理", terminal=order.terminal)
        )
    if desk.journal.right_spent(Right("pickup", order.order)):
        raise Refusal("handed_over", say("订单 {order} 已经交过货了，不能再取", order=order.order))
    return order


def hand_over(order: PickupRow, cashier: str, desk: Desk) -> None:
    """Writes down that the goods went out. On the journal's writer thread.

    Raises:
        Refusal: `handed_over`: somebody was faster; or what `check_leave` says.
        StorageTrouble: nothing was booked.

    """
    check_leave(cashier, "sell", desk)
    event = OrderHandedOver(
        at=desk.clock.now().isoformat(timespec="seconds"),
        date=business_date(desk),
        cashier=cashier,
        order=order.order,
    )
    try:
        with desk.journal.transaction() as transaction:
            transaction.append(event)
    except RightSpent as spent:
        raise Refusal("handed_over", say("订单 {order} 已经交过货了，不能再取", order=order.order)) from spent
    desk.hub.nudge()
