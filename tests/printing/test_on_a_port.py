"""The print thread with a printer of software on a real port: sale to paper over TCP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers.printer.escpos_network import NetworkReceiptPrinter
from drivers.printer.paper import Paper
from drivers.printer.virtual import Mode, VirtualPrinter
from pos.printing import ReceiptWorker
from pos.words import Words
from tests.printing.waiting import wait_until
from tests.usecases.sample_till import WATER, SampleTill


@pytest.fixture
def paper_folder(tmp_path: Path) -> Path:
    return tmp_path / "paper"


@contextmanager
def working(shop: SampleTill, port: int, paper: Paper = Paper.MM58) -> Iterator[ReceiptWorker]:
    """The print thread on a network printer, as a till has it, with less patience."""
    store = shop.till.store
    printer = NetworkReceiptPrinter("127.0.0.1", port, paper, timeout_s=0.5, slowest_bytes_per_s=3000.0)
    worker = ReceiptWorker(
        store.print_queue, store.journal, store.packs, printer, lambda: Words("zh"), retry_s=0.05
    )
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def sell(shop: SampleTill, worker: ReceiptWorker, count: int = 1) -> list[str]:
    numbers = []
    for _ in range(count):
        numbers.append(shop.sell(WATER).sale.receipt_no)
        worker.nudge()
    return numbers


def all_printed(shop: SampleTill) -> bool:
    return shop.till.store.print_queue.unprinted() == 0


def papers(folder: Path) -> list[tuple[str, bool, bool]]:
    """Receipt number, whether it is marked as a copy, and whether the paper is whole; in order."""
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    found = []
    for event in events:
        text = (folder / event["file"]).with_suffix(".txt").read_text()
        number = next((line.split()[1] for line in text.splitlines() if line.startswith("单号")), "")
        found.append((number, "副本" in text, event["complete"]))
    return found


def originals(numbers: list[str]) -> list[tuple[str, bool, bool]]:
    return [(number, False, True) for number in numbers]


def test_the_worked_sale_on_paper(shop: SampleTill, paper_folder: Path) -> None:
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual, working(shop, virtual.port) as worker:
        done = shop.pay(shop.worked_cart(), 100_00)
        worker.nudge()
        (png,) = virtual.machine.wait_for_receipts(1, 10)
        wait_until(lambda: all_printed(shop))
    text = png.with_suffix(".txt").read_text()
    for words in ("幸福里便利店", "77.36", "22.64", "***6012", "积分余额", done.sale.receipt_no):
        assert words in text
    with Image.open(png) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [done.sale.receipt_no]


def test_paper_out_loses_nothing_and_prints_once_paper_is_back(shop: SampleTill, paper_folder: Path) -> None:
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual, working(shop, virtual.port) as worker:
        virtual.machine.mode = Mode.PAPER_OUT
        numbers = sell(shop, worker, 3)
        wait_until(lambda: worker.notice() is not None)
        assert "缺纸" in str(worker.notice())
        assert virtual.machine.receipts == []
        virtual.machine.mode = Mode.READY
        virtual.machine.wait_for_receipts(3, 10)
        wait_until(lambda: all_printed(shop))
        assert worker.notice() is None
    assert papers(paper_folder) == originals(numbers)


def test_paper_that_ends_amid_a_receipt(shop: SampleTill, paper_folder: Path) -> None:
    """The torn receipt comes again, whole, and marked as a copy; the next one is an original."""
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual, working(shop, virtual.port) as worker:
        virtual.machine.lines_left = 5
        numbers = sell(shop, worker, 2)
        wait_until(lambda: worker.notice() is not None)
        virtual.machine.lines_left, virtual.machine.mode = None, Mode.READY
        wait_until(lambda: all_printed(shop))
    whole = [(number, copy) for number, copy, complete in papers(paper_folder) if complete]
    assert whole == [(numbers[0], True), (numbers[1], False)]


def test_a_printer_that_is_switched_off_and_on(shop: SampleTill, paper_folder: Path) -> None:
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual:
        port = virtual.port
    with working(shop, port) as worker:
        numbers = sell(shop, worker, 3)
        wait_until(lambda: worker.notice() is not None)
        assert "连不上打印机" in str(worker.notice())
        with VirtualPrinter(paper_folder, port=port, paper=Paper.MM58) as virtual:
            virtual.machine.wait_for_receipts(3, 10)
            wait_until(lambda: all_printed(shop))
    assert papers(paper_folder) == originals(numbers)


def test_a_printer_that_takes_bytes_and_says_nothing(shop: SampleTill, paper_folder: Path) -> None:
    """It never answered before the job, so no byte of it was sent, and the receipt stays an original."""
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual, working(shop, virtual.port) as worker:
        virtual.machine.mode = Mode.DEAD
        numbers = sell(shop, worker)
        wait_until(lambda: worker.notice() is not None)
        virtual.machine.mode = Mode.READY
        wait_until(lambda: all_printed(shop))
    assert papers(paper_folder) == originals(numbers)


def test_a_slow_printer_prints_two_sales_back_to_back_once_each(shop: SampleTill, paper_folder: Path) -> None:
    """Ten times as fast as `slow 300` and the driver's own patience, in the same proportion.

    The second receipt waits for the first one's; its confirmation comes later than any single answer.
    """
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual, working(shop, virtual.port) as worker:
        virtual.machine.slow_ms = 30
        numbers = sell(shop, worker, 2)
        virtual.machine.wait_for_receipts(2, 20)
        wait_until(lambda: all_printed(shop))
        assert worker.notice() is None
    assert papers(paper_folder) == originals(numbers)


def test_a_test_page_while_receipts_come_out(shop: SampleTill, paper_folder: Path) -> None:
    """Two jobs never share a piece of paper."""
    with VirtualPrinter(paper_folder, paper=Paper.MM58) as virtual, working(shop, virtual.port) as worker:
        numbers = sell(shop, worker, 3)
        assert "测试页已打印" in str(worker.test_page())
        numbers += sell(shop, worker, 3)
        virtual.machine.wait_for_receipts(7, 10)
        wait_until(lambda: all_printed(shop))
    found = papers(paper_folder)
    assert all(complete for _number, _copy, complete in found)
    assert [number for number, _copy, _complete in found if number] == numbers
    assert len(found) == 7
