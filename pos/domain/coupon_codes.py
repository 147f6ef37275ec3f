r"""Printed coupons: digits in a QR that one till signs and every other till can check offline.

A code is the digit 8, the decimal number of the bytes `0x01 ‖ payload ‖ signature`, and two check digits
by ISO 7064 MOD 97-10. The payload is: version (1 byte), length of the terminal's id (1), the id, the
first 8 bytes of the SHA-256 of the rule's id, 8 random bytes (the coupon's number), and its last day
as days since 2020-01-01 (2 bytes, big-endian). The signature is Ed25519 by the terminal's key over
`alliance-pos/coupon/1\0 ‖ payload`. Digits survive Chinese input methods and Caps Lock; letters do not.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import msgspec

from pos.domain.check_digits import check_holds, with_check

COUPON_PREFIX = "8"
COUPON_TAG = b"alliance-pos/coupon/1\0"
CODE_LENGTH_MIN = 200
CODE_LENGTH_MAX = 300
SIGNATURE_LENGTH = 64
NUMBER_LENGTH = 8
_VERSION = 1
_RULE_LENGTH = 8
_FIRST_DAY = date(2020, 1, 1)
_DAYS_MAX = 0xFFFF


class CouponPayload(msgspec.Struct, frozen=True):
    """What a printed coupon says. `number` is 16 hexadecimal digits; `rule_mark` stands for the rule's id."""

    terminal: str
    rule_mark: str
    number: str
    last_day: str

    def names(self, rule_id: str) -> bool:
        """Whether this is a coupon of that rule."""
        return self.rule_mark == rule_mark(rule_id)


def rule_mark(rule_id: str) -> str:
    """Eight bytes that stand for a rule's id, hexadecimal."""
    return hashlib.sha256(rule_id.encode()).digest()[:_RULE_LENGTH].hex()


def payload_of(coupon: CouponPayload) -> bytes:
    """The bytes that are signed, without the tag."""
    terminal = coupon.terminal.encode("ascii")
    days = (date.fromisoformat(coupon.last_day) - _FIRST_DAY).days
    return b"".join(
        (
            bytes((_VERSION, len(terminal))),
            terminal,
            bytes.fromhex(coupon.rule_mark),
            bytes.fromhex(coupon.number),
            min(max(days, 0), _DAYS_MAX).to_bytes(2, "big"),
        )
    )


def signed_bytes(coupon: CouponPayload) -> bytes:
    """What the terminal's key signs."""
    return COUPON_TAG + payload_of(coupon)


def coupon_code(coupon: CouponPayload, signature: bytes) -> str:
    """The digits to print."""
    body = COUPON_PREFIX + str(int.from_bytes(b"\x01" + payload_of(coupon) + signature, "big"))
    return with_check(body)


def looks_like_coupon(code: str) -> bool:
    """Whether a code has the form of a printed coupon, right or wrong."""
    return (
        CODE_LENGTH_MIN <= len(code) <= CODE_LENGTH_MAX
        and code.isascii()
        and code.isdigit()
        and code.startswith(COUPON_PREFIX)
    )


def read_coupon(code: str) -> tuple[CouponPayload, bytes] | None:
    """The payload and signature of a code; None when it was not read whole or is of another version."""
    if not looks_like_coupon(code) or not check_holds(code):
        return None
    number = int(code[1:-2])
    content = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if content[:2] != bytes((1, _VERSION)) or len(content) < 3:
        return None
    end = 3 + content[2]
    rest = content[end:]
    if len(rest) != _RULE_LENGTH + NUMBER_LENGTH + 2 + SIGNATURE_LENGTH:
        return None
    try:
        terminal = content[3:end].decode("ascii")
    except UnicodeDecodeError:
        return None
    days = int.from_bytes(rest[16:18], "big")
    return (
        CouponPayload(
            terminal=terminal,
            rule_mark=rest[:8].hex(),
            number=rest[8:16].hex(),
            last_day=(_FIRST_DAY + timedelta(days=days)).isoformat(),
        ),
        rest[18:],
    )
