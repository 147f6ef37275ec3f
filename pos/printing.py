"""The printer's thread: drains the print queue, one receipt at a time, for as long as it takes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from drivers.contracts import DeviceError, PrinterState, ReceiptPrinter
from pos.domain.message import Message, Refusal, say
from pos.usecases.ports import Journal, Packs, StorageTrouble
from pos.usecases.print_ports import PrintQueue
from pos.usecases.print_receipts import NotPrinted, Printed, print_next, print_test_page, printer_sentence
from pos.words import Words

log = logging.getLogger(__name__)

RETRY_S = 2.0
IDLE_S = 30.0


class ReceiptWorker:
    """Prints what is queued. `nudge` after each sale; failures are tried again every two seconds."""

    def __init__(
        self,
        queue: PrintQueue,
        journal: Journal,
        packs: Packs,
        printer: ReceiptPrinter,
        words: Callable[[], Words],
        *,
        retry_s: float = RETRY_S,
    ) -> None:
        self._queue, self._journal, self._packs = queue, journal, packs
        self._printer, self._words = printer, words
        self._retry_s = retry_s
        self._wake = threading.Event()
        self._stopping = False
        self._state = PrinterState.READY
        # Two threads on one printer would interleave their bytes.
        self._printing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """Something was queued."""
        self._wake.set()

    def stop(self) -> None:
        """Ends after the receipt in hand; what waits is printed at the next start."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)

    def notice(self) -> Message | None:
        """What the cashier should know about the printer, or None while receipts come out."""
        return printer_sentence(self._state)

    def test_page(self) -> Message:
        """Prints a test page now, between two receipts, and says how it went."""
        try:
            with self._printing:
                return print_test_page(self._printer, self._journal.store, self._words())
        except Refusal as refusal:
            return refusal.message

    def pulse_drawer(self) -> Message | None:
        """Opens the cash drawer now; a sentence when it could not be."""
        try:
            with self._printing:
                self._printer.open_drawer()
        except DeviceError as error:
            return printer_sentence(error.state) or say("钱箱没有打开，请用钥匙打开")
        return None

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            waiting = self._drain()
            self._wake.wait(self._retry_s if waiting else IDLE_S)

    def _drain(self) -> bool:
        """Prints until nothing is left; True when something is left that could not be printed."""
        while not self._stopping:
            try:
                with self._printing:
                    outcome = print_next(
                        self._queue,
                        self._journal,
                        self._packs,
                        self._printer,
                        self._words(),
                        ask_first=not self._state.can_print,
                    )
            except StorageTrouble:
                log.exception("the print queue could not be read or written")
                return True
            if outcome is None:
                return False
            if isinstance(outcome, NotPrinted):
                self._state = outcome.state
                return True
            if isinstance(outcome, Printed):
                self._state = outcome.state
        return False
