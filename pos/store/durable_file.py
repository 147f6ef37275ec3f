"""Small files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pos.domain.message import say
from pos.usecases.ports import StorageTrouble

_PRIVATE = 0o600


def write_durably(path: Path, content: bytes) -> None:
    """Replaces a file: written beside it, synced, renamed, and the folder synced (a rename alone is not).

    Only its owner may read it.

    Raises:
        StorageTrouble: the file is as it was.

    """
    draft = path.with_name(f".{path.name}.draft")
    with file_trouble(path):
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Puts a file's content on disk that somebody else has written and closed."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes new names in a folder durable. Windows does so by itself and cannot open folders."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def file_trouble(path: Path) -> Iterator[None]:
    """Turns what the file system refused into `StorageTrouble`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageTrouble(
                say("磁盘已满，{file} 没有保存；请清理磁盘后重试", file=path.name)
            ) from error
        raise StorageTrouble(
            say(
                "文件 {file} 不能读写（{reason}）；请联系技术员检查磁盘和权限",
                file=str(path),
                reason=error.strerror or str(error),
            )
        ) from error
