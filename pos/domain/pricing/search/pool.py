"""The lines in groups, and what each group can come to; reckoned when asked for, and once."""

from __future__ import annotations

from collections.abc import Sequence

from pos.domain.pricing.search.bargain import gain, margins
from pos.domain.pricing.search.cost import Steps, saved_of
from pos.domain.pricing.search.group import Choice, Group, Option, groups_of
from pos.domain.pricing.search.joint import decide
from pos.domain.pricing.search.line import ways
from pos.domain.pricing.search.offer import BundleOffer, OfferedLine

_Key = tuple[int, int, int, tuple[int | None, ...]]
"""How many bundles take part, the group's number, how many parts there are, and each line's part."""


class Pool:
    """Groups for any amount of saving that may be given up: the more, the more bundles are worth a look."""

    def __init__(
        self, lines: Sequence[OfferedLine], bundles: Sequence[BundleOffer], caps: dict[int, int], steps: Steps
    ) -> None:
        self.lines, self.caps, self.steps = lines, caps, steps
        alone, by_index = margins(lines) if bundles else {}, {line.index: line for line in lines}
        gains = [(-gain(bundle, by_index, alone), bundle) for bundle in bundles]
        self.bundles = sorted(gains, key=lambda one: (one[0], one[1].position))
        self._groups: dict[int, list[Group]] = {}
        self._best: dict[int, Option] = {}
        self._options: dict[_Key, tuple[int, list[Option]]] = {}

    def taking_part(self, keep_fen: int) -> int:
        """How many bundles may be part of an answer that saves `keep_fen` less than the best."""
        return sum(loss_fen <= keep_fen for loss_fen, _ in self.bundles)

    def groups(self, bundles: int) -> list[Group]:
        """The groups when so many bundles take part."""
        if bundles not in self._groups:
            taken = sorted((one for _, one in self.bundles[:bundles]), key=lambda one: one.position)
            self._groups[bundles] = groups_of(self.lines, taken, self.caps)
        return self._groups[bundles]

    def best(self, bundles: int, number: int) -> Option:
        """The best decision for a group by itself."""
        group = self.groups(bundles)[number]
        if len(group.lines) > 1 or group.bundles:
            return min(self.options(bundles, number, {}, 0), key=lambda option: option.cost)
        key = group.lines[0].index
        if key not in self._best:
            line = group.lines[0]
            way = min(ways(line, line.units, 0, self.steps, every=False))
            self._best[key] = Option((way.saved_fen,), way.cost, Choice((), (way,)))
        return self._best[key]

    def options(self, bundles: int, number: int, parts: dict[int, int], keep_fen: int) -> list[Option]:
        """Decisions for a group that save at most `keep_fen` less than its best one; see `joint.decide`.

        A group whose lines all count in one part (or in none) has one amount saved, whatever that part.
        """
        group = self.groups(bundles)[number]
        asked = tuple(parts.get(line.kind) for line in group.lines)
        spans = len(set(asked)) > 1
        key = (bundles, number, len(set(parts.values())), asked) if spans else (bundles, number, 1, ())
        known = self._options.get(key)
        if known is None or known[0] < keep_fen:
            inside = parts if spans else dict.fromkeys((line.kind for line in group.lines), 0)
            known = (keep_fen, self._decide(group, inside, keep_fen))
            self._options[key] = known
        if known[0] == keep_fen:
            return known[1]
        least_fen = max(saved_of(option.cost) for option in known[1]) - keep_fen
        return [option for option in known[1] if saved_of(option.cost) >= least_fen]

    def _decide(self, group: Group, parts: dict[int, int], keep_fen: int) -> list[Option]:
        if len(group.lines) > 1 or group.bundles:
            return decide(group, parts, keep_fen, self.steps)
        line = group.lines[0]
        found = ways(line, line.units, keep_fen, self.steps, every=keep_fen > 0)
        return [Option((way.saved_fen,), way.cost, Choice((), (way,))) for way in found]
