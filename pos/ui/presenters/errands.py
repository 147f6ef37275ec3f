"""Sends operations to other threads and brings their ends back to the screen's own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Protocol, TypeVar

from pos.domain.message import Message
from pos.ui.presenters.notices import Notice, did_not_work, notice_of
from pos.ui.services import Runner, TillServices

Result = TypeVar("Result")


class Deliver(Protocol):
    """Calls back on the screen's thread, later or at once; may be called from any thread."""

    def __call__(self, callback: Callable[[], None], /) -> None: ...


class Errands:
    """`book` runs on the journal's thread, `fetch` in the background.

    `on_success` or `on_failure` is called on the screen's thread, exactly one of them, exactly once.
    """

    def __init__(self, services: TillServices, deliver: Deliver) -> None:
        self._services = services
        self._deliver = deliver

    def book(
        self,
        operation: Callable[[], Result],
        on_success: Callable[[Result], None],
        on_failure: Callable[[Notice], None],
        *,
        otherwise: Message | None = None,
    ) -> None:
        """An operation that writes. `otherwise` is said when the program itself failed."""
        self._run(self._services.on_journal, operation, on_success, on_failure, otherwise or did_not_work())

    def fetch(
        self,
        operation: Callable[[], Result],
        on_success: Callable[[Result], None],
        on_failure: Callable[[Notice], None],
    ) -> None:
        """An operation that may take long."""
        self._run(self._services.in_background, operation, on_success, on_failure, did_not_work())

    def _run(
        self,
        runner: Runner,
        operation: Callable[[], Result],
        on_success: Callable[[Result], None],
        on_failure: Callable[[Notice], None],
        otherwise: Message,
    ) -> None:
        try:
            future = runner(operation)
        except RuntimeError as error:  # the executor is shut down: the till is closing
            on_failure(notice_of(error, otherwise=otherwise))
            return

        def end(done: Future[Result]) -> None:
            self._deliver(partial(_end, done, on_success, on_failure, otherwise))

        future.add_done_callback(end)


def _end(
    done: Future[Result],
    on_success: Callable[[Result], None],
    on_failure: Callable[[Notice], None],
    otherwise: Message,
) -> None:
    error = done.exception()
    if error is None:
        on_success(done.result())
    else:
        on_failure(notice_of(error, otherwise=otherwise))
