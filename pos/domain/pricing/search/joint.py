"""Decides the lines of a group one after the other, and remembers only what the later ones can feel.

That is: what shared caps still give, how far each bundle is filled that later lines can still go into,
and the fraction of a fen that its percentage has come to. Of all ways to get there only the best goes
on. What can be reached is so bounded by how many bundles and quotas are open at the same time, not by the
number of ways to fill them; where it is too much all the same, the most promising are followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pos.domain.pricing.search.cost import Steps, saved_of
from pos.domain.pricing.search.filling import Filled, Filling, Placed
from pos.domain.pricing.search.group import Bundled, Choice, Group, Option, saved_by_kind
from pos.domain.pricing.search.layout import NOTHING_PUT, Layout, Put
from pos.domain.pricing.search.line import Way, in_turn, ways

FOLLOWED_MAX = 48
"""How many states are followed where there are too many …"""

FOLLOWED_FIRST = 8
"""… and to find a first good answer."""

TRIED_MAX = 12
"""How many ways of a line, and ways to put its pieces into bundles, are then tried on each."""


PUTS_PER_STEP = 4
"""Most pieces that do not fit anywhere are soon known not to."""

COMPARED_MAX = 16
"""With how many better ones a state is compared."""


class _State(NamedTuple):
    """What later lines can feel: what is left of shared caps, the bundles, and fen saved where it matters."""

    caps: tuple[int, ...]
    filled: Filled
    saved: tuple[int, ...]


class _Path(NamedTuple):
    """How a state was reached: what it costs, what open bundles save, and the last step."""

    cost: int
    amounts: tuple[int, ...]
    at_most_fen: int
    before: _Path | None
    put: Put
    way: Way


_States = dict[_State, _Path]
_NO_WAY = Way(0, ())


def decide(group: Group, parts: dict[int, int], keep_fen: int, steps: Steps) -> list[Option]:
    """Decisions for a group that save at most `keep_fen` less than the best; at least one.

    `parts` says for each kind of line in which part of the basket its saving counts (kinds that are
    not named count in none). Of decisions that save the same in every part, the best is kept.
    """
    joint = _Joint(group, parts, keep_fen, steps)
    found = [joint.in_turn()]
    joint.aim(found)
    if joint.many:
        found += joint.options(follow=FOLLOWED_FIRST)
        joint.aim(found)
    found += joint.options(follow=0)
    least_fen = max(saved_of(option.cost) for option in found) - keep_fen
    return best_of(option for option in found if saved_of(option.cost) >= least_fen)


def best_of(options: Iterable[Option]) -> list[Option]:
    """Of options that save the same in every part, the best."""
    best: dict[tuple[int, ...], Option] = {}
    for option in options:
        if option.saved not in best or option.cost < best[option.saved].cost:
            best[option.saved] = option
    return list(best.values())


class _Joint:
    """One run over a group."""

    def __init__(self, group: Group, parts: dict[int, int], keep_fen: int, steps: Steps) -> None:
        self.group, self.keep_fen, self.steps = group, keep_fen, steps
        self.layout = Layout(group)
        self.lines = self.layout.lines
        self.part_of = parts
        self.parts_count = 1 + max(parts.values(), default=-1)
        self.spans = len({parts.get(line.kind) for line in self.lines}) > 1
        self.every = keep_fen > 0 and not self.spans and self.lines[0].kind in parts
        self.filling = Filling(
            self.layout,
            group.lines,
            [parts.get(line.kind) for line in group.lines],
            self.parts_count,
        )
        self.puts = [self._puts(place) for place in range(len(self.lines))]
        self.many = self._combinations() > FOLLOWED_MAX
        self.percents = sum(one.off_bp is not None for one in group.bundles)
        self.rest = self._rest()
        self.target_fen = 0
        self._known_ways: dict[tuple[int, int], list[Way]] = {}

    def _puts(self, place: int) -> list[Put]:
        puts, complete = self.layout.puts(place)
        self.steps.proven = self.steps.proven and complete
        return puts

    def _combinations(self) -> int:
        """How many ways there are to fill the bundles, if any piece went with any other."""
        number = 1
        for puts in self.puts:
            number *= len(puts)
        return number

    def _rest(self) -> list[int]:
        """`[i]`: the most that lines from place `i` on can save, and what bundles' roundings may add."""
        rest = [0]
        for place in range(len(self.lines) - 1, -1, -1):
            line = self.lines[place]
            units = {put.units for put in self.puts[place]}
            most = max(self.layout.worth(place, n) + self._best_alone(line.units - n, place) for n in units)
            finishing = [self.group.bundles[number] for number in self.layout.finishing[place]]
            rest.append(rest[-1] + most + sum(one.off_bp is not None for one in finishing))
        return rest[::-1]

    def _best_alone(self, units: int, place: int) -> int:
        found = ways(self.lines[place], units, 0, self.steps, every=False)
        return max(way.saved_fen for way in found)

    def aim(self, found: list[Option]) -> None:
        """From now on only what can come near the best of what was found."""
        self.target_fen = max(saved_of(option.cost) for option in found) - self.keep_fen
        self._known_ways.clear()

    def in_turn(self) -> Option:
        """Each line its best while caps last, and no bundles: what any later answer must beat."""
        left = dict(self.group.caps)
        chosen = []
        for line in self.group.lines:
            way = in_turn(line.offers, line.units, left)
            for position, units in way.uses:
                left[position] -= units
            chosen.append(way)
        return self._option(Choice((), tuple(chosen)), sum(way.cost for way in chosen))

    def options(self, *, follow: int) -> list[Option]:
        """What can be reached; with `follow` only along so many of the most promising states."""
        start = _State(
            caps=tuple(cap for _, cap in self.layout.caps),
            filled=self.filling.start,
            saved=self.filling.nothing_saved if self.spans else (0,) * self.every,
        )
        amounts = (0,) * len(self.group.bundles)
        states: _States = {start: _Path(0, amounts, 0, None, NOTHING_PUT, _NO_WAY)}
        for place in range(len(self.lines)):
            reached = None if follow else self._reached(place, states, follow=False)
            if reached is None:
                follow = FOLLOWED_MAX
                self._known_ways.clear()
                reached = self._reached(place, self._promising(states, follow), follow=True)
            states = reached or {}
        return [self._option(self._choice(path), path.cost) for path in states.values()]

    def _option(self, choice: Choice, total: int) -> Option:
        saved = [0] * self.parts_count
        for kind, fen in saved_by_kind(self.group, choice).items():
            if kind in self.part_of:
                saved[self.part_of[kind]] += fen
        return Option(tuple(saved), total, choice)

    def _choice(self, last: _Path) -> Choice:
        """The steps of a path, walked back."""
        chosen = [_NO_WAY] * len(self.lines)
        units = [[0] * len(self.lines) for _ in self.group.bundles]
        path = last
        for at in reversed(self.layout.order):
            chosen[at] = path.way
            for slot, pieces in path.put.pieces:
                units[self.layout.slots[slot].bundle][at] += pieces
            assert path.before is not None
            path = path.before
        bundled = tuple(
            Bundled(bundle, tuple(taken), sum(taken) // bundle.pieces)
            for bundle, taken in zip(self.group.bundles, units, strict=True)
            if any(taken)
        )
        return Choice(bundled, tuple(chosen))

    # --- from one line to the next -------------------------------------------------------------

    def _reached(self, place: int, states: _States, *, follow: bool) -> _States | None:
        """Every state with every way of the line added; None where that is too much to look at."""
        reached: _States = {}
        for state, path in states.items():
            tried = 1 + len(self.puts[place]) // PUTS_PER_STEP
            for after, onward in self._onward(place, state, path, follow=follow):
                tried += 1
                if after not in reached or onward.cost < reached[after].cost:
                    reached[after] = onward
            if not self.steps.take(tried) and not follow:
                return None
        if self.percents and not self.every and not self.spans:
            reached = self._near(reached)
        return _undominated(reached) if self.layout.caps else reached

    def _onward(
        self, place: int, state: _State, path: _Path, *, follow: bool
    ) -> Iterator[tuple[_State, _Path]]:
        units = self.lines[place].units
        puts = self.puts[place]
        if follow and len(puts) > TRIED_MAX:
            puts = [*puts[:: -(-len(puts) // TRIED_MAX)], NOTHING_PUT]
        for put in puts:
            placed = self.filling.placed(place, state.filled, path.amounts, put)
            if placed is None:
                continue
            so_far = path.cost + placed.cost
            rest_fen = self.rest[place + 1] - placed.priced_fen
            for way in self._ways(place, units - put.units, few=follow):
                total = so_far + way.cost
                at_most_fen = saved_of(total) + rest_fen
                if at_most_fen < self.target_fen:
                    continue
                caps = self._caps_left(place, state.caps, way)
                if caps is None:
                    continue
                after = _State(caps, placed.filled, self._saved(place, state.saved, placed, way, total))
                yield after, _Path(total, placed.amounts, at_most_fen, path, put, way)

    def _ways(self, place: int, units: int, *, few: bool) -> list[Way]:
        line = self.lines[place]
        key = (place, units)
        if key not in self._known_ways:
            every = self.every or self.spans
            keep_fen = max(0, self.rest[0] - self.target_fen) if every or not few else 0
            found = ways(line, units, keep_fen, self.steps, every=every)
            if few:
                found = [*sorted(found)[:TRIED_MAX], in_turn(line.offers, units, {})]
            self._known_ways[key] = found
        return self._known_ways[key]

    def _saved(
        self, place: int, before: tuple[int, ...], placed: Placed, way: Way, total: int
    ) -> tuple[int, ...]:
        if not self.spans:
            return (saved_of(total),) if self.every else ()
        saved = [fen + more for fen, more in zip(before, placed.saved, strict=True)]
        kind = self.lines[place].kind
        if kind in self.part_of:
            saved[self.part_of[kind]] += way.saved_fen
        return tuple(saved)

    def _caps_left(self, place: int, caps: tuple[int, ...], way: Way) -> tuple[int, ...] | None:
        """What is left of the caps; 0 of those that no later line wants."""
        ending = self.layout.caps_ending[place]
        if not way.uses and not ending:
            return caps
        left = list(caps)
        for position, units in way.uses:
            number = self.layout.cap_numbers[position]
            if units > left[number]:
                return None
            left[number] -= units
        for number in ending:
            left[number] = 0
        return tuple(left)

    def _near(self, states: _States) -> _States:
        """Without states that have the same pieces in bundles and save clearly less.

        A fraction of a fen is worth no more than one fen in each percentage.
        """
        most: dict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]], int] = {}
        for state, path in states.items():
            key = (state.caps, state.filled.fills, state.filled.sets)
            most[key] = max(saved_of(path.cost), most.get(key, 0))
        return {
            state: path
            for state, path in states.items()
            if saved_of(path.cost) >= most[state.caps, state.filled.fills, state.filled.sets] - self.percents
        }

    def _promising(self, states: _States, most: int) -> _States:
        """The states that may come to the most; where any amount saved may be wanted, some of each amount."""
        if len(states) <= most:
            return states
        ranked = sorted(states, key=lambda state: (-states[state].at_most_fen, states[state].cost, state))
        kept = ranked[:most]
        if self.every or self.spans:
            width = 1 + saved_of(min(path.cost for path in states.values())) // most
            of_each = {saved_of(states[state].cost) // width: state for state in reversed(ranked)}
            kept += of_each.values()
        return {state: states[state] for state in kept}


def _undominated(states: _States) -> _States:
    """Without states that cost more than one like it and have no more left of any cap."""
    kept: dict[tuple[Filled, tuple[int, ...]], list[tuple[int, ...]]] = {}
    found: _States = {}
    for state, path in sorted(states.items(), key=lambda one: one[1].cost):
        better = kept.setdefault((state.filled, state.saved), [])
        if any(
            all(most >= left for most, left in zip(caps, state.caps, strict=True))
            for caps in better[:COMPARED_MAX]
        ):
            continue
        better.append(state.caps)
        found[state] = path
    return found
