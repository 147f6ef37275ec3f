"""Schedules without sense: nothing to release, milestones that give nothing, weights beyond thousandths."""

from __future__ import annotations

from collections.abc import Iterator

from pos.domain.message import say
from pos.domain.programme.asset_checks import fits
from pos.domain.programme.mistakes import Mistake, mistake
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import exact

WEIGHT_SCALE = 3


def timed_mistakes(pack: Pack) -> Iterator[Mistake]:
    """What is wrong with what the hub does over time."""
    yield from _release_mistakes(pack)
    yield from _pool_mistakes(pack)
    yield from _amount_mistakes(pack)
    yield from _distribution_mistakes(pack)
    for milestone in pack.milestones:
        if (milestone.coupon is None) == (not milestone.grants):
            yield mistake(
                f"milestones.{milestone.id}", "coupon grants", say("coupon 和 grants 必须且只能写一个")
            )


def _release_mistakes(pack: Pack) -> Iterator[Mistake]:
    for one in pack.releases:
        key = f"releases.{one.asset}"
        if one.asset == one.into:
            yield mistake(key, "into", say("不能释放成自己"))
        if one.first_bp == 0:
            yield mistake(key, "first_bp", say("应是正数"))


def _pool_mistakes(pack: Pack) -> Iterator[Mistake]:
    assets = {asset.id: asset for asset in pack.assets}
    for one in pack.daily_pools:
        key = f"daily_pools.{one.asset}"
        if one.asset == one.by:
            yield mistake(key, "by", say("不能按自己分配"))
        if one.asset in assets and assets[one.asset].price_yuan is None:
            yield mistake(key, "asset", say("资产 {id} 没有 price_yuan", id=one.asset))


def _amount_mistakes(pack: Pack) -> Iterator[Mistake]:
    scales = {asset.id: asset.scale for asset in pack.assets}
    amounts = [
        *((f"daily_pools.{one.asset}.amount", one.asset, one.amount) for one in pack.daily_pools),
        *((f"invitations.{one.id}.amount", one.asset, one.amount) for one in pack.invitations),
        *((f"activities.{one.id}.amount", one.asset, one.amount) for one in pack.activities),
        *((f"milestones.{one.id}.at", one.asset, one.at) for one in pack.milestones),
        *((f"joining.{one.asset}.amount", one.asset, one.amount) for one in pack.joining),
    ]
    for key, asset, amount in amounts:
        if exact(amount) == 0:
            yield Mistake(key, say("应是正数"))
        elif asset in scales and not fits(amount, scales[asset]):
            yield Mistake(key, say("不能细于资产的 scale"))


def _distribution_mistakes(pack: Pack) -> Iterator[Mistake]:
    one = pack.distribution
    if one is None:
        return
    weights = {"consumption": one.consumption} | {
        f"weights.{weight.asset}.weight": weight.weight for weight in one.weights
    }
    for key, weight in weights.items():
        if not fits(weight, WEIGHT_SCALE):
            yield mistake("distribution", key, say("权重最多三位小数"))
    for plan, times in one.consumption_multipliers.items():
        weighed = exact(one.consumption) * exact(times) * 10**WEIGHT_SCALE
        if fits(one.consumption, WEIGHT_SCALE) and weighed.denominator != 1:
            yield mistake(
                "distribution", f"consumption_multipliers.{plan}", say("乘上 consumption 后最多三位小数")
            )
    if len({weight.asset for weight in one.weights}) < len(one.weights):
        yield Mistake("distribution.weights", say("同一种资产出现了两次"))
    if not any(exact(weight) for weight in weights.values()):
        yield mistake("distribution", " ".join(weights), say("权重都是 0，没有可分的"))
