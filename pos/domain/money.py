"""Amounts: integers of minor units, one way to round, one way to split.

CNY is counted in fen (scale 2). Each point asset states its own scale. Nothing here is a float.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

FEN_PER_YUAN = 100
GRAMS_PER_KG = 1000
BASIS_POINTS = 10_000

_DECIMAL = re.compile(r"(\d{1,12})(?:\.(\d{0,9}))?")


def round_half_up(value: Fraction) -> int:
    """The one rounding of money: halves go away from zero, so that a refund mirrors its sale."""
    numerator = abs(value.numerator) * 2 + value.denominator
    magnitude = numerator // (value.denominator * 2)
    return magnitude if value >= 0 else -magnitude


def round_down_to_step(value: Fraction, step: int) -> int:
    """The largest multiple of `step` that is not above `value` (which is not negative)."""
    return int(value / step) * step


def weighed_amount(price_fen_per_kg: int, weight_g: int) -> int:
    """The line amount of a weighed good in fen, rounded half up."""
    return round_half_up(Fraction(price_fen_per_kg * weight_g, GRAMS_PER_KG))


def share_of(amount: int, rate_bp: int) -> int:
    """`rate_bp` basis points of an amount, rounded half up, in the amount's own unit."""
    return round_half_up(Fraction(amount * rate_bp, BASIS_POINTS))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Splits `total` in proportion to `weights` by largest remainder; ties go to the earlier one.

    The parts sum to `total` and none is off by a whole minor unit. `weights` are not negative; with
    nothing to weigh by, `total` must be 0.

    Raises:
        ValueError: an amount is to be split and all weights are 0.

    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError(f"{total} cannot be split over nothing")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def decimal_text(minor: int, scale: int = 2) -> str:
    """`-5` at scale 2 is `-0.05`: every digit of the scale, always."""
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(scale + 1, "0")
    return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def plain_text(minor: int, scale: int = 2) -> str:
    """Like `decimal_text` without needless zeros: 2000 at scale 2 is `20`, 47 is `0.47`."""
    text = decimal_text(minor, scale)
    return text.rstrip("0").rstrip(".") if scale else text


def yuan(fen: int) -> str:
    """Fen as yuan with two digits, without a currency sign."""
    return decimal_text(fen, 2)


def parse_decimal(text: str, scale: int = 2) -> int | None:
    """Whole units with at most `scale` decimals (`12`, `12.5`, `12.50`) in minor units, else None."""
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        return None
    whole, decimals = match.group(1), (match.group(2) or "").rstrip("0")
    if len(decimals) > scale:
        return None
    return int(whole + decimals.ljust(scale, "0"))
