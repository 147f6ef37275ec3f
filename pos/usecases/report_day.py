"""The owner's day: the till's figures beside the hub's."""

from __future__ import annotations

from typing import Protocol

import msgspec

from pos.domain.day import Difference, Figures, add, differences
from pos.domain.message import Message
from pos.usecases.desk import Desk
from pos.usecases.ports import Pending
from sync.protocol.messages import DayStatement


class AskHub(Protocol):
    """Fetches what the hub has booked for this store on a date."""

    def __call__(self, date: str) -> DayStatement | Message:
        """The statement, or a sentence why it cannot be had now."""
        ...


class DayReport(msgspec.Struct, frozen=True):
    """One business date at this till. `hub` is None when it could not be asked (`hub_problem` says why).

    `agree` compares what the hub has confirmed: a receipt not yet uploaded is pending, not different.
    """

    date: str
    till: Figures
    hub: Figures | None
    hub_problem: Message | None
    pending: Pending
    differences: tuple[Difference, ...]
    recomputed_differently: tuple[str, ...] = ()
    clawback: dict[str, int] = {}

    @property
    def agree(self) -> bool | None:
        """Whether both sides have the same figures, to the fen; None when the hub could not be asked."""
        return None if self.hub is None else not self.differences


def report_day(date: str, desk: Desk, ask_hub: AskHub) -> DayReport:
    """Adds up the till's day and compares it, receipt by receipt, with the hub's.

    The hub may know receipts of the store's other tills; the comparison is of this terminal's own.
    """
    ours = desk.journal.figures(date)
    answer = ask_hub(date)
    if isinstance(answer, Message):
        return DayReport(date, add(row.figures for row in ours), None, answer, desk.journal.pending(), ())
    prefix = f"{desk.journal.identity.terminal}-"
    theirs = tuple(row for row in answer.receipts if row.receipt_no.startswith(prefix))
    return DayReport(
        date=date,
        till=add(row.figures for row in ours),
        hub=add(row.figures for row in theirs),
        hub_problem=None,
        pending=desk.journal.pending(),
        differences=differences(ours, theirs),
        recomputed_differently=answer.recomputed_differently,
        clawback=answer.clawback,
    )
