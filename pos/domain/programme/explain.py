"""A pack in plain sentences: what members, merchants and the alliance get and owe under it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pos.domain.message import Message, named, say
from pos.domain.money import yuan
from pos.domain.programme.assets import Accrual, Asset, CouponIssue, Redemption
from pos.domain.programme.explain_rules import rule_sentence
from pos.domain.programme.explain_times import offline, schedules
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, exact
from pos.domain.programme.rules import BasketRule
from pos.domain.programme.spoken import FUNDERS, ROLES, asset_name, joined, listed, percent, plan_names
from pos.domain.programme.terms import Plan


class Section(msgspec.Struct, frozen=True):
    """Sentences about one subject."""

    title: Message
    sentences: tuple[Message, ...]


def explain(pack: Pack) -> tuple[Section, ...]:
    """The whole pack, section by section; a subject about which it says nothing is left out."""
    sections = (
        Section(say("会员等级"), tuple(_plan(pack, plan) for plan in pack.plans)),
        Section(say("价格和优惠"), tuple(_prices(pack))),
        Section(say("不参加的商品"), tuple(_exclusions(pack))),
        Section(say("积分和券"), (*(_asset(one) for one in pack.assets), *_earned(pack))),
        Section(say("怎么抵扣"), tuple(_paid(pack))),
        Section(say("商家的约定"), tuple(_merchants(pack))),
        Section(say("会员消费的条件"), tuple(_gates(pack))),
        Section(say("按时间进行的"), tuple(schedules(pack))),
        Section(say("断网时的限额"), tuple(offline(pack))),
    )
    return tuple(section for section in sections if section.sentences)


def _plan(pack: Pack, plan: Plan) -> Message:
    told = [say("费用 {fee} 元，{days} 天", fee=yuan(plan.fee_fen), days=plan.term_days)]
    if plan.floor_bp:
        told.append(say("等级折扣最低到标价的 {percent}%", percent=percent(plan.floor_bp)))
    if exact(plan.earn_multiplier) != 1:
        told.append(say("积分按 {times} 倍得", times=plan.earn_multiplier))
    if "till" not in plan.sold_by:
        told.append(say("不在收银台办理"))
    if plan.renewal == "from_today":
        told.append(say("续费从当天算起"))
    if plan.upgrades_from:
        told.append(say("可从{plans}升级，没用完的天数抵钱", plans=plan_names(pack, plan.upgrades_from)))
    if plan.note:
        told.append(named(plan.note))
    return say("{name}：{what}。", name=named(plan.name), what=joined(told))


def _prices(pack: Pack) -> Iterator[Message]:
    for rule in pack.price_rules:
        yield rule_sentence(pack, rule)
    if pack.price_rules:
        yield say("能用的组合里，收银机给会员最便宜的一种：每一件只用一个单件优惠，再看整单。")
    if any(isinstance(rule, BasketRule) for rule in pack.price_rules):
        yield say("整单优惠的门槛看单件优惠之后的金额，不参加的商品不算；满减只减一次。")
    if pack.cash_rounding is not None:
        yield say(
            "{name}：应付现金抹到 {step} 元的整数倍，由商家承担。",
            name=named(pack.cash_rounding.name),
            step=yuan(pack.cash_rounding.step_fen),
        )


def _exclusions(pack: Pack) -> Iterator[Message]:
    goods = [*pack.exclusions.categories, *pack.exclusions.codes]
    if goods:
        yield say("这些商品没有任何优惠，不得积分，也不能用积分抵扣：{goods}。", goods=listed(goods))


def _asset(asset: Asset) -> Message:
    told = [say("以 {step} 为一步", step=asset.step)]
    if asset.expires_days is not None:
        told.append(say("得到后 {days} 天内用完，先到期的先用", days=asset.expires_days))
    else:
        told.append(say("不过期"))
    if asset.transferable:
        told.append(say("可以转给别人"))
    if asset.price_yuan is not None:
        told.append(say("总部没有公布当天价格时按 {price} 元一个算", price=asset.price_yuan))
    return say("{name}：{what}。", name=named(asset.name), what=joined(told))


def _earned(pack: Pack) -> Iterator[Message]:
    for accrual in pack.accruals:
        yield _accrual(pack, accrual)
    for issue in pack.coupon_issues:
        yield _coupon_issue(pack, issue)
    for one in pack.exchanges:
        names = {"source": asset_name(pack, one.source), "to": asset_name(pack, one.to)}
        if one.merchant_ratio:
            yield say("商家自己的积分按商家定的比例换成{to}。", to=names["to"])
        else:
            yield say("{takes} 个{source}换 {gives} 个{to}。", takes=one.takes, gives=one.gives, **names)


_BASES = {
    "unpaid": say("没用积分付的消费"),
    "eligible": say("消费"),
    "rebate": say("商家让利"),
}


def _accrual(pack: Pack, one: Accrual) -> Message:
    told = [
        say(
            "{role}：每 1.00 元{base}{amount}",
            role=ROLES[one.role],
            base=_BASES[one.base],
            amount=_amount(pack, one),
        )
    ]
    if one.plans:
        told.append(say("只给{plans}", plans=plan_names(pack, one.plans)))
    if one.max_per_sale is not None:
        told.append(say("每单最多 {max}", max=one.max_per_sale))
    if one.activated_only:
        told.append(say("激活后才有"))
    if one.elsewhere_only:
        told.append(say("只算会员在别家的消费"))
    return say("{what}。", what=joined(told))


def _amount(pack: Pack, one: Accrual) -> Message:
    if one.asset == CNY:
        return say("得现金 {rate} 元", rate=one.rate)
    asset = asset_name(pack, one.asset)
    if one.at_price:
        return say("得价值 {rate} 元的{asset}", rate=one.rate, asset=asset)
    return say("得 {rate} 个{asset}", rate=one.rate, asset=asset)


def _coupon_issue(pack: Pack, issue: CouponIssue) -> Message:
    rule = pack.rule(issue.coupon)
    told = [
        say(
            "会员消费满 {min} 元发一张「{coupon}」",
            min=yuan(issue.min_fen),
            coupon=named(rule.name if rule else issue.coupon),
        )
    ]
    if issue.plans:
        told.append(say("只给{plans}", plans=plan_names(pack, issue.plans)))
    if issue.to == "bearer":
        told.append(say("印在小票上，哪个会员拿着都能用"))
    return say("{what}。", what=joined(told))


def _paid(pack: Pack) -> Iterator[Message]:
    for one in pack.redemptions:
        yield _redemption(pack, one)
    for fee in pack.fee_payments:
        yield say(
            "{asset}可以抵会员费：一个抵 {value} 元，以 {step} 个为一步。",
            asset=asset_name(pack, fee.asset),
            value=yuan(fee.value_fen),
            step=fee.step,
        )


def _redemption(pack: Pack, one: Redemption) -> Message:
    told = [say("按当天价格付款") if one.at_price else say("一个抵 {value} 元", value=yuan(one.value_fen))]
    told.append(say("以 {step} 个为一步", step=one.step or pack.asset(one.asset).step))
    if exact(one.min):
        told.append(say("至少 {min} 个", min=one.min))
    if one.cap_bp < 10_000:
        told.append(say("最多抵可抵金额的 {percent}%", percent=percent(one.cap_bp)))
    if one.cap_fen is not None:
        told.append(say("每单最多抵 {cap} 元", cap=yuan(one.cap_fen)))
    told.append(say("这部分照样得积分") if one.earns else say("这部分不得积分"))
    told.append(
        say("记入卖货商家的押金") if one.to_deposit else say("由{funder}承担", funder=FUNDERS[one.funder])
    )
    return say("{name}：{what}。", name=asset_name(pack, one.asset), what=joined(told))


def _merchants(pack: Pack) -> Iterator[Message]:
    yield _share(pack)
    merchants, rebate = pack.merchants, pack.rebate
    if rebate is not None:
        yield say(
            "商家对会员消费的让利在 {min}% 到 {max}% 之间，由商家自己定；没有定的按 {default}%。",
            min=percent(rebate.min_bp),
            max=percent(rebate.max_bp),
            default=percent(rebate.default_bp),
        )
    if merchants.annual_fee_fen:
        yield say("商家每年交服务费 {fee} 元。", fee=yuan(merchants.annual_fee_fen))
    if merchants.deposit is not None:
        yield say(
            "商家加入时交押金：价值 {worth} 元的{asset}。",
            worth=yuan(merchants.deposit.worth_fen),
            asset=asset_name(pack, merchants.deposit.asset),
        )
    yield from _promises(pack)
    yield from _returns(pack)


def _share(pack: Pack) -> Message:
    share = pack.share
    match share.basis:
        case "none":
            told = [say("商家不按营收向联盟交钱")]
        case "rebate":
            told = [say("会员消费的让利，就是商家要交给联盟的")]
        case _:
            of = say("全部营收") if share.sales == "all" else say("会员消费的营收")
            told = [say("商家把{of}的 {percent}% 交给联盟", of=of, percent=percent(share.rate_bp))]
    if share.except_categories:
        told.append(say("不含 {goods}", goods=listed(share.except_categories)))
    return say("{what}。", what=joined(told))


def _promises(pack: Pack) -> Iterator[Message]:
    """What is shown to the owner when goods lie outside."""
    merchants = pack.merchants
    for what, low, high in (
        (say("会员价比标价低"), merchants.member_price_min_bp, merchants.member_price_max_bp),
        (say("毛利率"), merchants.margin_min_bp, merchants.margin_max_bp),
    ):
        bounds = []
        if low is not None:
            bounds.append(say("不少于 {percent}%", percent=percent(low)))
        if high is not None:
            bounds.append(say("不多于 {percent}%", percent=percent(high)))
        if bounds:
            yield say("{what}{bounds}；超出的商品会提示店主。", what=what, bounds=joined(bounds))


def _returns(pack: Pack) -> Iterator[Message]:
    if pack.returns.return_days is not None:
        yield say("购买后 {days} 天内可以退货。", days=pack.returns.return_days)
    if pack.returns.exchange_hours is not None:
        yield say("购买后 {hours} 小时内可以换货。", hours=pack.returns.exchange_hours)


def _gates(pack: Pack) -> Iterator[Message]:
    for burn in pack.burns:
        yield say("每笔会员消费，从商家押金里销毁与让利等值的{asset}。", asset=asset_name(pack, burn.asset))
    for gate in pack.gates:
        yield say(
            "商家押金里的{asset}低于 {min} 时，不能再做会员消费，普通消费照常。",
            asset=asset_name(pack, gate.asset),
            min=gate.min,
        )
