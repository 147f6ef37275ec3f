"""The only place that knows every concrete class: it opens a till and wires it up."""

from __future__ import annotations

import logging
import os
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from drivers.contracts import ReceiptPrinter
from drivers.printer.escpos_network import NetworkReceiptPrinter
from drivers.printer.paper import Paper
from pos.domain.catalogue import warm_up
from pos.domain.journal import ChainIdentity
from pos.domain.message import Message, Refusal, say
from pos.printing import ReceiptWorker
from pos.store import verify
from pos.store.chain_facts import HubEnrolment
from pos.store.folder import DataFolder
from pos.store.read_only import open_read_only
from pos.store.settings import Settings, SettingsMistakes
from pos.store.till_store import TillStore, create_chain, has_chain, open_store
from pos.usecases.desk import Desk
from pos.usecases.ports import HubState, Journal, StorageTrouble
from pos.usecases.report_day import AskHub
from pos.words import Words
from sync.protocol.messages import DayStatement

if TYPE_CHECKING:
    from sync.client.transport import HubTransport
    from sync.client.worker import SyncWorker

Result = TypeVar("Result")

log = logging.getLogger(__name__)


def software() -> str:
    """Name and version as the journal's first entry says them."""
    return f"alliance-pos {version('alliance-pos')}"


class SystemClock:
    """The machine's clock, in the store's time zone."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def now(self) -> datetime:
        return datetime.now(self._zone)


def check_pin(pin_hash: str, pin: str) -> bool:
    """Argon2id, in its encoded form; a hash that is none matches nothing."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only a log-in needs it
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    try:
        return PasswordHasher().verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False


# --- the hub -------------------------------------------------------------------------------------


class HubConnection:
    """The till's line to its hub: a sync thread that starts when it is told to.

    Starting is apart from making, because the libraries behind it take a while to import and the
    window should be there first.
    """

    def __init__(self, store: TillStore, enrolment: HubEnrolment | None, clock: SystemClock) -> None:
        self._store, self._enrolment, self._clock = store, enrolment, clock
        self._worker: SyncWorker | None = None
        self._started_at = clock.now()
        self._problem: Message | None = None
        self._starting: threading.Thread | None = None

    def state(self) -> HubState:
        """What the badge shows."""
        if self._enrolment is None:
            return HubState(provisioned=False, online=False)
        if self._worker is None:
            return HubState(
                provisioned=True, online=False, offline_since=self._started_at, problem=self._problem
            )
        state = self._worker.state
        return HubState(
            provisioned=True,
            online=state.online,
            offline_since=state.offline_since,
            clock_offset_ms=state.clock_offset_ms,
            quarantined=self._store.outbox.quarantined_count(),
            problem=state.problem,
        )

    def nudge(self) -> None:
        if self._worker is not None:
            self._worker.nudge()

    def start(self) -> None:
        """Begins to talk to the hub; returns at once."""
        if self._enrolment is not None:
            self._starting = threading.Thread(target=self._start, name="sync-start", daemon=True)
            self._starting.start()

    def stop(self) -> None:
        if self._starting is not None:
            self._starting.join()
        if self._worker is not None:
            self._worker.stop()

    def _start(self) -> None:
        try:
            self._worker = _sync_worker(self._store, self._enrolment, self._clock)
        except Exception:
            log.exception("the sync thread could not be started")
            self._problem = say("同步没有启动，收银照常。请重新启动收银程序；不行请把日志交给技术员")
            return
        self._worker.start()


def _sync_worker(store: TillStore, enrolment: HubEnrolment | None, clock: SystemClock) -> SyncWorker:
    from sync.client.session import SyncSession  # noqa: PLC0415 - after the window is there
    from sync.client.worker import SyncWorker  # noqa: PLC0415
    from sync.protocol.trust import read_key_list  # noqa: PLC0415

    assert enrolment is not None
    key = store.folder.load_terminal_key()
    transport = _transport(enrolment, store.journal.identity, store.folder, clock)
    said = store.outbox.hub_said()
    session = SyncSession(
        transport,
        store.outbox,
        store.replica,
        key,
        read_key_list(enrolment.keys, enrolment.fingerprint),
        hub_epoch=said.hub_epoch if said else enrolment.hub_epoch,
        newest_pack=store.newest_pack,
        now=clock.now,
    )

    def customer_waits() -> bool:
        cart = store.journal.open_cart()
        return cart is not None and bool(cart.lines)

    return SyncWorker(
        session, transport.close, clock=transport.clock, now=clock.now, pause_while=customer_waits
    )


def _transport(
    enrolment: HubEnrolment, identity: ChainIdentity, folder: DataFolder, clock: SystemClock
) -> HubTransport:
    from sync.client.transport import HubTransport  # noqa: PLC0415 - after the window is there

    return HubTransport(enrolment.hub_url, identity, folder.load_terminal_key(), now=clock.now)


def _ask_hub(
    enrolment: HubEnrolment | None, journal: Journal, folder: DataFolder, clock: SystemClock
) -> AskHub:
    """Each question on a connection of its own: the sync thread has its own, too."""

    def ask(date: str) -> DayStatement | Message:
        from sync.client.days import ask_day  # noqa: PLC0415 - after the window is there

        if enrolment is None:
            return say("没有加入联盟，只有本机的数字")
        transport = _transport(enrolment, journal.identity, folder, clock)
        try:
            return ask_day(transport, date)
        finally:
            transport.close()

    return ask


# --- a till that works ---------------------------------------------------------------------------


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
        StorageTrouble: not set up, in use, damaged, or written by a newer program.
        Refusal: the settings cannot be used.

    """
    folder = DataFolder(data)
    settings = _settings(folder)
    store = open_store(folder)
    try:
        yield _wired(store, settings)
    finally:
        store.close()


def _wired(store: TillStore, settings: Settings) -> OpenTill:
    clock, enrolment = SystemClock(store.journal.store.timezone), store.enrolment()
    hub = HubConnection(store, enrolment, clock)
    printer = ReceiptWorker(
        store.print_queue, store.journal, _printer(settings), lambda: Words(settings.language)
    )
    desk = Desk(
        clock=clock,
        goods=store.goods,
        members=store.members,
        staff=store.staff,
        packs=store.packs,
        journal=store.journal,
        hub=hub,
        pin_check=check_pin,
    )
    return OpenTill(
        store, settings, desk, hub, printer, _ask_hub(enrolment, store.journal, store.folder, clock)
    )


def _settings(folder: DataFolder) -> Settings:
    try:
        return folder.read_settings()
    except SettingsMistakes as mistakes:
        first, more = mistakes.mistakes[0], len(mistakes.mistakes) - 1
        if not more:
            raise Refusal("settings", first.message()) from mistakes
        raise Refusal(
            "settings",
            say("{first}（另有 {more} 处：{rest}）", first=first.message(), more=more, rest=_keys(mistakes)),
        ) from mistakes


def _keys(mistakes: SettingsMistakes) -> str:
    return ", ".join(mistake.key for mistake in mistakes.mistakes[1:])


def _printer(settings: Settings) -> ReceiptPrinter:
    paper = Paper.MM58 if settings.printer.paper_mm == 58 else Paper.MM80
    return NetworkReceiptPrinter(settings.printer.host, settings.printer.port, paper)


def run_window(data: Path, *, remote: bool) -> int:
    """The till's window, after the set-up window where the folder is new. Gives the exit status."""
    from pos.ui.app import run_till  # noqa: PLC0415 - Qt, for this command alone
    from pos.ui.services import TillServices  # noqa: PLC0415

    _need_a_screen()
    folder = DataFolder(data)
    folder.make()
    _log_to(folder)
    settings = _settings(folder)
    if not has_chain(folder) and not _set_up_in_a_window(data, settings):
        return 1
    with open_till(data) as till, ThreadPoolExecutor(2, thread_name_prefix="background") as background:
        services = TillServices(
            desk=till.desk,
            on_journal=till.on_journal,
            in_background=background.submit,
            ask_hub=till.ask_hub,
            printer_notice=till.printer.notice,
            print_state=till.store.print_queue.state,
            test_print=till.printer.test_page,
            pulse_drawer=till.printer.pulse_drawer,
            language=settings.language,
            save_language=lambda language: _save_language(folder, language),
            scanner_gap_ms=settings.scanner.gap_ms,
        )

        def ready() -> None:
            threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
            till.printer.start()
            till.hub.start()

        try:
            return run_till(services, remote=remote, ready=ready)
        finally:
            till.hub.stop()
            till.printer.stop()


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
    handler = RotatingFileHandler(folder.path / "till.log", maxBytes=1 << 20, backupCount=3, encoding="utf-8")
    handler.addFilter(lambda record: record.name != "root")  # a library's chatter about each connection
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _save_language(folder: DataFolder, language: str) -> None:
    import msgspec  # noqa: PLC0415

    folder.save_settings(msgspec.structs.replace(folder.read_settings(), language=language))


# --- setting up ----------------------------------------------------------------------------------


def provision(data: Path, url: str, code: str) -> Message:
    """Enrols this folder with a hub and says what it has become.

    Raises:
        Refusal: the code, the address or the hub's answer will not do; nothing was kept.
        StorageTrouble: the folder cannot be written, or is a till already.

    """
    from sync.client.enrol import enrol  # noqa: PLC0415 - the window needs none of it

    folder = DataFolder(data)
    folder.make()
    if has_chain(folder):
        raise Refusal(
            "already_a_till", say("这个数据目录已经是一台收银机的了；换机请用新的数据目录和新的入网码")
        )
    key = folder.make_terminal_key()
    incarnation = folder.make_incarnation(lambda: secrets.token_hex(8))
    enrolled = enrol(url, code, key, incarnation, now=lambda: datetime.now().astimezone())
    told = enrolled.enrolment
    create_chain(
        folder,
        ChainIdentity(told.terminal, told.epoch, told.incarnation),
        told.store,
        public_key=key.public_key().public_bytes_raw(),
        software=software(),
        at=SystemClock(told.store.timezone).now(),
        enrolment=HubEnrolment(
            enrolled.hub_url, enrolled.keys, enrolled.fingerprint, told.hub_epoch, told.time
        ),
    )
    return say("入网成功：{store} {terminal}", store=told.store.name, terminal=told.store.terminal_label)


def make_sample(data: Path) -> Message:
    """A till folder with the sample shop, ready to sell, without a hub.

    Raises:
        StorageTrouble: the folder is a till already, or cannot be written.

    """
    from pos.sample import fill_with_sample, sample_store  # noqa: PLC0415 - imports the hub's file readers

    folder = DataFolder(data)
    folder.make()
    key = folder.make_terminal_key()
    card, terminal = sample_store()
    clock = SystemClock(card.timezone)
    create_chain(
        folder,
        ChainIdentity(terminal, 0, secrets.token_hex(8)),
        card,
        public_key=key.public_key().public_bytes_raw(),
        software=software(),
        at=clock.now(),
    )
    with open_till(data) as till:
        fill_with_sample(till.store.replica, clock.now())
    return say("示例门店已建好：{data}。打开：pos till --data {data}", data=str(data))


# --- looking, beside a running till ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TillReader:
    """A till's data without the right to change it; a running till is not disturbed."""

    desk: Desk
    ask_hub: AskHub
    printer: ReceiptPrinter
    printer_address: str
    transport: HubTransport | None
    words: Words

    def test_print(self) -> Message:
        """Prints a test page at once."""
        from pos.usecases.print_receipts import print_test_page  # noqa: PLC0415

        return print_test_page(self.printer, self.desk.journal.store, self.words)


@contextmanager
def read_till(data: Path) -> Iterator[TillReader]:
    """Opens a data folder for reading.

    Raises:
        StorageTrouble: not set up, damaged, or written by a newer program.
        Refusal: the settings cannot be used.

    """
    folder = DataFolder(data)
    settings = _settings(folder)
    with open_read_only(folder) as store:
        clock = SystemClock(store.journal.store.timezone)
        transport = (
            _transport(store.enrolment, store.journal.identity, folder, clock) if store.enrolment else None
        )
        yield TillReader(
            desk=Desk(
                clock=clock,
                goods=store.goods,
                members=store.members,
                staff=store.staff,
                packs=store.packs,
                journal=store.journal,
                hub=_NobodyAsked(provisioned=store.enrolment is not None),
                pin_check=check_pin,
            ),
            ask_hub=_ask_hub(store.enrolment, store.journal, folder, clock),
            printer=_printer(settings),
            printer_address=f"{settings.printer.host}:{settings.printer.port}",
            transport=transport,
            words=Words(settings.language),
        )
        if transport is not None:
            transport.close()


class _NobodyAsked:
    """A reader has no sync thread, so it knows nothing of the hub."""

    def __init__(self, *, provisioned: bool) -> None:
        self._state = HubState(provisioned=provisioned, online=False)

    def state(self) -> HubState:
        return self._state

    def nudge(self) -> None:
        """There is no thread to nudge."""


def verify_journal(data: Path) -> tuple[str | Message, bool]:
    """`ok <entries> <head hash>`, or which entry does not hold and why; and whether all is well.

    Raises:
        StorageTrouble: there is no journal, or it cannot be read.

    """
    journal = _existing_journal(data)
    found = verify.verify_journal(journal)
    if isinstance(found, verify.FirstBroken):
        return say("第 {seq} 条流水不成立：{reason}", seq=found.seq, reason=found.reason), False
    return f"ok {found.entries} {found.head_hash.hex()}", True


def list_journal(data: Path) -> Iterator[dict[str, object]]:
    """Every entry, oldest first, as plain values.

    Raises:
        StorageTrouble: there is no journal, or it cannot be read.

    """
    journal, after = _existing_journal(data), 0
    while lines := verify.list_entries(journal, after=after, limit=500):
        for line in lines:
            yield {
                "seq": line.seq,
                "kind": line.kind,
                "receipt_no": line.receipt_no,
                "hash": line.hash.hex(),
            }
        after = lines[-1].seq


def _existing_journal(data: Path) -> Path:
    folder = DataFolder(data)
    if not has_chain(folder):
        raise StorageTrouble(say("{data} 里没有流水文件，请用 --data 指定收银机的数据目录", data=str(data)))
    return folder.journal
