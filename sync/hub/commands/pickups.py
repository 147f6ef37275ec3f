"""Orders to be picked up at a store."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import (
    AS_JSON,
    DATA,
    FILE,
    STORE,
    TERMINAL,
    opened,
    print_json,
    print_qr,
    tell,
)
from sync.hub.words import Words


@click.group("pickup")
def pickup() -> None:
    """Orders that were paid elsewhere and wait at a till."""


@pickup.command("import")
@FILE
@DATA
def pickup_import(*, file: Path, data: Path) -> None:
    """Take in orders (CSV: order, terminal, name, quantity, last_day, member_no); a line per good."""
    from sync.hub.rights import order_files, pickups

    orders = order_files.read_orders(file.read_bytes(), file.name)
    with opened(data) as hub, hub.database.write() as connection:
        new = pickups.take_in(hub, connection, orders)
    tell(_TAKEN_IN, count=len(orders), new=new)


@pickup.command("list")
@DATA
@STORE
@click.option(
    "--state",
    type=click.Choice(["waiting", "handed_over", "cancelled"]),
    default="waiting",
    show_default=True,
)
@AS_JSON
def pickup_list(*, data: Path, store: str, state: str, as_json: bool) -> None:
    """Show a store's orders and their codes."""
    from sync.hub.rights import pickups

    with opened(data) as hub, hub.database.read() as connection:
        rows = [
            {
                "order": row["order_no"],
                "terminal": row["terminal"],
                "last_day": row["last_day"],
                "goods": {one.name: one.quantity for one in pickups.goods_of(row)},
                "code": pickups.code_of(hub, row["order_no"]),
            }
            for row in pickups.listed(connection, store=store, state=state)
        ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        goods = ", ".join(f"{name} × {quantity}" for name, quantity in row["goods"].items())
        click.echo(f"{row['order']} · {row['terminal']} · {row['last_day']} · {goods} · {row['code']}")


@pickup.command("code")
@DATA
@click.argument("order")
def pickup_code(*, data: Path, order: str) -> None:
    """Show an ORDER's code, as digits and as a QR."""
    from sync.hub.rights import pickups

    with opened(data) as hub:
        code = pickups.code_of(hub, order)
    click.echo(code)
    print_qr(code)


@pickup.command("cancel")
@DATA
@click.argument("order")
def pickup_cancel(*, data: Path, order: str) -> None:
    """Take an ORDER back; a till that is offline may hand it over until it has heard."""
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console
    from sync.hub.rights import pickups

    with opened(data) as hub, hub.database.write() as connection:
        pickups.cancel(hub, connection, order)
        audit.note(connection, at_the_console(hub), "pickups.cancel", f"order:{order}")
    tell(_CANCELLED, order=order)


@pickup.command("move")
@DATA
@TERMINAL
@click.argument("order")
def pickup_move(*, data: Path, terminal: str, order: str) -> None:
    """Have another till hand an ORDER over; if the first is offline, it may do so, too."""
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console
    from sync.hub.rights import pickups

    with opened(data) as hub, hub.database.write() as connection:
        pickups.move(hub, connection, order, terminal)
        audit.note(connection, at_the_console(hub), "pickups.move", f"order:{order}", terminal)
    tell(_MOVED, order=order, terminal=terminal)


_TAKEN_IN = Words("已读取 {count} 张订单，新增 {new} 张。", "{count} orders read, {new} new.")
_CANCELLED = Words("订单 {order} 已取消。", "Order {order} is cancelled.")
_MOVED = Words("订单 {order} 改到收银机 {terminal} 取货。", "Order {order} is now picked up at {terminal}.")
