"""What a single line can come to: ways to spread its units over the rules that apply to it.

Offers stand in the order of what a unit saves, so that the first way tried (as many units as possible to
each in turn) is mostly the best, and what the later ones can add at most is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.cost import Steps, saved_of
from pos.domain.pricing.search.offer import Offer, OfferedLine

ROUNDINGS_FEN = 2
"""By how much two sums of rounded savings may lie on the wrong side of the exact ones."""

Uses = tuple[tuple[int, int], ...]
"""Units taken of shared caps, by the position of the rule."""


class Way(NamedTuple):
    """One way: its cost, the units of each of the line's offers, and what it takes of shared caps."""

    cost: int
    counts: tuple[int, ...]
    uses: Uses = ()

    @property
    def saved_fen(self) -> int:
        return saved_of(self.cost)


def by_rate(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Offers by what they save a unit, most first; equal ones in pack order."""
    if len(offers) < 2:
        return tuple(offers)
    common = _common(offers)
    return tuple(sorted(offers, key=lambda offer: (-_rate(offer, common), offer.position)))


def ways(line: OfferedLine, units: int, keep_fen: int, steps: Steps, *, every: bool) -> list[Way]:
    """Ways for `units` of the line that save at most `keep_fen` less than the best; at least one.

    For each use of shared caps, as others may want them: the best way, and with `every` the best for each
    amount saved.
    """
    if not every and not any(offer.shared for offer in line.offers):
        keep_fen = 0  # nobody asks for anything but the best
    offers = _worth_trying(line.offers, units, keep_fen)
    if not offers:
        return [Way(0, (0,) * len(line.offers))]
    if len(offers) == 1 and not offers[0].shared:
        found = _of_one(offers[0], units, keep_fen if every else 0)
    else:
        found = _of_several(offers, units, keep_fen, steps, every=every)
    return found if len(offers) == len(line.offers) else [_widened(way, offers, line.offers) for way in found]


def _worth_trying(offers: tuple[Offer, ...], units: int, keep_fen: int) -> tuple[Offer, ...]:
    """Without offers whose units are all better off with another one that takes any number of them.

    Moving a step of units there gains the difference of the rates, less what two roundings may take.
    """
    if len(offers) < 2 or not units:
        return offers if units else ()
    common = _common(offers)
    free = (one for one in offers if one.n == 1 and not one.shared and (one.cap is None or one.cap >= units))
    best = next(free, None)
    if best is None:
        return offers
    least = _rate(best, common)
    allowed = (keep_fen + ROUNDINGS_FEN) * BASIS_POINTS * common
    return tuple(one for one in offers if (least - _rate(one, common)) * one.n <= allowed)


def _widened(way: Way, offers: tuple[Offer, ...], all_offers: tuple[Offer, ...]) -> Way:
    """A way over some offers as one over all."""
    taken = {offer.position: units for offer, units in zip(offers, way.counts, strict=True)}
    return Way(way.cost, tuple(taken.get(offer.position, 0) for offer in all_offers), way.uses)


def _of_several(
    offers: tuple[Offer, ...], units: int, keep_fen: int, steps: Steps, *, every: bool
) -> list[Way]:
    if units == 1 and not every and not any(offer.shared or offer.n > 1 for offer in offers):
        total, best = min((offer.cost(1), at) for at, offer in enumerate(offers))
        return [Way(total, tuple(int(at == best) for at in range(len(offers))))]
    first = in_turn(offers, units, {offer.position: units for offer in offers if offer.shared})
    found = _spread(offers, units, first.saved_fen - keep_fen, steps, every=every)
    if found is None:
        return [first, in_turn(offers, units, {})] if first.uses else [first]
    least_fen = max(way.saved_fen for way in found) - keep_fen
    return [way for way in found if way.saved_fen >= least_fen]


def in_turn(offers: Sequence[Offer], units: int, caps: dict[int, int]) -> Way:
    """As many units as possible to each offer in turn. `caps` is what shared caps still give."""
    cost, counts, uses = 0, [], []
    for offer in offers:
        taken = offer.most(min(units, caps.get(offer.position, 0)) if offer.shared else units)
        if not offer.saved(taken):
            taken = 0
        elif offer.shared:
            uses.append((offer.position, taken))
        cost += offer.cost(taken)
        units -= taken
        counts.append(taken)
    return Way(cost, tuple(counts), tuple(uses))


def _of_one(offer: Offer, units: int, keep_fen: int) -> list[Way]:
    """As many units as possible, and fewer where that saves the same and costs less of something else.

    With `keep_fen` also fewer units that save that much less.
    """
    most = offer.most(units)
    least_fen = offer.saved(most) - keep_fen
    best: dict[int, Way] = {}
    for taken in range(most, -1, -offer.n):
        saved_fen = offer.saved(taken)
        if saved_fen < least_fen:
            break
        total = offer.cost(taken) if saved_fen else 0
        if saved_fen not in best or total < best[saved_fen].cost:
            best[saved_fen] = Way(total, (taken if saved_fen else 0,))
    return list(best.values())


_States = dict[tuple[int, int, Uses], tuple[int, tuple[int, ...]]]
"""Units used, fen saved (0 where that does not matter) and shared caps used, to cost and counts."""


def _spread(
    offers: tuple[Offer, ...], units: int, target_fen: int, steps: Steps, *, every: bool
) -> list[Way] | None:
    """All ways that come to the target, the best of each kind; None where there are too many to look at."""
    rest = _Rest(offers)
    states: _States = {(0, 0, ()): (0, ())}
    for place, offer in enumerate(offers):
        reached: _States = {}
        for (used, _, uses), (cost, counts) in states.items():
            left = units - used
            for taken in range(offer.most(left), -1, -offer.n):
                after = cost + offer.cost(taken)
                saved_fen = saved_of(after)
                at_most = saved_fen + rest.at_most(place + 1, left - taken)
                if at_most < target_fen - ROUNDINGS_FEN:
                    break  # fewer units of the better offer save no more
                if at_most < target_fen:
                    continue
                now = (*uses, (offer.position, taken)) if taken and offer.shared else uses
                key, value = (used + taken, saved_fen if every else 0, now), (after, (*counts, taken))
                if key not in reached or value[0] < reached[key][0]:
                    reached[key] = value
        if not steps.take(len(reached)):
            return None
        states = reached
    best: dict[tuple[int, Uses], Way] = {}
    for (_, saved_fen, uses), (cost, counts) in states.items():
        if (saved_fen, uses) not in best or cost < best[saved_fen, uses].cost:
            best[saved_fen, uses] = Way(cost, counts, uses)
    return list(best.values())


class _Rest:
    """What the offers from a place on can save at most: by rate, as if units could be parted."""

    def __init__(self, offers: tuple[Offer, ...]) -> None:
        self._common = BASIS_POINTS * _common(offers)
        self._rates = [(_rate(offer, self._common // BASIS_POINTS), offer.cap) for offer in offers]
        # a percentage may be rounded up by half a fen
        rounded = [offer.cut_fen is None for offer in offers]
        self._roundings = [sum(rounded[i:]) * (self._common // 2) for i in range(len(offers) + 1)]
        self._known: dict[tuple[int, int], int] = {}

    def at_most(self, place: int, units: int) -> int:
        key = (place, units)
        if key not in self._known:
            exactly = self._roundings[place]
            for rate, cap in self._rates[place:]:
                taken = units if cap is None or cap > units else cap
                exactly += rate * taken
                units -= taken
            self._known[key] = exactly // self._common
        return self._known[key]


def _common(offers: Sequence[Offer]) -> int:
    """A number that every offer's `n` divides."""
    common = 1
    for n in {offer.n for offer in offers}:
        common *= n
    return common


def _rate(offer: Offer, common: int) -> int:
    """What a unit saves, in fen times `BASIS_POINTS` times `common`."""
    reduced = offer.list_fen * offer.off_bp if offer.cut_fen is None else offer.cut_fen * BASIS_POINTS
    return reduced * (common // offer.n)
