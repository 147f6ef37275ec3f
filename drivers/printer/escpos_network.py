"""A receipt printer on the network, usually at TCP port 9100.

The first write to a socket that the printer has closed succeeds silently, and so a whole receipt can
vanish. Hence one connection per job, and the printer's own word before and after each.
"""

from __future__ import annotations

import functools
import logging
import os
import shutil
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from drivers.contracts import DeviceError, Document, PrinterState
from drivers.printer import commands, status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.printer.paper import Paper

# A printer that keeps taking bytes is alive, however slowly it prints: the time limit is for one chunk.
_CHUNK_BYTES = 1024
# Old and cold printers manage three or four lines a second: 400 bytes and more of an ordinary receipt.
_SLOWEST_BYTES_PER_S = 300.0
# Of an earlier job that the printer has taken but not printed yet; what cheap printers can hold.
_BUFFERED_BYTES = 4096


class NetworkReceiptPrinter:
    """Implements `drivers.contracts.ReceiptPrinter`; used by one worker thread at a time."""

    def __init__(
        self,
        host: str,
        port: int,
        paper: Paper,
        timeout_s: float = 2.5,
        slowest_bytes_per_s: float = _SLOWEST_BYTES_PER_S,
    ) -> None:
        """Connects to nothing yet.

        `timeout_s` limits connecting and each status answer before a job: a printer that is not heard
        then is busy or dead, and gets no byte of the job. `slowest_bytes_per_s` limits each chunk of the
        job and each answer after it, which a printer gives only when it has room for the question: one
        that keeps the line open is slow, not dead, for as long as the job and a buffer before it take at
        that speed (about 30 s for a receipt).
        """
        self._address = (host, port)
        self._paper = paper
        self._timeout_s = timeout_s
        self._slowest_bytes_per_s = slowest_bytes_per_s

    def status(self) -> PrinterState:
        """Asks the printer; never raises."""
        try:
            with self._connection() as connection:
                return connection.state()
        except DeviceError as error:
            return error.state

    def print(self, document: Document) -> PrinterState:
        """Prints and returns the state that the printer reported afterwards.

        Raises:
            DeviceError: nothing was printed, or (`may_have_happened`) the printer did not confirm.
            ValueError: the document cannot be printed on any printer; see `layout.render`.

        """
        from drivers.printer.layout import render  # noqa: PLC0415 - Pillow and qrcode, for the first receipt

        job = render(document, self._paper)
        with self._connection() as connection:
            before = connection.state()
            if not before.can_print:
                raise DeviceError(f"printer is {before.value}", state=before, may_have_happened=False)
            connection.send(job, self._patience_s(job))
            after = connection.state()
        if not after.can_print:
            raise DeviceError(f"printer is {after.value} after the job", state=after, may_have_happened=True)
        return after

    def open_drawer(self) -> None:
        """Sends the drawer pulse and waits for any sign of life behind it.

        The state before does not matter: a printer without paper opens the drawer all the same.

        Raises:
            DeviceError: the pulse could not be sent, or (`may_have_happened`) was not followed by a sign.

        """
        with self._connection() as connection:
            connection.send(commands.DRAWER_PULSE, self._patience_s(commands.DRAWER_PULSE))
            if not status.is_status(connection.ask(status.PRINTER)):
                raise DeviceError("no answer", state=PrinterState.UNKNOWN, may_have_happened=True)

    def _patience_s(self, job: bytes) -> float:
        return (_BUFFERED_BYTES + len(job)) / self._slowest_bytes_per_s

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        """One connection, closed at the end; every foreign exception in between becomes ours.

        Only sockets fail here: python-escpos's own exceptions come from calls that are not used. A host
        name that cannot be one is a `UnicodeError`, an impossible port an `OverflowError`. Bytes may
        have left from the first `send` on, even if that `send` is what failed.
        """
        connection = _Connection(self._timeout_s)
        try:
            connection.open(self._address)
            yield connection
        except (OSError, UnicodeError, OverflowError) as error:
            raise DeviceError(
                f"{self._address[0]}:{self._address[1]}: {error}",
                state=PrinterState.UNREACHABLE,
                may_have_happened=connection.has_sent,
            ) from error
        finally:
            connection.close()


class _Connection:
    """A thin shell around python-escpos's `Network`, of which only the raw transport is used."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._network: Any = None
        self.has_sent = False

    def open(self, address: tuple[str, int]) -> None:
        """Connects. The socket is our own: `Network.open` leaks it when the printer is not there."""
        opened = socket.create_connection(address, timeout=self._timeout_s)
        # Without it each chunk waits for the answer to the one before: 40 ms and more a receipt.
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._network = _escpos_network()(*address)
        except BaseException:
            opened.close()
            raise
        self._network.device = opened

    def close(self) -> None:
        if self._network is not None:
            with suppress(OSError):
                self._network.close()

    def send(self, job: bytes, timeout_s: float) -> None:
        """Sends bytes that have an effect; from then on answers too are awaited for `timeout_s`."""
        self._network.device.settimeout(timeout_s)
        self.has_sent = True
        for start in range(0, len(job), _CHUNK_BYTES):
            self._network._raw(job[start : start + _CHUNK_BYTES])  # noqa: SLF001 - its public methods re-encode

    def ask(self, kind: int) -> bytes:
        """The answer to one `DLE EOT`: empty when none came in time or the printer closed the line."""
        self._network._raw(commands.status_query(kind))  # noqa: SLF001 - see `send`
        try:
            return bytes(self._network._read())  # noqa: SLF001 - it has no public reader
        except TimeoutError:
            return b""

    def state(self) -> PrinterState:
        """Asks for everything, but stops at a missing answer: a late one would pass for the next."""
        answers: list[bytes] = []
        for kind in status.QUERIES:
            answers.append(self.ask(kind))
            if not status.is_status(answers[-1]):
                return PrinterState.UNKNOWN
        return status.decode(*answers)


@functools.cache
def _escpos_network() -> Any:
    """Imports python-escpos on first use: about 380 ms that the first window need not wait for.

    The import installs a log handler on the root logger and leaves an empty temporary directory behind;
    both are undone here.
    """
    handlers = logging.root.handlers[:]
    from escpos import capabilities  # noqa: PLC0415 - see above
    from escpos.printer import Network  # noqa: PLC0415 - see above

    logging.root.handlers[:] = handlers
    logging.getLogger("escpos").setLevel(logging.WARNING)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return Network
