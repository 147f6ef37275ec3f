"""Collects the program's sentences and compiles the English catalogue.

    .venv/bin/python -m resources.translations.update

Chinese is the source: every first argument of `say(...)` is a sentence to translate. The script keeps
what is translated in `en/LC_MESSAGES/pos.po`, adds what is new, drops what is gone, writes `pos.mo`,
and lists what still lacks English.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("pos", "sync/client")
PO = Path(__file__).with_name("en") / "LC_MESSAGES" / "pos.po"
MO = PO.with_suffix(".mo")


def sentences() -> set[str]:
    """Every Chinese sentence in the program's code."""
    found = chain.from_iterable(
        extract_from_dir(ROOT / folder, method_map=[("**.py", "python")], keywords={"say": None})
        for folder in FOLDERS
    )
    return {str(message) for _, _, message, _, _ in found if message} | pack_names()


def pack_names() -> set[str]:
    """What the shipped packs call themselves, their plans, assets, rules and what else people read."""
    packs = [
        load_pack(path.read_bytes()) for path in sorted((ROOT / "resources" / "programmes").glob("*.toml"))
    ]
    return {name for pack in packs for name in _names(pack) if name}


def _names(pack: Pack) -> Iterator[str]:
    yield pack.name
    for part in (*pack.plans, *pack.assets, *pack.price_rules, *pack.milestones, *pack.activities):
        yield part.name
    yield from (plan.note for plan in pack.plans)
    yield from (one.per for one in pack.activities)
    yield from (one.grants for one in pack.milestones)


def read() -> Catalog:
    """The English catalogue as committed."""
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="pos")


def updated(old: Catalog) -> Catalog:
    """The catalogue with exactly today's sentences, in a stable order."""
    new = Catalog(locale="en", domain="pos", project="alliance-pos", header_comment="# English of the till")
    for sentence in sorted(sentences()):
        known = old.get(sentence)
        new.add(sentence, string=known.string if known else "")
    return new


def compiled(catalogue: Catalog) -> bytes:
    """The bytes gettext reads."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Sentences without English."""
    return sorted(str(message.id) for message in catalogue if message.id and not message.string)


def main() -> int:
    """Updates both files; 1 when English is missing."""
    catalogue = updated(read() if PO.exists() else Catalog(locale="en", domain="pos"))
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalogue, width=110, omit_header=False, sort_output=True, ignore_obsolete=True)
    MO.write_bytes(compiled(catalogue))
    missing = untranslated(catalogue)
    sys.stdout.writelines(f"no English yet: {sentence}\n" for sentence in missing)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
