from __future__ import annotations

import pytest

from drivers.contracts import DeviceError, Document, PrinterState, ReceiptPrinter, Text
from drivers.printer.layout import render
from drivers.printer.memory import MemoryPrinter
from drivers.printer.paper import Paper

RECEIPT = Document((Text("牛奶"),))


def test_keeps_documents_and_bytes() -> None:
    memory = MemoryPrinter(Paper.MM58)
    printer: ReceiptPrinter = memory
    assert printer.print(RECEIPT) is PrinterState.READY
    assert memory.documents == [RECEIPT]
    assert memory.jobs == [render(RECEIPT, Paper.MM58)]


@pytest.mark.parametrize("state", [state for state in PrinterState if not state.can_print])
def test_prints_nothing_when_it_cannot(state: PrinterState) -> None:
    printer = MemoryPrinter()
    printer.state = state
    assert printer.status() is state
    with pytest.raises(DeviceError) as caught:
        printer.print(RECEIPT)
    assert (caught.value.state, caught.value.may_have_happened) == (state, False)
    assert not printer.documents


def test_paper_that_runs_out_under_way_leaves_the_outcome_open() -> None:
    printer = MemoryPrinter()
    printer.state_after_next_job = PrinterState.PAPER_OUT
    with pytest.raises(DeviceError) as caught:
        printer.print(RECEIPT)
    assert caught.value.may_have_happened
    assert printer.documents == [RECEIPT]
    assert printer.status() is PrinterState.PAPER_OUT
    printer.state = PrinterState.READY
    assert printer.print(RECEIPT) is PrinterState.READY


def test_the_drawer_opens_without_paper_but_not_without_a_printer() -> None:
    printer = MemoryPrinter()
    printer.state = PrinterState.PAPER_OUT
    printer.open_drawer()
    assert printer.drawer_pulses == 1
    printer.state = PrinterState.UNREACHABLE
    with pytest.raises(DeviceError):
        printer.open_drawer()
    assert printer.drawer_pulses == 1
