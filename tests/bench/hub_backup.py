"""A backup of a hub on SQLite while nobody waits for it, against copying its database file."""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

from pos.domain import events
from sync.hub.alliance.founding import found
from sync.hub.hub import Hub, opened
from sync.hub.operation import backup
from sync.hub.storage import bulk, schema
from sync.hub.storage.data_folder import DataFolder
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder
from tests.sync.hub import sales

PAIRS = 5
ENTRIES = 50_000
FLOOR = "copy of the database file + fsync"
_TRANSFERS_EACH = 6


def hub_backup(n: int = PAIRS, entries: int = ENTRIES) -> Comparison:
    """From asking until the file is on the disk, read back, and its entries count as backed up."""
    with disk_folder() as folder:
        found(folder / "hub", None)
        with opened(DataFolder(folder / "hub")) as hub:
            _fill(hub, entries)
        with opened(DataFolder(folder / "hub")) as hub:
            names = (folder / f"{number}.posbackup" for number in count(1))

            def ours() -> float:
                out = next(names)
                took_s = timed(lambda: backup.make(hub.folder, hub.database, out, hub.now()))
                out.unlink()
                return took_s

            def copy() -> float:
                return timed(lambda: _copy_durably(hub.folder.database, folder / "copy"))

            return compare("hub_backup", FLOOR, ours, copy, n=n, warm_up=1)


def _fill(hub: Hub, entries: int) -> None:
    """Entries of a real sale's length, and the transfers of as many sales."""
    body = events.encode(sales.sale("S1-1-00000-0001"))
    table = schema.journal_entries
    columns = [column.name for column in table.columns]
    with hub.database.write() as connection:
        bulk.insert(
            connection,
            table,
            columns,
            (
                (
                    *(number, "S1-1", "0" * 16, 1, number, number.to_bytes(32, "big")),
                    *((number + 1).to_bytes(32, "big"), body, "sale", "accepted", "", "", hub.time()),
                )
                for number in range(1, entries + 1)
            ),
        )
        bulk.insert(
            connection,
            schema.transfers,
            ("linked", "debit", "credit", "unit", "amount", "code", "booked_at"),
            (
                (
                    f"{number:064x}",
                    "store:S1",
                    f"member:{number % 5_000}",
                    "points",
                    1 + number % 900,
                    "earned",
                    "",
                )
                for number in range(entries * _TRANSFERS_EACH)
            ),
        )


def _copy_durably(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())
