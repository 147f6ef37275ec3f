"""Runs the hub as a server: its address is known when it is ready, SIGTERM ends it cleanly."""

from __future__ import annotations

import ipaddress
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from sync.hub.hub import Hub, opened
from sync.hub.operation import workers
from sync.hub.storage import data_folder
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust import tls
from sync.hub.web import logs, memory, rate_limits
from sync.hub.web.app import make_app
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


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve. `trust_proxy` names the addresses or networks of proxies that are believed."""

    workers: int = 1
    trust_proxy: tuple[str, ...] = ()
    migrate: bool = True
    log_level: str = "info"


def serve(
    folder: DataFolder, address: Address, ready: Callable[[str], None], options: Options | None = None
) -> None:
    """Serves until told to stop. `ready` gets the URL when requests are answered.

    Raises:
        Told: the address or an option will not do, the database is of another version and may not be
            migrated, or another process serves the folder.

    """
    options = options or Options()
    address = _with_own_certificate(address, folder)
    _check(address)
    proxies = rate_limits.trusted_proxies(options.trust_proxy)
    with data_folder.sole_server(folder), opened(folder, migrate=options.migrate) as hub:
        _warn_of_the_end(address, hub)
        with _listening(address) as listener:
            url = f"{'https' if address.tls else 'http'}://{_shown(address.host)}:{listener.getsockname()[1]}"
            if options.workers > 1:
                application = workers.Application(folder.path, options.trust_proxy, options.log_level)
                hub.database.close()  # the workers open it for themselves
                workers.serve(
                    application, listener, options.workers, lambda: ready(url), **_settings(address)
                )
            else:
                _serve_here(hub, proxies, listener, lambda: ready(url), address)
        logs.note("stopped")


def _serve_here(
    hub: Hub, proxies: tuple[Any, ...], listener: socket.socket, ready: Callable[[], None], address: Address
) -> None:
    app = make_app(hub)
    memory.collect_rarely()
    app.state.trusted_proxies = proxies
    _stop_quietly()
    with workers.at_work(app):
        _Server(uvicorn.Config(app, lifespan="off", **_settings(address)), ready).run(sockets=[listener])


def _settings(address: Address) -> dict[str, Any]:
    """Of the server, whether one process or several. Who the peer is `rate_limits` says, not a header."""
    return {
        "log_config": None,
        "access_log": False,
        "ws": "none",
        "proxy_headers": False,
        "server_header": False,
        "timeout_graceful_shutdown": _GRACE_S,
        "ssl_certfile": address.tls_cert,
        "ssl_keyfile": address.tls_key,
    }


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _with_own_certificate(address: Address, folder: DataFolder) -> Address:
    """Beyond this machine the certificate that `pos-hub tls make` has made serves, if no other is given."""
    own = tls.certificate_of(folder.keys)
    if address.tls_cert or address.tls_key or _is_loopback(address.host) or not own.is_file():
        return address
    return replace(address, tls_cert=own, tls_key=own)


def _warn_of_the_end(address: Address, hub: Hub) -> None:
    if address.tls_cert is not None and (end := tls.end_of(address.tls_cert)) - hub.now() < tls.RENEW_WITHIN:
        logs.warn("certificate_ends", ends=end.isoformat())


def _check(address: Address) -> None:
    if (address.tls_cert is None) != (address.tls_key is None):
        raise Told(Words("--tls-cert 和 --tls-key 要一起给。", "--tls-cert and --tls-key go together."))
    _check_certificate(address)
    if not _is_loopback(address.host) and not address.tls:
        raise Told(
            Words(
                "不加密时只能监听本机（127.0.0.1）。监听 {host} 请先运行 pos-hub tls make，"
                "或给出 --tls-cert 和 --tls-key。",
                "Without TLS the hub listens on loopback only. To listen on {host} run pos-hub tls make "
                "first, or give --tls-cert and --tls-key.",
            ),
            host=address.host,
        )


def _check_certificate(address: Address) -> None:
    if address.tls_cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(address.tls_cert, address.tls_key)
    except (ssl.SSLError, OSError) as error:
        raise Told(
            Words(
                "证书 {cert} 和私钥 {key} 不能用（{detail}）。请检查文件和读取权限。",
                "The certificate {cert} and the key {key} will not do ({detail}). Check both files and who "
                "may read them.",
            ),
            cert=address.tls_cert,
            key=address.tls_key,
            detail=error.strerror or type(error).__name__,
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _listening(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY: else each answer waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
