"""A group laid out for deciding line by line: the order, and where pieces of each line may go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.group import Group
from pos.domain.pricing.search.offer import BundleOffer

PUTS_MAX = 2_000
"""How many ways to put the pieces of one line into bundles are looked at."""


class Slot(NamedTuple):
    """One item of a bundle.

    `limit` is the most pieces it takes in all sets, `supply[i]` the pieces of the lines from place i on.
    """

    bundle: int
    quantity: int
    limit: int
    supply: tuple[int, ...]


class Put(NamedTuple):
    """Pieces of one line put into slots: slot and pieces, and in all."""

    pieces: tuple[tuple[int, int], ...]
    units: int


NOTHING_PUT = Put((), 0)


class Layout:
    """`lines` in the order in which they are decided; what opens and closes at each place."""

    def __init__(self, group: Group) -> None:
        self.bundles = group.bundles
        self.caps = tuple(group.caps.items())
        self.cap_numbers = {position: number for number, position in enumerate(group.caps)}
        self.order = _order(group)
        self.lines = tuple(group.lines[at] for at in self.order)
        place_of = {line.index: place for place, line in enumerate(self.lines)}
        self.slots: list[Slot] = []
        self.slots_of: list[tuple[int, ...]] = []
        self.feeds: list[list[int]] = [[] for _ in self.lines]
        self.settling: list[list[int]] = [[] for _ in self.lines]
        self.finishing: list[list[int]] = [[] for _ in self.lines]
        self.open_at: list[list[int]] = [[] for _ in self.lines]
        for number, bundle in enumerate(group.bundles):
            self._add(number, bundle, place_of)
        positions = [{o.position for o in line.offers if o.shared} for line in self.lines]
        last = [max(at for at, used in enumerate(positions) if p in used) for p, _ in self.caps]
        self.caps_ending = [
            [c for c, at in enumerate(last) if at == place] for place in range(len(self.lines))
        ]

    def _add(self, number: int, bundle: BundleOffer, place_of: dict[int, int]) -> None:
        supplies = [self._supply([place_of[index] for index in item.lines]) for item in bundle.items]
        pairs = list(zip(bundle.items, supplies, strict=True))
        sets_max = min(supply[0] // item.quantity for item, supply in pairs)
        if bundle.cap is not None:
            sets_max = min(sets_max, bundle.cap)
        first = len(self.slots)
        self.slots_of.append(tuple(range(first, first + len(pairs))))
        lasts = []
        for at, (item, supply) in enumerate(pairs, start=first):
            self.slots.append(Slot(number, item.quantity, item.quantity * sets_max, supply))
            places = sorted({place_of[index] for index in item.lines})
            for place in places:
                self.feeds[place].append(at)
            self.settling[places[-1]].append(at)
            lasts.append(places[-1])
        self.finishing[max(lasts)].append(number)
        fed = [place for place, slots in enumerate(self.feeds) if slots and slots[-1] >= first]
        for place in range(min(fed), max(lasts) + 1):
            self.open_at[place].append(number)

    def _supply(self, places: Sequence[int]) -> tuple[int, ...]:
        supply = [0] * (len(self.lines) + 1)
        for place in range(len(self.lines) - 1, -1, -1):
            supply[place] = supply[place + 1] + (self.lines[place].units if place in places else 0)
        return tuple(supply)

    def puts(self, place: int) -> tuple[list[Put], bool]:
        """The ways to put pieces of a line into bundles, most first, none last; and whether these are all."""
        found = list(islice(self._puts(self.feeds[place], self.lines[place].units), PUTS_MAX + 1))
        if len(found) <= PUTS_MAX:
            return found, True
        whole = list(self._whole_sets(place))
        return [*whole[:: -(-len(whole) // PUTS_MAX)], NOTHING_PUT], False

    def _whole_sets(self, place: int) -> Iterator[Put]:
        """What the line can put into all items of one bundle, or into one item, for any number of sets."""
        units = self.lines[place].units
        by_bundle = [[slot for slot in self.feeds[place] if slot in slots] for slots in self.slots_of]
        for slots in [*filter(None, by_bundle), *([slot] for slot in self.feeds[place])]:
            pieces = [(slot, self.slots[slot].quantity) for slot in slots]
            in_a_set = sum(quantity for _, quantity in pieces)
            limit = min(self.slots[slot].limit // quantity for slot, quantity in pieces)
            for sets in range(min(units // in_a_set, limit), 0, -1):
                yield Put(tuple((slot, quantity * sets) for slot, quantity in pieces), in_a_set * sets)

    def _puts(self, slots: Sequence[int], units: int) -> Iterator[Put]:
        if not slots:
            yield NOTHING_PUT
            return
        for pieces in range(min(units, self.slots[slots[0]].limit), -1, -1):
            for further in self._puts(slots[1:], units - pieces):
                yield (
                    Put(((slots[0], pieces), *further.pieces), pieces + further.units) if pieces else further
                )

    def worth(self, place: int, pieces: int) -> int:
        """The most that pieces of a line may bring in bundles, less their part of the price, in fen."""
        list_fen = self.lines[place].list_fen * pieces
        found = [0]
        for slot in self.feeds[place]:
            bundle = self.bundles[self.slots[slot].bundle]
            if bundle.off_bp is not None:
                found.append(-(-list_fen * bundle.off_bp // BASIS_POINTS))
            else:
                found.append(list_fen - (bundle.price_fen or 0) * pieces // bundle.pieces)
        return max(found)


def _order(group: Group) -> list[int]:
    """The group's lines such that few bundles are open at a time: always the line that opens least."""
    if not group.bundles:
        return list(range(len(group.lines)))
    touching = _touching(group)
    left = [0] * (1 + max((one for touched in touching for one in touched), default=0))
    for touched in touching:
        for one in touched:
            left[one] += 1
    opened: set[int] = set()
    order: list[int] = []
    waiting = list(range(len(group.lines)))
    while waiting:
        best = min(
            waiting,
            key=lambda at: (sum((one not in opened) - (left[one] == 1) for one in touching[at]), at),
        )
        waiting.remove(best)
        order.append(best)
        for one in touching[best]:
            opened.add(one)
            left[one] -= 1
    return order


def _touching(group: Group) -> list[list[int]]:
    """For each line numbers of what it shares with others: items of bundles, and caps."""
    places = {line.index: at for at, line in enumerate(group.lines)}
    touching: list[list[int]] = [[] for _ in group.lines]
    number = 0
    for bundle in group.bundles:
        for item in bundle.items:
            for index in item.lines:
                touching[places[index]].append(number)
            number += 1
    for position in group.caps:
        for at, line in enumerate(group.lines):
            if any(offer.shared and offer.position == position for offer in line.offers):
                touching[at].append(number)
        number += 1
    return touching
