"""Lots of an asset that expires: spent oldest first, gone after their last day (ruling 20, rule 8).

A lot earned on day D can be used through D + n, by the store's local date. Days are given in the order
in which things happened. All amounts are minor units and not negative unless a text says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec import structs

GIVEN_BACK_DAYS_MIN = 30
"""Points given back live at least this long from the giving back (rule 8)."""

OpenLots = tuple[tuple[date | None, int], ...]
"""Last usable day (None: never expires) and amount, oldest first: what a till knows of a balance."""


class Lot(msgspec.Struct, frozen=True):
    """What is left of something earned, and what of it expired. `source` names the sale that earned it."""

    source: str
    earned_on: date
    expires_on: date | None
    left: int
    expired: int = 0

    def usable(self, on: date) -> bool:
        return self.expires_on is None or on <= self.expires_on


class Taken(msgspec.Struct, frozen=True):
    """An amount that was taken from one lot: enough to find the lot again."""

    source: str
    earned_on: date
    expires_on: date | None
    amount: int


class Holding(msgspec.Struct, frozen=True):
    """A member's lots of one asset. `owed` was taken back when nothing was left: so far below zero it is.

    What comes in next makes good what is owed first.
    """

    lots: tuple[Lot, ...] = ()
    owed: int = 0

    @property
    def balance(self) -> int:
        """Everything left less what is owed: may be negative."""
        return sum(lot.left for lot in self.lots) - self.owed

    @property
    def open_lots(self) -> OpenLots:
        """What a till is told; what is owed stands as a negative amount."""
        lots = sorted(self.lots, key=_age)
        return (
            *((lot.expires_on, lot.left) for lot in lots if lot.left),
            *(((None, -self.owed),) if self.owed else ()),
        )


# --- what is usable: for the till, too ------------------------------------------------------------


def last_usable_day(earned_on: date, days: int | None) -> date | None:
    """D + `days`, and the calendar's last day where that lies beyond it; None if the asset never expires."""
    return None if days is None else _days_later(earned_on, days)


def usable_on(lots: OpenLots, on: date) -> int:
    """How much can be spent on a day; a balance below zero leaves nothing."""
    return max(0, sum(amount for expires_on, amount in lots if expires_on is None or on <= expires_on))


def after_spending(lots: OpenLots, amount: int, on: date) -> OpenLots:
    """The lots after `amount` was spent from them on a day, so that what it used up does not expire again.

    What was spent beyond them stays as a negative amount.
    """
    left = []
    for expires_on, held in lots:
        usable = expires_on is None or on <= expires_on
        used = min(held, amount) if usable and held > 0 else 0
        amount -= used
        if held != used:
            left.append((expires_on, held - used))
    return (*left, (None, -amount)) if amount else tuple(left)


# --- what happens to a holding --------------------------------------------------------------------


class Spent(msgspec.Struct, frozen=True):
    """After spending: `parts` say from which lots, oldest first; `short` is what no usable lot could give."""

    holding: Holding
    parts: tuple[Taken, ...]
    short: int


class GivenBack(msgspec.Struct, frozen=True):
    """After giving back: `parts` is what remains spent, for the next refund of the same sale."""

    holding: Holding
    parts: tuple[Taken, ...]


class TakenBack(msgspec.Struct, frozen=True):
    """After earned points were taken back.

    `lapsed` of them had already expired in the sale's own lots and cost the member nothing more.
    """

    holding: Holding
    lapsed: int


class Expired(msgspec.Struct, frozen=True):
    """After an expiry run: `parts` say what of which lots expired."""

    holding: Holding
    parts: tuple[Taken, ...]

    @property
    def total(self) -> int:
        return _total(self.parts)


def earn(holding: Holding, source: str, amount: int, on: date, days: int | None) -> Holding:
    """A new lot that can be used for `days` more days (None: for ever)."""
    paid = min(holding.owed, amount)
    lots = _with_added(holding.lots, Taken(source, on, last_usable_day(on, days), amount - paid))
    return Holding(lots, holding.owed - paid)


def spend(holding: Holding, amount: int, on: date) -> Spent:
    """Takes `amount` from the lots usable on that day, oldest first; what is short leaves the lots alone."""
    parts = _first(_left_in(lot for lot in holding.lots if lot.usable(on)), amount)
    return Spent(Holding(_without(holding.lots, parts), holding.owed), parts, amount - _total(parts))


def give_back(holding: Holding, parts: Sequence[Taken], amount: int, on: date) -> GivenBack:
    """Returns `amount` of what was spent as `parts` to its lots, the last taken first.

    So the lots stand as if less had been spent. They keep their expiry but live at least
    `GIVEN_BACK_DAYS_MIN` days from now. What is owed is made good first; what goes beyond `parts` was
    never the member's and does not come back.
    """
    back = _first(tuple(reversed(parts)), amount)
    owed, lots = holding.owed, holding.lots
    for part in back:
        paid = min(owed, part.amount)
        owed -= paid
        lots = _with_added(lots, _living_on(part, part.amount - paid, on))
    return GivenBack(Holding(lots, owed), _less(parts, back))


def take_back(holding: Holding, source: str, amount: int, on: date) -> TakenBack:
    """Takes back what a sale had earned: from its own lots, then oldest first; the rest is owed.

    Of its own lots also what has expired is taken: a member does not lose the same points twice.
    """
    own = [lot for lot in holding.lots if lot.source == source]
    usable = _left_in(lot for lot in own if lot.usable(on))
    ended = _left_in(lot for lot in own if not lot.usable(on))
    parts = _first((*usable, *ended), amount)
    lots, missing = _without(holding.lots, parts), amount - _total(parts)
    lots, lapsed = _without_expired(lots, source, missing)
    others = spend(Holding(lots), missing - lapsed, on)
    return TakenBack(Holding(others.holding.lots, holding.owed + others.short), lapsed)


def expire(holding: Holding, on: date) -> Expired:
    """Ends all lots whose last usable day lies before `on`; run again it finds nothing more."""
    parts = _left_in(lot for lot in holding.lots if not lot.usable(on))
    lots = tuple(
        lot if lot.usable(on) else structs.replace(lot, left=0, expired=lot.expired + lot.left)
        for lot in holding.lots
    )
    return Expired(Holding(lots, holding.owed), parts)


# --- lots and parts of them -----------------------------------------------------------------------

_Key = tuple[str, date, date | None]


def _key(one: Lot | Taken) -> _Key:
    """What tells a lot from every other."""
    return one.source, one.earned_on, one.expires_on


def _age(one: Lot | Taken) -> tuple[date, date]:
    return one.earned_on, one.expires_on or date.max


def _total(parts: Iterable[Taken]) -> int:
    return sum(part.amount for part in parts)


def _left_in(lots: Iterable[Lot]) -> tuple[Taken, ...]:
    """All that is left in some lots, oldest first."""
    return tuple(
        Taken(lot.source, lot.earned_on, lot.expires_on, lot.left)
        for lot in sorted(lots, key=_age)
        if lot.left
    )


def _first(parts: Sequence[Taken], amount: int) -> tuple[Taken, ...]:
    """The first of the parts that together make `amount`; all of them if they do not reach it."""
    found = []
    for part in parts:
        used = min(part.amount, amount)
        amount -= used
        if used:
            found.append(structs.replace(part, amount=used))
    return tuple(found)


def _less(parts: Sequence[Taken], taken: Iterable[Taken]) -> tuple[Taken, ...]:
    """The parts without some of themselves."""
    gone = {_key(part): part.amount for part in taken}
    remaining = (structs.replace(part, amount=part.amount - gone.get(_key(part), 0)) for part in parts)
    return tuple(part for part in remaining if part.amount)


def _without(lots: tuple[Lot, ...], parts: Iterable[Taken]) -> tuple[Lot, ...]:
    gone = {_key(part): part.amount for part in parts}
    return tuple(structs.replace(lot, left=lot.left - gone.get(_key(lot), 0)) for lot in lots)


def _without_expired(lots: tuple[Lot, ...], source: str, amount: int) -> tuple[tuple[Lot, ...], int]:
    """Up to `amount` out of what has expired in a sale's lots, and how much that was."""
    changed, lapsed = [], 0
    for lot in lots:
        gone = min(lot.expired, amount - lapsed) if lot.source == source else 0
        lapsed += gone
        changed.append(structs.replace(lot, expired=lot.expired - gone))
    return tuple(changed), lapsed


def _with_added(lots: tuple[Lot, ...], part: Taken) -> tuple[Lot, ...]:
    """The amount in its lot, which is made where there is none."""
    if all(_key(lot) != _key(part) for lot in lots):
        return (*lots, Lot(part.source, part.earned_on, part.expires_on, part.amount))
    return tuple(
        structs.replace(lot, left=lot.left + part.amount) if _key(lot) == _key(part) else lot for lot in lots
    )


def _living_on(part: Taken, amount: int, on: date) -> Taken:
    """What is given back of a lot, with its old expiry or the days it lives at least."""
    least = _days_later(on, GIVEN_BACK_DAYS_MIN)
    expires_on = None if part.expires_on is None else max(part.expires_on, least)
    return structs.replace(part, amount=amount, expires_on=expires_on)


def _days_later(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))
