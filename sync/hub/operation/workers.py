"""Several processes that answer on one socket. Each opens the hub for itself; one that dies is replaced.

uvicorn's supervisor starts them, asks whether they still answer, and on SIGHUP replaces them one after the
other (a renewed certificate). A worker whose supervisor was killed ends by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from sync.hub.hub import attached
from sync.hub.operation.metrics import SHARED_FOLDER
from sync.hub.storage.data_folder import DataFolder
from sync.hub.web import logs, memory, rate_limits
from sync.hub.web.app import make_app, start_up
from sync.hub.words import Told, Words

_START_S = 60
_STOP_S = 5
_SILENT_S = 30
"""A worker that does not answer its supervisor for so long is replaced."""


@dataclass(frozen=True, slots=True)
class Application:
    """What a worker makes its application of; it travels to the new process, so it is plain data."""

    folder: Path
    trust_proxy: tuple[str, ...]
    log_level: str

    def __call__(self) -> ASGIApp:
        logs.start(self.log_level)
        threading.Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
        return _Worker(self)


def serve(
    application: Application, listener: socket.socket, count: int, ready: Callable[[], None], **tls: Any
) -> None:
    """Runs `count` workers on the socket until SIGTERM or SIGINT. `ready` is called when all answer.

    Raises:
        Told: they could not be started; the log says why.

    """
    with tempfile.TemporaryDirectory(prefix="pos-hub-metrics-") as shared:
        os.environ[SHARED_FOLDER] = shared  # the workers inherit it
        config = uvicorn.Config(
            application,
            factory=True,
            workers=count,
            lifespan="on",
            timeout_worker_healthcheck=_START_S,
            **tls,
        )
        supervisor = _Supervisor(config, listener, ready)
        supervisor.run()
    if not supervisor.was_ready:
        raise Told(_NOT_STARTED)


@contextmanager
def at_work(app: FastAPI) -> Iterator[None]:
    """What runs beside the answering of requests, in every process that answers."""
    unfinished = start_up(app)
    yield
    unfinished.join(_STOP_S)  # what is left of it waits for the next start


class _Worker:
    """The hub's application: opened when the server starts, closed when it has answered everybody."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._app: FastAPI | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        with attached(DataFolder(self._application.folder)) as hub:
            self._app = make_app(hub)
            memory.collect_rarely()
            self._app.state.trusted_proxies = rate_limits.trusted_proxies(self._application.trust_proxy)
            with at_work(self._app):
                await send({"type": "lifespan.startup.complete"})
                await receive()
        await send({"type": "lifespan.shutdown.complete"})


class _Supervisor(Multiprocess):
    """Says when all workers answer, and writes down when one had to be replaced."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config, [listener])
        self._ready = ready
        self._pulses: dict[int | None, _Pulse] = {}
        self.was_ready = False

    def init_processes(self) -> None:
        super().init_processes()
        if all(worker.wait_until_ready(_START_S) for worker in self.processes):
            self.was_ready = True
            self._ready()
        else:
            self.should_exit.set()

    def keep_subprocess_alive(self) -> None:
        """Twice a second. Never waits for one worker, because another may need to be replaced meanwhile."""
        for index, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if not (worker.process.is_alive() and self._pulse_of(worker).beats()):
                self._replace(index, worker)

    def _pulse_of(self, worker: Process) -> _Pulse:
        if worker.pid not in self._pulses:
            here = {one.pid for one in self.processes}
            self._pulses = {pid: pulse for pid, pulse in self._pulses.items() if pid in here}
            self._pulses[worker.pid] = _Pulse(worker)
        return self._pulses[worker.pid]

    def _replace(self, index: int, worker: Process) -> None:
        worker.kill()  # if it has not ended, it no longer answers
        worker.join()
        if worker.exitcode == STARTUP_FAILURE:
            logs.warn("worker_cannot_start", gone=worker.pid)
            self.should_exit.set()  # no other one could
            return
        successor = Process(self.config, self.sockets)
        successor.start()
        self.processes[index] = successor
        logs.warn("worker_replaced", gone=worker.pid, worker=successor.pid)


class _Pulse:
    """Whether a worker still answers its supervisor, found out without waiting for it."""

    def __init__(self, worker: Process) -> None:
        self._line = worker.parent_conn
        self._asked = False
        self._heard_at = time.monotonic() + _START_S - _SILENT_S  # it may be starting

    def beats(self) -> bool:
        try:
            while self._line.poll():
                self._line.recv()
                self._asked, self._heard_at = False, time.monotonic()
            if not self._asked:
                self._line.send(b"ping")
                self._asked = True
        except (OSError, EOFError):
            return False
        return time.monotonic() - self._heard_at < _SILENT_S


def _end_with_supervisor() -> None:
    supervisor = multiprocessing.parent_process()
    assert supervisor is not None
    supervisor.join()
    os.kill(os.getpid(), signal.SIGTERM)


_NOT_STARTED = Words(
    "服务进程没有启动成功，原因见日志。",
    "The workers could not be started; the log says why.",
)
