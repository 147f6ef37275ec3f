"""How long to wait before asking again."""

from __future__ import annotations

FIRST_S = 1.0
LONGEST_S = 60.0
_DOUBLINGS_MAX = 16


def delay_s(failures: int, chance: float) -> float:
    """The wait after `failures` failures in a row: doubling from 1 s to 60 s, shortened by up to half.

    `chance` is in [0, 1); it keeps all tills of an alliance from coming back in the same second.
    """
    longest = min(LONGEST_S, FIRST_S * (1 << min(failures - 1, _DOUBLINGS_MAX)))
    return max(FIRST_S, longest * (1 - chance / 2))
