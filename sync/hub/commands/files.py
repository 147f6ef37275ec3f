"""Taking in CSV files."""

from __future__ import annotations

from pathlib import Path

import click

from sync.hub.commands.answering import DATA, FILE, STORE, opened, tell
from sync.hub.words import Words


@click.group("import")
def import_() -> None:
    """Take in CSV files; all of a file or, if anything in it is wrong, nothing."""


@import_.command("goods")
@FILE
@DATA
@STORE
def import_goods(*, file: Path, data: Path, store: str) -> None:
    """Add and change a store's goods."""
    from sync.hub.alliance import imports, places, stocking

    products = imports.read_goods(file.read_bytes(), file.name).checked()
    with opened(data) as hub, hub.database.write() as connection:
        places.known_store(connection, store)
        changed = stocking.put_goods(connection, store, products)
    tell(_IMPORTED, count=len(products), changed=changed)


@import_.command("staff")
@FILE
@DATA
@STORE
def import_staff(*, file: Path, data: Path, store: str) -> None:
    """Add and change who may log in at a store's tills."""
    from sync.hub.alliance import imports, places, stocking

    staff = imports.read_staff(file.read_bytes(), file.name).checked()
    with opened(data) as hub, hub.database.write() as connection:
        places.known_store(connection, store)
        changed = stocking.put_staff(connection, store, staff)
    tell(_IMPORTED, count=len(staff), changed=changed)


@import_.command("members")
@FILE
@DATA
@click.option("--store", help="A store that is told their balances from the start; the only one by itself.")
def import_members(*, file: Path, data: Path, store: str | None) -> None:
    """Add and change members; points count for new members only."""
    from sync.hub.alliance import imports, places, stocking

    with opened(data) as hub, hub.database.write() as connection:
        pack, today = stocking.current_pack(connection), stocking.today(hub, connection)
        found = imports.read_members(file.read_bytes(), file.name, pack=pack, today=today).checked()
        chosen = places.only_store(connection) if store is None else places.known_store(connection, store).id
        added = stocking.put_members(hub, connection, found, store=chosen)
    tell(_IMPORTED, count=len(found), changed=added)


_IMPORTED = Words("已读取 {count} 条，变动 {changed} 条。", "{count} read, {changed} changed.")
