"""What an owner wants to hear of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from pos.domain.events import DrawerOpened, Event, LockOutLifted, LoggedIn, RefundMade


class PinGuessed(msgspec.Struct, frozen=True):
    """A number got its PIN wrong so many times in a row; `at` is the moment of the last."""

    at: str
    number: str
    wrong: int


Noteworthy = DrawerOpened | RefundMade | LockOutLifted | PinGuessed


def of_interest(date: str, events: Iterable[Event], tries: int) -> Iterator[Noteworthy]:
    """Drawers opened without a sale, refunds that a second person approved, lock-outs and who lifted them.

    `events` are the chain's from its beginning, `tries` how many wrong PINs in a row are worth telling.
    """
    wrong: Counter[str] = Counter()
    for event in events:
        match event:
            case DrawerOpened() if event.at[:10] == date:
                yield event
            case RefundMade() if event.approved_by and event.date == date:
                yield event
            case LockOutLifted():
                wrong[event.number] = 0
                if event.at[:10] == date:
                    yield event
            case LoggedIn():
                wrong[event.number] = 0 if event.ok else wrong[event.number] + 1
                if wrong[event.number] == tries and event.at[:10] == date:
                    yield PinGuessed(event.at, event.number, tries)
            case _:
                pass
