"""Copies of the journal that are made while the till sells, checked, and few enough to keep.

A copy holds what nobody else has: sales that did not come to the hub. It has no key in it, so it is no till:
what it holds is handed over by file, and numbers never begin again from it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from pos.domain.message import Message, say
from pos.store.durable_file import file_trouble, sync_file, sync_folder
from pos.store.folder import DataFolder
from pos.store.sqlite import copy_database, damaged
from pos.store.verify import FirstBroken, full_check, verify_journal
from pos.usecases.ports import StorageTrouble

KEPT_WHOLE = timedelta(days=2)
"""Every copy so young is kept; of older days the last one."""
KEPT_DAYS = 30
_NAME = re.compile(r"journal-(\d{8})-(\d{6})\.db")


class BackedUp(msgspec.Struct, frozen=True):
    """A copy that was read back: how many entries it has, and the hash of the last (32 bytes)."""

    path: Path
    entries: int
    head_hash: bytes


def back_up(folder: DataFolder, into: Path, now: datetime) -> BackedUp:
    """Makes a copy under a name with the moment in it, and takes away copies that are no longer kept.

    Raises:
        StorageTrouble: there is no whole copy; earlier ones are as they were.

    """
    with file_trouble(into):
        into.mkdir(parents=True, exist_ok=True)
        draft = into / ".journal.draft"
        draft.unlink(missing_ok=True)
    copy_database(folder.journal, draft)
    found = verify_journal(draft)
    if isinstance(found, FirstBroken) or full_check(draft):
        raise StorageTrouble(damaged(draft.name))
    path = into / f"journal-{now:%Y%m%d-%H%M%S}.db"
    with file_trouble(path):
        sync_file(draft)
        draft.replace(path)
        sync_folder(into)
        for old in _no_longer_kept(_copies(into), now):
            old.unlink(missing_ok=True)
    return BackedUp(path, found.entries, found.head_hash)


def newest(into: Path) -> datetime | None:
    """When the newest copy was made, by the clock of that moment (no zone); None where there is none."""
    copies = _copies(into)
    return copies[-1][0] if copies else None


def late(into: Path, now: datetime) -> Message | None:
    """What to say when there is no copy of the last day."""
    made = newest(into)
    if made is None:
        return say("还没有流水备份；收银窗口打开一小时后会自动备份，也可运行 pos backup")
    if now.replace(tzinfo=None) - made > timedelta(days=1):
        return say(
            "最近的流水备份是 {at} 的，请检查备份目录 {folder}",
            at=made.isoformat(" ", "minutes"),
            folder=str(into),
        )
    return None


def _copies(into: Path) -> list[tuple[datetime, Path]]:
    """Oldest first."""
    found = []
    for path in into.glob("journal-*.db") if into.is_dir() else ():
        name = _NAME.fullmatch(path.name)
        if name is not None:
            try:
                found.append((datetime.strptime("".join(name.groups()), "%Y%m%d%H%M%S"), path))  # noqa: DTZ007
            except ValueError:
                continue  # a name that only looks like one
    return sorted(found)


def _no_longer_kept(copies: list[tuple[datetime, Path]], now: datetime) -> list[Path]:
    """All but the young ones and the last of each day; of days, the newest."""
    here = now.replace(tzinfo=None)
    last_of_day = {made.date(): path for made, path in copies}
    days = sorted(last_of_day)[-KEPT_DAYS:]
    kept = {last_of_day[day] for day in days}
    return [path for made, path in copies if path not in kept and here - made > KEPT_WHOLE]
