"""Who may log in at a store's tills, and their badges."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, DATA, STORE, opened, print_json, print_qr, tell
from sync.hub.words import Words, system_language


@click.group()
def staff() -> None:
    """Staff of a store."""


@staff.command("list")
@DATA
@STORE
@AS_JSON
def staff_list(*, data: Path, store: str, as_json: bool) -> None:
    """Show who may log in, as what, and whether they have a badge."""
    from sync.hub.alliance import stocking

    with opened(data) as hub, hub.database.read() as connection:
        found = stocking.staff_of(connection, store)
    rows = [{"number": one.number, "role": one.role, "badge": bool(one.badge_hash)} for one in found]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        badge = _BADGE.say(system_language()) if row["badge"] else ""
        click.echo(f"{row['number']} · {row['role']} {badge}".rstrip())


@staff.command("badge")
@DATA
@STORE
@click.argument("number")
@AS_JSON
def staff_badge(*, data: Path, store: str, number: str, as_json: bool) -> None:
    """Make a badge for a NUMBER; the one before is void. A badge spares typing the number, not the PIN."""
    import secrets

    from pos.domain.printed_codes import printed_code
    from sync.hub.alliance import stocking
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    code = printed_code("badge", secrets.randbits(64))
    with opened(data) as hub, hub.database.write() as connection:
        stocking.give_badge(connection, store, number, code)
        audit.note(connection, at_the_console(hub), "staff.badge", f"staff:{store}/{number}")
    if as_json:
        print_json({"store": store, "number": number, "code": code})
        return
    click.echo(code)
    print_qr(code)
    tell(_MADE, number=number)


@staff.command("remove")
@DATA
@STORE
@click.argument("number")
def staff_remove(*, data: Path, store: str, number: str) -> None:
    """Let a NUMBER log in no more, as soon as the tills have heard."""
    from sync.hub.alliance import stocking
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub, hub.database.write() as connection:
        stocking.remove_staff(connection, store, number)
        audit.note(connection, at_the_console(hub), "staff.remove", f"staff:{store}/{number}")
    tell(_REMOVED, number=number)


_BADGE = Words("有工牌", "has a badge")
_MADE = Words(
    "工号 {number} 的新工牌已做好，旧的作废。把上面的二维码印在工牌上；登录时还要密码。",
    "The badge of {number} is made, the one before is void. Print the QR; the PIN is asked all the same.",
)
_REMOVED = Words("工号 {number} 已停用。", "Number {number} is removed.")
