"""What can pay or be used on the sale besides cash: assets, and coupons with why they do or do not apply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos.domain.cart import Cart
from pos.domain.message import Message, named, say
from pos.domain.money import plain_text
from pos.domain.pricing.why_not import not_applied
from pos.domain.programme.rules import Benefit, coupon_of, coupon_unit
from pos.ui.presenters.figures import taken_off
from pos.ui.presenters.member_card import PointsWish, points_wishes
from pos.usecases.desk import Quote


@dataclass(frozen=True, slots=True)
class PayRow:
    """One row. `key` is the asset, the unit of coupons on the account, or a printed coupon's number."""

    kind: Literal["asset", "coupon", "printed"]
    key: str
    name: Message
    detail: Message
    figure: str
    used: bool


def pay_rows(quoted: Quote, cart: Cart) -> tuple[PayRow, ...]:
    """Assets first, in the pack's order; then the member's coupons; then the printed ones."""
    return (
        *(_asset_row(wish) for wish in points_wishes(quoted)),
        *_account_rows(quoted, cart),
        *(_printed_row(quoted, one.rule, one.number or "") for one in cart.coupons),
    )


def _asset_row(wish: PointsWish) -> PayRow:
    return PayRow(
        kind="asset",
        key=wish.asset,
        name=named(wish.name),
        detail=say(
            "余额 {balance} · 本单可用 {most}",
            balance=plain_text(wish.balance, wish.scale),
            most=plain_text(wish.most, wish.scale),
        ),
        figure=taken_off(wish.value_fen) if wish.used else "",
        used=bool(wish.used),
    )


def _account_rows(quoted: Quote, cart: Cart) -> list[PayRow]:
    rows = []
    member = quoted.member
    for unit, number in sorted(member.balances.items()) if member and member.balances_told else ():
        of = coupon_of(unit)
        rule = quoted.pack.pack.rule(of[0]) if of else None
        if of is None or rule is None or number <= 0:
            continue
        used = sum(
            coupon_unit(one.rule, one.issuer) == unit and one.number is None
            for one in quoted.sale.coupons_used
        )
        if unit in cart.kept_back:
            detail = say("这次不用 · Enter 改为可用")
        else:
            detail = _why(quoted, rule.id, used=bool(used))
        rows.append(
            PayRow(
                kind="coupon",
                key=unit,
                name=say("{name} × {n}", name=named(rule.name), n=number),
                detail=detail,
                figure=_figure(quoted, rule.id) if used else "",
                used=bool(used),
            )
        )
    return rows


def _printed_row(quoted: Quote, rule_id: str, number: str) -> PayRow:
    rule = quoted.pack.pack.rule(rule_id)
    used = any(one.number == number for one in quoted.sale.coupons_used)
    return PayRow(
        kind="printed",
        key=number,
        name=say("{name}（纸券）", name=named(rule.name if rule else rule_id)),
        detail=_why(quoted, rule_id, used=used),
        figure=_figure(quoted, rule_id) if used else "",
        used=used,
    )


def _figure(quoted: Quote, rule_id: str) -> str:
    paid = sum(one.value_fen for one in quoted.sale.redeemed if one.asset == rule_id)
    off = quoted.sale.taken_off(rule_id) + paid
    return taken_off(off) if off else ""


def _why(quoted: Quote, rule_id: str, *, used: bool) -> Message:
    if used:
        if isinstance(quoted.pack.pack.rule(rule_id), Benefit):
            return say("结账后给顾客兑现")
        return say("本单使用 · Enter 改为不用")
    reasons = not_applied(quoted.basket, quoted.pack.pack, quoted.sale)
    found = next((one.text for one in reasons if one.rule == rule_id), None)
    return found or say("本单没有用到")
