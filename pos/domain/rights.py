"""Once-only rights: what may be used a single time, where that is decided, and who bears it if it is not.

Every right has a kind and a key. A till keeps the pair under UNIQUE in the transaction of the entry that uses
it (`rights_of`), whatever the kind; its home says who else could decide otherwise:

- `one_terminal`: the right names one till and is good nowhere else, so that till alone decides, online or
  not. Nothing can be lost but by copying the till itself.
- `hub`: the hub gives it to one till and notes that; without the hub it is not used.
- `offline`: any till may take it without asking; online the hub is asked first. What copies cost is bounded
  by `loss`, and `bearer` bears it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pos.domain.events import Event, RefundMade, SaleMade

RightKind = Literal["pay_code", "coupon"]
Home = Literal["one_terminal", "hub", "offline"]
Bearer = Literal["nobody", "alliance", "merchant"]


class Right(msgspec.Struct, frozen=True):
    """One right. `key` is unique within its kind."""

    kind: RightKind
    key: str


class Standing(msgspec.Struct, frozen=True):
    """Where a kind of right is decided, and who bears what copies of one cost (docs/codes.md)."""

    home: Home
    bearer: Bearer


STANDINGS: dict[RightKind, Standing] = {
    "pay_code": Standing("one_terminal", "nobody"),
    "coupon": Standing("offline", "alliance"),
}


def rights_of(event: Event) -> tuple[Right, ...]:
    """What an entry uses up; a till keeps each of them under UNIQUE in the entry's own transaction."""
    match event:
        case SaleMade():
            codes = [Right("pay_code", str(one.number)) for one in event.pay_codes]
            printed = [one.number for one in event.result.coupons_used if one.number is not None]
            return (*codes, *(Right("coupon", number) for number in printed))
        case _:
            return ()


def rights_given_back(event: Event) -> tuple[Right, ...]:
    """What an entry frees again: printed coupons of a sale that came back whole. A spent code stays spent."""
    if not isinstance(event, RefundMade) or not event.result.complete:
        return ()
    back = [one.number for one in event.result.coupons_back if one.number is not None]
    return tuple(Right("coupon", number) for number in back)
