"""A set of basket rules under which the lines are put together, and what they take off in all.

Each rule is reckoned by itself on the total of its goods after unit rules. Together they take no more than
the goods cost: in pack order, each takes what the goods it counts can still bear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, product
from typing import NamedTuple

from pos.domain.pricing.search.offer import BasketOffer


class Candidate(NamedTuple):
    """At most one rule per stacking group, in pack order.

    `parts` parts the kinds of lines by the rules that count them (kinds that none counts are in no
    part), `gross_fen` is what each part costs by list, `parts_of` the parts that each rule counts.
    """

    rules: tuple[BasketOffer, ...]
    parts: dict[int, int]
    gross_fen: tuple[int, ...]
    parts_of: tuple[tuple[int, ...], ...]

    def totals(self, saved: Sequence[int]) -> list[int] | None:
        """What each rule's goods cost after unit rules; None where a threshold is not reached."""
        left = [gross - fen for gross, fen in zip(self.gross_fen, saved, strict=True)]
        found = []
        for rule, parts in zip(self.rules, self.parts_of, strict=True):
            total = sum(left[part] for part in parts)
            if total < rule.min_fen:
                return None
            found.append(total)
        return found

    def taken(self, saved: Sequence[int]) -> list[int] | None:
        """What each rule takes off when unit rules save so much in each part; None: one does not apply."""
        totals = self.totals(saved)
        if totals is None:
            return None
        offs = [rule.saved(total) for rule, total in zip(self.rules, totals, strict=True)]
        if not offs or sum(offs) <= min(totals):
            return offs  # whatever takes its goods whole has room for all
        left = [gross - fen for gross, fen in zip(self.gross_fen, saved, strict=True)]
        if borne(left, offs, self.parts_of) == sum(offs):
            return offs
        together = [0, *(borne(left, offs[:n], self.parts_of) for n in range(1, len(offs) + 1))]
        return [after - before for before, after in pairwise(together)]

    def cost(self, saved: Sequence[int]) -> int | None:
        """What the rules cost (see `cost`) when unit rules save that much in each part."""
        taken = self.taken(saved)
        if taken is None:
            return None
        return sum(rule.cost(fen) for rule, fen in zip(self.rules, taken, strict=True))


def borne(left: Sequence[int], offs: Sequence[int], parts_of: Sequence[tuple[int, ...]]) -> int:
    """The most that rules can take off in all, none more than its own and no part more than is left of it.

    That is a flow from rules to parts, and the most that flows is the narrowest cut: some rules take
    all they may, the others all that their parts have.
    """
    least = sum(offs)
    for freely in product((True, False), repeat=len(offs)):
        parts = {part for free, those in zip(freely, parts_of, strict=False) if not free for part in those}
        free_fen = sum(off for off, free in zip(offs, freely, strict=True) if free)
        least = min(least, free_fen + sum(left[part] for part in parts))
    return least


def candidates(basket: Sequence[BasketOffer], gross_of: dict[int, int]) -> Iterator[Candidate]:
    """Every permitted set of rules that can be reached, small ones first. `gross_of` is by kind of line."""
    by_group: dict[str, list[BasketOffer | None]] = {}
    for rule in basket:
        if rule.gross_fen >= rule.min_fen:
            by_group.setdefault(rule.group, [None]).append(rule)
    yield candidate_of((), gross_of)
    for single in chain.from_iterable(by_group.values()):
        if single is not None:
            yield candidate_of((single,), gross_of)
    for chosen in product(*by_group.values()):
        several = sorted((one for one in chosen if one is not None), key=lambda one: one.position)
        if len(several) > 1:
            yield candidate_of(tuple(several), gross_of)


def candidate_of(rules: tuple[BasketOffer, ...], gross_of: dict[int, int]) -> Candidate:
    numbers: dict[tuple[bool, ...], int] = {}
    parts: dict[int, int] = {}
    gross: list[int] = []
    for kind, gross_fen in gross_of.items():
        counted = tuple(kind in rule.kinds for rule in rules)
        if any(counted):
            parts[kind] = numbers.setdefault(counted, len(numbers))
            if parts[kind] == len(gross):
                gross.append(0)
            gross[parts[kind]] += gross_fen
    parts_of = tuple(
        tuple(part for counted, part in numbers.items() if counted[at]) for at in range(len(rules))
    )
    return Candidate(rules, parts, tuple(gross), parts_of)
