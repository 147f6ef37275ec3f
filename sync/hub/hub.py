"""An open hub: its database, keys and clock, handed to everything that works for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from sync.hub.codes.tables import code_books
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.storage.database import Database, connected, open_database
from sync.hub.trust.keys import KeyRing, load_keys
from sync.hub.words import Clock, stamp, utc_now
from sync.protocol.messages import HighWater, HubMark


@dataclass(frozen=True, slots=True)
class Hub:
    """What the hub's parts share. `now` is the only clock they read."""

    folder: DataFolder
    database: Database
    keys: KeyRing
    now: Clock = utc_now

    def time(self) -> str:
        return stamp(self.now())


@contextmanager
def opened(folder: DataFolder, *, migrate: bool = True) -> Iterator[Hub]:
    """Opens the hub of a folder and closes it again; an older database is migrated, or refused."""
    keys = load_keys(folder)
    database = open_database(folder, migrate=migrate)
    try:
        yield Hub(folder, database, keys)
    finally:
        database.close()


@contextmanager
def attached(folder: DataFolder) -> Iterator[Hub]:
    """The hub of a folder that another process has opened before; its database may be away just now."""
    with connected(folder) as database:
        yield Hub(folder, database, load_keys(folder))


def setting(connection: Connection, name: str) -> str:
    table = schema.settings
    return str(connection.execute(select(table.c.value).where(table.c.name == name)).scalar_one())


def put_setting(connection: Connection, name: str, value: str) -> None:
    connection.execute(schema.settings.insert().values(name=name, value=value))


def mark(hub: Hub, connection: Connection, high_water: HighWater, *, terminal: str, epoch: int) -> HubMark:
    """What every reply to a terminal carries; `epoch` is that of the chain the high-water is of."""
    table = code_books
    fence = connection.execute(
        select(table.c.fence).where(table.c.terminal == terminal, table.c.epoch == epoch)
    ).scalar()
    hub_epoch = int(setting(connection, "hub_epoch"))
    return HubMark(hub_epoch, hub.time(), high_water, fence or 0, hub.keys.version)
