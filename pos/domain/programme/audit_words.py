"""An audit in plain words: the ratio, what it means, and every assumption it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from pos.domain.message import Message, named, say
from pos.domain.money import yuan
from pos.domain.programme.audit import SMALLEST_SALE_FEN, Audit, borne_offers
from pos.domain.programme.audit_projection import (
    DAYS_A_MONTH,
    TURNOVER_YUAN,
    Projection,
    project,
    single_lot,
    turnover_that_carries_pools,
)
from pos.domain.programme.spoken import ROLES, figure, listed
from pos.domain.programme.timed import Release


class Findings(msgspec.Struct, frozen=True):
    """The audit of a pack, its projection, and both in words."""

    audit: Audit
    projection: Projection
    words: tuple[Message, ...]
    assumptions: tuple[Message, ...]


def findings(audit: Audit, years: int) -> Findings:
    """Everything that `pos programme audit` says, projected over so many years."""
    projection = project(audit, years)
    words = (
        *_balance(audit),
        *_who_pays(audit),
        *_offers(audit),
        *_released(audit),
        *_over_time(audit, projection, years),
        *_pooled(audit),
    )
    return Findings(audit, projection, words, tuple(_assumptions(audit)))


def _balance(audit: Audit) -> Iterator[Message]:
    yield say(
        "会员每消费 1.00 元，按方案的上限最多发出面值 {issued} 元的积分和券；"
        "商家为这 1.00 元向联盟交 {collected} 元。",
        issued=figure(audit.issued),
        collected=figure(audit.collected),
    )
    if audit.ratio is None:
        yield say("商家不为此向联盟交钱，所以没有倍数可算。")
    elif audit.promises_more:
        yield say("方案答应的多于收到的：最多 {ratio} 倍。", ratio=figure(audit.ratio, 2))
    elif borne_offers(audit.pack):
        yield say("只算积分和券，收到的够付：答应的最多是收到的 {ratio} 倍。", ratio=figure(audit.ratio, 2))
    else:
        yield say("方案收到的够付答应的：答应的最多是收到的 {ratio} 倍。", ratio=figure(audit.ratio, 2))
    for role, part in audit.ratio_by_role.items():
        yield say("其中{role}：{ratio} 倍。", role=ROLES[role], ratio=figure(part, 2))
    if audit.promises_more and audit.break_even is not None:
        yield say(
            "发出的积分和券，抵扣掉的不超过 {percent}% 时，收到的钱才够。",
            percent=figure(audit.break_even * 100, 2),
        )


def _who_pays(audit: Audit) -> Iterator[Message]:
    alliance, merchant, brand = (audit.borne_by(bearer) for bearer in ("alliance", "merchant", "brand"))
    if merchant:
        yield say(
            "其中 {amount} 元由商家自己承担（抵扣时的商家、发券的商家或卖货的商家），联盟不负担。",
            amount=figure(merchant),
        )
    if brand:
        yield say("其中 {amount} 元由品牌承担，联盟不负担。", amount=figure(brand))
    if alliance and not audit.collected:
        yield say("有 {amount} 元要由联盟承担，而商家什么也不交：没有资金来源。", amount=figure(alliance))


def _offers(audit: Audit) -> Iterator[Message]:
    """What else the alliance pays: reductions are no promise for later, but they cost at once."""
    offers = borne_offers(audit.pack)
    if not offers:
        return
    yield say(
        "联盟还当场承担这些优惠的减价，没有算进倍数和逐月的数：{offers}。",
        offers=listed([named(rule.name) for rule in offers]),
    )
    deepest = max((getattr(rule, "off_bp", None) or 0 for rule in offers), default=0)
    if deepest:
        yield say(
            "其中按比例的最深减 {percent}%，而商家每 1.00 元只交 {collected} 元。",
            percent=figure(Fraction(deepest, 100)),
            collected=figure(audit.collected),
        )


def _released(audit: Audit) -> Iterator[Message]:
    """What a release that runs for years adds up to, side by side."""
    sides: dict[str, Fraction] = {}
    release: Release | None = None
    for one in audit.issues:
        if one.worth.release is not None and one.worth.bearer == "alliance" and audit.collected:
            release = one.worth.release
            sides[one.role] = sides.get(one.role, Fraction(0)) + one.yuan / audit.collected
    lot = single_lot(audit)
    if release is None or lot is None:
        return
    total = sum(sides.values(), Fraction(0))
    if len(sides) == 2 and len(set(sides.values())) == 1:
        yield say(
            "分期释放的积分，最多是商家所交的{times}倍，两边各{side}倍。",
            times=_times(total),
            side=_times(total / 2),
        )
    else:
        yield say("分期释放的积分，最多是商家所交的{times}倍。", times=_times(total))
    if lot.exceeds_in is None:
        yield say("单看一笔消费：到第 {end} 期释放完，释放的也不超过为它收到的钱。", end=lot.ends_in)
    else:
        yield say(
            "单看一笔消费：到第 {period} 期，它的券就超过为它收到的钱；全部释放要到第 {end} 期。",
            period=lot.exceeds_in,
            end=lot.ends_in,
        )
    yield say(
        "每期都涨 {growth}%，要靠不断有新商家加入："
        "先来的商家交的只够付到那时，后面的券要用后来的商家交的钱付。",
        growth=figure(Fraction(release.growth_bp, 100)),
    )


_NUMBERS = {
    1: say("一"), 2: say("两"), 3: say("三"), 4: say("四"), 5: say("五"), 6: say("六"),
    7: say("七"), 8: say("八"), 9: say("九"), 10: say("十"), 11: say("十一"), 12: say("十二"),
}  # fmt: skip


def _times(value: Fraction) -> Message:
    """A whole number as people say it, any other in digits."""
    return (
        _NUMBERS.get(int(value), named(figure(value, 2)))
        if value.denominator == 1
        else named(figure(value, 2))
    )


def _over_time(audit: Audit, projection: Projection, years: int) -> Iterator[Message]:
    start = projection.cannot_be_paid_from
    released = any(one.worth.release for one in audit.issues)
    if not audit.borne_by("alliance"):
        yield say("积分和券里联盟没有要付的，逐月看也不会付不出。")
    elif start is None:
        yield say("逐月看，{years} 年内收到的钱一直够付到期的。", years=years)
    else:
        who = say("这些商家累计交的") if released else say("累计收到的")
        yield say(
            "逐月看，从第 {month} 个月起累计到期的多于{who}：都来抵扣就付不出来。", month=start, who=who
        )
    last = projection.months[-1]
    yield say(
        "{years} 年后：共发出 {issued} 元，到期 {due} 元，收到 {collected} 元。",
        years=years,
        issued=yuan(last.issued_fen),
        due=yuan(last.due_fen),
        collected=yuan(last.collected_fen),
    )


def _pooled(audit: Audit) -> Iterator[Message]:
    pools = [pool for pool in audit.pack.daily_pools if any(one.worth.pool == pool for one in audit.issues)]
    for pool in pools:
        asset, by = audit.pack.asset(pool.asset), audit.pack.asset(pool.by)
        yield say(
            "{by}不能直接用：每天只有 {amount} {asset}按份分给持有人，用掉的{by}等于分到的乘以当天价格；"
            "发得越多，等得越久。",
            by=named(by.name),
            amount=pool.amount,
            asset=named(asset.name),
        )
    turnover = turnover_that_carries_pools(audit)
    if pools and turnover is not None:
        yield say(
            "每天分出的数量不随营业额变：每月会员消费达到 {turnover} 元起，商家交的才不少于每月分出的。",
            turnover=figure(turnover, 2),
        )
    elif pools:
        yield say("商家交的连不用等的部分都不够，营业额再高也付不出每天分出的。")


def _assumptions(audit: Audit) -> Iterator[Message]:
    yield say(
        "看的是同一批商家：每月会员消费 {turnover} 元，不增不减；"
        "都是可参加优惠的商品，全程按「{plan}」得积分。",
        turnover=yuan(TURNOVER_YUAN * 100),
        plan=named(audit.plan.name),
    )
    yield say("到期指会员已经可以拿来抵扣的面值；单笔抵扣的上限只推迟抵扣，不减少面值。")
    yield say("每个角色都有人，都已激活；没有积分过期、作废或退货；得积分没有碰到单笔上限。")
    yield say("会员费、商家年费和押金都没有算作收入：方案没有说有多少人交。")
    yield say("入会赠送、邀请奖励、志愿服务、里程碑、首单优惠和年度分配都没有算作发出：它们不随消费额变。")
    if audit.pack.rebate is not None:
        yield say("让利按上限 {percent}% 算。", percent=figure(Fraction(audit.pack.rebate.max_bp, 100)))
        if any(one.base != "rebate" for one in audit.pack.accruals):
            yield say("按消费额而不按让利发的部分，让利越低，相对所收的倍数越高。")
    if audit.pack.burns:
        yield say("商家押金里销毁的积分按让利的价值算作商家所交。")
    yield from _assumptions_over_time(audit)
    if audit.pack.coupon_issues:
        yield say(
            "消费发的券按面值摊到刚好够发券的消费额上（没有门槛的按每笔 {least} 元）；"
            "按比例的券按刚好够用的消费额算；礼品券和福利券不计值。",
            least=yuan(SMALLEST_SALE_FEN),
        )


def _assumptions_over_time(audit: Audit) -> Iterator[Message]:
    pack = audit.pack
    if any(one.worth.release for one in audit.issues):
        yield say("释放按最快算：一个月一期，平台因新商家加入每期都增长，当月消费的当月起算。")
    if any(one.worth.pool for one in audit.issues):
        yield say("每天分配按每月 {days} 天算；已解锁的一个不剩都参加。", days=DAYS_A_MONTH)
    priced = [asset for asset in pack.assets if asset.price_yuan is not None]
    for asset in priced:
        yield say(
            "{asset}一直是方案写的价格：{price} 元。", asset=named(asset.name), price=asset.price_yuan or "0"
        )
    if any(redemption.to_deposit for redemption in pack.redemptions):
        yield say("抵扣时记入商家押金的积分，同样算作要兑现的：商家拿它抵以后该交的。")
