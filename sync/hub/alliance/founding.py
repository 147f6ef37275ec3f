"""Makes a hub's data folder: keys, database, and the sample shop if it is asked for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sync.hub.alliance import imports, packs, places, stocking
from sync.hub.hub import Hub, opened
from sync.hub.storage import data_folder
from sync.hub.trust.keys import make_keys

_SECRET_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Alliance:
    """What a hub without a sample shop starts with."""

    id: str
    name: str
    timezone: str


def found(path: Path, alliance: Alliance | None) -> None:
    """Makes the folder, for `alliance` or (None) with the sample shop.

    Raises:
        Told: the folder is in use, or the sample has mistakes; no folder is left behind.

    """
    with data_folder.made(path) as folder:
        make_keys(folder, secrets.token_bytes(_SECRET_LENGTH))
        with opened(folder) as hub:
            if alliance is None:
                _load_sample(hub)
            else:
                with hub.database.write() as connection:
                    stocking.found_alliance(
                        connection, alliance_id=alliance.id, name=alliance.name, timezone=alliance.timezone
                    )
        folder.database.chmod(0o600)


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
        stocking.put_members(hub, connection, newcomers)
