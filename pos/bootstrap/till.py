"""A till that may sell: store, desk, printer and hub, wired up."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from drivers.contracts import ReceiptPrinter
from drivers.printer.escpos_network import NetworkReceiptPrinter
from drivers.printer.paper import Paper
from pos.bootstrap.hub_connection import HubConnection, ask_hub_with, hub_access
from pos.bootstrap.machine import SystemClock, TerminalSeal, check_pin
from pos.domain.language import asked_language
from pos.domain.message import Message, Refusal, say
from pos.printing import ReceiptWorker
from pos.store.folder import DataFolder
from pos.store.settings import Settings, SettingsMistakes
from pos.store.till_store import TillStore, open_store
from pos.usecases.desk import Desk
from pos.usecases.report_day import AskHub
from pos.usecases.roles import till_roles
from pos.words import Words

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class OpenTill:
    """A till that may book. Workers are made, not started."""

    store: TillStore
    settings: Settings
    desk: Desk
    hub: HubConnection
    printer: ReceiptWorker
    ask_hub: AskHub

    def on_journal(self, operation: Callable[[], Result]) -> Future[Result]:
        """Runs a deed on the journal's writer thread; what it queued for printing is looked at next."""
        future = self.store.journal_writer.submit(operation)
        future.add_done_callback(lambda _: self.printer.nudge())
        return future


@contextmanager
def open_till(data: Path) -> Iterator[OpenTill]:
    """Opens a data folder for selling, and closes it in order.

    Raises:
        StorageTrouble: not set up, in use, damaged, or written by a newer program;
            or the roles of the till are broken.
        Refusal: the settings cannot be used.

    """
    till_roles()  # what is wrong with them is said now, not when somebody wants to refund
    folder = DataFolder(data)
    settings = read_settings(folder)
    store = open_store(folder)
    try:
        yield _wired(store, settings)
    finally:
        store.close()


def backup_folder(folder: DataFolder, settings: Settings) -> Path:
    """Where copies of the journal go."""
    return Path(settings.backup.folder) if settings.backup.folder else folder.path / "backups"


def _wired(store: TillStore, settings: Settings) -> OpenTill:
    clock = SystemClock(store.journal.store.timezone)
    access = hub_access(
        store.enrolment(), store.journal, store.folder, clock, language=settings.language, keys=store.keys
    )
    printer = ReceiptWorker(
        store.print_queue,
        store.journal,
        store.packs,
        open_printer(settings),
        lambda: Words(settings.language),
    )
    hub = HubConnection(store, access, clock, on_orders=printer.nudge)
    desk = Desk(
        clock=clock,
        goods=store.goods,
        members=store.members,
        staff=store.staff,
        packs=store.packs,
        journal=store.journal,
        hub=hub,
        pin_check=check_pin,
        terms=store.terms,
        seal=TerminalSeal(store.folder.load_terminal_key),
        keys=store.keys,
    )
    return OpenTill(store, settings, desk, hub, printer, ask_hub_with(access))


def read_settings(folder: DataFolder) -> Settings:
    """The technician's settings; `POS_LANGUAGE` in the environment goes before the file's language.

    Raises:
        Refusal: `settings`: with every mistake found.
        StorageTrouble: the file cannot be read.

    """
    try:
        settings = folder.read_settings()
    except SettingsMistakes as mistakes:
        raise Refusal("settings", _all_of(mistakes)) from mistakes
    asked = asked_language(os.environ)
    return msgspec.structs.replace(settings, language=asked) if asked else settings


def _all_of(mistakes: SettingsMistakes) -> Message:
    first, *others = mistakes.mistakes
    if not others:
        return first.message()
    rest = ", ".join(mistake.key for mistake in others)
    return say("{first}（另有 {more} 处：{rest}）", first=first.message(), more=len(others), rest=rest)


def open_printer(settings: Settings) -> ReceiptPrinter:
    paper = Paper.MM58 if settings.printer.paper_mm == 58 else Paper.MM80
    return NetworkReceiptPrinter(settings.printer.host, settings.printer.port, paper)
