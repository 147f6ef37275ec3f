"""The printer behind the socket: its state, what it says of itself, and the print head's thread."""

from __future__ import annotations

import logging
import queue
import threading
from enum import Enum
from typing import TYPE_CHECKING

from drivers.printer import status
from drivers.printer.virtual.events import Cut, DrawerPulse
from drivers.printer.virtual.page import LINE_DOTS, Page, PictureRow

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.printer.paper import Paper
    from drivers.printer.virtual.page import Row
    from drivers.printer.virtual.parser import Command
    from drivers.printer.virtual.receipts import ReceiptFolder

# A cheap printer buffers a KiB or four and then takes no more bytes, status queries included.
_BUFFERED_COMMANDS = 64
_MAX_RECEIPT_DOTS = 12_000  # 1.5 m; a stream of garbage is torn off there

_LOG = logging.getLogger(__name__)


class Mode(Enum):
    """What is wrong with the printer."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    DEAD = "dead"  # takes connections and bytes, says nothing

    @property
    def prints(self) -> bool:
        return self in (Mode.READY, Mode.PAPER_LOW)


def status_answer(mode: Mode, kind: int) -> bytes:
    """The answer to `DLE EOT kind` (see `drivers.printer.status`); empty when there is none."""
    bits = {
        (Mode.PAPER_LOW, status.PAPER): status.NEAR_END,
        (Mode.PAPER_OUT, status.PAPER): status.NEAR_END | status.PAPER_END,
        (Mode.PAPER_OUT, status.OFFLINE_CAUSE): status.PAPER_STOP,
        (Mode.COVER_OPEN, status.OFFLINE_CAUSE): status.COVER_OPEN,
    }.get((mode, kind), 0)
    if kind == status.PRINTER and not mode.prints:
        bits = status.OFFLINE
    return b"" if mode is Mode.DEAD else bytes([status.FIXED_BITS | bits])


class Job:
    """What one connection has printed since its last cut."""

    def __init__(self, paper: Paper) -> None:
        self.page = Page(paper)
        self.raw = bytearray()
        self.height_dots = 0
        self.lost = False  # bytes were swallowed while the printer could not print

    def start_over(self) -> None:
        self.page.tear_off()
        self.raw.clear()
        self.height_dots = 0
        self.lost = False

    def print(self, command: Command) -> list[Row]:
        """Prints one command and returns the rows that this put on the paper."""
        printed = len(self.page.rows)
        self.raw += command.raw
        self.page.apply(command.event)
        return self.page.rows[printed:]


class Machine:
    """One print head, which works through the commands of all connections in the order they came."""

    def __init__(self, paper: Paper, receipts: ReceiptFolder) -> None:
        self.mode = Mode.READY
        self.slow_ms = 0  # for each line
        self.lines_left: int | None = None  # None: the roll is endless
        self.swallowed_bytes = 0
        self.drawer_pulses = 0
        self.receipts: list[Path] = []
        self._paper = paper
        self._folder = receipts
        self._buffer: queue.Queue[tuple[Job, Command | None] | None] = queue.Queue(_BUFFERED_COMMANDS)
        self._hurried = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="print-head")

    def start(self) -> None:
        self._thread.start()

    def hurry(self) -> None:
        """Is never slow again: whoever waits for room in the buffer is to get on."""
        self._hurried.set()

    def stop(self) -> None:
        """Prints what is in the buffer, in a hurry, and ends."""
        self.hurry()
        self._buffer.put(None)
        self._thread.join()

    def new_job(self) -> Job:
        return Job(self._paper)

    def put(self, job: Job, command: Command) -> None:
        """Takes a command into the buffer; waits while that is full."""
        self._buffer.put((job, command))

    def end(self, job: Job) -> None:
        """Marks the end of a connection: what it printed but did not cut is torn off."""
        self._buffer.put((job, None))

    def wait_for_receipts(self, count: int, timeout_s: float) -> list[Path]:
        """Waits until so many receipts were written since the start.

        Raises:
            TimeoutError: there are fewer after `timeout_s`.

        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.receipts) >= count, timeout_s):
                raise TimeoutError(f"{len(self.receipts)} of {count} receipts after {timeout_s} s")
            return list(self.receipts)

    def _run(self) -> None:
        while (item := self._buffer.get()) is not None:
            try:
                self._work(*item)
            except OSError:
                _LOG.exception("a receipt or an event could not be written")

    def _work(self, job: Job, command: Command | None) -> None:
        if command is None:
            self._finish(job, cut=False)
        else:
            self._execute(job, command)

    def _execute(self, job: Job, command: Command) -> None:
        if isinstance(command.event, DrawerPulse) and self.mode not in (Mode.OFFLINE, Mode.DEAD):
            self._pulse(command.event)
        elif not self.mode.prints:
            self.swallowed_bytes += len(command.raw)
            job.lost = True
        else:
            for row in job.print(command):
                self._move_paper(row)
                job.height_dots += row.height_dots
            if isinstance(command.event, Cut) or job.height_dots > _MAX_RECEIPT_DOTS:
                self._finish(job, cut=isinstance(command.event, Cut))

    def _move_paper(self, row: Row) -> None:
        """Takes the time that a row takes, and the paper."""
        lines = max(1, row.height_dots // LINE_DOTS) if isinstance(row, PictureRow) else 1
        self._hurried.wait(lines * self.slow_ms / 1000)
        if self.lines_left is not None:
            self.lines_left = max(0, self.lines_left - lines)
            if self.lines_left == 0:
                self.mode = Mode.PAPER_OUT

    def _pulse(self, pulse: DrawerPulse) -> None:
        self._folder.log(
            {"event": "drawer", "pin": pulse.pin, "on_ms": pulse.on * 2, "off_ms": pulse.off * 2}
        )
        with self._changed:
            self.drawer_pulses += 1
            self._changed.notify_all()

    def _finish(self, job: Job, *, cut: bool) -> None:
        """Writes the receipt, if there is ink on it, and starts a new page on the same connection."""
        job.page.finish()
        try:
            if job.page.has_content:
                self._save(job, complete=cut and not job.lost)
        finally:
            job.start_over()

    def _save(self, job: Job, *, complete: bool) -> None:
        path = self._folder.save(job.page, bytes(job.raw), complete=complete)
        with self._changed:
            self.receipts.append(path)
            self._changed.notify_all()
