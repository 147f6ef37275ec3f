"""Card codes: what a member's static QR holds.

A card code is 23 digits: the digit 9, a random 64-bit number in 20 digits, and two check digits by
ISO 7064 MOD 97-10 over all of it. Digits survive Chinese input methods and Caps Lock; letters do
not. A till keeps only `card_hash` of it.
"""

from __future__ import annotations

import hashlib

from pos.domain import check_digits
from pos.domain.check_digits import with_check

CARD_LENGTH = 23
CARD_PREFIX = "9"
_HASH_TAG = b"alliance-pos/card/1\0"


def card_code(random_bits: int) -> str:
    """The card code of a 64-bit random number."""
    if not 0 <= random_bits < 1 << 64:
        raise ValueError("a card code holds exactly 64 random bits")
    return with_check(f"{CARD_PREFIX}{random_bits:020d}")


def looks_like_card(code: str) -> bool:
    """Whether a code has the form of a card code, right or wrong."""
    return len(code) == CARD_LENGTH and code.isascii() and code.isdigit() and code.startswith(CARD_PREFIX)


def check_holds(code: str) -> bool:
    """ISO 7064 MOD 97-10: the whole number leaves 1. Finds every single wrong or swapped digit."""
    return looks_like_card(code) and check_digits.check_holds(code)


def card_hash(code: str) -> str:
    """What a till may keep of a card code: 64 hexadecimal digits."""
    return hashlib.sha256(_HASH_TAG + code.encode("ascii")).hexdigest()
