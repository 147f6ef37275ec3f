"""A printer that only listens: answers status queries and notes when the first byte of a job arrives."""

from __future__ import annotations

import queue
import re
import socket
import threading
import time
from types import TracebackType
from typing import Self

_QUERY = re.compile(rb"\x10\x04[\x01-\x04]")  # DLE EOT n, which no job of ours contains
_READY = b"\x12"


class ListeningPrinter:
    """Listens on loopback from `start` to `stop`; `arrivals` gets one `perf_counter` per connection."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, name="listening-printer", daemon=True)
        self.arrivals: queue.Queue[float] = queue.Queue()
        self.jobs: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        job = bytearray()
        while data := connection.recv(65_536):
            at_s = time.perf_counter()
            content, queries = _QUERY.subn(b"", data)
            if content and not job:
                self.arrivals.put(at_s)
            job += content
            connection.sendall(_READY * queries)
        if job:
            self.jobs.append(bytes(job))
