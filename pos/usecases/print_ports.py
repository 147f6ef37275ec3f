"""What printing needs of the outside: jobs that are on disk before their first byte leaves."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from pos.domain.receipt import BalanceAfter

PrintState = Literal["queued", "sending", "printed", "failed", "given_up"]


class PrintJob(msgspec.Struct, frozen=True):
    """A receipt to print, or a slip with a text. `attempts` counts tries.

    `may_have_printed` makes the next one a marked copy.
    """

    id: int
    seq: int
    copy: bool
    balances: tuple[BalanceAfter, ...]
    state: PrintState
    attempts: int
    may_have_printed: bool
    problem: str = ""
    text: str | None = None


class PrintQueue(Protocol):
    """Persisted; on the writer's thread (cheap writes, see `Journal.save_cart`)."""

    def next_job(self) -> PrintJob | None:
        """The oldest job not printed yet; `sending` on a fresh start means its outcome is unknown."""
        ...

    def mark_sending(self, job_id: int) -> None:
        """Durable before the first byte leaves."""
        ...

    def mark_printed(self, job_id: int) -> None: ...

    def mark_failed(self, job_id: int, problem: str, *, may_have_printed: bool) -> None:
        """Back to the queue, remembering that paper may have come out."""
        ...

    def give_up(self, job_id: int, problem: str) -> None:
        """Never to be tried again."""
        ...

    def unprinted(self) -> int:
        """How many jobs still wait."""
        ...
