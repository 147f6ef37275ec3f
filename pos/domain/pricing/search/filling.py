"""Fills bundles line by line: which pieces go in, when a bundle is complete, and what it saves then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.cost import cost
from pos.domain.pricing.search.group import Bundled, bundle_parts
from pos.domain.pricing.search.layout import Layout, Put
from pos.domain.pricing.search.offer import OfferedLine

UNKNOWN = -1
"""Sets of a bundle of which no item is settled yet."""

Pieces = tuple[tuple[int, int], ...]


class Filled(NamedTuple):
    """How far the bundles are filled.

    `fills` is the pieces in each slot, `sets` of each bundle (`UNKNOWN` until one of its items is settled),
    `inside` what must be known of the pieces of an open bundle: the fraction of a fen that their
    percentage has come to, or where parts of the basket are asked for, the pieces themselves by line.
    """

    fills: tuple[int, ...]
    sets: tuple[int, ...]
    inside: tuple[int | Pieces, ...]


class Placed(NamedTuple):
    """What putting pieces into bundles led to; `saved` is what finished bundles save in each part asked for.

    `amounts` is what each open bundle saves so far in fen times `BASIS_POINTS`, `priced_fen` the part of
    open bundles' prices that their pieces have to pay.
    """

    filled: Filled
    cost: int
    amounts: tuple[int, ...]
    saved: tuple[int, ...]
    priced_fen: int


class Filling:
    """Fills the bundles of one group. `parts` says in which part of the basket each line counts."""

    def __init__(
        self,
        layout: Layout,
        lines: Sequence[OfferedLine],
        parts: Sequence[int | None],
        parts_count: int,
    ) -> None:
        self.layout, self.lines, self.parts = layout, lines, parts
        spans = len(set(parts)) > 1
        self.nothing_saved = (0,) * parts_count if spans else ()
        self.spans = spans
        self.bundles = layout.bundles
        # what a fen that a bundle saves costs
        self.fen_cost = [cost(1, alliance_fen=1 if one.alliance else 0) for one in self.bundles]
        self.rates = [BASIS_POINTS if one.off_bp is None else one.off_bp for one in self.bundles]
        self.nothing: int | Pieces = () if spans else 0
        self.start = Filled(
            (0,) * len(layout.slots), (UNKNOWN,) * len(self.bundles), (self.nothing,) * len(self.bundles)
        )

    def placed(self, place: int, before: Filled, amounts: tuple[int, ...], put: Put) -> Placed | None:
        """With the pieces of `put` of a line; None where no whole sets can come of it."""
        if not self.layout.feeds[place]:
            return Placed(before, 0, amounts, self.nothing_saved, self._priced(before.fills))
        fills, now = list(before.fills), list(amounts)
        total = 0
        for slot, pieces in put.pieces:
            bundle = self.layout.slots[slot].bundle
            fills[slot] += pieces
            if fills[slot] > self.layout.slots[slot].limit:
                return None
            was = now[bundle]
            now[bundle] += self.layout.lines[place].list_fen * pieces * self.rates[bundle]
            total += (now[bundle] // BASIS_POINTS - was // BASIS_POINTS) * self.fen_cost[bundle]
        sets = self._settled(place, fills, before.sets)
        if sets is None:
            return None
        inside = self._inside(place, before.inside, now, put)
        saved = self.nothing_saved
        for bundle in self.layout.finishing[place]:
            finished = self._finished(bundle, sets[bundle], now[bundle])
            if finished is None:
                return None
            total += finished
            if self.spans and sets[bundle]:
                saved = self._with_parts(saved, bundle, inside[bundle], sets[bundle])
            for slot in self.layout.slots_of[bundle]:
                fills[slot] = 0
            sets[bundle], inside[bundle], now[bundle] = UNKNOWN, self.nothing, 0
        filled = Filled(tuple(fills), tuple(sets), tuple(inside))
        return Placed(filled, total, tuple(now), saved, self._priced(filled.fills))

    def _settled(self, place: int, fills: list[int], before: tuple[int, ...]) -> list[int] | None:
        """Sets of each bundle, counted where no later line feeds an item; None where items do not agree."""
        sets = list(before)
        for slot in self.layout.settling[place]:
            bundle, quantity = self.layout.slots[slot].bundle, self.layout.slots[slot].quantity
            whole, odd = divmod(fills[slot], quantity)
            if odd or sets[bundle] not in {UNKNOWN, whole}:
                return None
            sets[bundle] = whole
        for bundle in self.layout.open_at[place]:
            slots = self.layout.slots_of[bundle]
            known = sets[bundle]
            least = known
            if known == UNKNOWN:
                least = max(-(-fills[slot] // self.layout.slots[slot].quantity) for slot in slots)
            for slot in slots:
                one = self.layout.slots[slot]
                missing = one.quantity * least - fills[slot]
                if missing > one.supply[place + 1] or (missing < 0 and known != UNKNOWN):
                    return None
        return sets

    def _inside(
        self, place: int, before: tuple[int | Pieces, ...], amounts: list[int], put: Put
    ) -> list[int | Pieces]:
        inside = list(before)
        for slot, pieces in put.pieces:
            bundle = self.layout.slots[slot].bundle
            known = inside[bundle]
            if isinstance(known, int):
                inside[bundle] = amounts[bundle] % BASIS_POINTS
            else:
                inside[bundle] = _added(known, self.layout.order[place], pieces)
        return inside

    def _finished(self, bundle: int, sets: int, amount: int) -> int | None:
        """What completing a bundle costs beside the whole fen counted so far; None where it saves nothing."""
        if not sets:
            return 0
        offer = self.bundles[bundle]
        counted = amount // BASIS_POINTS
        saved_fen = (amount * 2 + BASIS_POINTS) // (2 * BASIS_POINTS) - (offer.price_fen or 0) * sets
        if saved_fen <= 0:
            return None
        return (saved_fen - counted) * self.fen_cost[bundle] + cost(0, rules=1, order=offer.position)

    def _with_parts(
        self, saved: tuple[int, ...], bundle: int, inside: int | Pieces, sets: int
    ) -> tuple[int, ...]:
        units = [0] * len(self.lines)
        for at, pieces in inside if isinstance(inside, tuple) else ():
            units[at] = pieces
        parts = bundle_parts(self.lines, Bundled(self.bundles[bundle], tuple(units), sets))
        now = list(saved)
        for at, fen in enumerate(parts):
            part = self.parts[at]
            if part is not None:
                now[part] += fen
        return tuple(now)

    def _priced(self, fills: Sequence[int]) -> int:
        """Rounded down: with it nothing is thought worse than it is."""
        return sum(
            bundle.price_fen * sum(fills[slot] for slot in slots) // bundle.pieces
            for bundle, slots in zip(self.bundles, self.layout.slots_of, strict=True)
            if bundle.price_fen
        )


def _added(pieces: Pieces, at: int, more: int) -> Pieces:
    """Pieces by line with more of one."""
    if pieces and pieces[-1][0] == at:
        return (*pieces[:-1], (at, pieces[-1][1] + more))
    return (*pieces, (at, more))
