"""The invitation ladder: each rung once per member, when that many friends have joined."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pos.domain.programme.timed import Invitation


def rungs_reached(
    invited: int, ladder: Sequence[Invitation], already: Collection[str]
) -> tuple[Invitation, ...]:
    """The rungs that `invited` friends reach now; `already` names those that were rewarded before.

    Only the member's own friends count. Friends of friends bring nothing: chains are one level deep.
    """
    return tuple(rung for rung in ladder if invited >= rung.invited and rung.id not in already)
