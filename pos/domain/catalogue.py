"""Goods and what a scanned code can be."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

from pos.domain import coupon_codes, member_codes, pay_codes, printed_codes
from pos.domain.message import Message, say

CODE_LENGTH_MAX = 64
PLU_LENGTH_MAX = 6
GTIN_LENGTHS = (8, 12, 13, 14)
WEIGHED_UNIT = "kg"
PRICE_MAX_FEN = 1_000_000_00

_RECEIPT_NO = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*-[0-9A-HJKMNP-TV-Z]{5}-\d{4,}")


Fen = Annotated[int, msgspec.Meta(ge=0, le=PRICE_MAX_FEN)]


_NOT_WHOLE = say("付款码没有扫全或已损坏，请对准整个码重扫")


class Product(msgspec.Struct, frozen=True):
    """One good. Prices are fen per piece, or fen per kg where `unit` is `kg` (weighed).

    `code` is a GTIN as printed, or the PLU code of a weighed good. `initials` are the pinyin
    initials of the name, for typing.
    """

    code: str
    name: str
    spec: str
    unit: str
    category: str
    price_fen: Fen
    member_price_fen: Fen
    cost_fen: Fen = 0
    initials: str = ""

    @property
    def weighed(self) -> bool:
        return self.unit == WEIGHED_UNIT


CodeKind = Literal["goods", "member_card", "pay_code", "coupon", "badge", "pickup", "receipt", "unreadable"]


class Recognised(msgspec.Struct, frozen=True):
    """What a scan or typed code is, before anything was looked up. `problem` says why it is nothing."""

    kind: CodeKind
    code: str
    problem: Message | None = None


def recognise(raw: str) -> Recognised:
    """Tells goods, members' codes, coupons and receipts apart by their form and check digits alone."""
    code = raw.strip()
    long = _long(code)
    if long is not None:
        return long
    if CODE_LENGTH_MAX < len(code) < pay_codes.CODE_LENGTH and pay_codes.begins_like_pay_code(code):
        return _unreadable(code[:CODE_LENGTH_MAX], _NOT_WHOLE)
    if len(code) > CODE_LENGTH_MAX:
        return _unreadable(
            code[:CODE_LENGTH_MAX], say("扫到的内容太长（{n} 个字符），请只对准一个码重扫", n=len(code))
        )
    if not code:
        return _unreadable("", say("没有读到内容，请重扫"))
    if code.isascii() and code.isdigit():
        return _carried(code) or _goods(code)
    if _RECEIPT_NO.fullmatch(code.upper()):
        return Recognised("receipt", code.upper())
    return _unreadable(code, say("不认识的码「{code}」，请重扫或手工输入条码", code=_shown(code)))


def _long(code: str) -> Recognised | None:
    """A signed code: a member's pay code, or a printed coupon."""
    if pay_codes.looks_like_pay_code(code):
        if pay_codes.read_pay_code(code) is not None:
            return Recognised("pay_code", code)
        return _unreadable(code[:CODE_LENGTH_MAX], _NOT_WHOLE)
    if coupon_codes.looks_like_coupon(code):
        if coupon_codes.read_coupon(code) is not None:
            return Recognised("coupon", code)
        return _unreadable(code[:CODE_LENGTH_MAX], say("券码没有扫全或已损坏，请对准整个码重扫"))
    return None


def _carried(code: str) -> Recognised | None:
    """A code of 23 digits: a member's card, a badge, or a pick-up code."""
    if member_codes.looks_like_card(code):
        if member_codes.check_holds(code):
            return Recognised("member_card", code)
        return _unreadable(code, say("会员码校验不对，可能没扫全，请重扫"))
    printed = printed_codes.kind_of(code)
    if printed is None:
        return None
    if printed_codes.check_holds(code):
        return Recognised(printed, code)
    return _unreadable(code, say("码的校验不对，可能没扫全，请重扫"))


def _goods(code: str) -> Recognised:
    if len(code) <= PLU_LENGTH_MAX:
        return Recognised("goods", code)
    if len(code) not in GTIN_LENGTHS:
        return _unreadable(
            code,
            say(
                "「{code}」有 {n} 位，不是商品条码（8、12、13、14 位）也不是会员码，请重扫",
                code=_shown(code),
                n=len(code),
            ),
        )
    if not _check_digit_holds(code):
        return _unreadable(code, say("条码 {code} 的校验位不对，请重扫或核对输入", code=code))
    return Recognised("goods", code)


def _check_digit_holds(code: str) -> bool:
    # Loads a table of every GS1 prefix, which takes longer than opening the window: see `warm_up`.
    from biip.checksums import gs1_standard_check_digit  # noqa: PLC0415

    return gs1_standard_check_digit(code[:-1]) == int(code[-1])


def warm_up() -> None:
    """Loads what the first scan would otherwise wait for."""
    _check_digit_holds("0" * 13)


def _unreadable(code: str, problem: Message) -> Recognised:
    return Recognised("unreadable", code, problem)


def _shown(code: str) -> str:
    printable = "".join(ch if ch.isprintable() else "·" for ch in code)
    return printable if len(printable) <= 24 else printable[:24] + "…"
