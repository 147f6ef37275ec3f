"""The member on the sale, and what the points can do."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.day import POINTS
from pos.domain.message import Message, named, say
from pos.domain.money import plain_text, yuan
from pos.domain.pricing.why_not import next_offer
from pos.domain.receipt import masked
from pos.usecases.desk import Quote

MASK = "•••"


@dataclass(frozen=True, slots=True)
class MemberCard:
    """`used` is empty when no points pay. Points are whole units in text."""

    number: str
    plan: Message
    until: str
    balance: str
    usable: str
    earning: str
    used: str
    note: Message | None


@dataclass(frozen=True, slots=True)
class PointsWish:
    """What the redeem sheet starts from: the asset, its most, and what is used now (minor units).

    `decimals` is how many digits behind the point its steps need.
    """

    asset: str
    name: str
    scale: int
    balance: int
    most: int
    used: int
    value_fen: int
    held_back: Message | None
    decimals: int = 0


def member_card(quoted: Quote | None) -> MemberCard | None:
    """None while no member is on the sale."""
    if quoted is None or quoted.member is None:
        return None
    wish = points_wish(quoted)
    plan = quoted.pack.pack.plan(quoted.member.plan)
    return MemberCard(
        number=masked(quoted.member.member_no, MASK),
        plan=named(plan.name if plan else quoted.member.plan),
        until=quoted.member.expires,
        balance=plain_text(wish.balance, wish.scale) if wish else "–",
        usable=plain_text(wish.most, wish.scale) if wish else "–",
        earning=_earning(quoted),
        used=plain_text(wish.used, wish.scale) if wish and wish.used else "",
        note=_note(quoted, wish),
    )


def points_wish(quoted: Quote) -> PointsWish | None:
    """The first asset the pack lets a member pay with; None without a member or without such an asset."""
    return next(iter(points_wishes(quoted)), None)


def points_wishes(quoted: Quote) -> tuple[PointsWish, ...]:
    """Every asset the pack lets a member pay with, in the pack's order; none while nobody knows how much."""
    if quoted.member is None or not (quoted.member.balances_told or quoted.reserved):
        return ()
    redeemed = {one.asset: one for one in quoted.sale.redeemed}
    wishes = []
    for most in quoted.sale.redeemable:
        one = redeemed.get(most.asset)
        wishes.append(
            PointsWish(
                asset=most.asset,
                name=quoted.pack.pack.asset(most.asset).name,
                scale=most.scale,
                balance=quoted.basket.member.balances.get(most.asset, 0) if quoted.basket.member else 0,
                most=most.amount,
                used=one.amount if one else 0,
                value_fen=one.value_fen if one else 0,
                held_back=one.held_back if one else None,
                decimals=_decimals(quoted, most.asset),
            )
        )
    return tuple(wishes)


def _decimals(quoted: Quote, asset_id: str) -> int:
    pack = quoted.pack.pack
    asset, rule = pack.asset(asset_id), pack.redemption(asset_id)
    step = asset.minor(rule.step) if rule and rule.step else asset.step_minor
    return 0 if step % 10**asset.scale == 0 else asset.scale


def _earning(quoted: Quote) -> str:
    earned = next((one for one in quoted.sale.outcome.earned if one.role == "member"), None)
    return plain_text(earned.amount, earned.scale) if earned else "–"


def _reserved(quoted: Quote) -> Message | None:
    """What pay codes have reserved: no limit and no balance matters then."""
    told = [
        say(
            "付款码已预留 {amount} {asset}",
            amount=plain_text(amount, quoted.pack.pack.asset(asset).scale),
            asset=named(quoted.pack.pack.asset(asset).name),
        )
        for asset, amount in quoted.reserved.items()
    ]
    return told[0] if told else None


def _note(quoted: Quote, wish: PointsWish | None) -> Message | None:
    """A limit first, then why less was taken than wished, then what could still be done."""
    reserved = _reserved(quoted)
    if reserved is not None:
        return reserved
    if quoted.limit_notes:
        return quoted.limit_notes[0]
    near = next_offer(quoted.basket, quoted.pack.pack, quoted.sale)
    if near is not None:
        return near.text
    if wish is None:
        return None
    if wish.held_back is not None:
        return wish.held_back
    if wish.most and not wish.used:
        points, rule = plain_text(wish.most, wish.scale), quoted.pack.pack.redemption(wish.asset)
        if rule is not None and wish.asset == POINTS:
            value_fen = wish.most * rule.value_fen // 10**wish.scale
            return say("可用 {points} 分抵 {value} 元，按 F8", points=points, value=yuan(value_fen))
        return say("可用 {points} {asset}，按 F8", points=points, asset=named(wish.name))
    return None
