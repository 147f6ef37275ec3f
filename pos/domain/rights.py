"""Once-only rights: what an entry uses up that may be used a single time.

Every right has a kind and a key. A till keeps the pair under UNIQUE in the transaction of the entry that uses
it, whatever the kind. docs/codes.md says where else a kind could be decided, and who bears what copies cost.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pos.domain.events import Event, OrderHandedOver, RefundMade, SaleMade

RightKind = Literal["pay_code", "coupon", "pickup"]


class Right(msgspec.Struct, frozen=True):
    """One right. `key` is unique within its kind."""

    kind: RightKind
    key: str


def rights_of(event: Event) -> tuple[Right, ...]:
    """What an entry uses up; a till keeps each of them under UNIQUE in the entry's own transaction."""
    match event:
        case SaleMade():
            codes = [Right("pay_code", str(one.number)) for one in event.pay_codes]
            printed = [one.number for one in event.result.coupons_used if one.number is not None]
            return (*codes, *(Right("coupon", number) for number in printed))
        case OrderHandedOver():
            return (Right("pickup", event.order),)
        case _:
            return ()


def rights_given_back(event: Event) -> tuple[Right, ...]:
    """What an entry frees again: printed coupons of a sale that came back whole. A spent code stays spent."""
    if not isinstance(event, RefundMade) or not event.result.complete:
        return ()
    back = [one.number for one in event.result.coupons_back if one.number is not None]
    return tuple(Right("coupon", number) for number in back)
