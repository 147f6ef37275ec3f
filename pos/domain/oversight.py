"""Which entries of a day an owner wants to hear of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pos.domain.events import DrawerOpened, Event, LockOutLifted, RefundMade


def of_interest(date: str, events: Iterable[Event]) -> Iterator[DrawerOpened | RefundMade | LockOutLifted]:
    """Drawers opened without a sale, refunds that a second person approved, and lock-outs lifted."""
    for event in events:
        match event:
            case DrawerOpened() | LockOutLifted() if event.at[:10] == date:
                yield event
            case RefundMade() if event.approved_by and event.date == date:
                yield event
            case _:
                pass
