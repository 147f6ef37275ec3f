"""Records what the till's process asks of the disk: through SQLite, and through `os`.

SQLite is the very library that the till uses, found where the process has mapped it. Its default way to files
(VFS) is copied and put before the original: files are opened by the original, then their table of operations is
exchanged for one that notes writes, truncations and syncs and passes them on. The index of the
WAL lives in shared memory and is no one's promise; SQLite rebuilds it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.simulation.power.trace import MakeFolder, Sync, SyncFolder, Trace, Truncate, Write

_OPEN_CREATE, _OPEN_WAL, _OPEN_MAIN_JOURNAL, _OPEN_SUPER_JOURNAL = 0x4, 0x80000, 0x800, 0x4000
_SYNCS_ITS_FOLDER = _OPEN_WAL | _OPEN_MAIN_JOURNAL | _OPEN_SUPER_JOURNAL

_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
_CLOSE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_OPEN = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,  # the name: SQLite's own copy, which the file keeps a pointer to
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_int),
)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_WORDS = 19  # of sqlite3_io_methods, version 3, in pointers; the first holds the version
_AT_CLOSE, _AT_WRITE, _AT_TRUNCATE, _AT_SYNC = 1, 3, 4, 5


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs` as far as it is exchanged here."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("file_bytes", ctypes.c_int),
        ("path_max", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
        ("delete", ctypes.c_void_p),
        ("rest", ctypes.c_void_p * 14),
    )


class NotHeardError(RuntimeError):
    """This process's SQLite is not a library of its own: nothing can be put before it."""


class _Hook:
    """The one VFS of the process that notes; `trace` is where to, None for nowhere."""

    def __init__(self) -> None:
        self.trace: Trace | None = None
        self._library = _library()
        self._library.sqlite3_vfs_find.restype = ctypes.c_void_p
        found = self._library.sqlite3_vfs_find(None)
        self._original = _Vfs.from_address(found)
        self._vfs = _Vfs.from_buffer_copy(self._original)
        self._vfs.name = b"recording"
        self._open_original = _OPEN(self._original.open or 0)
        self._delete_original = _DELETE(self._original.delete or 0)
        self._keep: list[Any] = [_OPEN(self._open), _DELETE(self._delete)]
        self._vfs.open = ctypes.cast(self._keep[0], ctypes.c_void_p)
        self._vfs.delete = ctypes.cast(self._keep[1], ctypes.c_void_p)
        self._tables: dict[int, Any] = {}
        self._known: dict[int, tuple[int, str, list[bool]]] = {}
        status = self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
        if status:
            raise NotHeardError(f"sqlite3_vfs_register: {status}")

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out: Any) -> int:
        trace = self.trace
        path = trace.inside(_text(name)) if trace is not None and name else None
        new = path is not None and not Path(_text(name)).exists()
        status = self._open_original(ctypes.addressof(self._original), name, file, flags, out)
        if status == 0 and trace is not None and path is not None:
            number = trace.create(path) if new else trace.file_at(path)
            folder_waits = [bool(flags & _OPEN_CREATE and flags & _SYNCS_ITS_FOLDER)]
            self._known[file] = number, str(Path(path).parent), folder_waits
            table = ctypes.c_void_p.from_address(file)
            assert table.value is not None
            table.value = ctypes.addressof(self._table_for(table.value))
        return int(status)

    def _delete(self, _vfs: int, name: int, sync_folder: int) -> int:
        status = self._delete_original(ctypes.addressof(self._original), name, sync_folder)
        trace = self.trace
        path = trace.inside(_text(name)) if trace is not None else None
        if status == 0 and trace is not None and path is not None:
            trace.unlink(path)
            if sync_folder:
                trace.steps.append(SyncFolder(str(Path(path).parent)))
        return int(status)

    def _table_for(self, original: int) -> Any:
        """The original's operations with four of them noting first what they are asked."""
        if original in self._tables:
            return self._tables[original]
        table = (ctypes.c_void_p * _WORDS).from_buffer_copy((ctypes.c_void_p * _WORDS).from_address(original))
        close, write = _CLOSE(table[_AT_CLOSE] or 0), _WRITE(table[_AT_WRITE] or 0)
        truncate, sync = _TRUNCATE(table[_AT_TRUNCATE] or 0), _SYNC(table[_AT_SYNC] or 0)

        def noted_write(file: int, content: int, length: int, offset: int) -> int:
            self._note(file, lambda number: Write(number, offset, ctypes.string_at(content, length)))
            return int(write(file, content, length, offset))

        def noted_truncate(file: int, size: int) -> int:
            self._note(file, lambda number: Truncate(number, size))
            return int(truncate(file, size))

        def noted_sync(file: int, flags: int) -> int:
            status = int(sync(file, flags))
            self._note(file, Sync)
            self._note_folder(file)
            return status

        def noted_close(file: int) -> int:
            self._known.pop(file, None)
            return int(close(file))

        wrappers = _CLOSE(noted_close), _WRITE(noted_write), _TRUNCATE(noted_truncate), _SYNC(noted_sync)
        for at, wrapper in zip((_AT_CLOSE, _AT_WRITE, _AT_TRUNCATE, _AT_SYNC), wrappers, strict=True):
            table[at] = ctypes.cast(wrapper, ctypes.c_void_p).value
        self._keep += [table, wrappers]
        self._tables[original] = self._tables[ctypes.addressof(table)] = table
        return table

    def _note(self, file: int, step: Callable[[int], Any]) -> None:
        known, trace = self._known.get(file), self.trace
        if known is not None and trace is not None:
            trace.steps.append(step(known[0]))

    def _note_folder(self, file: int) -> None:
        """SQLite syncs the folder of a new WAL or rollback journal with its first sync."""
        known, trace = self._known.get(file), self.trace
        if known is not None and trace is not None and known[2][0]:
            known[2][0] = False
            trace.steps.append(SyncFolder(known[1]))


def _text(name: int | None) -> str:
    return os.fsdecode(ctypes.string_at(name or 0))


def _library() -> Any:
    """The SQLite that this process has loaded for its `sqlite3` module.

    Raises:
        NotHeardError: it is built into the module.

    """
    import sqlite3  # noqa: F401, PLC0415 - it is what loads the library

    for line in Path("/proc/self/maps").read_text("utf-8").splitlines():
        path = line.split()[-1]
        if "libsqlite3" in path:
            return ctypes.CDLL(path)
    raise NotHeardError("no libsqlite3 is mapped into this process")


@cache
def _hook() -> _Hook:
    return _Hook()


@contextmanager
def recording(root: Path) -> Iterator[Trace]:
    """Notes what happens below `root` within the block. One at a time in a process.

    Raises:
        NotHeardError: this process's SQLite cannot be listened to.

    """
    hook, trace = _hook(), Trace(root.resolve())
    assert hook.trace is None, "somebody is recording"
    hook.trace = trace
    try:
        with _os_noted(trace):
            yield trace
    finally:
        hook.trace = None


@contextmanager
def _os_noted(trace: Trace) -> Iterator[None]:
    """Files that are written without SQLite: content is taken when it is synced."""
    real = {name: getattr(os, name) for name in ("open", "fsync", "replace", "unlink", "mkdir")}

    def inside(path: Any) -> str | None:
        return trace.inside(str(Path(path).absolute()))

    def opened(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        name = inside(path)
        new = name is not None and flags & os.O_CREAT and not Path(path).exists()
        descriptor: int = real["open"](path, flags, *args, **kwargs)
        if new and name is not None:
            trace.create(name)
        return descriptor

    def synced(descriptor: int) -> None:
        real["fsync"](descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        name = inside(path)
        if name is None:
            return
        if path.is_dir():
            trace.steps.append(SyncFolder(name or "."))
        else:
            number = trace.file_at(name)
            trace.steps += [Write(number, 0, path.read_bytes()), Sync(number)]

    def replaced(old: Any, new: Any, **kwargs: Any) -> None:
        real["replace"](old, new, **kwargs)
        names = [inside(one) for one in (old, new)]
        if names[0] is not None and names[1] is not None:
            trace.rename(names[0], names[1])

    def unlinked(path: Any, **kwargs: Any) -> None:
        real["unlink"](path, **kwargs)
        name = inside(path)
        if name is not None:
            trace.unlink(name)

    def made(path: Any, *args: Any, **kwargs: Any) -> None:
        real["mkdir"](path, *args, **kwargs)
        name = inside(path)
        if name:
            trace.steps.append(MakeFolder(name))

    noted = {"open": opened, "fsync": synced, "replace": replaced, "unlink": unlinked, "mkdir": made}
    with ExitStack() as patches:
        for name, wrapper in noted.items():
            patches.enter_context(patch.object(os, name, wrapper))
        yield
