"""A requests session whose sockets can be shut from another thread.

A read timeout starts anew with every byte, so a hub that drips could hold the thread for hours.
Shutting the socket ends any wait at once: at the overall deadline, and when the till stops.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Sockets:
    """The sockets one session has open. `shut` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.closed = False

    def add(self, opened: socket.socket) -> None:
        with self._lock:
            self._open = {one for one in self._open if one.fileno() >= 0} | {opened}
            if self.closed:
                _shut(opened)

    def shut(self) -> None:
        """Ends every read and write that is under way."""
        with self._lock:
            for one in self._open:
                _shut(one)

    def close(self) -> None:
        """Ends what is under way and whatever is opened from now on."""
        self.closed = True
        self.shut()


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # not SSLSocket.shutdown: that one pulls the TLS state from under the reader
        socket.socket.shutdown(one, socket.SHUT_RDWR)


def open_session(
    sockets: Sockets, authorities: tuple[bytes, ...], *, verify: bool = True
) -> requests.Session:
    """A session that follows no environment settings and sends nothing twice.

    It believes the authorities of the machine and the given ones (DER). Without `verify` it believes
    anybody: for what is signed anyway.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = verify
    for scheme in ("http://", "https://"):
        session.mount(scheme, _WatchedAdapter(sockets, _context(authorities, verify=verify)))
    return session


def _context(authorities: tuple[bytes, ...], *, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    for certificate in authorities:
        context.load_verify_locations(cadata=certificate)
    return context


@contextlib.contextmanager
def deadline(sockets: Sockets, seconds: float) -> Iterator[threading.Event]:
    """Shuts the sockets when the time is up; the event says that it was."""
    passed = threading.Event()

    def end() -> None:
        passed.set()
        sockets.shut()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield passed
    finally:
        timer.cancel()


class _WatchedAdapter(HTTPAdapter):
    def __init__(self, sockets: Sockets, context: ssl.SSLContext) -> None:
        self._sockets, self._context = sockets, context
        super().__init__(max_retries=0, pool_connections=2, pool_maxsize=2)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._sockets)


def _pools(sockets: Sockets) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            sockets.add(self.sock)

    class Encrypted(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            sockets.add(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
