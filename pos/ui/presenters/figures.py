"""Figures as screens write them."""

from __future__ import annotations

from datetime import datetime, timedelta

from pos.domain.message import Message, say
from pos.domain.money import decimal_text, yuan
from pos.domain.pricing.result import PricedLine

MINUS = "\N{MINUS SIGN}"


def signed(fen: int) -> str:
    """Fen as yuan; a negative amount carries a true minus, as wide as a plus."""
    return yuan(fen).replace("-", MINUS)


def taken_off(fen: int) -> str:
    """A reduction: `−7.00`, and a plain `0.00` when there is none."""
    return signed(-fen)


def weight_text(weight_g: int) -> str:
    return f"{decimal_text(weight_g, 3)} kg"


def quantity_text(line: PricedLine) -> str:
    """`3 瓶`, or the weight of a weighed good."""
    return weight_text(line.weight_g) if line.weight_g is not None else f"{line.quantity} {line.unit}"


def receipt_tail(receipt_no: str) -> str:
    """The last part of a receipt number: enough to tell today's receipts apart."""
    return receipt_no.rsplit("-", 1)[-1]


def time_of(at: str) -> str:
    """The hours and minutes of a journaled moment, as the till wrote it down."""
    return at[11:16]


def duration(span: timedelta) -> Message:
    """How long something has lasted, to the minute and then more coarsely."""
    minutes = max(0, int(span.total_seconds()) // 60)
    if minutes < 1:
        return say("不到 1 分钟")
    if minutes < 60:
        return say("{minutes} 分钟", minutes=minutes)
    if minutes < 48 * 60:
        return say("{hours} 小时 {minutes} 分", hours=minutes // 60, minutes=minutes % 60)
    return say("{days} 天", days=minutes // (24 * 60))


def since(moment: datetime | None, now: datetime) -> Message:
    return duration(now - moment) if moment is not None else say("不到 1 分钟")
