"""The file of a backup: everything a hub holds, the same whichever engine held it.

A zstandard-compressed tar. Its members are `tables/<table>/<number>` (a MessagePack list of rows, each a
list in the order of the manifest's columns), `keys/<file>`, and at the end `manifest.json` with the SHA-256
of every other member, so a file that was cut off or altered by accident is never taken for a whole one.
Behind it stands a short frame that unpackers skip, by which even a cut in the last padding is seen.
The hashes are no signature: whoever can write the file can write them.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard

from sync.hub.words import Told, Words

FORMAT = "alliance-pos/backup/1"
_MANIFEST = "manifest.json"
_CHUNK_BYTES = 4 << 20
_CHUNK_ROWS = 20_000
_MEMBER_BYTES_MAX = 64 << 20
_LEVEL = 3
_END = b"\x50\x2a\x4d\x18\x08\x00\x00\x00" + b"pos-hub."  # a frame that unpackers skip
_BLOCK_BYTES = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One member: its name, hash (hexadecimal), and how many rows it has if it is of a table."""

    name: str
    sha256: str
    rows: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """What a backup is of. `schema` is the database's version, `columns` names each table's in order."""

    format: str
    schema: str
    alliance: str
    hub_epoch: int
    made_at: str
    columns: dict[str, tuple[str, ...]]
    parts: tuple[Part, ...]

    def rows(self, table: str) -> int:
        return sum(part.rows for part in self.parts if part.name.startswith(f"tables/{table}/"))


class Writer:
    """Puts an archive together, in one pass and with the memory of one chunk."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._parts: list[Part] = []
        self._columns: dict[str, tuple[str, ...]] = {}

    def key(self, name: str, content: bytes) -> None:
        self._add(f"keys/{name}", content)

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self._columns[name] = tuple(columns)
        chunk: list[msgspec.Raw] = []
        length = number = 0
        for row in rows:
            encoded = msgspec.msgpack.encode(tuple(row))
            chunk.append(msgspec.Raw(encoded))
            length += len(encoded)
            if length >= _CHUNK_BYTES or len(chunk) >= _CHUNK_ROWS:
                number += 1
                self._chunk(name, number, chunk)
                chunk, length = [], 0
        if chunk:
            self._chunk(name, number + 1, chunk)

    def finish(self, *, schema: str, alliance: str, hub_epoch: int, made_at: str) -> Manifest:
        manifest = Manifest(FORMAT, schema, alliance, hub_epoch, made_at, self._columns, tuple(self._parts))
        self._put(_MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        return manifest

    def _chunk(self, table: str, number: int, rows: list[msgspec.Raw]) -> None:
        self._add(f"tables/{table}/{number:06d}", msgspec.msgpack.encode(rows), len(rows))

    def _add(self, name: str, content: bytes, rows: int = 0) -> None:
        self._parts.append(Part(name, hashlib.sha256(content).hexdigest(), rows))
        self._put(name, content)

    def _put(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, io.BytesIO(content))


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """A new archive that appears under its name only when it is whole, on the disk, and read back.

    An older one of that name is replaced at that moment. Only its owner can read it.

    Raises:
        OSError: it could not be written; nothing is left behind, and an older one stays.

    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with (
                zstandard.ZstdCompressor(_LEVEL, write_checksum=True).stream_writer(
                    file, closefd=False
                ) as flow,
                tarfile.open(fileobj=flow, mode="w|") as tar,
            ):
                yield Writer(tar)
            file.write(_END)
            file.flush()
            os.fsync(file.fileno())
        verified(draft)
        draft.replace(path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def verified(path: Path) -> Manifest:
    """The manifest of a whole archive.

    Raises:
        Told: the file is none, was cut off, is of another format, or a hash in it does not hold.

    """
    found: list[tuple[str, str]] = []
    manifest: Manifest | None = None
    for name, content in _members(path):
        if name == _MANIFEST:
            manifest = _manifest(path, content)
        else:
            found.append((name, hashlib.sha256(content).hexdigest()))
    if manifest is None or found != [(part.name, part.sha256) for part in manifest.parts]:
        raise Told(_DAMAGED, path=path)
    return manifest


def rows_of(path: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    """Tables with their rows, in chunks, in the order in which they were written."""
    for name, content in _members(path):
        kind, _, rest = name.partition("/")
        if kind == "tables":
            yield rest.rpartition("/")[0], msgspec.msgpack.decode(content, type=list[list[Any]])


def keys_of(path: Path) -> dict[str, bytes]:
    """The files of the folder `keys`, by name."""
    return {
        name.removeprefix("keys/"): content for name, content in _members(path) if name.startswith("keys/")
    }


def _manifest(path: Path, content: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Told(_DAMAGED, path=path) from error
    if manifest.format != FORMAT:
        raise Told(_OTHER_FORMAT, path=path, found=manifest.format[:60])
    return manifest


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with path.open("rb") as file, _opened(file) as (tar, flow):
            for member in tar:
                content = tar.extractfile(member) if member.size <= _MEMBER_BYTES_MAX else None
                if content is None:
                    raise Told(_DAMAGED, path=path)
                yield member.name, content.read()
            while flow.read(_BLOCK_BYTES):
                pass  # the frame's checksum stands behind the tar's padding
            file.seek(-len(_END), os.SEEK_END)
            if file.read() != _END:
                raise Told(_DAMAGED, path=path)
    except (tarfile.TarError, zstandard.ZstdError, EOFError, UnicodeError) as error:
        raise Told(_DAMAGED, path=path) from error


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[tarfile.TarFile, zstandard.ZstdDecompressionReader]]:
    with (
        zstandard.ZstdDecompressor().stream_reader(file) as flow,
        tarfile.open(fileobj=flow, mode="r|") as tar,
    ):
        yield tar, flow


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_DAMAGED = Words(
    "{path} 不是完整的总部备份：文件被截断、改动，或根本不是备份。请换另一份备份。",
    "{path} is no whole backup of a hub: it was cut off or altered, or is something else. Use another one.",
)
_OTHER_FORMAT = Words(
    "{path} 是另一种格式的备份（{found}），请用写出它的那个版本的 pos-hub。",
    "{path} is a backup of another format ({found}). Use the pos-hub that wrote it.",
)
