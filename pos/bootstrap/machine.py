"""What the till takes from the machine it runs on: clock, PIN check, its own version."""

from __future__ import annotations

import locale
import os
import secrets
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pos.domain.language import Language, spoken_language

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def software() -> str:
    """Name and version as the journal's first entry says them."""
    from importlib.metadata import version  # noqa: PLC0415 - only a new till needs it

    return f"alliance-pos {version('alliance-pos')}"


def local_now() -> datetime:
    """This machine's time with its own offset, where no store's time zone is at hand."""
    return datetime.now().astimezone()


def system_language() -> Language:
    """What command lines speak on this machine."""
    return spoken_language(os.environ, locale.getlocale()[0] if sys.platform == "win32" else None)


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


class TerminalSeal:
    """`ports.Seal` with this terminal's own key, which is read when it is first needed."""

    def __init__(self, load_key: Callable[[], Ed25519PrivateKey]) -> None:
        self._load_key = load_key

    def sign(self, message: bytes) -> bytes:
        return self._load_key().sign(message)

    def holds(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of that key; a key that is none signs nothing."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only a coupon needs it
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def new_number(self) -> str:
        return secrets.token_hex(8)
