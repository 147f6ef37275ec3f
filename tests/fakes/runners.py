"""Ways to run operations in tests: at once, when told to, or on a true thread of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class AtOnce:
    """Runs an operation before it returns."""

    def __call__(self, operation: Callable[[], Result], /) -> Future[Result]:
        future: Future[Result] = Future()
        _run(operation, future)
        return future


class WhenTold:
    """Keeps operations until `run_next` or `run_all`."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def __call__(self, operation: Callable[[], Result], /) -> Future[Result]:
        future: Future[Result] = Future()
        self._waiting.append(lambda: _run(operation, future))
        return future

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def run_next(self) -> None:
        self._waiting.pop(0)()

    def run_all(self) -> None:
        while self._waiting:
            self.run_next()


class OnThread:
    """One thread, as the till has one per writer; `close` waits for it."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1)

    def __call__(self, operation: Callable[[], Result], /) -> Future[Result]:
        return self._executor.submit(operation)

    def close(self) -> None:
        self._executor.shutdown()


def _run(operation: Callable[[], Result], future: Future[Result]) -> None:
    try:
        future.set_result(operation())
    except Exception as error:  # noqa: BLE001 - the future carries it, as an executor's would
        future.set_exception(error)
