"""Selling, renewing and upgrading a plan: what it costs, and from when to when it then runs."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

import msgspec

from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import round_down_to_step
from pos.domain.programme.pack import Pack
from pos.domain.programme.terms import Plan

DealKind = Literal["join", "renew", "upgrade"]


class MembershipDeal(msgspec.Struct, frozen=True):
    """One way to a plan. `first_day` and `last_day` are inclusive; `credit_fen` is for unused days."""

    kind: DealKind
    plan: str
    fee_fen: int
    credit_fen: int
    first_day: str
    last_day: str
    from_plan: str = ""

    @property
    def price_fen(self) -> int:
        """What is to be paid: the fee less the credit."""
        return self.fee_fen - self.credit_fen


class PointsForFee(msgspec.Struct, frozen=True):
    """What an asset paid of a fee, in its minor units and in fen."""

    asset: str
    amount: int
    scale: int
    value_fen: int


class Standing(msgspec.Struct, frozen=True):
    """A member's plan today; `plan` is empty for a card that has not been sold yet."""

    plan: str
    last_day: str


def deals(
    standing: Standing, pack: Pack, today: date, *, seller: Literal["till", "hub"] = "till"
) -> tuple[MembershipDeal, ...]:
    """Everything that can be sold to a member today, in the pack's order of plans."""
    running = bool(standing.plan) and standing.last_day >= today.isoformat()
    found = []
    for plan in pack.plans:
        if seller not in plan.sold_by:
            continue
        if not running:
            found.append(_from_today("join" if plan.id != standing.plan else "renew", plan, today))
        elif plan.id == standing.plan:
            found.append(_renewal(plan, standing, today))
        elif standing.plan in plan.upgrades_from:
            found.append(_upgrade(plan, standing, pack, today))
    return tuple(found)


def _term(plan: Plan, first: date) -> tuple[str, str]:
    return first.isoformat(), (first + timedelta(days=plan.term_days - 1)).isoformat()


def _from_today(kind: DealKind, plan: Plan, today: date) -> MembershipDeal:
    first, last = _term(plan, today)
    return MembershipDeal(kind, plan.id, plan.fee_fen, 0, first, last)


def _renewal(plan: Plan, standing: Standing, today: date) -> MembershipDeal:
    """The new term follows the old one, or begins today where the plan says so (ruling 21)."""
    if plan.renewal == "from_today":
        return _from_today("renew", plan, today)
    first, last = _term(plan, date.fromisoformat(standing.last_day) + timedelta(days=1))
    return MembershipDeal("renew", plan.id, plan.fee_fen, 0, first, last, plan.id)


def _upgrade(plan: Plan, standing: Standing, pack: Pack, today: date) -> MembershipDeal:
    """New fee less the unused days of the old, rounded down; the new term begins today (ruling 21)."""
    old = pack.plan(standing.plan)
    credit_fen = 0
    if old is not None:
        unused = (date.fromisoformat(standing.last_day) - today).days + 1
        credit_fen = int(Fraction(old.fee_fen * unused, old.term_days))
    first, last = _term(plan, today)
    return MembershipDeal(
        "upgrade", plan.id, plan.fee_fen, min(credit_fen, plan.fee_fen), first, last, standing.plan
    )


def points_for_fee(
    deal: MembershipDeal, pack: Pack, asset_id: str, wish: int, balance: int
) -> PointsForFee | None:
    """What `wish` minor units of an asset pay of a fee, in whole steps; None where the pack takes none.

    Points never pay more than the fee, and nothing comes back in cash.
    """
    rule = next((one for one in pack.fee_payments if one.asset == asset_id), None)
    if rule is None:
        return None
    asset = pack.asset(asset_id)
    step = asset.minor(rule.step)
    per_unit = Fraction(rule.value_fen, 10**asset.scale)
    most = min(Fraction(max(0, min(wish, balance))), deal.price_fen / per_unit)
    amount = round_down_to_step(most, step)
    return PointsForFee(asset_id, amount, asset.scale, int(amount * per_unit))


def less(deal: MembershipDeal, paid_fen: int) -> MembershipDeal:
    """The deal with a part of its price paid: what is left for the next asset to pay."""
    return msgspec.structs.replace(deal, credit_fen=deal.credit_fen + paid_fen)


def deal_for(plan: str, offered: tuple[MembershipDeal, ...], pack: Pack) -> MembershipDeal:
    """The deal that leads to a plan.

    Raises:
        Refusal: `no_such_deal`.

    """
    deal = next((one for one in offered if one.plan == plan), None)
    if deal is None:
        raise Refusal(
            "no_such_deal", say("现在不能办理「{plan}」，请核对会员的等级和到期日", plan=_name(plan, pack))
        )
    return deal


def deal_text(deal: MembershipDeal, pack: Pack) -> Message:
    """What a cashier says about a deal."""
    name = _name(deal.plan, pack)
    match deal.kind:
        case "join":
            return say("入会 {plan}，{first} 至 {last}", plan=name, first=deal.first_day, last=deal.last_day)
        case "renew":
            return say("续费 {plan}，{first} 至 {last}", plan=name, first=deal.first_day, last=deal.last_day)
        case "upgrade":
            return say(
                "升级为 {plan}，{first} 至 {last}", plan=name, first=deal.first_day, last=deal.last_day
            )


def _name(plan: str, pack: Pack) -> Message:
    found = pack.plan(plan)
    return named(found.name if found else plan)
