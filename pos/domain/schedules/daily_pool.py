"""The day's pool: a fixed amount for the holders of unlocked value, who use value up for it (ruling 18)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from pos.domain.money import round_half_up
from pos.domain.schedules.proportion import in_proportion


class Holder(msgspec.Struct, frozen=True):
    """A member's whole holding of value, and the part of it that is locked. Minor units of the value."""

    member_no: str
    value: int
    locked: int = 0

    @property
    def unlocked(self) -> int:
        return max(0, self.value - self.locked)


class PoolShare(msgspec.Struct, frozen=True):
    """What a member gets of the pool, and what that costs; `value_left` is the holding afterwards."""

    member_no: str
    amount: int
    value_consumed: int
    value_left: int


def share_pool(
    pool: int, holders: Sequence[Holder], price_yuan: Fraction, *, scale: int, value_scale: int
) -> tuple[PoolShare, ...]:
    """Shares `pool` (minor units at `scale`) by unlocked value; who holds none gets none.

    A whole unit of the pool's asset uses up value worth `price_yuan`, rounded half up at `value_scale`
    and never more than is unlocked. If nobody holds unlocked value, the day's pool is not given out.
    """
    amounts = in_proportion(pool, {one.member_no: Fraction(one.unlocked) for one in holders})
    value_per_minor = price_yuan * Fraction(10**value_scale, 10**scale)
    shares = []
    for one in holders:
        amount = amounts[one.member_no]
        consumed = min(one.unlocked, round_half_up(amount * value_per_minor))
        shares.append(PoolShare(one.member_no, amount, consumed, one.value - consumed))
    return tuple(shares)
