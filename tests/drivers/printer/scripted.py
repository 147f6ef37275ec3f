"""A printer that follows a script, for what the virtual printer does not do: lie, hang up, talk garbage."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READY_ANSWER = b"\x12"
QUERY_BYTES = 3


@contextmanager
def scripted_printer(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """Runs `script` on the first connection, closes that, and yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    script(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def receive(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := connection.recv(count - len(data))):
        data += more
    return data


def say_ready(connection: socket.socket) -> None:
    """Answers one round of status queries."""
    for _ in range(3):
        receive(connection, QUERY_BYTES)
        connection.sendall(READY_ANSWER)


def reset(connection: socket.socket) -> None:
    """Closes so that the other side gets "connection reset"."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
