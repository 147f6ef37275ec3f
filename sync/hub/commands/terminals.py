"""Looking at terminals, sending them commands, and what makes their first filling fast."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.hub.commands.answering import AS_JSON, DATA, TERMINAL, opened, print_json, tell
from sync.hub.commands.places import terminal
from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sync.hub.feeds.terminals_seen import TerminalState
    from sync.protocol.commands import Command, Deed


@terminal.command("list")
@DATA
@click.option("--store", help="Of this store only.")
@AS_JSON
def terminal_list(*, data: Path, store: str | None, as_json: bool) -> None:
    """Show every terminal: when it was last heard of, and what it last reported."""
    import msgspec

    from sync.hub.feeds import terminals_seen

    with opened(data) as hub, hub.database.read() as connection:
        found = terminals_seen.overview(connection, store=store)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        click.echo(_line(one))


def _line(one: TerminalState) -> str:
    language = system_language()
    said = [_STANDINGS[one.standing], _SEEN if one.last_seen else _NEVER_SEEN]
    said += [_SOFTWARE] * (one.software is not None)
    said += [_SET_ASIDE] * (one.quarantined > 0) + [_LOCKED] * bool(one.locked)
    facts = {name: getattr(one, name) for name in one.__struct_fields__}
    return " · ".join((one.terminal, one.store, one.label, *(words.say(language, **facts) for words in said)))


@terminal.command("commands")
@DATA
@TERMINAL
@AS_JSON
def terminal_commands(*, data: Path, terminal: str, as_json: bool) -> None:
    """Show the commands sent to a terminal, newest first, and what came of them."""
    import msgspec

    from sync.hub.alliance import places
    from sync.hub.feeds import commands

    with opened(data) as hub, hub.database.read() as connection:
        places.known_terminal(connection, terminal)
        found = commands.listed(hub, connection, terminal)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    for one in found:
        standing = _OUTCOMES[one.standing].say(system_language())
        what = msgspec.json.encode(one.command.deed).decode()
        click.echo(f"{one.command.number} · {one.command.sent} · {standing} · {what} {one.detail}".rstrip())


# --- sending -------------------------------------------------------------------------------------


@terminal.group("send")
def send() -> None:
    """Send a terminal a command; it is done with the terminal's next pass, once."""


HOURS = click.option("--valid-hours", default=24, show_default=True, type=click.IntRange(1, 24 * 30))


@send.command("print")
@DATA
@TERMINAL
@click.option("--text", help="What to print.")
@click.option("--receipt", help="The number of one of its receipts, to print again as a copy.")
@HOURS
def send_print(*, data: Path, terminal: str, text: str | None, receipt: str | None, valid_hours: int) -> None:
    """Print a text, or a receipt again."""
    from sync.protocol.commands import PrintReceipt, PrintText

    if (text is None) == (receipt is None):
        raise Told(Words("--text 和 --receipt 请给出一个。", "Give one of --text and --receipt."))
    deed: dict[str, Any] = {"text": text} if text is not None else {"receipt_no": receipt}
    _send(data, terminal, PrintText if text is not None else PrintReceipt, deed, valid_hours)


@send.command("resync")
@DATA
@TERMINAL
@HOURS
def send_resync(*, data: Path, terminal: str, valid_hours: int) -> None:
    """Have it fill its cache anew."""
    from sync.protocol.commands import Resync

    _send(data, terminal, Resync, {}, valid_hours)


@send.command("lock")
@DATA
@TERMINAL
@click.option("--sentence", required=True, help="What its screen says.")
@HOURS
def send_lock(*, data: Path, terminal: str, sentence: str, valid_hours: int) -> None:
    """Lock its screen as soon as no sale is in progress, until it is unlocked from here or by the owner."""
    from sync.protocol.commands import Lock

    _send(data, terminal, Lock, {"sentence": sentence}, valid_hours)


@send.command("unlock")
@DATA
@TERMINAL
@HOURS
def send_unlock(*, data: Path, terminal: str, valid_hours: int) -> None:
    """Take the lock screen away."""
    from sync.protocol.commands import Unlock

    _send(data, terminal, Unlock, {}, valid_hours)


@send.command("upgrade")
@DATA
@TERMINAL
@click.option("--version", "version_", required=True, help="The version that its technician should install.")
@HOURS
def send_upgrade(*, data: Path, terminal: str, version_: str, valid_hours: int) -> None:
    """Show its technician which version to install."""
    from sync.protocol.commands import Upgrade

    _send(data, terminal, Upgrade, {"version": version_}, valid_hours)


def _send(data: Path, terminal: str, kind: type[Deed], fields: dict[str, Any], valid_hours: int) -> None:
    import msgspec

    from sync.hub.feeds import commands

    try:
        deed: Deed = msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise Told(
            Words("命令内容不行：{detail}", "The command will not do: {detail}"), detail=error
        ) from error
    with opened(data) as hub, hub.database.write() as connection:
        sent: Command = commands.send(
            hub, connection, terminal, deed, valid_for=dt.timedelta(hours=valid_hours)
        )
    tell(
        Words(
            "命令 {number} 已留给收银机 {terminal}，它下次同步时执行；{expires} 之后作废。",
            "Command {number} waits for terminal {terminal}, which does it with its next pass; "
            "void after {expires}.",
        ),
        number=sent.number,
        terminal=terminal,
        expires=sent.expires,
    )


# --- first fillings ------------------------------------------------------------------------------


@click.command("snapshot")
@DATA
def snapshot(*, data: Path) -> None:
    """Make a ready-made first filling for new tills now; the server makes one a day by itself."""
    from sync.hub.feeds import snapshots

    with opened(data) as hub:
        made = snapshots.make(hub)
    tell(
        Words(
            "资料包已做好：{rows} 名会员，{packed} 字节。",
            "The snapshot is ready: {rows} members, {packed} bytes.",
        ),
        rows=made.rows,
        packed=made.packed_length,
    )


_STANDINGS = {
    "not_enrolled": Words("未入网", "not enrolled"),
    "current": Words("正常", "current"),
    "replaced": Words("已被替换", "replaced"),
    "revoked": Words("已停用", "revoked"),
}
_OUTCOMES = {
    "waiting": Words("等待执行", "waiting"),
    "lapsed": Words("已过期，没有回音", "lapsed unheard"),
    "done": Words("已执行", "done"),
    "failed": Words("没有成功", "failed"),
    "expired": Words("过期未执行", "expired undone"),
}
_SEEN = Words("最后联系 {last_seen}", "last seen {last_seen}")
_NEVER_SEEN = Words("从未联系", "never seen")
_SOFTWARE = Words("{software}，{pending} 条待上传", "{software}, {pending} entries pending")
_SET_ASIDE = Words("{quarantined} 条待人工核对", "{quarantined} entries set aside")
_LOCKED = Words("已锁定", "locked")
