"""Pay codes for tests and support, what is open, and a terminal that was lost with codes open."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, DATA, TERMINAL, opened, print_json, tell
from sync.hub.commands.places import terminal
from sync.hub.words import Words


@click.group()
def code() -> None:
    """Pay codes: points reserved for one till."""


@code.command("issue")
@DATA
@click.option("--member", required=True, help="Member number.")
@TERMINAL
@click.option("--points", required=True, help="Whole units to reserve at most, such as 20.")
@click.option("--asset", default="points", show_default=True, help="An asset of the pack that pays.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Also draw it as a picture.")
@AS_JSON
def code_issue(
    *, data: Path, member: str, terminal: str, points: str, asset: str, png: Path | None, as_json: bool
) -> None:
    """Issue or renew a pay code as a member's phone would, for tests and support."""
    import msgspec

    from sync.hub.codes import drawing, issuing

    with opened(data) as hub, hub.database.write() as connection:
        amount = issuing.minor_amount(connection, asset, points)
        asked = issuing.Asked(member, terminal, asset, amount, "command")
        issued = issuing.issue(hub, connection, asked)
    if png is not None:
        png.write_bytes(drawing.png(issued.code))
    if as_json:
        print_json(msgspec.to_builtins(issued))
    else:
        click.echo(issued.code)


@code.command("list")
@DATA
@click.option("--terminal", help="Of this terminal only.")
@click.option("--member", help="Of this member only.")
@AS_JSON
def code_list(*, data: Path, terminal: str | None, member: str | None, as_json: bool) -> None:
    """Show codes whose points are still reserved, the oldest first."""
    import msgspec

    from sync.hub.codes import issuing

    with opened(data) as hub, hub.database.read() as connection:
        found = issuing.all_open(connection, terminal=terminal, member_no=member)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        where = f"{one.terminal} · {one.epoch} · {one.number}"
        click.echo(f"{where} · {one.member_no} · {one.amount} {one.asset} · {one.issued_at}")


@terminal.command("lost")
@DATA
@TERMINAL
@click.option("--replaced", is_flag=True, help="Only chains that were replaced; the till goes on.")
@AS_JSON
def terminal_lost(*, data: Path, terminal: str, replaced: bool, as_json: bool) -> None:
    """Declare a terminal lost: shut it out, and free what its pay codes hold, at the alliance's risk."""
    from sync.hub.codes import losing
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub, hub.database.write() as connection:
        freed = losing.declare_lost(hub, connection, terminal, replaced_only=replaced)
        audit.note(connection, at_the_console(hub), "terminal.lost", f"terminal:{terminal}", f"{freed}")
    if as_json:
        print_json({"terminal": terminal, "freed": freed})
        return
    told = ", ".join(f"{amount} {asset}" for asset, amount in sorted(freed.items())) or "0"
    tell(_REPLACED if replaced else _LOST, terminal=terminal, freed=told)


_LOST = Words(
    "收银机 {terminal} 已报失并停用，释放预留 {freed}（最小单位）。"
    "它之后上传的付款码销售若余额不足，由联盟承担。",
    "Terminal {terminal} is declared lost and shut out; {freed} freed (minor units). What it sold with pay "
    "codes and uploads later is the alliance's loss where the balance is gone.",
)
_REPLACED = Words(
    "收银机 {terminal} 的旧数据已报失，释放预留 {freed}（最小单位）；现在的机器照常使用。",
    "Earlier chains of terminal {terminal} are declared lost; {freed} freed (minor units). "
    "Its machine goes on.",
)
