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
from sqlalchemy.exc import OperationalError

from sync.hub.words import Told, Words


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder that only the hub's user may enter."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "hub.db"

    @property
    def database_url(self) -> Path:
        """Names a PostgreSQL database; a folder without it keeps `database`."""
        return self.path / "database.url"

    @property
    def keys(self) -> Path:
        return self.path / "keys"


def existing(path: Path) -> DataFolder:
    """The folder of a hub that `pos-hub init` has made.

    Raises:
        Told: there is none.

    """
    folder = DataFolder(path)
    if not folder.database.is_file() and not folder.database_url.is_file():
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
        Told: something is there already, or it cannot be written; nothing is left behind then.

    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Told(
            Words(
                "{path} 已经存在且不是空目录，没有改动任何东西。请换一个目录。",
                "{path} exists and is not empty; nothing was changed. Choose another folder.",
            ),
            path=path,
        )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        (draft / "keys").mkdir(mode=0o700)
        yield DataFolder(draft)
        if path.exists():
            path.rmdir()
        draft.rename(path)
    except OSError as error:
        raise _not_made(path, error.strerror or str(error)) from error
    except OperationalError as error:  # SQLite's word for the same
        raise _not_made(path, str(error.orig)) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _not_made(path: Path, why: str) -> Told:
    return Told(
        Words(
            "总部没有建成，{path} 写不进去：{why}。没有留下任何东西；"
            "请腾出磁盘空间、检查目录权限，或换一个目录，再运行一次。",
            "The hub was not made, because {path} cannot be written: {why}. Nothing was left behind; "
            "free disk space, check the folder's permissions or choose another folder, and run it again.",
        ),
        path=path,
        why=why,
    )


def write_private(path: Path, content: bytes) -> None:
    """Makes a new file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def put_private(path: Path, content: bytes) -> None:
    """Puts a file that only its owner can read, new or in place of the old one, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    write_private(fresh, content)
    fresh.replace(path)


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
