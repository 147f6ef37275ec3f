"""What the till takes from the machine it runs on: clock, PIN check, its own version."""

from __future__ import annotations

import locale
import os
from datetime import datetime
from zoneinfo import ZoneInfo

from pos.words import LANGUAGES


def software() -> str:
    """Name and version as the journal's first entry says them."""
    from importlib.metadata import version  # noqa: PLC0415 - only a new till needs it

    return f"alliance-pos {version('alliance-pos')}"


def asked_language() -> str | None:
    """The language that the environment variable `POS_LANGUAGE` asks for, if it is one we speak."""
    asked = os.environ.get("POS_LANGUAGE", "")[:2]
    return asked if asked in LANGUAGES else None


def system_language() -> str:
    """What command lines speak: what was asked for, else Chinese, or English on a system set to another."""
    asked = asked_language()
    if asked is not None:
        return asked
    set_to = (locale.getlocale()[0] or "zh")[:2]
    return "zh" if set_to in ("zh", "C") else "en"


class SystemClock:
    """The machine's clock, in the store's time zone."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)

    def now(self) -> datetime:
        return datetime.now(self._zone)


def check_pin(pin_hash: str, pin: str) -> bool:
    """Argon2id, in its encoded form; a hash that is none matches nothing."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only a log-in needs it
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    try:
        return PasswordHasher().verify(pin_hash, pin)
    except (VerificationError, InvalidHashError):
        return False
