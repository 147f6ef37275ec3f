"""What a reviewed deed earns, and how people write down how long it took. Pure rules, no database."""

from __future__ import annotations

import re
from fractions import Fraction

from pos.domain.money import parse_decimal, round_down_to_step
from pos.domain.programme.assets import Asset
from pos.domain.programme.part import exact
from pos.domain.programme.timed import Activity

MINUTES_PER_HOUR = 60
MINUTES_MAX = 24 * MINUTES_PER_HOUR
"""A task is of one day."""

HOUR_WORDS = frozenset({"小时", "hour"})
"""What a pack calls an hour in `per`; any other word counts pieces."""

MERCHANT_REFERRAL = "merchant_referral"
"""Nobody hands this activity in: the hub books it when a merchant that a member brought becomes active."""

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_HOURS_SCALE = 2


def is_timed(activity: Activity) -> bool:
    """Whether it is counted by the hour, to the minute; anything else is counted in pieces."""
    return activity.per in HOUR_WORDS


def points_for(activity: Activity, asset: Asset, *, minutes: int | None, people: int = 1) -> int:
    """Minor units of the asset for so many minutes (None: one piece) of each of `people` persons.

    The exact amount is rounded down once, to the asset's step (ruling 9).
    """
    times = Fraction(1) if minutes is None else Fraction(minutes, MINUTES_PER_HOUR)
    earned = exact(activity.amount) * times * people * 10**asset.scale
    return round_down_to_step(earned, asset.step_minor)


def parse_minutes(text: str) -> int | None:
    """`1.5` (hours) and `1:30` are 90 minutes; None for anything that is not whole minutes of one day."""
    clock = _CLOCK.fullmatch(text.strip())
    if clock is not None:
        minutes = int(clock.group(1)) * MINUTES_PER_HOUR + int(clock.group(2))
    else:
        hundredths = parse_decimal(text, _HOURS_SCALE)
        if hundredths is None or hundredths * MINUTES_PER_HOUR % 10**_HOURS_SCALE:
            return None
        minutes = hundredths * MINUTES_PER_HOUR // 10**_HOURS_SCALE
    return minutes if 0 < minutes <= MINUTES_MAX else None


def hours_text(minutes: int) -> str:
    """90 minutes as `1:30`."""
    return f"{minutes // MINUTES_PER_HOUR}:{minutes % MINUTES_PER_HOUR:02d}"
