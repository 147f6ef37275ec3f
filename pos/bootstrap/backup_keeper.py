"""Copies the journal every hour while the till sells, and when it closes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pos.bootstrap.machine import local_now
from pos.bootstrap.till import backup_folder, read_settings
from pos.domain.message import Message, say
from pos.store.backups import back_up
from pos.store.folder import DataFolder
from pos.usecases.ports import StorageTrouble

log = logging.getLogger(__name__)


def back_up_now(data: Path, into: Path | None) -> Message:
    """One copy, into a folder or the one that the settings name.

    Raises:
        Refusal: the settings cannot be used.
        StorageTrouble: there is no journal, it does not hold, or the copy cannot be written.

    """
    folder = DataFolder(data)
    made = back_up(folder, into or backup_folder(folder, read_settings(folder)), local_now())
    return say("已备份 {n} 条流水：{file}", n=made.entries, file=str(made.path))


class BackupKeeper:
    """A thread of its own; it reads, and never keeps a sale waiting. What fails is logged and tried again."""

    def __init__(
        self,
        folder: DataFolder,
        into: Path,
        now: Callable[[], datetime],
        last_seq: Callable[[], int],
        *,
        every_s: float,
    ) -> None:
        self._folder, self._into, self._now, self._last_seq = folder, into, now, last_seq
        self._every_s = every_s
        self._copied = -1
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Makes the last copy of the day."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self.copy()

    def copy(self) -> None:
        """One copy, if anything was journaled since the last one."""
        last_seq = self._last_seq()
        if last_seq == self._copied:
            return
        try:
            back_up(self._folder, self._into, self._now())
        except StorageTrouble as trouble:
            log.warning("no backup was made: %s", trouble)
        else:
            self._copied = last_seq

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            try:
                self.copy()
            except Exception:
                log.exception("the backup failed")
