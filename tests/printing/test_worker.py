"""The print thread with a printer in memory: order, retries, copies, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.contracts import Document, PrinterState
from drivers.printer.memory import MemoryPrinter
from pos.bootstrap.till import open_till
from pos.domain.message import Message
from pos.printing import ReceiptWorker
from pos.usecases.ports import StorageTrouble
from pos.words import Words
from tests.printing.waiting import wait_until
from tests.usecases.paper import is_copy, lines, receipt_no
from tests.usecases.sample_till import WATER, SampleTill


@pytest.fixture
def printer() -> MemoryPrinter:
    return MemoryPrinter()


def worker_of(shop: SampleTill, printer: MemoryPrinter) -> ReceiptWorker:
    store = shop.till.store
    return ReceiptWorker(
        store.print_queue, store.journal, store.packs, printer, lambda: Words("zh"), retry_s=0.02
    )


@pytest.fixture
def worker(shop: SampleTill, printer: MemoryPrinter) -> Iterator[ReceiptWorker]:
    made = worker_of(shop, printer)
    made.start()
    yield made
    made.stop()


def sell(shop: SampleTill, worker: ReceiptWorker, count: int = 1) -> list[str]:
    numbers = []
    for _ in range(count):
        numbers.append(shop.sell(WATER).sale.receipt_no)
        worker.nudge()
    return numbers


def all_printed(shop: SampleTill) -> bool:
    return shop.till.store.print_queue.unprinted() == 0


def receipts(printer: MemoryPrinter) -> list[Document]:
    return [document for document in printer.documents if any("单号" in line for line in lines(document))]


def test_receipts_come_out_in_order(shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker) -> None:
    numbers = sell(shop, worker, 12)
    wait_until(lambda: all_printed(shop))
    assert [receipt_no(document) for document in printer.documents] == numbers
    assert not any(is_copy(document) for document in printer.documents)
    assert worker.notice() is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PrinterState.PAPER_OUT, "缺纸"),
        (PrinterState.COVER_OPEN, "盖子"),
        (PrinterState.OFFLINE, "暂停工作"),
        (PrinterState.UNREACHABLE, "连不上打印机"),
    ],
)
def test_what_cannot_be_printed_waits_and_comes_as_an_original(
    shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker, state: PrinterState, words: str
) -> None:
    printer.state = state
    numbers = sell(shop, worker, 3)
    wait_until(lambda: worker.notice() is not None)
    assert words in str(worker.notice())
    assert printer.jobs == []
    printer.state = PrinterState.READY
    wait_until(lambda: all_printed(shop))
    assert [receipt_no(document) for document in printer.documents] == numbers
    assert not any(is_copy(document) for document in printer.documents)
    wait_until(lambda: worker.notice() is None)


def test_paper_that_is_nearly_out_is_said(
    shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker
) -> None:
    printer.state = PrinterState.PAPER_LOW
    sell(shop, worker)
    wait_until(lambda: all_printed(shop))
    wait_until(lambda: "快用完" in str(worker.notice()), patience_s=0.5)


def test_an_unclear_outcome_is_printed_again_as_a_copy(
    shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker
) -> None:
    printer.state_after_next_job = PrinterState.UNKNOWN
    numbers = sell(shop, worker)
    wait_until(lambda: worker.notice() is not None)
    assert "副本" in str(worker.notice())
    printer.state = PrinterState.READY
    wait_until(lambda: all_printed(shop))
    assert [(receipt_no(one), is_copy(one)) for one in printer.documents] == [
        (numbers[0], False),
        (numbers[0], True),
    ]


def test_a_long_outage_costs_the_disk_nothing(
    shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker
) -> None:
    """Waiting for paper is asking, not trying: the attempts do not grow, and nothing is overtaken."""
    printer.state = PrinterState.PAPER_OUT
    sell(shop, worker, 2)
    asked = 0
    ask = printer.status

    def count() -> PrinterState:
        nonlocal asked
        asked += 1
        return ask()

    printer.status = count  # type: ignore[method-assign]
    wait_until(lambda: asked >= 20)
    job = shop.till.store.print_queue.next_job()
    assert job is not None
    assert job.attempts <= 1
    assert not job.may_have_printed


def test_a_restart_amid_a_receipt_prints_a_copy(data: Path, printer: MemoryPrinter) -> None:
    """The program ended between the first byte and the printer's word: paper may have come out."""
    with open_till(data) as till:
        before = SampleTill(till)
        sent = before.sell(WATER)
        waiting = before.sell(WATER)
        till.store.print_queue.mark_sending(sent.job_id)
    with open_till(data) as till:
        after = SampleTill(till)
        worker = worker_of(after, printer)
        worker.start()
        wait_until(lambda: all_printed(after))
        worker.stop()
    assert [(receipt_no(one), is_copy(one)) for one in printer.documents] == [
        (sent.sale.receipt_no, True),
        (waiting.sale.receipt_no, False),
    ]


def test_what_waited_before_the_start_is_printed_without_a_nudge(
    shop: SampleTill, printer: MemoryPrinter
) -> None:
    sold = shop.sell(WATER)
    worker = worker_of(shop, printer)
    worker.start()
    wait_until(lambda: all_printed(shop))
    worker.stop()
    assert [receipt_no(document) for document in printer.documents] == [sold.sale.receipt_no]


def test_stopping_leaves_the_rest_for_the_next_start(shop: SampleTill, printer: MemoryPrinter) -> None:
    printer.state = PrinterState.PAPER_OUT
    worker = worker_of(shop, printer)
    worker.start()
    sell(shop, worker, 3)
    worker.stop()
    assert shop.till.store.print_queue.unprinted() == 3


def test_a_worker_that_was_never_started_can_be_stopped(shop: SampleTill, printer: MemoryPrinter) -> None:
    worker_of(shop, printer).stop()


def test_a_test_page_goes_between_two_receipts(
    shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker
) -> None:
    sell(shop, worker, 5)
    said: Message = worker.test_page()
    sell(shop, worker, 5)
    wait_until(lambda: all_printed(shop))
    assert "测试页已打印" in str(said)
    assert len(receipts(printer)) == 10
    assert len(printer.documents) == 11


def test_a_document_that_no_printer_can_print_holds_nothing_up(
    shop: SampleTill, printer: MemoryPrinter, worker: ReceiptWorker
) -> None:
    """erpnext#11000: after a few tries the younger receipts go first."""
    whole = printer.print
    bad, good = shop.sell(WATER).sale.receipt_no, shop.sell(WATER).sale.receipt_no

    def choke(document: Document) -> PrinterState:
        if receipt_no(document) == bad:
            raise ValueError("too wide for any paper")
        return whole(document)

    printer.print = choke  # type: ignore[method-assign]
    worker.nudge()
    wait_until(lambda: len(printer.documents) == 1)
    assert receipt_no(printer.documents[0]) == good
    printer.print = whole  # type: ignore[method-assign]
    wait_until(lambda: all_printed(shop))


def test_trouble_with_the_queue_ends_nothing(
    shop: SampleTill,
    printer: MemoryPrinter,
    worker: ReceiptWorker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = 0

    def fail(_queue: object) -> None:
        nonlocal asked
        asked += 1
        raise StorageTrouble(Message("the disk does not answer"))

    with monkeypatch.context() as patch:
        patch.setattr("pos.store.print_queue.JournalPrintQueue.next_job", fail)
        worker.nudge()
        wait_until(lambda: asked >= 3)
    sell(shop, worker)
    wait_until(lambda: all_printed(shop))
    assert "the print queue could not be read" in caplog.text


def test_the_drawer_opens_without_paper_and_says_when_it_cannot(
    printer: MemoryPrinter, worker: ReceiptWorker
) -> None:
    printer.state = PrinterState.PAPER_OUT
    assert worker.pulse_drawer() is None
    assert printer.drawer_pulses == 1
    printer.state = PrinterState.UNREACHABLE
    assert "连不上打印机" in str(worker.pulse_drawer())


def test_every_deed_at_the_till_wakes_the_print_thread(
    shop: SampleTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through `OpenTill.on_journal` alone, as the window does it."""
    nudged: list[ReceiptWorker] = []

    def nudge(worker: ReceiptWorker) -> None:
        nudged.append(worker)

    monkeypatch.setattr(ReceiptWorker, "nudge", nudge)
    shop.sell(WATER)
    wait_until(lambda: nudged == [shop.till.printer])
