"""Users of the hub's pages, and what they did."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json, print_qr, tell
from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sync.hub.hub import Hub

NAME = click.option("--name", required=True, help="The user's name, as typed at log-in.")
ROLE_HELP = "owner, administrator, operator, reviewer, auditor or support."
URL = click.option("--url", default="", help="The hub's public address, to print a whole link.")
HOURS = click.option("--valid-hours", default=72, show_default=True, type=click.IntRange(1, 720))
TYPED = click.option("--type-password", is_flag=True, help="Type a password here instead of making a link.")


@click.group()
def user() -> None:
    """Who logs in at the hub's pages."""


@user.command("add")
@DATA
@NAME
@click.option("--role", required=True, help=ROLE_HELP)
@click.option("--merchant", help="An owner's merchant, such as M1.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the pages; without it, the browser's.")
@URL
@HOURS
@TYPED
@AS_JSON
def add(*, name: str, role: str, merchant: str | None, language: Any, **asked: Any) -> None:
    """Add a user, and print the link under which a password is set. The link works once."""
    from sync.hub.people import users
    from sync.hub.people.visitors import at_the_console

    kept = _typed(name) if asked["type_password"] else None
    with opened(asked["data"]) as hub, hub.database.write() as connection:
        actor = at_the_console(hub)
        user_id = users.add(connection, actor, name, role, merchant, language)
        token = _set_or_link(hub, connection, user_id, kept, asked["valid_hours"])
    _answer(users.folded(name), token, asked)


@user.command("reset")
@DATA
@NAME
@URL
@HOURS
@TYPED
@AS_JSON
def reset(*, name: str, **asked: Any) -> None:
    """Void a user's password and sessions, and print a new set-up link."""
    from sync.hub.people import users

    kept = _typed(name) if asked["type_password"] else None
    with opened(asked["data"]) as hub, hub.database.write() as connection:
        row = users.known(connection, name)
        token = _set_or_link(hub, connection, row["id"], kept, asked["valid_hours"])
    _answer(row["name"], token, asked)


@user.command("list")
@DATA
@AS_JSON
def list_(*, data: Path, as_json: bool) -> None:
    """List the users."""
    from sync.hub.people import users
    from sync.hub.trust import guessing

    with opened(data) as hub, hub.database.read() as connection:
        listed = [
            {
                "id": row["id"],
                "name": row["name"],
                "role": row["role"],
                "merchant": row["merchant"],
                "password": row["password"] is not None,
                "totp": row["totp_secret"] is not None,
                "locked_s": int(
                    guessing.wait_of(hub, connection, guessing.LOG_IN_BY_NAME, row["name"]).total_seconds()
                ),
            }
            for row in users.all_of(connection)
        ]
    if as_json:
        print_json(listed)
        return
    if not listed:
        tell(_NOBODY)
    for one in listed:
        click.echo(_line(one))


@user.command("set")
@DATA
@NAME
@click.option("--role", help=ROLE_HELP)
@click.option("--merchant", help="An owner's merchant, such as M1.")
def set_(*, data: Path, name: str, role: str | None, merchant: str | None) -> None:
    """Give a user another role or merchant. Its sessions end."""
    from sync.hub.people import users
    from sync.hub.people.visitors import at_the_console

    if role is None and merchant is None:
        raise Told(_NOTHING)
    with opened(data) as hub, hub.database.write() as connection:
        users.change(connection, at_the_console(hub), name, role=role, merchant=merchant)
    tell(Words("用户 {name} 已更新。", "User {name} is changed."), name=name)


@user.command("unlock")
@DATA
@NAME
def unlock(*, data: Path, name: str) -> None:
    """Forget a user's wrong passwords and codes."""
    from sync.hub.people import users
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub, hub.database.write() as connection:
        users.unlock(hub, connection, at_the_console(hub), name)
    tell(Words("用户 {name} 已解锁，可以登录了。", "User {name} is unlocked and can log in."), name=name)


@user.command("totp-off")
@DATA
@NAME
def totp_off(*, data: Path, name: str) -> None:
    """Turn a user's second factor off, when phone and recovery codes are lost. Its sessions end."""
    from sync.hub.people import users
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub, hub.database.write() as connection:
        users.turn_totp_off(connection, at_the_console(hub), name)
    tell(
        Words(
            "用户 {name} 的验证码已关闭，请提醒本人尽快重新开启。",
            "The second factor of {name} is off; ask the user to turn it on again soon.",
        ),
        name=name,
    )


@user.command("remove")
@DATA
@NAME
def remove(*, data: Path, name: str) -> None:
    """Shut a user out for good. What it did stays in the audit log."""
    from sync.hub.people import users
    from sync.hub.people.visitors import at_the_console

    with opened(data) as hub, hub.database.write() as connection:
        users.remove(connection, at_the_console(hub), name)
    tell(Words("用户 {name} 已删除。", "User {name} is removed."), name=name)


@click.command()
@DATA
@click.option("--who", default="", help="A user's name, or pos-hub:ACCOUNT for commands.")
@click.option("--act", default="", help="What was done, or how it begins: user.")
@click.option("--subject", default="", help="What it was done to, such as user:1.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 100_000))
@AS_JSON
def audit(*, data: Path, who: str, act: str, subject: str, limit: int, as_json: bool) -> None:
    """Print the audit log, the newest line first."""
    from sync.hub.people import audit

    with opened(data) as hub, hub.database.read() as connection:
        lines = audit.lines(connection, who=who, act=act, subject=subject, limit=limit)
    if as_json:
        print_json([dict(line) for line in lines])
        return
    if not lines:
        tell(Words("没有符合的记录。", "Nothing matches."))
    for line in lines:
        shown = (line["at"], line["who"], line["act"], line["subject"], line["detail"])
        click.echo("  ".join(shown).rstrip())


def _typed(name: str) -> str:
    """The hash of a password typed twice at the terminal, unseen."""
    from sync.hub.people import users

    if not sys.stdin.isatty():
        raise Told(_NO_TERMINAL)
    ask = Words("新密码", "New password").say(system_language())
    again = Words("再输一遍", "Once more").say(system_language())
    password = str(click.prompt(ask, hide_input=True, confirmation_prompt=again, err=True))
    return users.checked_hash(users.folded(name), password)


def _set_or_link(hub: Hub, connection: Connection, user_id: int, kept: str | None, valid_hours: int) -> str:
    """Sets the password that was typed, or makes a link; returns its token, or nothing."""
    import datetime as dt

    from sync.hub.people import users
    from sync.hub.people.visitors import at_the_console

    actor = at_the_console(hub)
    if kept is None:
        return users.new_link(connection, actor, user_id, hub.now() + dt.timedelta(hours=valid_hours))
    users.set_password(connection, actor, user_id, kept, "console")
    return ""


def _answer(name: str, token: str, asked: dict[str, Any]) -> None:
    path = f"/setup/{token}" if token else ""
    link = asked["url"].rstrip("/") + path
    if asked["as_json"]:
        print_json({"name": name, "path": path or None, "url": link if path else None})
    elif not token:
        tell(Words("用户 {name} 可以登录了。", "User {name} can log in."), name=name)
    else:
        click.echo(link)
        tell(_LINK, name=name, hours=asked["valid_hours"])
        if asked["url"]:
            print_qr(link)


def _line(one: dict[str, Any]) -> str:
    language = system_language()
    remarks = [
        words.say(language, **one)
        for words, holds in (
            (_NO_PASSWORD, not one["password"]),
            (_SECOND, one["totp"]),
            (_LOCKED, one["locked_s"] > 0),
        )
        if holds
    ]
    whose = f" {one['merchant']}" if one["merchant"] else ""
    return f"{one['id']:>4}  {one['name']}  {one['role']}{whose}  {', '.join(remarks)}".rstrip()


_NO_PASSWORD = Words("还没设密码", "no password yet")
_SECOND = Words("有验证码", "second factor")
_LOCKED = Words("已锁定（还有 {locked_s} 秒）", "locked ({locked_s} seconds left)")
_NOBODY = Words(
    "还没有用户。用 pos-hub user add 添加。", "There are no users yet. Add one with pos-hub user add."
)
_NOTHING = Words(
    "没有要改的内容，请写明：--role、--merchant。", "Nothing to change; give one of: --role, --merchant."
)
_NO_TERMINAL = Words(
    "密码只能在终端里当面输入。不加 --type-password 会生成一个设置链接。",
    "A password is typed at a terminal only. Without --type-password a set-up link is made.",
)
_LINK = Words(
    "请把这个链接交给 {name} 本人：{hours} 小时内打开，设置密码，只能用一次。",
    "Hand this link to {name} in person: it sets a password, works once, and ends after {hours} hours.",
)
