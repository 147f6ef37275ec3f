"""How much may be redeemed without a pay code: the hub has reserved nothing, so the pack's limits bind.

Counted in what the hub has not confirmed yet, never in time: a clock that is set on or back opens nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from pos.domain.message import Message, say
from pos.domain.money import yuan
from pos.domain.programme.assets import OfflineLimits

_CLOCK_TOLERANCE = timedelta(minutes=5)
_DAY_H = 24


class Redeemed(msgspec.Struct, frozen=True):
    """What was redeemed at this till without a code, net of refunds, in fen.

    `today_fen` by this member on the business date; the others in entries the hub has not confirmed:
    `member_fen` by this member, `outage_fen` by everybody.
    """

    today_fen: int = 0
    member_fen: int = 0
    outage_fen: int = 0


class Ceiling(msgspec.Struct, frozen=True):
    """The most a redemption may be worth now, in fen; `told` says so to the cashier before anything binds.

    What a sale, the day and the outage still allow, or why nothing is allowed and what helps.
    """

    value_fen: int
    told: Message


def dates_spanned(limits: OfflineLimits) -> int:
    """How many business dates balances may serve before they are too old."""
    return 1 + -(-limits.cache_age_max_h // _DAY_H)


def member_outage_fen(limits: OfflineLimits) -> int:
    """The most that one member may redeem at one till before the hub has heard of it, in fen."""
    return limits.per_member_day_fen * dates_spanned(limits)


def offline_ceiling(
    limits: OfflineLimits | None, redeemed: Redeemed, *, now: datetime, cached_at: datetime | None
) -> Ceiling:
    """The pack's limit for one sale: per sale, member and day, till and outage, and by the balance's age.

    `cached_at` is when the hub last told balances. Where a pack names no limits, only pay codes redeem. A
    balance from the future (the clock was set back) counts as too old: nobody knows its age.
    """
    if limits is None:
        return Ceiling(0, say("本联盟抵扣积分要用付款码：请会员扫本机贴纸取码"))
    stale = _stale(limits, now, cached_at)
    if stale is not None:
        return Ceiling(0, stale)
    day_fen = min(
        limits.per_member_day_fen - redeemed.today_fen, member_outage_fen(limits) - redeemed.member_fen
    )
    if day_fen <= 0:
        return Ceiling(0, say("该会员不扫付款码的抵扣额度已用完；扫付款码可继续抵"))
    if limits.per_outage_fen is None:
        told = say(
            "不扫付款码：每单最多抵 {sale} 元，今天还剩 {day} 元",
            sale=yuan(limits.per_sale_fen),
            day=yuan(day_fen),
        )
        return Ceiling(min(limits.per_sale_fen, day_fen), told)
    left_fen = limits.per_outage_fen - redeemed.outage_fen
    if left_fen <= 0:
        return Ceiling(0, say("本机不扫付款码的抵扣额度已用完，联网后恢复；扫付款码可继续抵"))
    told = say(
        "不扫付款码：每单最多抵 {sale} 元，今天还剩 {day} 元，本机还剩 {outage} 元",
        sale=yuan(limits.per_sale_fen),
        day=yuan(day_fen),
        outage=yuan(left_fen),
    )
    return Ceiling(min(limits.per_sale_fen, day_fen, left_fen), told)


def _stale(limits: OfflineLimits, now: datetime, cached_at: datetime | None) -> Message | None:
    if cached_at is None:
        return say("还没有从总部取得积分余额，联网后才能抵扣")
    age = now - cached_at
    if age > timedelta(hours=limits.cache_age_max_h):
        return say("积分余额已超过 {hours} 小时没有更新，联网后才能抵扣", hours=limits.cache_age_max_h)
    if age < -_CLOCK_TOLERANCE:
        return say("本机时间早于上次同步，请校准时间或联网后再抵扣")
    return None
