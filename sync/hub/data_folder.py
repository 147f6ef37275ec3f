"""The hub's data folder: where things lie, who may read them, and that one hub serves it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sync.hub.words import Told, Words


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder that only the hub's user may enter."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "hub.db"

    @property
    def keys(self) -> Path:
        return self.path / "keys"


def existing(path: Path) -> DataFolder:
    """The folder of a hub that `pos-hub init` has made.

    Raises:
        Told: there is none.

    """
    folder = DataFolder(path)
    if not folder.database.is_file():
        raise Told(
            Words(
                "{path} 里没有总部数据。请先运行：pos-hub init --data {path}",
                "{path} holds no hub. Make one first: pos-hub init --data {path}",
            ),
            path=path,
        )
    return folder


@contextmanager
def made(path: Path) -> Iterator[DataFolder]:
    """A new folder that appears under its name only when everything in it is finished.

    Raises:
        Told: something is there already.

    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Told(
            Words(
                "{path} 已经存在且不是空目录，没有改动任何东西。请换一个目录。",
                "{path} exists and is not empty; nothing was changed. Choose another folder.",
            ),
            path=path,
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.mkdir(mode=0o700)
    (draft / "keys").mkdir(mode=0o700)
    try:
        yield DataFolder(draft)
        if path.exists():
            path.rmdir()
        draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_private(path: Path, content: bytes) -> None:
    """Makes a new file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def sole_server(folder: DataFolder) -> Iterator[None]:
    """Holds the folder for one server process.

    Raises:
        Told: another one has it.

    """
    try:
        with FileLock(folder.path / "serve.lock", blocking=False):
            yield
    except Timeout as error:
        raise Told(
            Words(
                "另一个 pos-hub 正在使用 {path}。请先停掉它，或换一个数据目录。",
                "Another pos-hub is serving {path}. Stop it first, or choose another data folder.",
            ),
            path=folder.path,
        ) from error
