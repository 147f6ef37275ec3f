"""Schedules that follow one member's points over time: release, expiry, milestones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pos.commands.schedules.answer import Answer, Row, part_of, without
from pos.commands.schedules.stated import (
    DayInput,
    HistoryInput,
    LifetimeInput,
    ReleaseInput,
    day,
    minor,
    read_input,
)
from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import plain_text
from pos.domain.programme.assets import Asset
from pos.domain.programme.pack import Pack
from pos.domain.programme.timed import Milestone
from pos.domain.schedules import lots
from pos.domain.schedules.milestones import Standing, standings
from pos.domain.schedules.staged_release import Released, release


def staged_release(pack: Pack, source: str, asset_id: str | None) -> Answer:
    rule = part_of(pack, pack.releases, "[[releases]]", asset_id)
    points, into = pack.asset(rule.asset), pack.asset(rule.into)
    stated = read_input(source, ReleaseInput)
    done = release(
        minor(stated.points, "points", points.scale),
        stated.grew,
        rule,
        scale=points.scale,
        into_scale=into.scale,
    )
    periods = [
        (str(one.number), plain_text(one.amount, into.scale), plain_text(one.cumulative, into.scale))
        for one in done.periods
    ]
    return Answer(
        {
            "asset": into.id,
            "periods": [
                {"period": int(number), "amount": amount, "cumulative": cumulative}
                for number, amount, cumulative in periods
            ],
            "total": plain_text(done.total, into.scale),
            "cap_reached_in": done.cap_reached_in,
            "lapsed": plain_text(done.lapsed, into.scale),
        },
        (say("期次"), say("本期释放"), say("累计释放")),
        list[Row](periods),
        _released(done, into),
    )


def _released(done: Released, into: Asset) -> Message:
    total, asset = plain_text(done.total, into.scale), named(into.name)
    if done.cap_reached_in is not None:
        return say(
            "共释放 {total} {asset}，第 {n} 期到达上限", total=total, asset=asset, n=done.cap_reached_in
        )
    if done.lapsed:
        return say(
            "共释放 {total} {asset}；期数已满，余下 {lapsed} 作废",
            total=total,
            asset=asset,
            lapsed=plain_text(done.lapsed, into.scale),
        )
    return say("已释放 {total} {asset}，还没有到上限", total=total, asset=asset)


def expiry(pack: Pack, source: str, asset_id: str | None) -> Answer:
    asset = _expiring(pack, asset_id)
    stated = read_input(source, HistoryInput)
    run_on = day(stated.run_on, "run_on")
    earned = _days(stated.earned, "earned", asset, until=run_on)
    holding = _holding(earned, _days(stated.redeemed, "redeemed", asset, until=run_on), asset)
    done = lots.expire(holding, run_on)
    total = plain_text(done.total, asset.scale)
    usable = plain_text(lots.usable_on(done.holding.open_lots, run_on), asset.scale)
    found = [
        {
            "date": on.isoformat(),
            "expires_on": lot.expires_on.isoformat() if lot.expires_on else "",
            "points": plain_text(amount, asset.scale),
            "left": plain_text(lot.left, asset.scale),
            "expired": plain_text(lot.expired, asset.scale),
        }
        for (on, amount), lot in zip(earned, done.holding.lots, strict=True)
    ]
    return Answer(
        {"asset": asset.id, "run_on": run_on.isoformat(), "lots": found, "total": total, "usable": usable},
        (say("获得日期"), say("可用至"), say("获得"), say("剩余"), say("作废")),
        [tuple(one.values()) for one in found],
        say(
            "{date} 到期作废 {total} {asset}，还有 {usable} 可用",
            date=run_on.isoformat(),
            total=total,
            asset=named(asset.name),
            usable=usable,
        ),
    )


def _expiring(pack: Pack, asset_id: str | None) -> Asset:
    for asset in pack.assets:
        if asset.expires_days is not None and asset_id in {None, asset.id}:
            return asset
    raise without(pack, say("有效期（expires_days）"), asset_id)


def _holding(
    earned: Sequence[tuple[date, int]], redeemed: Sequence[tuple[date, int]], asset: Asset
) -> lots.Holding:
    """The lots after everything was earned and redeemed; of one day, the earning comes first.

    Raises:
        Refusal: `redeemed`: more than was usable on that day.

    """
    holding, waiting = lots.Holding(), list(enumerate(earned))
    for on, amount in [*redeemed, (date.max, 0)]:
        while waiting and waiting[0][1][0] <= on:
            number, (earned_on, points) = waiting.pop(0)
            holding = lots.earn(holding, str(number), points, earned_on, asset.expires_days)
        spent = lots.spend(holding, amount, on)
        if spent.short:
            raise Refusal(
                "redeemed",
                say(
                    "{date} 用了 {amount} {asset}，但那天只有 {usable} 可用，请核对",
                    date=on.isoformat(),
                    amount=plain_text(amount, asset.scale),
                    asset=named(asset.name),
                    usable=plain_text(amount - spent.short, asset.scale),
                ),
            )
        holding = spent.holding
    return holding


def milestones(pack: Pack, source: str, asset_id: str | None) -> Answer:
    asset = pack.asset(part_of(pack, pack.milestones, "[[milestones]]", asset_id).asset)
    stated = read_input(source, LifetimeInput)
    until = date.max if stated.run_on is None else day(stated.run_on, "run_on")
    lifetime = sum(amount for _, amount in _days(stated.earned, "earned", asset, until=until, signed=True))
    ladder = [one for one in pack.milestones if one.asset == asset.id]
    found = standings(lifetime, ladder, stated.reached, scale=asset.scale)
    earned, total = plain_text(lifetime, asset.scale), str(sum(one.new for one in found))
    return Answer(
        {
            "asset": asset.id,
            "lifetime": earned,
            "milestones": [
                {
                    "id": one.milestone.id,
                    "name": one.milestone.name,
                    "reached": one.reached,
                    "new": one.new,
                    "gives": one.milestone.coupon or one.milestone.grants,
                    "missing": plain_text(one.missing, asset.scale),
                }
                for one in found
            ],
            "total": total,
        },
        (say("里程碑"), say("状态"), say("给予"), say("还差")),
        [
            (
                named(one.milestone.name),
                _standing(one),
                _gives(pack, one.milestone),
                plain_text(one.missing, asset.scale),
            )
            for one in found
        ],
        say(
            "累计获得 {lifetime} {asset}，这次达到 {n} 个里程碑",
            lifetime=earned,
            asset=named(asset.name),
            n=total,
        ),
    )


def _standing(one: Standing) -> Message:
    if one.new:
        return say("这次达到")
    return say("早已达到") if one.reached else say("还没达到")


def _gives(pack: Pack, milestone: Milestone) -> Message:
    """What a milestone gives, by the coupon's name."""
    rule = pack.rule(milestone.coupon) if milestone.coupon else None
    return named(rule.name if rule else milestone.grants)


def _days(
    stated: Sequence[DayInput], key: str, asset: Asset, *, until: date, signed: bool = False
) -> list[tuple[date, int]]:
    """Days and amounts in order; what lies after the run has not happened yet."""
    found = []
    for number, one in enumerate(stated):
        on = day(one.date, f"{key}[{number}].date")
        amount = minor(one.points, f"{key}[{number}].points", asset.scale, signed=signed)
        if on <= until:
            found.append((on, amount))
    return sorted(found, key=lambda pair: pair[0])
