"""The whole basket: one option of each group, under every permitted set of basket rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from pos.domain.pricing.search.candidate import Candidate, candidates
from pos.domain.pricing.search.cost import Steps, saved_of
from pos.domain.pricing.search.giving_up import ceiling, worth_giving_up
from pos.domain.pricing.search.group import Choice, Group, Option, saved_by_kind
from pos.domain.pricing.search.line import in_turn
from pos.domain.pricing.search.offer import BasketOffer, BundleOffer, OfferedLine
from pos.domain.pricing.search.pool import Pool
from pos.domain.pricing.search.scoped import search_parts
from pos.domain.pricing.search.sums import search_sums

STEPS_MAX = 20_000
"""Fifty lines under a hundred rules take some hundreds; to reach it takes some tenths of a second."""


LARGE_GROUP = 6
"""Lines of a group that take long enough to decide to try first without touching it."""


class Best(msgspec.Struct, frozen=True):
    """The combination found: groups with their choice, basket rules with what each takes off.

    `proven` says that nothing cheaper exists; `steps` is what the search looked at.
    """

    groups: tuple[tuple[Group, Choice], ...]
    basket: tuple[tuple[BasketOffer, int], ...]
    proven: bool
    steps: int


class _Found(NamedTuple):
    """A complete combination: an option for each group."""

    cost: int
    groups: Sequence[Group]
    options: Sequence[Option]
    candidate: Candidate


def best(
    lines: Sequence[OfferedLine],
    bundles: Sequence[BundleOffer],
    caps: dict[int, int],
    basket: Sequence[BasketOffer],
    steps_max: int = STEPS_MAX,
) -> Best:
    """The cheapest combination; ties go as in `cost`.

    `caps` says what each shared unit rule (by position in the pack) may still give.
    """
    steps = Steps(steps_max)
    search = _Search(Pool(lines, bundles, caps, steps), basket, steps)
    found = search.found()
    saved = _in_parts(_by_kind(found.groups, found.options), found.candidate)
    taken = found.candidate.taken(saved) or []
    return Best(
        groups=tuple(
            (group, option.choice) for group, option in zip(found.groups, found.options, strict=True)
        ),
        basket=tuple(zip(found.candidate.rules, taken, strict=True)),
        proven=steps.proven,
        steps=steps.spent,
    )


class _Search:
    """One search over all groups under every set of basket rules."""

    def __init__(self, pool: Pool, basket: Sequence[BasketOffer], steps: Steps) -> None:
        self.pool, self.steps = pool, steps
        self.bundles = pool.taking_part(0)
        self.groups = pool.groups(self.bundles)
        self.first = [pool.best(self.bundles, number) for number in range(len(self.groups))]
        self.large = any(len(group.lines) > LARGE_GROUP for group in self.groups)
        self.candidates = self._candidates(basket)
        # where the lines of a group are of several kinds, rules may want them differently
        self.mixed = {
            kinds for group in self.groups if len(kinds := frozenset(line.kind for line in group.lines)) > 1
        }

    def _candidates(self, basket: Sequence[BasketOffer]) -> list[Candidate]:
        gross_of: dict[int, int] = {}
        for line in self.pool.lines:
            gross_of[line.kind] = gross_of.get(line.kind, 0) + line.gross_fen
        found = []
        for candidate in candidates(basket, gross_of):
            if not self.steps.take() and len(candidate.rules) > 1:
                break  # never without the single rules
            found.append(candidate)
        return found

    def found(self) -> _Found:
        """The best combination; where the bound is hit, none of the plain ones is better."""
        found = self._best_with(self.groups, self.first)
        assert found is not None  # no basket rule at all is a set, too
        if len(self.candidates) == 1:
            return found
        most_fen = saved_of(sum(option.cost for option in self.first))
        alone = self._saved_alone()
        bounds = [ceiling(candidate, most_fen, alone) for candidate in self.candidates if candidate.rules]
        for bound in sorted(bounds, key=lambda bound: -bound.smoothly(bound.missing_fen())):
            for deep in (False, True) if self.large else (True,):
                keep_fen = worth_giving_up(bound, saved_of(found.cost))
                if keep_fen is None or (keep_fen == 0 and not self._mixes(bound.candidate)):
                    break
                if self.steps.spent >= self.steps.limit:
                    self.steps.proven = False
                    break
                better = self._searched(bound.candidate, keep_fen, saved_of(found.cost), deep=deep)
                if better is not None and better.cost < found.cost:
                    found = better
        if self.steps.proven:
            return found
        found = self._no_worse(found)
        gross_fen = sum(line.gross_fen for line in self.pool.lines)
        self.steps.proven = saved_of(found.cost) == gross_fen  # nothing is cheaper than nothing
        return found

    def _mixes(self, candidate: Candidate) -> bool:
        return any(len({candidate.parts.get(kind) for kind in kinds}) > 1 for kinds in self.mixed)

    def _saved_alone(self) -> list[tuple[frozenset[int], int]]:
        """The most that lines save which share nothing with others, by their kinds; with any bundles."""
        first: dict[int, int] = {}
        for group, option in zip(self.groups, self.first, strict=True):
            first[group.lines[0].index] = saved_of(option.cost)
        saved: dict[frozenset[int], int] = {}
        for group in self.pool.groups(len(self.pool.bundles)):
            kinds = frozenset(line.kind for line in group.lines)
            most_fen = sum(first.get(line.index, 0) for line in group.lines)
            saved[kinds] = saved.get(kinds, 0) + most_fen
        return list(saved.items())

    def _best_with(self, groups: Sequence[Group], options: Sequence[Option]) -> _Found | None:
        """The best set of basket rules for what the lines save now; None where there is none."""
        by_kind = _by_kind(groups, options) if len(self.candidates) > 1 else {}
        lines_cost = sum(option.cost for option in options)
        best: _Found | None = None
        for candidate in self.candidates:
            more = candidate.cost(_in_parts(by_kind, candidate))
            if more is not None and (best is None or lines_cost + more < best.cost):
                best = _Found(lines_cost + more, groups, options, candidate)
        return best

    def _no_worse(self, found: _Found) -> _Found:
        """Or what simpler answers come to: each line its best in turn, and list prices."""
        groups = self.pool.groups(0)
        plain = [self._plain(groups, in_full=in_full) for in_full in (False, True)]
        known = [one for options in plain if (one := self._best_with(groups, options)) is not None]
        return min([found, *known], key=lambda one: one.cost)

    def _plain(self, groups: Sequence[Group], *, in_full: bool) -> list[Option]:
        chosen = []
        for group in groups:
            left = {position: 0 if in_full else cap for position, cap in group.caps.items()}
            ways = []
            for line in group.lines:
                way = in_turn(line.offers, 0 if in_full else line.units, left)
                for position, units in way.uses:
                    left[position] -= units
                ways.append(way)
            chosen.append(Option((), sum(way.cost for way in ways), Choice((), tuple(ways))))
        return chosen

    def _searched(
        self, candidate: Candidate, keep_fen: int, to_beat_fen: int, *, deep: bool
    ) -> _Found | None:
        """The best combination under the candidate's rules that gives up at most `keep_fen`.

        Unless it goes `deep`, only lines that stand alone give up anything: that is quick, and what it
        finds leaves less to be looked for.
        """
        bundles = self.pool.taking_part(keep_fen) if deep else self.bundles
        groups = self.pool.groups(bundles)
        chosen: dict[int, Option] = {}
        offered: list[list[Option]] = []
        asked: list[int] = []
        alike = len(candidate.gross_fen) == 1
        for number, group in enumerate(groups):
            parts = {candidate.parts.get(line.kind) for line in group.lines}
            if parts == {None}:
                chosen[number] = self.pool.best(bundles, number)
                continue
            may_fen = keep_fen if deep or len(group.lines) == 1 else 0
            found = self.pool.options(bundles, number, candidate.parts, may_fen)
            if len(parts) > 1:
                alike = False
            else:
                found = _as_parts(found, parts.pop() or 0, len(candidate.gross_fen))
            offered.append(found)
            asked.append(number)
        if alike:
            best = search_sums(offered, candidate, keep_fen, self.steps)
        else:
            needed_fen = to_beat_fen - saved_of(sum(option.cost for option in chosen.values()))
            best = search_parts(offered, candidate, needed_fen, self.steps)
        if best is None:
            return None
        chosen.update(zip(asked, best, strict=True))
        options = [chosen[number] for number in range(len(groups))]
        saved = _in_parts(_by_kind(groups, options), candidate)
        more = candidate.cost(saved)
        assert more is not None
        return _Found(sum(option.cost for option in options) + more, groups, options, candidate)


def _in_parts(by_kind: dict[int, int], candidate: Candidate) -> list[int]:
    saved = [0] * len(candidate.gross_fen)
    for kind, part in candidate.parts.items():
        saved[part] += by_kind.get(kind, 0)
    return saved


def _by_kind(groups: Sequence[Group], options: Sequence[Option]) -> dict[int, int]:
    """What each kind of line saves, from how the lines were decided."""
    by_kind: dict[int, int] = {}
    for group, option in zip(groups, options, strict=True):
        kind = group.lines[0].kind
        if all(line.kind == kind for line in group.lines):
            by_kind[kind] = by_kind.get(kind, 0) + saved_of(option.cost)
        else:
            for one, fen in saved_by_kind(group, option.choice).items():
                by_kind[one] = by_kind.get(one, 0) + fen
    return by_kind


def _as_parts(options: list[Option], part: int, parts: int) -> list[Option]:
    """Options of a group that counts in one part, as such of a basket with several."""
    if parts == 1:
        return options
    before, after = (0,) * part, (0,) * (parts - part - 1)
    return [Option((*before, *option.saved, *after), option.cost, option.choice) for option in options]
