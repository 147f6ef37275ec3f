"""The till's data folder: where things lie, who may read them, and that one program uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pos.domain.message import say
from pos.store.durable_file import file_trouble, sync_folder, write_durably
from pos.store.settings import Settings, read_settings, settings_text
from pos.store.sqlite import damaged
from pos.usecases.ports import StorageTrouble

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PRIVATE_FOLDER = 0o700


class FolderInUse(StorageTrouble):
    """Another process works with this data folder."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder that only the till's user may enter."""

    path: Path

    @property
    def journal(self) -> Path:
        return self.path / "journal.db"

    @property
    def cache(self) -> Path:
        return self.path / "cache.db"

    @property
    def terminal_key(self) -> Path:
        return self.path / "terminal.pem"

    @property
    def incarnation(self) -> Path:
        return self.path / "incarnation"

    @property
    def settings(self) -> Path:
        return self.path / "settings.toml"

    def make(self) -> None:
        """Makes the folder, if it is not there, for its owner alone; its name survives a power cut.

        Raises:
            StorageTrouble: it cannot be made.

        """
        with file_trouble(self.path):
            for folder in reversed(self.path.absolute().parents):
                folder.mkdir(exist_ok=True)
            self.path.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
            # A name is durable when its own folder is synced: that of each folder above, too.
            for folder in self.path.absolute().parents:
                sync_folder(folder)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps the folder for this holder alone; see `hold`."""
        lock = self.hold()
        try:
            yield
        finally:
            lock.release()

    def hold(self) -> FileLock:
        """Takes the folder until the lock is released or the process ends, however it ends.

        Raises:
            FolderInUse: somebody has it.
            StorageTrouble: the lock cannot be written.

        """
        # A file of its own: opening and closing a database's file would drop SQLite's locks on it.
        lock = FileLock(self.path / "till.lock", timeout=0, thread_local=False)
        with file_trouble(self.path):
            try:
                lock.acquire()
            except Timeout as error:
                raise FolderInUse(say("已有另一个收银程序在使用这个数据目录，请先关闭它")) from error
        return lock

    def make_terminal_key(self) -> Ed25519PrivateKey:
        """The terminal's key: the one that is there, or a new one that is on disk when this returns.

        Raises:
            StorageTrouble: it cannot be written, or what is there is no such key.

        """
        from pos.store import terminal_key  # noqa: PLC0415 - a window that opens needs no key yet

        if not self.terminal_key.exists():
            write_durably(self.terminal_key, terminal_key.new_pem())
        return self.load_terminal_key()

    def make_incarnation(self, draw: Callable[[], str]) -> str:
        """The incarnation that this folder will enrol with: what is there, or a new one, on disk.

        Kept before the hub is asked, so that asking again after a lost answer is the same request.

        Raises:
            StorageTrouble: it cannot be written or read.

        """
        if not self.incarnation.exists():
            write_durably(self.incarnation, draw().encode("ascii"))
        with file_trouble(self.incarnation):
            return self.incarnation.read_text(encoding="ascii")

    def forget_incarnation(self) -> None:
        """Once a chain carries it: a folder that loses its journal must never begin another under it.

        Raises:
            StorageTrouble: it cannot be removed.

        """
        with file_trouble(self.incarnation):
            self.incarnation.unlink(missing_ok=True)
            sync_folder(self.path)

    def load_terminal_key(self) -> Ed25519PrivateKey:
        """The terminal's key.

        Raises:
            StorageTrouble: it is not there or cannot be read.

        """
        from pos.store import terminal_key  # noqa: PLC0415 - a window that opens needs no key yet

        with file_trouble(self.terminal_key):
            pem = self.terminal_key.read_bytes()
        key = terminal_key.read_pem(pem)
        if key is None:
            raise StorageTrouble(damaged(self.terminal_key.name))
        return key

    def read_settings(self) -> Settings:
        """The technician's settings; defaults where the file, or a line of it, is missing.

        Raises:
            SettingsMistakes: with every mistake found.
            StorageTrouble: the file cannot be read.

        """
        with file_trouble(self.settings):
            content = self.settings.read_bytes() if self.settings.exists() else b""
        return read_settings(content, file=self.settings.name)

    def save_settings(self, settings: Settings) -> None:
        """Writes the file anew; comments of one's own are not kept.

        Raises:
            StorageTrouble: the file is as it was.

        """
        write_durably(self.settings, settings_text(settings).encode())
