"""A printed coupon is handed in: is it one of the alliance's, still good, and not used up here?"""

from __future__ import annotations

from pos.domain.basket import HeldCoupon
from pos.domain.coupon_codes import CouponPayload, read_coupon, signed_bytes
from pos.domain.message import Refusal, named, say
from pos.domain.programme.rules import HELD_KINDS, HeldRule
from pos.domain.rights import Right
from pos.usecases.desk import Desk, business_date, current_pack
from sync.protocol.messages import TerminalRow


def accept_coupon(code: str, desk: Desk) -> HeldCoupon:
    """The coupon in a scanned code, checked without the hub.

    A copy used at another till in the same outage cannot be seen here; the hub finds it and the
    alliance's clawback account bears it.

    Raises:
        Refusal: `coupon_unreadable`, `coupon_unknown`, `coupon_expired` or `coupon_used`, with what to do.

    """
    read = read_coupon(code)
    if read is None:
        raise Refusal("coupon_unreadable", say("券码没有扫全或已损坏，请对准整个码重扫"))
    coupon, signature = read
    issuer = _checked_issuer(coupon, signature, desk)
    rule = _rule(coupon, desk)
    if coupon.last_day < business_date(desk):
        raise Refusal(
            "coupon_expired",
            say("「{name}」已于 {date} 过期，不能使用", name=named(rule.name), date=coupon.last_day),
        )
    if desk.journal.right_spent(Right("coupon", coupon.number)):
        raise Refusal("coupon_used", say("这张「{name}」已经用过了", name=named(rule.name)))
    return HeldCoupon(
        rule.id, number=coupon.number, issuer=issuer.merchant if rule.funder == "issuer" else None
    )


def _checked_issuer(coupon: CouponPayload, signature: bytes, desk: Desk) -> TerminalRow:
    terminal = desk.terms.terminal(coupon.terminal)
    message = signed_bytes(coupon)
    if terminal is None or not any(desk.seal.holds(key, message, signature) for key in terminal.keys):
        raise Refusal(
            "coupon_unknown", say("这张券不是本联盟的收银机发出的，或本机还没收到那台机的资料；请联网后再试")
        )
    return terminal


def _rule(coupon: CouponPayload, desk: Desk) -> HeldRule:
    for rule in current_pack(desk).pack.price_rules:
        if isinstance(rule, HELD_KINDS) and coupon.names(rule.id):
            return rule
    raise Refusal("coupon_unknown", say("现在的方案里没有这种券，不能使用；请联系发券的商家"))
