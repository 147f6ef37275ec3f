"""The days a page is about: a day, a week from Monday on, or a month, and the ones before and after."""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

Kind = Literal["day", "week", "month"]


class Span(NamedTuple):
    """`first` and `last` day, both inclusive."""

    kind: Kind
    first: dt.date
    last: dt.date

    @property
    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Span:
        return span(self.kind, self.first - dt.timedelta(days=1))

    @property
    def after(self) -> Span:
        return span(self.kind, self.last + dt.timedelta(days=1))

    def until(self, today: dt.date) -> Span:
        """The part that has begun, if any has: comparisons leave out days that are still to come."""
        return self._replace(last=min(self.last, max(self.first, today)))

    def cut_like(self, other: Span) -> Span:
        """As many days from the beginning as another span has."""
        return self._replace(last=min(self.last, self.first + (other.last - other.first)))


def span(kind: Kind, day: dt.date) -> Span:
    """The day, week or month in which a day lies."""
    match kind:
        case "day":
            return Span(kind, day, day)
        case "week":
            first = day - dt.timedelta(days=day.weekday())
            return Span(kind, first, first + dt.timedelta(days=6))
        case "month":
            first = day.replace(day=1)
            next_first = (first + dt.timedelta(days=31)).replace(day=1)
            return Span(kind, first, next_first - dt.timedelta(days=1))


def read_day(text: str, otherwise: dt.date) -> dt.date:
    """`2026-03-14` or `2026-03`; anything else is `otherwise`. Years that a shop can mean only."""
    try:
        read = dt.date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return otherwise
    return read if 2000 <= read.year <= 2199 else otherwise
