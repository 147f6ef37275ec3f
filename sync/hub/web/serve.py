"""Runs the hub as a server: its address is known when it is ready, SIGTERM ends it cleanly."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from sync.hub.hub import opened
from sync.hub.storage import data_folder
from sync.hub.storage.data_folder import DataFolder
from sync.hub.web import logs
from sync.hub.web.app import make_app, start_up
from sync.hub.words import Told, Words

_GRACE_S = 5
_LISTEN_BACKLOG = 128


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 takes a free one. Certificate and key (PEM files) make it TLS."""

    host: str
    port: int
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def tls(self) -> bool:
        return self.tls_cert is not None and self.tls_key is not None


def serve(folder: DataFolder, address: Address, ready: Callable[[str], None]) -> None:
    """Serves until told to stop. `ready` gets the URL when requests are answered.

    Raises:
        Told: the address will not do, or another process serves the folder.

    """
    _check(address)
    with data_folder.sole_server(folder), opened(folder) as hub, _listening(address) as listener:
        app = make_app(hub)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            ssl_certfile=address.tls_cert,
            ssl_keyfile=address.tls_key,
        )
        url = f"{'https' if address.tls else 'http'}://{_shown(address.host)}:{listener.getsockname()[1]}"
        _stop_quietly()
        worker = start_up(app)
        _Server(config, lambda: ready(url)).run(sockets=[listener])
        worker.join()
        logs.note("stopped")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _check(address: Address) -> None:
    if (address.tls_cert is None) != (address.tls_key is None):
        raise Told(Words("--tls-cert 和 --tls-key 要一起给。", "--tls-cert and --tls-key go together."))
    if not _is_loopback(address.host) and not address.tls:
        raise Told(
            Words(
                "不加密时只能监听本机（127.0.0.1）。监听 {host} 请给出 --tls-cert 和 --tls-key。",
                "Without TLS the hub listens on loopback only. "
                "To listen on {host} give --tls-cert and --tls-key.",
            ),
            host=address.host,
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listening(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        listener.listen(_LISTEN_BACKLOG)
    except OSError as error:
        listener.close()
        raise Told(
            Words(
                "不能监听 {host}:{port}（{detail}）。请换一个端口，或先停掉占用它的程序。",
                "Cannot listen on {host}:{port} ({detail}). Choose another port, or stop what uses it.",
            ),
            host=address.host,
            port=address.port,
            detail=error.strerror,
        ) from error
    return listener


def _stop_quietly() -> None:
    """The server raises a signal again once it has stopped; by then it has done its work."""

    def already_stopping(_number: int, _frame: FrameType | None) -> None:
        return None

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, already_stopping)
