"""Schedules that share something among members: the day's pool and the year's distribution."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from pos.commands.schedules.answer import Answer, exact_text, part_of, without
from pos.commands.schedules.stated import (
    Amount,
    ContributorInput,
    DistributionInput,
    PoolInput,
    check_members,
    decoded,
    given,
    minor,
    read_input,
)
from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import plain_text, yuan
from pos.domain.programme.assets import Asset
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY
from pos.domain.programme.timed import Distribution
from pos.domain.schedules.daily_pool import Holder, share_pool
from pos.domain.schedules.distribution import Contribution, Distributed, distribute, pool_of

PRICE_SCALE = 9


def daily_pool(pack: Pack, source: str, asset_id: str | None) -> Answer:
    rule = part_of(pack, pack.daily_pools, "[[daily_pools]]", asset_id)
    asset, value = pack.asset(rule.asset), pack.asset(rule.by)
    stated = read_input(source, PoolInput)
    check_members(str(one.id) for one in stated.members)
    holders = [
        Holder(
            str(one.id),
            minor(one.share_value, f"{one.id}.share_value", value.scale),
            minor(one.locked, f"{one.id}.locked", value.scale),
        )
        for one in stated.members
    ]
    price = _price(stated.price_yuan, asset)
    shares = share_pool(asset.minor(rule.amount), holders, price, scale=asset.scale, value_scale=value.scale)
    members = [
        {
            "id": one.member_no,
            "amount": plain_text(one.amount, asset.scale),
            "value_consumed": plain_text(one.value_consumed, value.scale),
            "value_left": plain_text(one.value_left, value.scale),
        }
        for one in shares
    ]
    total, at = plain_text(sum(one.amount for one in shares), asset.scale), exact_text(price)
    return Answer(
        {"asset": asset.id, "price_yuan": at, "members": members, "total": total},
        (say("会员"), say("得到"), say("消耗"), say("剩余")),
        [tuple(one.values()) for one in members],
        say("共发放 {total} {asset}，价格 {price} 元", total=total, asset=named(asset.name), price=at),
    )


def _price(stated: Amount, asset: Asset) -> Fraction:
    """The day's price, or the pack's until the hub tells one."""
    if given(stated):
        price = Fraction(minor(stated, "price_yuan", PRICE_SCALE), 10**PRICE_SCALE)
    else:
        price = Fraction(asset.price_yuan or 0)
    if price == 0:
        raise Refusal("price", say("请写明 {key}：当天的价格应大于 0", key="price_yuan"))
    return price


def annual_distribution(pack: Pack, source: str, asset_id: str | None) -> Answer:
    if pack.distribution is None or asset_id not in {None, CNY}:
        raise without(pack, "[distribution]", asset_id)
    stated = read_input(source, DistributionInput)
    pool_fen = _pool(stated, pack.distribution)
    done = distribute(
        pool_fen,
        _contributions(stated, pack, pack.distribution),
        pack.distribution,
        {asset.id: asset.scale for asset in pack.assets},
    )
    members = [
        {
            "id": one.member_no,
            "weight": exact_text(one.weight),
            "amount": plain_text(one.amount_fen),
            "amount_fen": one.amount_fen,
        }
        for one in done.portions
    ]
    return Answer(
        {
            "asset": CNY,
            "pool_fen": pool_fen,
            "members": members,
            "total": plain_text(done.total_fen),
            "total_fen": done.total_fen,
            "carried_over_fen": done.carried_over_fen,
        },
        (say("会员"), say("贡献值"), say("分得（元）")),
        [(one.member_no, exact_text(one.weight), yuan(one.amount_fen)) for one in done.portions],
        _distributed(done),
    )


def _distributed(done: Distributed) -> Message:
    if done.carried_over_fen:
        return say("没有会员有贡献值，{amount} 元结转到下一年", amount=yuan(done.carried_over_fen))
    return say("共分配 {amount} 元", amount=yuan(done.total_fen))


def _pool(stated: DistributionInput, rule: Distribution) -> int:
    if given(stated.net_profit_fen) == given(stated.pool_fen):
        raise Refusal("input", say("net_profit_fen 和 pool_fen 必须且只能写一个"))
    if given(stated.pool_fen):
        return minor(stated.pool_fen, "pool_fen", 0)
    return pool_of(
        minor(stated.net_profit_fen, "net_profit_fen", 0, signed=True), rule
    )  # a loss is no mistake


def _contributions(stated: DistributionInput, pack: Pack, rule: Distribution) -> list[Contribution]:
    found = [
        _contribution(one, f"members[{number}]", pack, rule) for number, one in enumerate(stated.members)
    ]
    check_members(one.member_no for one in found)
    return found


def _contribution(stated: msgspec.Raw, within: str, pack: Pack, rule: Distribution) -> Contribution:
    member = decoded(stated, ContributorInput, within)
    number, amounts = str(member.id), decoded(stated, dict[str, msgspec.Raw], within)
    if pack.plan(member.plan) is None:
        raise Refusal(
            "plan",
            say("会员 {id} 的等级 {plan} 不在方案里，请核对", id=number, plan=member.plan[:40]),
        )
    earned = {
        one.asset: minor(amounts[one.asset], f"{number}.{one.asset}", pack.asset(one.asset).scale)
        for one in rule.weights
        if one.asset in amounts
    }
    consumption_fen = minor(member.consumption_fen, f"{number}.consumption_fen", 0)
    return Contribution(number, member.plan, consumption_fen, earned)
