"""How far the till's clock is off against the hub's, from the hub's time and the round trip.

The hub read its clock somewhere between sending and receiving; half way is the best guess and half
the round trip is how wrong it can be (RFC 5905, section 8).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

_MS = timedelta(milliseconds=1)


class ClockSample(msgspec.Struct, frozen=True):
    """`offset_ms` is hub minus till: what to add to the till's clock to get the hub's."""

    offset_ms: int
    round_trip_ms: int


def sample(hub_time: datetime, sent_at: datetime, round_trip_ms: int) -> ClockSample:
    """One measurement. `sent_at` is the till's clock; the round trip comes from a steady clock."""
    half_way = sent_at + timedelta(milliseconds=round_trip_ms / 2)
    return ClockSample(round((hub_time - half_way) / _MS), round_trip_ms)


def better(known: ClockSample | None, new: ClockSample) -> ClockSample:
    """The sharper of two measurements, unless the new one shows that a clock was set since."""
    if known is None or new.round_trip_ms <= known.round_trip_ms:
        return new
    doubt_ms = (known.round_trip_ms + new.round_trip_ms) // 2 + 1
    return known if abs(new.offset_ms - known.offset_ms) <= doubt_ms else new


class HubClock:
    """The best measurement so far. Shared by all transports of a till."""

    def __init__(self, offset_ms: int | None = None) -> None:
        self._best = None if offset_ms is None else ClockSample(offset_ms, 1 << 31)

    @property
    def offset_ms(self) -> int | None:
        """What to add to the till's clock; None while the hub was never heard."""
        return None if self._best is None else self._best.offset_ms

    def note(self, measured: ClockSample) -> None:
        self._best = better(self._best, measured)

    def hub_time(self, now: datetime) -> datetime:
        """The hub's time as the till believes it."""
        return now + timedelta(milliseconds=self.offset_ms or 0)
