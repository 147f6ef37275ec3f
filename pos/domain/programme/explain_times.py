"""What happens over time under a pack, and what holds while the hub cannot be asked, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from pos.domain.message import Message, named, say
from pos.domain.money import yuan
from pos.domain.programme.pack import Pack
from pos.domain.programme.spoken import asset_name, joined, percent, plan_names
from pos.domain.programme.timed import Distribution, Milestone, Release


def schedules(pack: Pack) -> Iterator[Message]:
    """Releases, pools, milestones, invitations, deeds, the year's distribution, warnings."""
    for joining in pack.joining:
        told = [
            say("入会送 {amount} 个{asset}", amount=joining.amount, asset=asset_name(pack, joining.asset))
        ]
        if joining.locked:
            told.append(say("激活后解锁"))
        yield say("{what}。", what=joined(told))
    for release in pack.releases:
        yield _release(pack, release)
    for pool in pack.daily_pools:
        yield say(
            "每天有 {amount} 个{asset}，按各人已解锁的{by}分；分到的乘以当天价格，从{by}里用掉。",
            amount=pool.amount,
            asset=asset_name(pack, pool.asset),
            by=asset_name(pack, pool.by),
        )
    for invitation in pack.invitations:
        yield say(
            "会员邀请满 {n} 人，得 {amount} 个{asset}，只有一次；被邀请的人再邀请，不往上算。",
            n=invitation.invited,
            amount=invitation.amount,
            asset=asset_name(pack, invitation.asset),
        )
    yield from _deeds(pack)
    if pack.distribution is not None:
        yield from _distribution(pack, pack.distribution)
    yield from _warnings(pack)


def _release(pack: Pack, one: Release) -> Message:
    return say(
        "{asset}分期变成{into}：第一期 {first}%；营业额涨了 {growth}% 以上的每一期，是上一期的 {step}%，"
        "没涨的和上一期一样；到 {cap} 倍或 {periods} 期为止。",
        asset=asset_name(pack, one.asset),
        into=asset_name(pack, one.into),
        first=percent(one.first_bp),
        growth=percent(one.growth_bp),
        step=percent(one.step_bp),
        cap=one.cap_times,
        periods=one.periods_max,
    )


def _deeds(pack: Pack) -> Iterator[Message]:
    for activity in pack.activities:
        yield say(
            "{name}：每{per}得 {amount} 个{asset}，要审核。",
            name=named(activity.name),
            per=named(activity.per),
            amount=activity.amount,
            asset=asset_name(pack, activity.asset),
        )
    for milestone in pack.milestones:
        yield _milestone(pack, milestone)


def _milestone(pack: Pack, one: Milestone) -> Message:
    rule = pack.rule(one.coupon) if one.coupon else None
    gives = say("得一张「{coupon}」", coupon=named(rule.name)) if rule else named(one.grants)
    return say(
        "{name}：累计得到 {at} 个{asset}时，{gives}；只有一次，不扣{asset}。",
        name=named(one.name),
        at=one.at,
        asset=asset_name(pack, one.asset),
        gives=gives,
    )


def _distribution(pack: Pack, one: Distribution) -> Iterator[Message]:
    yield say("每年把净利润的 {percent}% 按贡献值分给会员。", percent=percent(one.pool_bp))
    told = [
        say("每消费 1.00 元算 {weight}", weight=one.consumption),
        *(
            say("每个{asset}算 {weight}", asset=asset_name(pack, part.asset), weight=part.weight)
            for part in one.weights
        ),
    ]
    for plan, times in one.consumption_multipliers.items():
        told.append(say("{plan}的消费算 {times} 倍", plan=plan_names(pack, (plan,)), times=times))
    if one.plans:
        told.append(say("只有{plans}参加", plans=plan_names(pack, one.plans)))
    yield say("贡献值：{what}。", what=joined(told))


def _warnings(pack: Pack) -> Iterator[Message]:
    alerts = pack.alerts
    told = []
    if alerts.price_move_bp is not None:
        told.append(say("价格变动超过 {percent}%", percent=percent(alerts.price_move_bp)))
    if alerts.stock_hours_min is not None:
        told.append(say("存货不够卖 {hours} 小时", hours=alerts.stock_hours_min))
    if alerts.safety_stock_bp is not None:
        told.append(say("存货偏离安全库存 {percent}%", percent=percent(alerts.safety_stock_bp)))
    if alerts.shrinkage_bp is not None:
        told.append(say("损耗超过 {percent}%", percent=percent(alerts.shrinkage_bp)))
    if told:
        yield say("提醒店主：{what}。", what=joined(told))


def offline(pack: Pack) -> Iterator[Message]:
    """Per asset that pays: how much of it while the hub cannot be asked."""
    for redemption in pack.redemptions:
        name = asset_name(pack, redemption.asset)
        limits = pack.offline_limits(redemption.asset)
        if limits is None:
            yield say("断网时不能用{asset}抵扣。", asset=name)
            continue
        told = [
            say("每单最多 {sale} 元", sale=yuan(limits.per_sale_fen)),
            say("每人每天最多 {day} 元", day=yuan(limits.per_member_day_fen)),
            say("余额不能旧于 {hours} 小时", hours=limits.cache_age_max_h),
        ]
        if limits.per_outage_fen is not None:
            told.append(say("每台收银机每次断网最多 {outage} 元", outage=yuan(limits.per_outage_fen)))
        yield say("断网时用{asset}抵扣：{what}。", asset=name, what=joined(told))
