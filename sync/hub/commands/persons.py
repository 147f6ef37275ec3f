"""What a member may ask by law: what is held about them, and to be forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json, tell
from sync.hub.words import Words


@click.command("export")
@DATA
@click.argument("member")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of printing."
)
def member_export(*, data: Path, member: str, out: Path | None) -> None:
    """Everything that is held about a MEMBER, as JSON."""
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console
    from sync.hub.persons import rights

    with opened(data) as hub:
        with hub.database.read() as connection:
            found = rights.export(hub, connection, member)
        with hub.database.write() as connection:
            audit.note(connection, at_the_console(hub), "member.export", f"member:{member}")
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if out is None:
        click.echo(text)
    else:
        out.write_text(text, "utf-8")
        tell(_EXPORTED, member=member, out=out)


@click.command("delete")
@DATA
@click.argument("member")
@click.option("--forfeit", is_flag=True, help="The member gives up what is left on the account.")
@AS_JSON
def member_delete(*, data: Path, member: str, forfeit: bool, as_json: bool) -> None:
    """Forget who a MEMBER is, block the card and void the links; books keep the bare number."""
    from sync.hub.people import audit
    from sync.hub.people.visitors import at_the_console
    from sync.hub.persons import rights

    with opened(data) as hub, hub.database.write() as connection:
        given_up = rights.forget(hub, connection, member, forfeit=forfeit)
        audit.note(connection, at_the_console(hub), "member.delete", f"member:{member}")
    if as_json:
        print_json({"member": member, "given_up": given_up})
    else:
        tell(_DELETED, member=member)


COMMANDS = (member_export, member_delete)

_EXPORTED = Words(
    "会员 {member} 的全部资料已写到 {out}。", "All that is held about member {member} is in {out}."
)
_DELETED = Words(
    "会员 {member} 的姓名、手机号和生日已删除，卡已停用，链接已作废。账目按会计要求只留会员号。",
    "Name, phone and birthday of member {member} are erased, the card is blocked, links are void. "
    "Books keep the bare number, as bookkeeping requires.",
)
