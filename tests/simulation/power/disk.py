"""What a disk may hold after the power went: rules without a file.

A write that was not synced may be there, missing, or there in some of its sectors of 512 bytes, each apart
from the others. A name that was not synced may be missing; of the changes in one folder, those up to some moment are
there. What was synced is there. Nothing else is: no disk that lies about a sync is modelled.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from tests.simulation.power.trace import (
    Create,
    MakeFolder,
    Rename,
    Said,
    Step,
    Sync,
    SyncFolder,
    Truncate,
    Unlink,
    Write,
)

SECTOR = 512

Mood = Literal["nothing", "everything", "names only", "content only", "one lost", "any", "torn"]
MOODS: tuple[Mood, ...] = ("nothing", "everything", "names only", "content only", "one lost", "any", "torn")
"""What becomes of what was not synced: two extremes, names without content and the other way round, all but
one step, any subset, and sectors of any write."""


@dataclass
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Write | Truncate] = field(default_factory=list)

    def sync(self) -> None:
        for step in self.pending:
            _apply(self.durable, step)
        self.pending.clear()


@dataclass(frozen=True)
class Image:
    """Folders and files as they lie on the disk, by their paths."""

    folders: frozenset[str]
    files: dict[str, bytes]

    def write_to(self, root: Path) -> None:
        """Puts it into an empty folder."""
        for folder in sorted(self.folders):
            (root / folder).mkdir(parents=True, exist_ok=True)
        for path, content in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)


class Disk:
    """Everything durable and pending after some steps."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.files: dict[int, _File] = {}
        self.names: dict[str, int | None] = {}  # None: a folder
        self.pending: dict[str, list[Create | Rename | Unlink | MakeFolder]] = {}
        for step in steps:
            self._take(step)

    def _take(self, step: Step) -> None:
        match step:
            case Create(file, path):
                self.files[file] = _File()
                self._wait(path, step)
            case Write(file) | Truncate(file):
                self.files[file].pending.append(step)
            case Sync(file):
                self.files[file].sync()
            case MakeFolder(path) | Unlink(path):
                self._wait(path, step)
            case Rename(_, new):
                self._wait(new, step)
            case SyncFolder(path):
                for change in self.pending.pop(path, ()):
                    _change(self.names, change)
            case Said():
                pass

    def _wait(self, path: str, step: Create | Rename | Unlink | MakeFolder) -> None:
        self.pending.setdefault(str(PurePosixPath(path).parent), []).append(step)

    def after(self, mood: Mood, chance: random.Random) -> Image:
        """One of the images that the power may leave behind."""
        names = dict(self.names)
        lost = chance.randrange(max(1, self._unsynced())) if mood == "one lost" else -1
        for changes in self.pending.values():
            for change in changes[: _kept_names(len(changes), mood, chance)]:
                _change(names, change)
        files: dict[str, bytes] = {}
        count = 0
        for path, number in names.items():
            if number is None or not _reachable(path, names):
                continue
            file = self.files[number]
            content = bytearray(file.durable)
            for step in file.pending:
                for part in _parts(step, mood, chance, is_lost=count == lost):
                    _apply(content, part)
                count += 1
            files[path] = bytes(content)
        folders = frozenset(
            path for path, number in names.items() if number is None and _reachable(path, names)
        )
        return Image(folders, files)

    def _unsynced(self) -> int:
        return sum(len(file.pending) for file in self.files.values())


def _kept_names(changes: int, mood: Mood, chance: random.Random) -> int:
    match mood:
        case "nothing" | "content only":
            return 0
        case "everything" | "names only" | "one lost":
            return changes
        case _:
            return chance.randint(0, changes)


def _parts(
    step: Write | Truncate, mood: Mood, chance: random.Random, *, is_lost: bool
) -> Sequence[Write | Truncate]:
    """What of a step that was not synced has come to the disk."""
    match mood:
        case "nothing" | "names only":
            return ()
        case "everything" | "content only":
            return (step,)
        case "one lost":
            return () if is_lost else (step,)
        case "any":
            return (step,) if chance.random() < 0.5 else ()
        case _:
            if isinstance(step, Truncate):
                return (step,) if chance.random() < 0.5 else ()
            return [part for part in _sectors(step) if chance.random() < 0.5]


def _sectors(step: Write) -> list[Write]:
    """A write cut at the disk's sectors."""
    parts, at, end = [], step.offset, step.offset + len(step.content)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        parts.append(Write(step.file, at, step.content[at - step.offset : stop - step.offset]))
        at = stop
    return parts


def _apply(content: bytearray, step: Write | Truncate) -> None:
    if isinstance(step, Truncate):
        if step.size <= len(content):
            del content[step.size :]
        else:
            content.extend(bytes(step.size - len(content)))
        return
    end = step.offset + len(step.content)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[step.offset : end] = step.content


def _change(names: dict[str, int | None], step: Create | Rename | Unlink | MakeFolder) -> None:
    match step:
        case Create(file, path):
            names[path] = file
        case MakeFolder(path):
            names[path] = None
        case Unlink(path):
            names.pop(path, None)
        case Rename(old, new):
            if old in names:
                names[new] = names.pop(old)


def _reachable(path: str, names: dict[str, int | None]) -> bool:
    """Whether every folder above a name is there."""
    return all(str(parent) in names for parent in PurePosixPath(path).parents if str(parent) != ".")
