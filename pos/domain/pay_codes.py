r"""Pay codes: digits on a member's phone that one till accepts once, without asking anybody.

A code is the digit 7, the number of the 104 bytes `payload ‖ signature` in 251 decimal digits, and two check
digits by ISO 7064 MOD 97-10: 254 digits, which a QR of version 5, level L, holds. The signature is Ed25519
by one of the alliance's keys for codes over `alliance-pos/pay-code/1\0 ‖ payload`. Payload, big-endian:

    bytes  what
    1      version, 1
    1      key: the n of the key's id `codes-n`
    4      number: rises per terminal and epoch, and names the code there
    6      terminal: three first bytes each of SHA-256(`alliance-pos/terminal/1\0` ‖ id) and of
           SHA-256(`alliance-pos/incarnation/1\0` ‖ incarnation, 16 hexadecimal digits)
    2      epoch of the terminal, its last 16 bits (the folder above tells the others apart)
    3      asset: first bytes of SHA-256(`alliance-pos/asset/1\0` ‖ id)
    4      amount, minor units of the asset: the most that may be spent
    3      plan: first bytes of SHA-256(`alliance-pos/plan/1\0` ‖ id)
    2      last day of the plan, days since 2020-01-01
    4      issued, seconds since 2020-01-01T00:00Z
    1      lifetime in units of 10 s
    8      member: first bytes of the card's hash (`member_codes.card_hash`)
    1      flags: 1 activated, 2 brought in by somebody, 4 has bought before

Digits survive Chinese input methods, Caps Lock and keyboard layouts; letters do not.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, date, datetime, timedelta

import msgspec

from pos.domain.check_digits import check_holds, with_check

PAY_CODE_PREFIX = "7"
CODE_LENGTH = 254
PAY_CODE_TAG = b"alliance-pos/pay-code/1\0"
NUMBER_MAX = (1 << 32) - 1
AMOUNT_MAX = (1 << 32) - 1
_EPOCH_BITS = (1 << 16) - 1
KEY_MAX = 255
LIFETIME_STEP_S = 10
MEMBER_TAG_LENGTH = 8
_VERSION = 1
_PAYLOAD = struct.Struct(">BBI6sH3sI3sHIB8sB")
_SIGNATURE_LENGTH = 64
_HALF_MARK = 3
_DIGITS = CODE_LENGTH - 3
_FIRST_DAY = date(2020, 1, 1)
_FIRST_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
_ACTIVATED, _REFERRER, _BOUGHT = 1, 2, 4


class PayCode(msgspec.Struct, frozen=True):
    """What a pay code says. Marks and `member_tag` are hexadecimal; see `terminal_mark` and its like.

    `amount` (minor units) of the asset is reserved at the hub for this code; a sale may use less.
    """

    key: int
    number: int
    terminal_mark: str
    epoch: int
    asset_mark: str
    amount: int
    plan_mark: str
    plan_last_day: str
    issued: datetime
    lifetime_s: int
    member_tag: str
    activated: bool = True
    referrer: bool = False
    bought: bool = False

    @property
    def expires(self) -> datetime:
        return self.issued + timedelta(seconds=self.lifetime_s)

    @property
    def key_id(self) -> str:
        return f"codes-{self.key}"


class SignedPayCode(msgspec.Struct, frozen=True):
    """A code that was read whole; whether its signature holds is not known yet."""

    code: PayCode
    payload: bytes
    signature: bytes

    @property
    def signed_bytes(self) -> bytes:
        return PAY_CODE_TAG + self.payload


def terminal_mark(terminal: str, incarnation: str) -> str:
    """Six bytes that stand for a terminal's id (the first three) and its data folder, hexadecimal.

    The folder, because a hub that was restored may give an epoch a second time.
    """
    return _mark("terminal", terminal, _HALF_MARK) + _mark("incarnation", incarnation, _HALF_MARK)


def epoch_mark(epoch: int) -> int:
    """What a code says of a terminal's epoch."""
    return epoch & _EPOCH_BITS


def same_terminal(one: str, other: str) -> bool:
    """Whether two marks are of one terminal, though perhaps of different data folders."""
    return one[: 2 * _HALF_MARK] == other[: 2 * _HALF_MARK]


def asset_mark(asset: str) -> str:
    """Three bytes that stand for an asset's id, hexadecimal."""
    return _mark("asset", asset, 3)


def plan_mark(plan: str) -> str:
    """Three bytes that stand for a plan's id, hexadecimal."""
    return _mark("plan", plan, 3)


def member_tag(card_hash: str) -> str:
    """Eight bytes that stand for a member, hexadecimal: the beginning of their card's hash."""
    return card_hash[: 2 * MEMBER_TAG_LENGTH]


def payload_of(code: PayCode) -> bytes:
    """The 40 bytes that are signed, without the tag.

    Raises:
        ValueError: a number is larger than its field.

    """
    flags = code.activated * _ACTIVATED | code.referrer * _REFERRER | code.bought * _BOUGHT
    days = (date.fromisoformat(code.plan_last_day) - _FIRST_DAY).days
    try:
        return _PAYLOAD.pack(
            _VERSION,
            code.key,
            code.number,
            bytes.fromhex(code.terminal_mark),
            code.epoch & _EPOCH_BITS,
            bytes.fromhex(code.asset_mark),
            code.amount,
            bytes.fromhex(code.plan_mark),
            min(max(days, 0), 0xFFFF),
            seconds_of(code.issued),
            code.lifetime_s // LIFETIME_STEP_S,
            bytes.fromhex(code.member_tag),
            flags,
        )
    except struct.error as error:
        raise ValueError(str(error)) from error


def seconds_of(moment: datetime) -> int:
    """Whole seconds since 2020-01-01T00:00Z: how moments are written, and where numbers start from."""
    return int((moment - _FIRST_MOMENT).total_seconds())


def code_digits(payload: bytes, signature: bytes) -> str:
    """The digits to show."""
    return with_check(f"{PAY_CODE_PREFIX}{int.from_bytes(payload + signature, 'big'):0{_DIGITS}d}")


def looks_like_pay_code(digits: str) -> bool:
    """Whether digits have the form of a pay code, right or wrong."""
    return len(digits) == CODE_LENGTH and begins_like_pay_code(digits)


def begins_like_pay_code(digits: str) -> bool:
    """Whether a scan that broke off may have been one."""
    return digits.isascii() and digits.isdigit() and digits.startswith(PAY_CODE_PREFIX)


def read_pay_code(digits: str) -> SignedPayCode | None:
    """What the digits say; None when they were not read whole or are of another version."""
    if not looks_like_pay_code(digits) or not check_holds(digits):
        return None
    number = int(digits[1:-2])
    if number.bit_length() > 8 * (_PAYLOAD.size + _SIGNATURE_LENGTH):
        return None
    content = number.to_bytes(_PAYLOAD.size + _SIGNATURE_LENGTH, "big")
    payload, signature = content[: _PAYLOAD.size], content[_PAYLOAD.size :]
    if payload[0] != _VERSION:
        return None
    return SignedPayCode(_read(payload), payload, signature)


def _read(payload: bytes) -> PayCode:
    (_, key, number, terminal, epoch, asset, amount, plan, days, issued, lifetime, member, flags) = (
        _PAYLOAD.unpack(payload)
    )
    return PayCode(
        key=key,
        number=number,
        terminal_mark=terminal.hex(),
        epoch=epoch,
        asset_mark=asset.hex(),
        amount=amount,
        plan_mark=plan.hex(),
        plan_last_day=(_FIRST_DAY + timedelta(days=days)).isoformat(),
        issued=_FIRST_MOMENT + timedelta(seconds=issued),
        lifetime_s=lifetime * LIFETIME_STEP_S,
        member_tag=member.hex(),
        activated=bool(flags & _ACTIVATED),
        referrer=bool(flags & _REFERRER),
        bought=bool(flags & _BOUGHT),
    )


def _mark(kind: str, name: str, length: int) -> str:
    return hashlib.sha256(f"alliance-pos/{kind}/1\0{name}".encode()).digest()[:length].hex()
