"""A hub that has booked what the journal says is confirmed, unless `answer` says otherwise."""

from __future__ import annotations

from pos.domain.message import Message, say
from sync.protocol.messages import DayStatement, HighWater, HubMark
from tests.fakes.sample_desk import SampleDesk


class FakeAskHub:
    def __init__(self, sample: SampleDesk) -> None:
        self._sample = sample
        self.answer: DayStatement | Message | None = None

    def __call__(self, date: str) -> DayStatement | Message:
        if self.answer is not None:
            return self.answer
        if not self._sample.hub.state().online:
            return say("联网后才能和总部核对")
        return statement(self._sample, date)


def statement(sample: SampleDesk, date: str) -> DayStatement:
    """What a hub without faults would answer."""
    journal = sample.journal
    confirmed = {row.receipt_no for row in journal.receipts(date=date) if row.confirmed}
    return DayStatement(
        hub=HubMark(1, "2026-11-21T02:42:00Z", HighWater(journal.confirmed, "")),
        store=journal.store.store,
        date=date,
        receipts=tuple(row for row in journal.figures(date) if row.receipt_no in confirmed),
        clawback={},
        recomputed_differently=(),
        quarantined=(),
    )
