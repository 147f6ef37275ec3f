"""What a pack of the right form can still get wrong: names that lead nowhere, figures without sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pos.domain.message import say
from pos.domain.programme.asset_checks import asset_mistakes
from pos.domain.programme.guard_rails import guard_rail_mistakes
from pos.domain.programme.mistakes import Mistake, mistake
from pos.domain.programme.pack import FORMAT, Pack
from pos.domain.programme.part import CNY
from pos.domain.programme.rule_checks import rule_mistakes
from pos.domain.programme.rules import HELD_KINDS
from pos.domain.programme.term_checks import term_mistakes
from pos.domain.programme.timed_checks import timed_mistakes

RESERVED_IDS = ("cash_rounding", "sales", "fees")
"""Ids that stand for something of the till's own where rules and assets are named."""

_TABLES = {
    "plans": "id",
    "assets": "id",
    "price_rules": "id",
    "accruals": "id",
    "redemptions": "asset",
    "exchanges": "id",
    "fee_payments": "asset",
    "coupon_issues": "id",
    "burns": "asset",
    "gates": "id",
    "activities": "id",
    "milestones": "id",
    "invitations": "id",
    "releases": "asset",
    "daily_pools": "asset",
    "offline": "asset",
}


def pack_mistakes(pack: Pack, unsure: frozenset[str] = frozenset()) -> list[Mistake]:
    """Every mistake in a pack that has the right form.

    Names are not looked up in the tables of `unsure`, which the file does not give in the right form.
    """
    found = [
        *_format_mistakes(pack),
        *_id_mistakes(pack),
        *asset_mistakes(pack),
        *rule_mistakes(pack),
        *term_mistakes(pack),
        *timed_mistakes(pack),
        *guard_rail_mistakes(pack),
    ]
    for table, references in _REFERENCES.items():
        if table not in unsure:
            found += references(pack)
    return found


def _format_mistakes(pack: Pack) -> Iterator[Mistake]:
    if pack.format != FORMAT:
        yield Mistake(
            "format",
            say(
                "方案格式 {found} 本机不认识（认识 {known}），请升级收银程序", found=pack.format, known=FORMAT
            ),
        )


def _id_mistakes(pack: Pack) -> Iterator[Mistake]:
    for table, key in _TABLES.items():
        counted = Counter(getattr(part, key) for part in getattr(pack, table))
        for one in sorted(one for one, times in counted.items() if times > 1):
            yield mistake(f"{table}.{one}", key, say("出现了两次"))
    assets = {asset.id for asset in pack.assets}
    for table, parts, taken in (
        ("price_rules", pack.price_rules, assets.union(RESERVED_IDS)),
        ("assets", pack.assets, RESERVED_IDS),
    ):
        for part in parts:
            if part.id in taken:
                yield mistake(f"{table}.{part.id}", "id", say("这个名字已另有用处，请换一个"))


def _asset_references(pack: Pack) -> Iterator[Mistake]:
    known = {asset.id for asset in pack.assets}
    for key, asset in [*_assets_of_sales(pack), *_assets_over_time(pack)]:
        if asset not in known:
            yield Mistake(key, say("用到的资产 {id} 没有在 assets 里定义", id=asset))


def _assets_of_sales(pack: Pack) -> list[tuple[str, str]]:
    return [
        *((f"accruals.{one.id}.asset", one.asset) for one in pack.accruals if one.asset != CNY),
        *((f"redemptions.{one.asset}.asset", one.asset) for one in pack.redemptions),
        *((f"exchanges.{one.id}.source", one.source) for one in pack.exchanges),
        *((f"exchanges.{one.id}.to", one.to) for one in pack.exchanges if one.to != CNY),
        *((f"fee_payments.{one.asset}.asset", one.asset) for one in pack.fee_payments),
        *((f"burns.{one.asset}.asset", one.asset) for one in pack.burns),
        *((f"gates.{one.id}.asset", one.asset) for one in pack.gates),
        *((f"offline.{one.asset}.asset", one.asset) for one in pack.offline),
    ]


def _assets_over_time(pack: Pack) -> list[tuple[str, str]]:
    weights = pack.distribution.weights if pack.distribution else ()
    deposit = pack.merchants.deposit
    return [
        *((f"activities.{one.id}.asset", one.asset) for one in pack.activities),
        *((f"milestones.{one.id}.asset", one.asset) for one in pack.milestones),
        *((f"invitations.{one.id}.asset", one.asset) for one in pack.invitations),
        *((f"joining.{one.asset}.asset", one.asset) for one in pack.joining),
        *((f"releases.{one.asset}.asset", one.asset) for one in pack.releases),
        *((f"releases.{one.asset}.into", one.into) for one in pack.releases),
        *((f"daily_pools.{one.asset}.asset", one.asset) for one in pack.daily_pools),
        *((f"daily_pools.{one.asset}.by", one.by) for one in pack.daily_pools),
        *((f"distribution.weights.{one.asset}.asset", one.asset) for one in weights),
        *((("merchants.deposit.asset", deposit.asset),) if deposit else ()),
    ]


def _plan_references(pack: Pack) -> Iterator[Mistake]:
    known = {plan.id for plan in pack.plans}
    used = [
        *((f"price_rules.{one.id}.scope.plans", one.scope.plans) for one in pack.price_rules),
        *((f"accruals.{one.id}.plans", one.plans) for one in pack.accruals),
        *((f"coupon_issues.{one.id}.plans", one.plans) for one in pack.coupon_issues),
        *((f"plans.{one.id}.upgrades_from", one.upgrades_from) for one in pack.plans),
    ]
    if pack.distribution:
        multiplied = tuple(pack.distribution.consumption_multipliers)
        used.append(("distribution.plans", pack.distribution.plans))
        used.append(("distribution.consumption_multipliers", multiplied))
    for key, plans in used:
        for plan in plans:
            if plan not in known:
                yield Mistake(key, say("用到的等级 {id} 没有在 plans 里定义", id=plan))


def _coupon_references(pack: Pack) -> Iterator[Mistake]:
    held = {rule.id for rule in pack.price_rules if isinstance(rule, HELD_KINDS)}
    used = [
        *((f"coupon_issues.{one.id}.coupon", one.coupon) for one in pack.coupon_issues),
        *((f"milestones.{one.id}.coupon", one.coupon) for one in pack.milestones if one.coupon),
    ]
    for key, coupon in used:
        if coupon not in held:
            yield Mistake(
                key,
                say(
                    "{id} 不是 price_rules 里的券（kind 应是 coupon、gift、cash_voucher 或 benefit）",
                    id=coupon,
                ),
            )


_REFERENCES = {
    "assets": _asset_references,
    "plans": _plan_references,
    "price_rules": _coupon_references,
}
