"""Figures and names of a pack as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from pos.domain.message import Message, named, say
from pos.domain.money import plain_text, round_half_up
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY

FIGURE_DIGITS = 4

ROLES = {
    "member": say("会员"),
    "merchant": say("商家"),
    "home_store": say("归属门店"),
    "member_referrer": say("会员的推荐人"),
    "merchant_referrer": say("商家的推荐人"),
    "area_agent": say("区域代理"),
    "bearer": say("持券人"),
}

FUNDERS = {
    "merchant": say("卖货的商家"),
    "alliance": say("联盟"),
    "brand": say("品牌方"),
    "issuer": say("发券的商家"),
}


def figure(value: Fraction, digits: int = FIGURE_DIGITS) -> str:
    """A figure as decimal text, rounded half up, without needless zeros."""
    return plain_text(round_half_up(value * 10**digits), digits)


def percent(rate_bp: int) -> str:
    """Basis points as a percentage, without its sign."""
    return figure(Fraction(rate_bp, 100), 2)


def listed(parts: Sequence[Message | str]) -> Message:
    """Several things one after the other; nothing says nothing."""
    told = [named(part) if isinstance(part, str) else part for part in parts]
    if not told:
        return Message("")
    return say("{first}、{rest}", first=told[0], rest=listed(told[1:])) if len(told) > 1 else told[0]


def joined(parts: Sequence[Message]) -> Message:
    """Half sentences one after the other."""
    if not parts:
        return Message("")
    return say("{first}，{rest}", first=parts[0], rest=joined(parts[1:])) if len(parts) > 1 else parts[0]


def asset_name(pack: Pack, asset_id: str) -> Message:
    return say("现金") if asset_id == CNY else named(pack.asset(asset_id).name)


def plan_names(pack: Pack, plans: Sequence[str]) -> Message:
    """The plans by their names."""
    return listed([plan.name for plan in pack.plans if plan.id in plans])
