"""What a combination costs, as one integer that can be added up and compared.

The order is the one of ruling 7: the most saved; then the fewest single-use things; then the least
borne by the alliance; then the fewest rules, counted per line; then the earliest in the pack.
"""

from __future__ import annotations

_ORDER_BITS = 24
_RULES_BITS = 16
_ALLIANCE_BITS = 40
_SINGLE_BITS = 24
_RULES = _ORDER_BITS
_ALLIANCE = _RULES + _RULES_BITS
_SINGLE = _ALLIANCE + _ALLIANCE_BITS
SAVED = _SINGLE + _SINGLE_BITS
"""Shift of the saving; `-cost >> SAVED` would round the wrong way, see `saved_of`."""


def cost(saved_fen: int, *, single: int = 0, alliance_fen: int = 0, rules: int = 0, order: int = 0) -> int:
    """Lower is better. Sums of costs are the costs of the sums: no part is ever negative but the first."""
    return (
        (-saved_fen << SAVED) + (single << _SINGLE) + (alliance_fen << _ALLIANCE) + (rules << _RULES) + order
    )


def saved_of(value: int) -> int:
    """The saving in fen that a cost stands for."""
    return -(value >> SAVED)


class Steps:
    """Counts what the search looks at, and says when it is enough."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self.limit = limit
        self.proven = True

    def take(self, number: int = 1) -> bool:
        """False when the bound is reached; from then on the answer is not proven."""
        self.left -= number
        if self.left < 0:
            self.proven = False
        return self.left >= 0

    @property
    def spent(self) -> int:
        return self.limit - max(0, self.left)
