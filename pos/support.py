"""`pos support`: what a technician sends to whoever helps. How the till is, never what it sold or to whom.

No entry's body, no member, no code and no key goes in: of the journal its kinds, numbers and hashes, of the
database its versions, of the logs all (nothing personal or secret is ever logged).
"""

from __future__ import annotations

import json
import platform
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pos.bootstrap.looking import list_journal, read_till
from pos.bootstrap.machine import software
from pos.doctor import examine
from pos.domain.message import Message, Refusal, say
from pos.store.folder import DataFolder
from pos.store.sqlite import SQLITE_VERSION
from pos.usecases.ports import StorageTrouble
from pos.words import Words

ENTRIES_MAX = 2_000
"""So many of the newest entries are listed."""


def write_support_file(data: Path, out: Path, words: Words) -> Message:
    """Writes a new zip file and says what is in it.

    Raises:
        Refusal: `exists`, `not_written`.

    """
    try:
        with zipfile.ZipFile(out, "x", zipfile.ZIP_DEFLATED) as archive:
            for name, content in _parts(data, words):
                archive.writestr(name, content)
    except FileExistsError as error:
        raise Refusal("exists", say("{file} 已经有了，请换一个文件名", file=str(out))) from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal("not_written", say("写不了 {file}：{why}", file=str(out), why=why)) from error
    return say("已写到 {file}。里面没有会员资料、商品明细和密钥，可以发给技术支持", file=str(out))


def _parts(data: Path, words: Words) -> Iterator[tuple[str, bytes | str]]:
    folder = DataFolder(data)
    findings = examine(data)
    yield "doctor.txt", "\n".join(f"{one.mark} {words(one.title)}: {words(one.text)}" for one in findings)
    yield "about.json", json.dumps(_about(data, words), ensure_ascii=False, indent=2)
    yield "journal.tsv", "\n".join(_entries(data))
    if folder.settings.exists():
        yield folder.settings.name, folder.settings.read_bytes()
    for log in sorted(data.glob("till.log*")):
        yield log.name, log.read_bytes()


def _about(data: Path, words: Words) -> dict[str, object]:
    about: dict[str, object] = {
        "software": software(),
        "python": sys.version.split()[0],
        "sqlite": SQLITE_VERSION,
        "system": platform.platform(),
        "files": {one.name: one.stat().st_size for one in sorted(data.glob("*")) if one.is_file()},
    }
    try:
        with read_till(data) as reader:
            journal = reader.desk.journal
            pending = journal.pending()
            pack = reader.desk.packs.current()
            about |= {
                "terminal": journal.identity.terminal,
                "epoch": journal.identity.epoch,
                "incarnation": journal.identity.incarnation,
                "last_seq": journal.last_seq(),
                "pending": {"entries": pending.entries, "since": pending.since},
                "codes_closed": journal.codes_closed(),
                "copied": journal.copied(),
                "pack": None if pack is None else f"{pack.ref.id} {pack.ref.version}",
                "enrolled": reader.hub is not None,
            }
    except (Refusal, StorageTrouble) as trouble:
        about["problem"] = words(trouble.message)
    return about


def _entries(data: Path) -> Iterator[str]:
    """How many of each kind, then the newest by number, kind and hash."""
    try:
        rows = list(list_journal(data))
    except (Refusal, StorageTrouble):
        return
    for kind, count in sorted(Counter(str(row["kind"]) for row in rows).items()):
        yield f"# {kind}\t{count}"
    for row in rows[-ENTRIES_MAX:]:
        yield f"{row['seq']}\t{row['kind']}\t{row['hash']}"
