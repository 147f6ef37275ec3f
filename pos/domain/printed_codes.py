"""Codes of 23 digits that stand for one thing: a badge of somebody on the staff, an order to be picked up.

Like a card code: a first digit that says what it is, a random 64-bit number in 20 digits, and two check
digits by ISO 7064 MOD 97-10 over all of it. A till keeps only `code_hash` of it.
"""

from __future__ import annotations

import hashlib
from typing import Literal

from pos.domain import check_digits
from pos.domain.check_digits import with_check

CODE_LENGTH = 23

PrintedKind = Literal["badge", "pickup"]
_PREFIXES: dict[PrintedKind, str] = {"badge": "5", "pickup": "6"}


def printed_code(kind: PrintedKind, random_bits: int) -> str:
    """The code of a 64-bit random number."""
    if not 0 <= random_bits < 1 << 64:
        raise ValueError("a code holds exactly 64 random bits")
    return with_check(f"{_PREFIXES[kind]}{random_bits:020d}")


def kind_of(code: str) -> PrintedKind | None:
    """Which kind a code has the form of, right or wrong."""
    if len(code) != CODE_LENGTH or not code.isascii() or not code.isdigit():
        return None
    return next((kind for kind, prefix in _PREFIXES.items() if code.startswith(prefix)), None)


def check_holds(code: str) -> bool:
    """ISO 7064 MOD 97-10: the whole number leaves 1. Finds every single wrong or swapped digit."""
    return kind_of(code) is not None and check_digits.check_holds(code)


def code_hash(code: str) -> str:
    """What a till may keep of a code: 64 hexadecimal digits."""
    return hashlib.sha256(b"alliance-pos/printed-code/1\0" + code.encode("ascii")).hexdigest()
