"""Stores and their terminals."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import (
    AS_JSON,
    DATA,
    STORE,
    TERMINAL,
    known_timezone,
    opened,
    print_json,
    print_qr,
    tell,
)
from sync.hub.words import Told, Words


@click.group()
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
    from sync.hub.alliance import places

    tills = tuple(places.Terminal(one.partition("=")[0], one.partition("=")[2] or one) for one in terminals)
    shop = places.Store(store, merchant_id, merchant, name, address, known_timezone(timezone), footer)
    with opened(data) as hub, hub.database.write() as connection:
        places.add_store(connection, shop, tills)
    tell(Words("已添加门店 {store}。", "Store {store} is added."), store=store)


@click.command("enrol-code")
@DATA
@TERMINAL
@click.option("--valid-hours", default=24, show_default=True, type=click.IntRange(1, 24 * 30))
@click.option("--url", default="", help="The hub's address as the till reaches it, for the QR code.")
@AS_JSON
def enrol_code(*, data: Path, terminal: str, valid_hours: int, url: str, as_json: bool) -> None:
    """Make the one-time code that a technician types or scans at a till; earlier ones become void."""
    import datetime as dt

    from sync.hub.trust import enrolment

    with opened(data) as hub:
        code, expires_at = enrolment.make_code(hub, terminal, dt.timedelta(hours=valid_hours))
    if as_json:
        print_json({"code": str(code), "terminal": terminal, "expires": expires_at})
    else:
        click.echo(str(code))
        print_qr(f"{url} {code}".strip())


@click.group()
def terminal() -> None:
    """Terminals."""


@terminal.command("add")
@DATA
@TERMINAL
@STORE
@click.option("--label", help="What people call it; its id otherwise.")
def terminal_add(*, data: Path, terminal: str, store: str, label: str | None) -> None:
    """Add one more till to a store."""
    from sync.hub.alliance import places

    with opened(data) as hub, hub.database.write() as connection:
        places.known_store(connection, store)
        places.add_terminal(connection, store, places.Terminal(terminal, label or terminal))
    tell(Words("已添加收银机 {terminal}。", "Terminal {terminal} is added."), terminal=terminal)


@terminal.command("sticker")
@DATA
@TERMINAL
@click.option("--url", required=True, help="The hub's address as members' phones reach it: https://…")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A PDF file.")
def terminal_sticker(*, data: Path, terminal: str, url: str, out: Path) -> None:
    """Make the sticker (A6) that members scan at a terminal to pay with points."""
    from urllib.parse import urlsplit

    from sync.hub.alliance import places
    from sync.hub.hub import setting
    from sync.hub.paper import sticker

    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise Told(_NO_URL, url=url[:100])
    with opened(data) as hub, hub.database.read() as connection:
        known, store = places.known_terminal(connection, terminal)
        shown = sticker.Sticker(
            setting(connection, "alliance_name"),
            places.known_store(connection, store).name,
            known.label,
            sticker.page_of(url, terminal),
        )
    out.write_bytes(sticker.pdf(shown))
    tell(_STICKER, out=out)


@terminal.command("revoke")
@DATA
@TERMINAL
def terminal_revoke(*, data: Path, terminal: str) -> None:
    """Shut a terminal out until it is enrolled anew (a stolen till)."""
    from sync.hub.trust import enrolment

    with opened(data) as hub, hub.database.write() as connection:
        enrolment.revoke(connection, terminal)
    tell(Words("收银机 {terminal} 已停用。", "Terminal {terminal} is revoked."), terminal=terminal)


_NO_URL = Words(
    "{url} 不是网址，应像 https://hub.example.cn。",
    "{url} is no address; it should be like https://hub.example.cn.",
)
_STICKER = Words(
    "贴纸已写到 {out}。请按原大打印，贴在收银机旁。", "The sticker is in {out}. Print it in its own size."
)
