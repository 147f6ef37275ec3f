"""`pos-hub`: everything an alliance's operator does, one command each.

Whatever a person can get wrong ends in one sentence and exit code 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sync.hub.days import Day
    from sync.hub.hub import Hub

DATA = click.option("--data", type=click.Path(path_type=Path), required=True, help="The hub's data folder.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
STORE = click.option("--store", default="S1", show_default=True, help="Store id.")
TERMINAL = click.option("--terminal", required=True, help="Terminal id, such as S1-1.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def cli() -> None:
    """The alliance's central server and its housekeeping."""
    os.umask(0o077)  # whatever is written is for the hub's user alone


@cli.command()
@DATA
@click.option("--sample", is_flag=True, help="Fill it with the made-up sample shop.")
@click.option("--alliance", "name", default="商家联盟", show_default=True, help="The alliance's name.")
@click.option("--alliance-id", default="alliance", show_default=True)
@click.option("--timezone", default="Asia/Shanghai", show_default=True, help="IANA name.")
def init(*, data: Path, sample: bool, name: str, alliance_id: str, timezone: str) -> None:
    """Make a new hub: data folder, keys, database."""
    from sync.hub.founding import Alliance, found

    data = data.absolute()
    found(data, None if sample else Alliance(alliance_id, name, _known_timezone(timezone)))
    _tell(
        Words(
            "总部已建立：{data}\n"
            "根密钥在 {root}。请现在把它移到 U 盘、锁进保险柜，本机不要留副本；总部平时运行不需要它。",
            "The hub is ready: {data}\n"
            "The root key is {root}. Move it off this machine now and keep it on a USB stick in a safe; "
            "the hub runs without it.",
        ),
        data=data,
        root=data / "keys" / "root.pem",
    )


@cli.command()
@DATA
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8440, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def serve(*, data: Path, host: str, port: int, tls_cert: Path | None, tls_key: Path | None) -> None:
    """Serve tills and member pages; prints one JSON line with the URL when ready."""
    from sync.hub import logs
    from sync.hub.data_folder import existing
    from sync.hub.serve import Address
    from sync.hub.serve import serve as run

    logs.start()
    run(existing(data), Address(host, port, tls_cert, tls_key), lambda url: _print_json({"url": url}))


@cli.group("import")
def import_() -> None:
    """Take in CSV files; all of a file or, if anything in it is wrong, nothing."""


@import_.command("goods")
@FILE
@DATA
@STORE
def import_goods(*, file: Path, data: Path, store: str) -> None:
    """Add and change a store's goods."""
    from sync.hub import imports, places, stocking

    products = imports.read_goods(file.read_bytes(), file.name).checked()
    with _opened(data) as hub, hub.database.write() as connection:
        places.known_store(connection, store)
        changed = stocking.put_goods(connection, store, products)
    _tell(_IMPORTED, count=len(products), changed=changed)


@import_.command("staff")
@FILE
@DATA
@STORE
def import_staff(*, file: Path, data: Path, store: str) -> None:
    """Add and change who may log in at a store's tills."""
    from sync.hub import imports, places, stocking

    staff = imports.read_staff(file.read_bytes(), file.name).checked()
    with _opened(data) as hub, hub.database.write() as connection:
        places.known_store(connection, store)
        changed = stocking.put_staff(connection, store, staff)
    _tell(_IMPORTED, count=len(staff), changed=changed)


@import_.command("members")
@FILE
@DATA
def import_members(*, file: Path, data: Path) -> None:
    """Add and change members; points count for new members only."""
    from sync.hub import imports, stocking

    with _opened(data) as hub, hub.database.write() as connection:
        pack, today = stocking.current_pack(connection), stocking.today(hub, connection)
        found = imports.read_members(file.read_bytes(), file.name, pack=pack, today=today).checked()
        added = stocking.put_members(hub, connection, found)
    _tell(_IMPORTED, count=len(found), changed=added)


@cli.group()
def pack() -> None:
    """Programme packs."""


@pack.command("publish")
@FILE
@DATA
def pack_publish(*, file: Path, data: Path) -> None:
    """Check, sign and distribute a pack; its version must be above the current one."""
    from sync.hub import packs

    with _opened(data) as hub, hub.database.write() as connection:
        published = packs.publish(hub, connection, file.read_bytes())
    _tell(
        Words("已发布方案 {id} 版本 {version}。", "Pack {id} version {version} is published."),
        id=published.id,
        version=published.version,
    )


@cli.group()
def store() -> None:
    """Stores."""


@store.command("add")
@DATA
@click.option("--store", required=True, help="Store id, such as S2.")
@click.option("--name", required=True)
@click.option("--address", default="")
@click.option("--merchant-id", required=True)
@click.option("--merchant", required=True, help="The merchant's name.")
@click.option("--timezone", default="Asia/Shanghai", show_default=True)
@click.option("--terminal", "terminals", multiple=True, help="ID or ID=LABEL; may be given several times.")
@click.option("--footer", multiple=True, help="A sentence under receipts; may be given several times.")
def store_add(
    *,
    data: Path,
    store: str,
    name: str,
    address: str,
    merchant_id: str,
    merchant: str,
    timezone: str,
    terminals: tuple[str, ...],
    footer: tuple[str, ...],
) -> None:
    """Add a store with its terminals."""
    from sync.hub import places

    tills = tuple(places.Terminal(one.partition("=")[0], one.partition("=")[2] or one) for one in terminals)
    shop = places.Store(store, merchant_id, merchant, name, address, _known_timezone(timezone), footer)
    with _opened(data) as hub, hub.database.write() as connection:
        places.add_store(connection, shop, tills)
    _tell(Words("已添加门店 {store}。", "Store {store} is added."), store=store)


@cli.command("enrol-code")
@DATA
@TERMINAL
@click.option("--valid-hours", default=24, show_default=True, type=click.IntRange(1, 24 * 30))
@click.option("--url", default="", help="The hub's address as the till reaches it, for the QR code.")
@AS_JSON
def enrol_code(*, data: Path, terminal: str, valid_hours: int, url: str, as_json: bool) -> None:
    """Make the one-time code that a technician types or scans at a till; earlier ones become void."""
    import datetime as dt

    from sync.hub import enrolment

    with _opened(data) as hub:
        code, expires_at = enrolment.make_code(hub, terminal, dt.timedelta(hours=valid_hours))
    if as_json:
        _print_json({"code": str(code), "terminal": terminal, "expires": expires_at})
    else:
        click.echo(str(code))
        _print_qr(f"{url} {code}".strip())


@cli.group()
def terminal() -> None:
    """Terminals."""


@terminal.command("revoke")
@DATA
@TERMINAL
def terminal_revoke(*, data: Path, terminal: str) -> None:
    """Shut a terminal out until it is enrolled anew (a stolen till)."""
    from sync.hub import enrolment

    with _opened(data) as hub, hub.database.write() as connection:
        enrolment.revoke(connection, terminal)
    _tell(Words("收银机 {terminal} 已停用。", "Terminal {terminal} is revoked."), terminal=terminal)


@cli.group()
def member() -> None:
    """Members."""


@member.command("card")
@DATA
@click.option("--member", "member_no", required=True, help="Member number.")
@click.option("--url", default="", help="The hub's public address, to print a whole link.")
@AS_JSON
def member_card_(*, data: Path, member_no: str, url: str, as_json: bool) -> None:
    """Print the link of a member's card page. Whoever has it can show the card."""
    from sync.hub import member_card

    with _opened(data) as hub, hub.database.read() as connection:
        path = member_card.path_of(hub, connection, member_no)
    link = url.rstrip("/") + path
    if as_json:
        _print_json({"member_no": member_no, "path": path, "url": link})
    else:
        click.echo(link)


@cli.group()
def report() -> None:
    """What the hub has booked."""


@report.command("day")
@DATA
@STORE
@click.option("--date", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Business date.")
@AS_JSON
def report_day(*, data: Path, store: str, date: Any, as_json: bool) -> None:
    """A store's day: the figures that its owner sees at the till."""
    from sync.hub import days, places, recompute

    with _opened(data) as hub:
        recompute.catch_up(hub)
        with hub.database.read() as connection:
            places.known_store(connection, store)
            day = days.day_of(connection, store, date.date().isoformat(), system_language())
    _print_day(day, as_json=as_json)


@report.command("ledger")
@DATA
@AS_JSON
def report_ledger(*, data: Path, as_json: bool) -> None:
    """Check the ledger: each unit sums to zero, and balances are those that the transfers give."""
    from sync.hub import accounts

    with _opened(data) as hub, hub.database.read() as connection:
        kept, derived = accounts.kept_balances(connection), accounts.derived_balances(connection)
    sums: dict[str, int] = {}
    for (_, unit), amount in derived.items():
        sums[unit] = sums.get(unit, 0) + amount
    holds = kept == derived and not any(sums.values())
    if as_json:
        _print_json({"holds": holds, "units": sums, "accounts": len(derived)})
    else:
        _tell(_LEDGER_HOLDS if holds else _LEDGER_BROKEN, accounts=len(derived))
    if not holds:
        sys.exit(1)


def _print_day(day: Day, *, as_json: bool) -> None:
    import msgspec

    from pos.domain.day import FIGURE_NAMES, add
    from pos.domain.money import decimal_text

    figures = add(row.figures for row in day.receipts)
    if as_json:
        _print_json({"figures": msgspec.to_builtins(figures), **msgspec.to_builtins(day)})
        return
    click.echo(f"{day.store} {day.date}")
    for name in FIGURE_NAMES:
        number = getattr(figures, name)
        click.echo(
            f"  {name.removesuffix('_fen'):<16} {decimal_text(number) if name not in _COUNTS else number}"
        )
    for label, found in (
        ("clawback", [f"{asset} {decimal_text(amount)}" for asset, amount in day.clawback.items()]),
        ("differ", day.recomputed_differently),
        ("quarantined", [f"{one.seq}: {one.reason}" for one in day.quarantined]),
        ("forks", [f"{one.seq}: {one.reason}" for one in day.forks]),
    ):
        for one in found:
            click.echo(f"  {label:<16} {one}")


_COUNTS = ("sales", "refunds")
_IMPORTED = Words("已读取 {count} 条，变动 {changed} 条。", "{count} read, {changed} changed.")
_SYSTEM_REFUSED = Words(
    "系统不允许：{what}{why}。请检查磁盘空间和目录权限，然后再运行一次。",
    "The system refused: {what}{why}. Check disk space and the folder's permissions, then run it again.",
)
_LEDGER_HOLDS = Words(
    "账平：{accounts} 个账户的余额与转账一致。",
    "The ledger holds: {accounts} accounts agree with their transfers.",
)
_LEDGER_BROKEN = Words(
    "账不平：余额与转账不一致，请停机并联系技术员。",
    "The ledger does not hold: balances differ from transfers. Stop the hub and call a technician.",
)


@contextmanager
def _opened(data: Path) -> Iterator[Hub]:
    from sync.hub.data_folder import existing
    from sync.hub.hub import opened

    with opened(existing(data)) as hub:
        yield hub


def _known_timezone(name: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError) as error:
        raise Told(
            Words(
                "没有时区 {name}，例如：Asia/Shanghai。",
                "There is no time zone {name}; an example: Asia/Shanghai.",
            ),
            name=name,
        ) from error


def _tell(words: Words, **params: object) -> None:
    click.echo(words.say(system_language(), **params), err=True)


def _print_qr(content: str) -> None:
    """Beside the answer, on stderr: a script reads the code alone."""
    from qrcode import QRCode

    picture = QRCode(border=2)
    picture.add_data(content)
    picture.print_ascii(out=sys.stderr, invert=True)


def _print_json(content: object) -> None:
    import json

    print(json.dumps(content, ensure_ascii=False), flush=True)


def main() -> None:
    """The entry point: runs a command, and puts what went wrong into one sentence."""
    try:
        code = cli.main(standalone_mode=False)
    except Told as told:
        click.echo(told.say(system_language()), err=True)
        sys.exit(1)
    except click.Abort:
        sys.exit(1)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        sys.exit(1)
    except OSError as error:
        _tell(_SYSTEM_REFUSED, what=f"{error.filename}: " * bool(error.filename), why=error.strerror or error)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
