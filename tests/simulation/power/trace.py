"""What a program asked of the disk, in order, and what it told people in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Create(NamedTuple):
    """A new, empty file under a name."""

    file: int
    path: str


class Write(NamedTuple):
    """Bytes at a place of a file; on disk after its next `Sync`."""

    file: int
    offset: int
    content: bytes


class Truncate(NamedTuple):
    file: int
    size: int


class Sync(NamedTuple):
    """All of a file's content is on disk; its name need not be."""

    file: int


class MakeFolder(NamedTuple):
    path: str


class Rename(NamedTuple):
    old: str
    new: str


class Unlink(NamedTuple):
    path: str


class SyncFolder(NamedTuple):
    """All names in a folder are on disk."""

    path: str


class Said(NamedTuple):
    """Something people rely on from here on: a kind and what it is about."""

    kind: str
    fact: tuple[object, ...]


Step = Create | Write | Truncate | Sync | MakeFolder | Rename | Unlink | SyncFolder | Said


@dataclass
class Trace:
    """Steps below `root`, with paths relative to it; everything else on the machine is not recorded."""

    root: Path
    steps: list[Step] = field(default_factory=list)
    _files: dict[str, int] = field(default_factory=dict)
    _next: int = 0
    _paused: bool = False

    def inside(self, path: str) -> str | None:
        """The path below the root; None for any other."""
        root = str(self.root)
        if self._paused or not path.startswith(root):
            return None
        rest = path[len(root) :]
        return rest.lstrip("/") if not rest or rest.startswith("/") else None

    def said(self, kind: str, *fact: object) -> None:
        self.steps.append(Said(kind, fact))

    def create(self, path: str) -> int:
        self._next += 1
        self._files[path] = self._next
        self.steps.append(Create(self._next, path))
        return self._next

    def file_at(self, path: str) -> int:
        """The file under a name; one that was there before recording began counts as new."""
        return self._files[path] if path in self._files else self.create(path)

    def rename(self, old: str, new: str) -> None:
        self._files[new] = self._files.pop(old)
        self.steps.append(Rename(old, new))

    def unlink(self, path: str) -> None:
        if self._files.pop(path, None) is not None:
            self.steps.append(Unlink(path))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What the observer does to the files is not what the program did."""
        self._paused = True
        try:
            yield
        finally:
            self._paused = False
