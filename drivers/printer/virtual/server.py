"""The sockets of the virtual printer: one port takes jobs, one takes orders about its state."""

from __future__ import annotations

import json
import os
import socketserver
import threading
from contextlib import suppress
from datetime import UTC, datetime
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any, Self

from drivers.printer.paper import Paper
from drivers.printer.virtual.control import execute
from drivers.printer.virtual.events import StatusQuery
from drivers.printer.virtual.machine import Job, Machine, status_answer
from drivers.printer.virtual.parser import Parser
from drivers.printer.virtual.receipts import ReceiptFolder

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_RECEIVED_BYTES = 4096
_POLL_S = 0.02  # how soon a server notices that it is to stop
_LOCALHOST = "127.0.0.1"


def _now() -> datetime:
    return datetime.now(UTC)


class VirtualPrinter:
    """A virtual printer inside this process, from `start` to `stop`; also a context manager."""

    def __init__(
        self,
        out: Path,
        *,
        host: str = _LOCALHOST,
        port: int = 0,
        control_port: int = 0,
        paper: Paper = Paper.MM80,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Opens both ports (0: any free one) and the folder, and serves nobody yet.

        Raises:
            OSError: a port is taken, or the folder cannot be made.

        """
        self.machine = Machine(paper, ReceiptFolder(out, clock))
        self._line = threading.Lock()
        self._printing = _Server((host, port), self._serve_job)
        try:
            self._control = _Server((_LOCALHOST, control_port), self._serve_control)
        except OSError:
            self._printing.server_close()
            raise

    @property
    def port(self) -> int:
        return self._printing.port

    @property
    def control_port(self) -> int:
        return self._control.port

    def start(self) -> None:
        self.machine.start()
        self._printing.start()
        self._control.start()

    def stop(self) -> None:
        """Closes all connections, prints what has arrived, and ends all threads."""
        self.machine.hurry()
        self._control.stop()
        self._printing.stop()
        self.machine.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve_job(self, connection: socket.socket) -> None:
        """One connection at a time, as network printers do: the others are open, but nobody reads them."""
        with self._line:
            parser, job = Parser(), self.machine.new_job()
            try:
                while data := connection.recv(_RECEIVED_BYTES):
                    self._take(connection, parser, job, data)
            finally:
                self.machine.end(job)

    def _take(self, connection: socket.socket, parser: Parser, job: Job, data: bytes) -> None:
        """Answers status queries at once, before what came earlier and still waits to be printed.

        A query behind more than the buffer holds is not read, and so not answered, until there is room:
        over a network, flow control keeps real-time commands out of a full printer too.
        """
        for command in parser.feed(data):
            if isinstance(command.event, StatusQuery):
                connection.sendall(status_answer(self.machine.mode, command.event.kind))
            else:
                self.machine.put(job, command)

    def _serve_control(self, connection: socket.socket) -> None:
        with connection.makefile("rw", encoding="utf-8", errors="replace", newline="\n") as lines:
            for line in lines:
                lines.write(json.dumps(execute(self.machine, line), ensure_ascii=False) + "\n")
                lines.flush()


class _Server(socketserver.ThreadingTCPServer):
    """Serves each connection by a function, on a thread of its own; stops with connections open."""

    # On Windows the option of this name would let a second printer take the same port.
    allow_reuse_address = os.name == "posix"

    def __init__(self, address: tuple[str, int], serve: Callable[[socket.socket], None]) -> None:
        super().__init__(address, socketserver.BaseRequestHandler)
        self._serve = serve
        self._open: set[socket.socket] | None = set()  # None: stopping
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(_POLL_S,), name="virtual-printer")

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        with self._lock:
            connections, self._open = self._open or set(), None
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)  # wakes the thread that reads from it
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's signature
        """Runs on the connection's thread. A peer that vanishes is everyday business here."""
        with self._lock:
            if self._open is None:
                return
            self._open.add(request)
        try:
            with suppress(OSError):
                self._serve(request)
        finally:
            with self._lock:
                if self._open is not None:
                    self._open.discard(request)
