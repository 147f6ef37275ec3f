"""Makes a hub's data folder: keys, database, and the sample shop if it is asked for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sqlalchemy import select

from sync.hub.alliance import imports, packs, places, stocking
from sync.hub.hub import Hub, opened
from sync.hub.storage import data_folder, engines, schema
from sync.hub.storage.data_folder import write_private
from sync.hub.trust.keys import make_keys
from sync.hub.words import Told, Words

_SECRET_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Alliance:
    """What a hub without a sample shop starts with."""

    id: str
    name: str
    timezone: str


def found(path: Path, alliance: Alliance | None, *, database_url: str | None = None) -> None:
    """Makes the folder, for `alliance` or (None) with the sample shop; its data go to PostgreSQL if asked.

    Raises:
        Told: the folder or database is in use or does not answer, or the sample has mistakes; no folder
            is left behind.

    """
    with data_folder.made(path) as folder:
        if database_url is not None:
            url = engines.postgresql_url(database_url)
            write_private(folder.database_url, url.render_as_string(hide_password=False).encode())
        make_keys(folder, secrets.token_bytes(_SECRET_LENGTH))
        with opened(folder) as hub:
            _check_empty(hub)
            if alliance is None:
                _load_sample(hub)
            else:
                with hub.database.write() as connection:
                    stocking.found_alliance(
                        connection, alliance_id=alliance.id, name=alliance.name, timezone=alliance.timezone
                    )
        if database_url is None:
            folder.database.chmod(0o600)


def _check_empty(hub: Hub) -> None:
    with hub.database.read() as connection:
        if connection.execute(select(schema.settings.c.name).limit(1)).first() is not None:
            raise Told(
                Words(
                    "这个数据库里已经有一个总部，没有改动任何东西。请换一个空的数据库。",
                    "This database holds a hub already; nothing was changed. Name an empty database.",
                )
            )


def _load_sample(hub: Hub) -> None:
    sample, programmes = files("resources") / "sample", files("resources") / "programmes"
    shop = imports.read_shop((sample / "shop.toml").read_bytes(), "shop.toml")
    goods = imports.read_goods((sample / "goods.csv").read_bytes(), "goods.csv").checked()
    staff = imports.read_staff((sample / "staff.csv").read_bytes(), "staff.csv").checked()
    with hub.database.write() as connection:
        stocking.found_alliance(
            connection, alliance_id=shop.alliance_id, name=shop.alliance_name, timezone=shop.store.timezone
        )
        places.add_store(connection, shop.store, shop.terminals)
        pack = packs.publish(hub, connection, (programmes / "tongyi.toml").read_bytes())
        newcomers = imports.read_members(
            (sample / "members.csv").read_bytes(),
            "members.csv",
            pack=pack,
            today=stocking.today(hub, connection),
        ).checked()
        stocking.put_goods(connection, shop.store.id, goods)
        stocking.put_staff(connection, shop.store.id, staff)
        stocking.put_members(hub, connection, newcomers, store=shop.store.id)
