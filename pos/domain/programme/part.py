"""What every table of a pack is made of: strict tables and the forms that values may have."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["x"])]
"""Small letters, digits and underscores, beginning with a letter."""

Name = Annotated[str, Meta(min_length=1, max_length=40, examples=["x"])]
"""What people read."""

Fen = Annotated[int, Meta(ge=0, le=1_000_000_000, examples=[1])]
PositiveFen = Annotated[int, Meta(ge=1, le=1_000_000_000)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
"""100 is one percent."""

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=1, le=36_500)]

Decimal = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$", examples=["1"])]
"""A number that is not negative, in text: exact, where a float is not."""

ClockTime = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["12:00"])]
Date = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-01-01"])]

Funder = Literal["merchant", "alliance", "brand", "issuer"]
"""Who bears a reduction or redemption; `issuer` is the merchant that gave the coupon out."""

Role = Literal["member", "merchant", "member_referrer", "merchant_referrer", "home_store", "area_agent"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CNY = "CNY"
"""Money where an asset is named: accruals may pay it out; it is not declared under `assets`."""

_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the pack: a key nobody knows is a mistake, not a silence."""


def exact(text: str) -> Fraction:
    """A checked decimal of the pack as an exact number."""
    return Fraction(text)


def is_decimal(text: str) -> bool:
    """A plain decimal; `Fraction` alone would also take powers that fill the memory."""
    return _DECIMAL.fullmatch(text) is not None
