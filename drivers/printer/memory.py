"""A receipt printer without hardware, for tests and for shops that print nothing."""

from __future__ import annotations

from drivers.contracts import DeviceError, Document, PrinterState
from drivers.printer.layout import render
from drivers.printer.paper import Paper


class MemoryPrinter:
    """Implements `drivers.contracts.ReceiptPrinter` and keeps what it was given.

    Set `state` to what the printer says from now on. Set `state_after_next_job` to what it says behind
    the next job, once: paper that runs out half-way, or a confirmation that never comes.
    """

    def __init__(self, paper: Paper = Paper.MM80) -> None:
        self.state = PrinterState.READY
        self.state_after_next_job: PrinterState | None = None
        self.documents: list[Document] = []
        self.jobs: list[bytes] = []
        self.drawer_pulses = 0
        self._paper = paper

    def status(self) -> PrinterState:
        return self.state

    def print(self, document: Document) -> PrinterState:
        """Keeps the document and its bytes, also when the outcome is then reported as unclear."""
        job = render(document, self._paper)
        self._require(can_print=True)
        self.documents.append(document)
        self.jobs.append(job)
        if self.state_after_next_job is not None:
            self.state, self.state_after_next_job = self.state_after_next_job, None
        if not self.state.can_print:
            raise DeviceError(f"printer is {self.state.value}", state=self.state, may_have_happened=True)
        return self.state

    def open_drawer(self) -> None:
        self._require(can_print=False)
        self.drawer_pulses += 1

    def _require(self, *, can_print: bool) -> None:
        """Printing needs a printer that can print; the drawer only one that is there."""
        there = self.state not in (PrinterState.UNREACHABLE, PrinterState.UNKNOWN)
        if not there or (can_print and not self.state.can_print):
            raise DeviceError(f"printer is {self.state.value}", state=self.state, may_have_happened=False)
