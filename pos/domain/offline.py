"""How much may be redeemed with a card code while the hub cannot be asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from pos.domain.message import Message, say
from pos.domain.programme.assets import OfflineLimits


class Ceiling(msgspec.Struct, frozen=True):
    """The most a redemption may be worth now, in fen, and (where it is little) why."""

    value_fen: int
    why: Message | None = None


def offline_ceiling(
    limits: OfflineLimits | None,
    *,
    now: datetime,
    cached_at: datetime | None,
    redeemed_today_fen: int,
    redeemed_outage_fen: int = 0,
) -> Ceiling:
    """The pack's limit for one sale: per sale, member and day, till and outage, and by the balance's age.

    `cached_at` is when the hub last told balances; `redeemed_today_fen` is what this member redeemed
    offline at this till today, `redeemed_outage_fen` what all members did since the hub last told. Where
    a pack names no limits, offline redemption is off. A balance from the future (the clock was set
    back) counts as too old: nobody knows its age.
    """
    if limits is None:
        return Ceiling(0, say("本联盟不允许离线抵扣积分"))
    if cached_at is None:
        return Ceiling(0, say("还没有从总部取得积分余额，联网后才能抵扣"))
    age = now - cached_at
    if age > timedelta(hours=limits.cache_age_max_h):
        return Ceiling(
            0, say("积分余额已超过 {hours} 小时没有更新，联网后才能抵扣", hours=limits.cache_age_max_h)
        )
    if age < -timedelta(minutes=5):
        return Ceiling(0, say("本机时间早于上次同步，请校准时间或联网后再抵扣"))
    if limits.per_outage_fen is not None:
        outage_left_fen = max(0, limits.per_outage_fen - redeemed_outage_fen)
        if outage_left_fen < min(limits.per_sale_fen, limits.per_member_day_fen - redeemed_today_fen):
            return Ceiling(outage_left_fen, say("本机这次断网期间的抵扣额度快用完了，联网后恢复"))
    left_fen = max(0, limits.per_member_day_fen - redeemed_today_fen)
    if left_fen < limits.per_sale_fen:
        return Ceiling(left_fen, say("该会员今天的离线抵扣额度快用完了"))
    return Ceiling(limits.per_sale_fen)
