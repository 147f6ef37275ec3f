"""Rules that all count the same lines: only the sum of what those save matters, so sums are what is searched.

All sums that can be reached are bits of one integer, which is fast whatever the number of ways: the
least price is always found. Which of several ways to that price is best by the ties is then searched
with a bound of its own; past it any way to the price is taken.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos.domain.money import BASIS_POINTS
from pos.domain.pricing.search.candidate import Candidate
from pos.domain.pricing.search.cost import Steps
from pos.domain.pricing.search.group import Option

TIE_STEPS_MAX = 1_500
"""How many ways to the best price are compared by the ties …"""

TARGETS_MAX = 4_000
"""… and how many sums are tried for it."""

Offered = Sequence[list[Option]]
"""The options of each group, which save something in the one part that the rules count."""


def search_sums(offered: Offered, candidate: Candidate, keep_fen: int, steps: Steps) -> list[Option] | None:
    """The best option of each group under the candidate's rules, or None where a threshold is out of reach.

    Only sums are looked at that come to at most `keep_fen` less than the greatest.
    """
    per_group = [_per_sum(options) for options in offered]
    # groups without a choice only shift the sums
    open_groups = [sums for sums in per_group if len(sums) > 1]
    settled_fen = sum(next(iter(sums)) for sums in per_group if len(sums) == 1)
    most_fen = sum(max(sums) for sums in open_groups)
    room_fen = min(candidate.gross_fen[0] - rule.min_fen for rule in candidate.rules) - settled_fen
    if room_fen < 0 or not steps.take(sum(map(len, open_groups))):
        return None
    search = _Sums(candidate, open_groups, settled_fen, min(room_fen, most_fen))
    chosen = search.best(max(0, most_fen - keep_fen), steps)
    if chosen is None:
        return None
    return [chosen.pop(0) if len(sums) > 1 else next(iter(sums.values())) for sums in per_group]


def _per_sum(options: list[Option]) -> dict[int, Option]:
    return {option.saved[0]: option for option in options}


class _Sums:
    """The sums of the groups that have a choice; `settled_fen` is what the others save."""

    def __init__(
        self, candidate: Candidate, per_group: Sequence[dict[int, Option]], settled_fen: int, room_fen: int
    ) -> None:
        self.candidate, self.per_group = candidate, per_group
        self.settled_fen, self.room_fen = settled_fen, room_fen
        self.gross_fen = candidate.gross_fen[0]
        percents = [rule.off_bp for rule in candidate.rules if rule.off_bp is not None]
        self.roundings = len(percents)
        self.falls = sum(percents) <= BASIS_POINTS
        self.fixed_fen = max((rule.off_fen or 0 for rule in candidate.rules), default=0)

    def best(self, least_fen: int, steps: Steps) -> list[Option] | None:
        """The best way to the best sum; None where none is from `least_fen` to what there is room for."""
        reachable = self._reachable()
        target = self._best_sum(reachable[-1], least_fen, steps)
        if target is None:
            return None
        return self._best_way(self._in_all(target)) or self._any_way(reachable, target)

    def _reachable(self) -> list[int]:
        """`[i]`: the sums of the first `i` groups, up to the room there is, as bits."""
        mask = (1 << (self.room_fen + 1)) - 1
        sums = [1]
        for options in self.per_group:
            reached = 0
            for saved_fen in options:
                reached |= sums[-1] << saved_fen
            sums.append(reached & mask)
        return sums

    def _in_all(self, saved_fen: int) -> int:
        """What lines and rules save together when the groups save this much."""
        saved_fen += self.settled_fen
        return saved_fen + sum(self.candidate.taken((saved_fen,)) or ())

    def _at_most(self, saved_fen: int) -> int:
        """What lines and rules save together at most when the groups save no more than this.

        Where percentages come to less than all, giving up a fen brings no more than that, but for roundings.
        """
        left_fen = self.gross_fen - self.settled_fen - saved_fen
        if not self.falls or (len(self.candidate.rules) > 1 and self.fixed_fen > left_fen):
            return self.gross_fen
        return min(self.gross_fen, self._in_all(saved_fen) + self.roundings)

    def _best_sum(self, sums: int, least_fen: int, steps: Steps) -> int | None:
        """The sum that saves the most in all; roundings may favour a lower one."""
        best: tuple[int, int] | None = None
        while sums:
            saved_fen = sums.bit_length() - 1
            if saved_fen < least_fen:
                break
            if best is not None and (self._at_most(saved_fen) <= best[0] or not steps.take()):
                break
            value = self._in_all(saved_fen)
            if best is None or value > best[0]:
                best = (value, saved_fen)
            sums ^= 1 << saved_fen
        return None if best is None else best[1]

    def _best_way(self, wanted_fen: int) -> list[Option] | None:
        """The best by the ties of all ways that save `wanted_fen` in all; None where these are too many."""
        steps = Steps(TIE_STEPS_MAX + 4 * sum(map(len, self.per_group)))
        order = sorted(range(len(self.per_group)), key=lambda i: -len(self.per_group[i]))
        later = self._reachable_later(order)
        targets = self._targets(later[0], wanted_fen)
        states: dict[int, tuple[int, tuple[object, ...]]] = {0: (0, ())}
        for place, group in enumerate(order, start=1):
            options = self.per_group[group]
            if not steps.take(len(states) * len(options)):
                return None
            reached: dict[int, tuple[int, tuple[object, ...]]] = {}
            for saved_fen, (so_far, path) in states.items():
                for part, option in options.items():
                    now, total = saved_fen + part, so_far + option.cost
                    known = reached.get(now)
                    if (known is not None and known[0] <= total) or not (later[place] << now) & targets:
                        continue
                    reached[now] = (total, (path, option))
            states = reached
        found = [
            (so_far + more, path)
            for saved_fen, (so_far, path) in states.items()
            if (more := self.candidate.cost((saved_fen + self.settled_fen,))) is not None
        ]
        _, path = min(found, key=lambda one: one[0])
        return in_order(path, order)

    def _reachable_later(self, order: Sequence[int]) -> list[int]:
        """`[i]`: the sums, as bits, of the groups from place `i` of the order on."""
        mask = (1 << (self.room_fen + 1)) - 1
        sums = [1]
        for group in reversed(order):
            reached = 0
            for saved_fen in self.per_group[group]:
                reached |= sums[-1] << saved_fen
            sums.append(reached & mask)
        return sums[::-1]

    def _targets(self, reachable: int, wanted_fen: int) -> int:
        """The sums that come to `wanted_fen` in all, as bits.

        More than a few only where the rules take all that the goods cost.
        """
        targets = 0
        for _ in range(TARGETS_MAX):
            saved_fen = reachable.bit_length() - 1
            if saved_fen < 0 or self._at_most(saved_fen) < wanted_fen:
                break
            if self._in_all(saved_fen) == wanted_fen:
                targets |= 1 << saved_fen
            reachable ^= 1 << saved_fen
        return targets

    def _any_way(self, reachable: Sequence[int], target: int) -> list[Option]:
        """One way to a sum that is known to be reachable."""
        chosen: list[Option] = []
        for options, before in zip(reversed(self.per_group), reversed(reachable[:-1]), strict=True):
            option = min(
                (one for saved, one in options.items() if saved <= target and before >> (target - saved) & 1),
                key=lambda one: one.cost,
            )
            chosen.append(option)
            target -= option.saved[0]
        return chosen[::-1]


def in_order(path: tuple[object, ...], order: Sequence[int]) -> list[Option]:
    """The options of a path of nested pairs, walked in `order`, in the groups' own order."""
    chosen: dict[int, Option] = {}
    for group in reversed(order):
        path, option = path  # type: ignore[assignment]
        chosen[group] = option  # type: ignore[assignment]
    return [chosen[group] for group in sorted(chosen)]
