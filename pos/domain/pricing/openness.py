"""Which rules of a pack are open to a basket as a whole, and why the others are not."""

from __future__ import annotations

from collections import Counter
from datetime import date

from pos.domain.basket import Basket
from pos.domain.message import Message, named, say
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import WEEKDAYS
from pos.domain.programme.rules import HELD_KINDS, FirstOrder, Flash, PriceRule, When


def closed(rule: PriceRule, basket: Basket, pack: Pack) -> Message | None:
    """Why a rule cannot apply, whatever is bought; None when it is open."""
    member = basket.member
    if member is None and (rule.audience == "member" or isinstance(rule, (*HELD_KINDS, FirstOrder))):
        return say("会员专享，扫会员码后可用")
    if rule.scope.plans and (member is None or member.plan not in rule.scope.plans):
        return say("只给 {plans}", plans=_plan_names(rule.scope.plans, pack))
    if rule.scope.stores and basket.store not in rule.scope.stores:
        return say("本店不参加")
    if rule.when is not None and not is_open(rule.when, basket.at):
        return say("现在不在优惠时间（{when}）", when=when_text(rule.when))
    if isinstance(rule, HELD_KINDS) and not any(one.rule == rule.id for one in basket.coupons):
        return say("会员没有「{rule}」，或这次不用", rule=named(rule.name))
    if isinstance(rule, FirstOrder) and not (member and member.first_order):
        return say("只限首单，会员已经买过")
    if isinstance(rule, Flash) and quota_left(rule, basket) <= 0:
        return say("名额已用完（{quota} 件）", quota=rule.quota)
    return None


def quota_left(rule: Flash, basket: Basket) -> int:
    """Units that the rule's quota still gives."""
    return max(0, rule.quota - basket.used.get(rule.id, 0))


def cap_of(rule: PriceRule, basket: Basket) -> int | None:
    """How many units of a sale may take a unit rule; None: any number."""
    limits = [getattr(rule, "max_units", None)]
    if isinstance(rule, Flash):
        limits.append(quota_left(rule, basket))
    if isinstance(rule, HELD_KINDS):
        limits.append(Counter(one.rule for one in basket.coupons)[rule.id])
    return min((limit for limit in limits if limit is not None), default=None)


def is_open(when: When, at: str) -> bool:
    """Whether a local moment (ISO 8601) lies in a rule's time; a moment nobody knows does not."""
    day, clock = at[:10], at[11:16]
    try:
        today = date.fromisoformat(day)
    except ValueError:
        return False
    if (when.first is not None and day < when.first) or (when.last is not None and day > when.last):
        return False
    if when.dates:
        right_day = day in when.dates
    else:
        right_day = (not when.weekdays or WEEKDAYS[today.weekday()] in when.weekdays) and (
            not when.month_days or today.day in when.month_days
        )
    return right_day and when.opens <= clock < when.closes


_DAY_NAMES = {
    "mon": say("周一"),
    "tue": say("周二"),
    "wed": say("周三"),
    "thu": say("周四"),
    "fri": say("周五"),
    "sat": say("周六"),
    "sun": say("周日"),
}


def when_text(when: When) -> Message:
    """A rule's time in words."""
    return say("{days} {opens}–{closes}", days=_days_text(when), opens=when.opens, closes=when.closes)


def _days_text(when: When) -> Message:
    if when.dates:
        return named("、".join(when.dates))
    if when.weekdays == WEEKDAYS[:5]:
        return say("周一至周五")
    if when.weekdays:
        return _listed([_DAY_NAMES[day] for day in when.weekdays])
    if when.month_days:
        return say("每月 {days} 日", days="、".join(map(str, when.month_days)))
    return say("每天")


def _plan_names(plans: tuple[str, ...], pack: Pack) -> Message:
    names = [plan.name if (plan := pack.plan(one)) else one for one in plans]
    return _listed([named(name) for name in names])


def _listed(words: list[Message]) -> Message:
    """Several names in one sentence."""
    if len(words) == 1:
        return words[0]
    return say("{first}、{rest}", first=words[0], rest=_listed(words[1:]))
