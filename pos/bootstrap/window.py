"""The window: set up where the folder is new, then open for selling."""

from __future__ import annotations

import logging
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pos.bootstrap.backup_keeper import BackupKeeper
from pos.bootstrap.setting_up import provision
from pos.bootstrap.till import OpenTill, backup_folder, open_till, read_settings
from pos.domain.catalogue import warm_up
from pos.domain.message import Refusal, say
from pos.store.folder import DataFolder
from pos.store.settings import Settings
from pos.store.till_store import has_chain
from pos.usecases.ports import StorageTrouble
from pos.words import Words

WARM_UP_AFTER_S = 0.5  # the first scan takes a person longer than that

if TYPE_CHECKING:
    from pos.ui.services import TillServices


def run_window(data: Path, *, remote: bool) -> int:
    """The till's window, after the set-up window where the folder is new. Gives the exit status.

    Raises:
        Refusal: there is no screen, or the settings cannot be used.
        StorageTrouble: the folder is in use, damaged, or written by a newer program.

    """
    _need_a_screen()
    folder = DataFolder(data)
    folder.make()
    _log_to(folder)
    try:
        settings = read_settings(folder)
        if not has_chain(folder) and not _set_up_in_a_window(data, settings):
            return 1
        return _sell(data, remote=remote)
    except (Refusal, StorageTrouble) as trouble:
        from pos.ui.app import show_trouble  # noqa: PLC0415 - Qt, for this command alone

        show_trouble(f"{Words('zh')(trouble.message)}\n\n{Words('en')(trouble.message)}")
        raise


def _sell(data: Path, *, remote: bool) -> int:
    from pos.ui.app import run_till  # noqa: PLC0415 - Qt, for this command alone

    with open_till(data) as till, ThreadPoolExecutor(2, thread_name_prefix="background") as background:
        backups = BackupKeeper(
            till.store.folder,
            backup_folder(till.store.folder, till.settings),
            till.desk.clock.now,
            till.desk.journal.last_seq,
            every_s=till.settings.backup.every_minutes * 60,
        )

        def ready() -> None:
            threading.Timer(WARM_UP_AFTER_S, warm_up).start()
            backups.start()
            till.printer.start()
            till.hub.start()

        try:
            return run_till(_services(till, background), remote=remote, ready=ready)
        finally:
            till.hub.stop()
            till.printer.stop()
            backups.stop()


def _services(till: OpenTill, background: ThreadPoolExecutor) -> TillServices:
    from pos.ui.services import TillServices  # noqa: PLC0415 - Qt, for this command alone

    folder = till.store.folder
    return TillServices(
        desk=till.desk,
        on_journal=till.on_journal,
        in_background=background.submit,
        ask_hub=till.ask_hub,
        printer_notice=till.printer.notice,
        print_state=till.store.print_queue.state,
        orders=till.store.orders,
        ask_member=till.hub.ask_member,
        ask_code=till.hub.ask_code,
        ask_right=till.hub.ask_right,
        test_print=till.printer.test_page,
        pulse_drawer=till.printer.pulse_drawer,
        language=till.settings.language,
        save_language=lambda language: _save_language(folder, language),
        scanner_gap_ms=till.settings.scanner.gap_ms,
    )


def _set_up_in_a_window(data: Path, settings: Settings) -> bool:
    from pos.ui.app import run_provisioning  # noqa: PLC0415 - Qt, for this command alone

    return run_provisioning(lambda url, code: provision(data, url, code), Words(settings.language))


def _need_a_screen() -> None:
    """Qt ends the process when there is no screen; a sentence is kinder.

    Raises:
        Refusal: `no_screen`.

    """
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise Refusal(
            "no_screen", say("这台机器没有图形界面，请在桌面上打开，或用 pos demo --headless 试运行")
        )


def _log_to(folder: DataFolder) -> None:
    """Warnings and worse into a file that does not grow for ever; no member, code or key is ever logged."""
    try:
        handler: logging.Handler = RotatingFileHandler(
            folder.path / "till.log", maxBytes=1 << 20, backupCount=3, encoding="utf-8"
        )
    except OSError:  # what is wrong with the folder is said when it is opened
        handler = logging.StreamHandler()
    handler.addFilter(lambda record: record.name != "root")  # a library's chatter about each connection
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _save_language(folder: DataFolder, language: str) -> None:
    folder.save_settings(msgspec.structs.replace(folder.read_settings(), language=language))
