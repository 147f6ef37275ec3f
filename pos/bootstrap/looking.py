"""Looking into a till's data without the right to change it; a running till is not disturbed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.contracts import ReceiptPrinter
from pos.bootstrap.hub_connection import HubAccess, ask_hub_with, hub_access
from pos.bootstrap.machine import SystemClock, TerminalSeal, check_pin
from pos.bootstrap.till import open_printer, read_settings
from pos.domain.message import Message, say
from pos.store import verify
from pos.store.folder import DataFolder
from pos.store.read_only import open_read_only
from pos.store.sqlite import damaged
from pos.store.till_store import has_chain
from pos.usecases.desk import Desk
from pos.usecases.ports import HubState, StorageTrouble
from pos.usecases.print_receipts import print_test_page
from pos.usecases.report_day import AskHub
from pos.words import Words


@dataclass(frozen=True, slots=True)
class TillReader:
    """A till's data without the right to change it; a running till is not disturbed."""

    desk: Desk
    ask_hub: AskHub
    printer: ReceiptPrinter
    printer_address: str
    hub: HubAccess | None
    words: Words

    def test_print(self) -> Message:
        """Prints a test page at once."""
        return print_test_page(self.printer, self.desk.journal.store, self.words)


@contextmanager
def read_till(data: Path) -> Iterator[TillReader]:
    """Opens a data folder for reading.

    Raises:
        StorageTrouble: not set up, damaged, or written by a newer program.
        Refusal: the settings cannot be used.

    """
    folder = DataFolder(data)
    settings = read_settings(folder)
    with open_read_only(folder) as store:
        clock = SystemClock(store.journal.store.timezone)
        access = hub_access(
            store.enrolment, store.journal, folder, clock, language=settings.language, keys=store.keys
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
                terms=store.terms,
                seal=TerminalSeal(folder.load_terminal_key),
                keys=store.keys,
            ),
            ask_hub=ask_hub_with(access),
            printer=open_printer(settings),
            printer_address=f"{settings.printer.host}:{settings.printer.port}",
            hub=access,
            words=Words(settings.language),
        )


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


def projections_match(data: Path) -> bool:
    """Whether the lists derived from the journal say what it says, in a file that is sound page by page.

    Raises:
        StorageTrouble: there is no journal, it cannot be read, or it is damaged.

    """
    journal = _existing_journal(data)
    if verify.full_check(journal):
        raise StorageTrouble(damaged(journal.name))
    return verify.projections_hold(journal)


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
