"""Numbers and dates as people read them. The digits come from `pos.domain.money`; nothing is rounded here."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from zoneinfo import ZoneInfo

from pos.domain import money
from pos.domain.language import Language

MINUS = "−"
_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def yuan(fen: int) -> str:
    """-123456 fen is `−1,234.56`."""
    return _grouped(money.yuan(fen))


def amount(minor: int, scale: int = 2) -> str:
    """An asset without needless zeros: 123400 at scale 2 is `1,234`."""
    return _grouped(money.plain_text(minor, scale))


def count(number: int) -> str:
    return _grouped(str(number))


def percent(rate_bp: int) -> str:
    """Basis points as a percentage: 1250 is `12.5%`."""
    return f"{_grouped(money.plain_text(rate_bp, 2))}%"


def about(rate_bp: int) -> str:
    """A share or change to one decimal: what people compare, not what is booked. 1254 is `12.5%`."""
    return f"{_grouped(money.plain_text(money.round_half_up(Fraction(rate_bp, 10)), 1))}%"


def change_bp(now: int, before: int) -> int | None:
    """By how many basis points `now` is above `before`; None where there is nothing to compare with."""
    if before <= 0:
        return None
    return money.round_half_up(Fraction((now - before) * money.BASIS_POINTS, before))


def _grouped(text: str) -> str:
    digits = text.removeprefix("-")
    whole, point, decimals = digits.partition(".")
    return (MINUS if digits != text else "") + f"{int(whole):,}" + point + decimals


def day(date: str, language: Language) -> str:
    """`2026-03-14` as `3月14日 周六` or `Sat 14 Mar`."""
    read = dt.date.fromisoformat(date)
    weekday = _WEEKDAYS[language][read.weekday()]
    if language == "en":
        return f"{weekday} {read.day} {_MONTHS[read.month - 1]}"
    return f"{read.month}月{read.day}日 {weekday}"


def month(first: dt.date, language: Language) -> str:
    """`2026年3月`, or `Mar 2026`."""
    if language == "en":
        return f"{_MONTHS[first.month - 1]} {first.year}"
    return f"{first.year}年{first.month}月"


def moment(stamp: str, timezone: str, language: Language) -> str:
    """A stored moment on the clock of the place: `3月14日 10:20`, or `14 Mar 10:20`."""
    local = dt.datetime.fromisoformat(stamp).astimezone(ZoneInfo(timezone))
    if language == "en":
        return f"{local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"
    return f"{local.month}月{local.day}日 {local:%H:%M}"
