"""The member on the sale, and what the points can do."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.message import Message, named, say
from pos.domain.money import plain_text, yuan
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
    """What the redeem sheet starts from: the asset, its most, and what is used now (minor units)."""

    asset: str
    name: str
    scale: int
    balance: int
    most: int
    used: int
    value_fen: int
    held_back: Message | None


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
    if quoted.member is None or not quoted.sale.redeemable:
        return None
    most = quoted.sale.redeemable[0]
    redeemed = next((one for one in quoted.sale.redeemed if one.asset == most.asset), None)
    return PointsWish(
        asset=most.asset,
        name=quoted.pack.pack.asset(most.asset).name,
        scale=most.scale,
        balance=quoted.member.balances.get(most.asset, 0),
        most=most.amount,
        used=redeemed.amount if redeemed else 0,
        value_fen=redeemed.value_fen if redeemed else 0,
        held_back=redeemed.held_back if redeemed else None,
    )


def _earning(quoted: Quote) -> str:
    earned = next((one for one in quoted.sale.outcome.earned if one.role == "member"), None)
    return plain_text(earned.amount, earned.scale) if earned else "–"


def _note(quoted: Quote, wish: PointsWish | None) -> Message | None:
    """A limit first, then why less was taken than wished, then what could still be done."""
    if quoted.limit_notes:
        return quoted.limit_notes[0]
    if wish is None:
        return None
    if wish.held_back is not None:
        return wish.held_back
    if wish.most and not wish.used:
        value_fen = wish.most * _value_fen(quoted, wish.asset) // 10**wish.scale
        points = plain_text(wish.most, wish.scale)
        return say("可用 {points} 分抵 {value} 元，按 F8", points=points, value=yuan(value_fen))
    return None


def _value_fen(quoted: Quote, asset: str) -> int:
    return next(rule.value_fen for rule in quoted.pack.pack.redemptions if rule.asset == asset)
