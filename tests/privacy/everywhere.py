"""Looks for what must not be anywhere, in every byte of a folder and in every way it could be written."""

from __future__ import annotations

import base64
import csv
import gzip
import zlib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import zstandard

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gbk")
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


def personal_data() -> list[str]:
    """Every name, phone number and birthday of the sample's members, as they are and as people write them."""
    text = (files("resources") / "sample" / "members.csv").read_text("utf-8-sig")
    found = set()
    for row in csv.DictReader(text.splitlines()):
        phone, birthday = row["phone"], row["birthday"]
        found |= {row["name"], phone, birthday, birthday.replace("-", ""), birthday.replace("-", "/")}
        found |= {f"{phone[:3]}-{phone[3:7]}-{phone[7:]}", f"{phone[:3]} {phone[3:7]} {phone[7:]}"}
    return sorted(one for one in found if one)


def leaks(folder: Path, wanted: list[str]) -> list[str]:
    """Which of the wanted are in which file, whatever it is: database, WAL, log or picture."""
    patterns = {pattern: one for one in wanted for pattern in _spellings(one)}
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        for content in _contents(path.read_bytes()):
            found += [f"{path.name}: {one}" for pattern, one in patterns.items() if pattern in content]
    return found


def _spellings(one: str) -> set[bytes]:
    plain = {one.encode(encoding) for encoding in _ENCODINGS}
    return plain | {coded for shift in range(3) if len(coded := _coded(one.encode(), shift)) > 8}


def _coded(content: bytes, shift: int) -> bytes:
    """Base64 of some bytes that begin anywhere in a group of three, but for what its neighbours decide."""
    coded = base64.b64encode(bytes(shift) + content)
    tail = (0, 3, 2)[(shift + len(content)) % 3]
    return coded[(0, 2, 3)[shift] : len(coded) - tail]


def _contents(content: bytes) -> Iterator[bytes]:
    """The bytes themselves, and what is packed within them."""
    yield content
    for start in _places(content, _GZIP):
        try:
            yield gzip.decompress(content[start:])
        except (OSError, EOFError, zlib.error):
            continue
    for start in _places(content, _ZSTD):
        try:
            yield zstandard.ZstdDecompressor().stream_reader(content[start:]).read()
        except zstandard.ZstdError:
            continue


def _places(content: bytes, mark: bytes) -> Iterator[int]:
    at = content.find(mark)
    while at >= 0:
        yield at
        at = content.find(mark, at + 1)
