"""A programme pack: the rules of an alliance as data.

The hub signs the pack's bytes; till and hub apply the same version with the same code. Amounts are
in minor units with the unit in the key's name; rates are basis points or exact decimals in text.
`docs/programmes.md` describes every key.
"""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from typing import Literal

import msgspec

from pos.domain.catalogue import Product
from pos.domain.message import Message, say

FORMAT = 1
_DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)

Funder = Literal["merchant", "alliance", "brand"]
Role = Literal["member"]


class _PackPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the pack: a key nobody knows is a mistake, not a silence."""


class Plan(_PackPart, frozen=True):
    """A membership: annual fee in fen; `term_days` from joining."""

    id: str
    name: str
    fee_fen: int
    term_days: int = 365


class Exclusions(_PackPart, frozen=True):
    """Goods that take no discount, earn nothing and cannot be paid with points."""

    categories: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def cover(self, product: Product) -> bool:
        return product.category in self.categories or product.code in self.codes


class PriceRule(_PackPart, frozen=True):
    """One reason for a lower price. This version knows the merchant's member price."""

    id: str
    kind: Literal["member_price"]
    name: str
    funder: Funder


class Asset(_PackPart, frozen=True):
    """A kind of points. `scale` is its minor digits, `step` what is earned and spent in (decimal text)."""

    id: str
    name: str
    scale: int
    step: str

    @property
    def step_minor(self) -> int:
        return int(Fraction(self.step) * 10**self.scale)


class Accrual(_PackPart, frozen=True):
    """Points for a sale: `per_yuan` whole units for each yuan of eligible amount not paid with points."""

    id: str
    asset: str
    role: Role
    per_yuan: str
    multipliers: dict[str, str] = {}

    def rate(self, plan: str) -> Fraction:
        return Fraction(self.per_yuan) * Fraction(self.multipliers.get(plan, "1"))


class Redemption(_PackPart, frozen=True):
    """An asset as a means of payment. `value_fen` is what one whole unit pays; the cap is on eligible."""

    asset: str
    value_fen: int
    cap_bp: int
    funder: Funder


class Share(_PackPart, frozen=True):
    """What the merchant owes the alliance: `rate_bp` of what it received."""

    rate_bp: int
    sales: Literal["all", "member"] = "all"


class OfflineLimits(_PackPart, frozen=True):
    """What may be redeemed with a card code while the hub cannot be asked, per asset, in fen."""

    asset: str
    per_sale_fen: int
    per_member_day_fen: int
    cache_age_max_h: int


class Pack(_PackPart, frozen=True):
    """A whole programme, decoded and checked. Make one with `load_pack`."""

    format: int
    id: str
    version: int
    name: str
    plans: tuple[Plan, ...]
    assets: tuple[Asset, ...]
    price_rules: tuple[PriceRule, ...]
    accruals: tuple[Accrual, ...]
    redemptions: tuple[Redemption, ...]
    share: Share
    exclusions: Exclusions = Exclusions()
    offline: tuple[OfflineLimits, ...] = ()

    def plan(self, plan_id: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.id == plan_id), None)

    def asset(self, asset_id: str) -> Asset:
        return next(asset for asset in self.assets if asset.id == asset_id)

    def offline_limits(self, asset_id: str) -> OfflineLimits | None:
        return next((limits for limits in self.offline if limits.asset == asset_id), None)


class PackMistakes(Exception):  # noqa: N818 - says what it carries
    """The pack cannot be used; `mistakes` lists every reason found."""

    def __init__(self, mistakes: list[Message]) -> None:
        super().__init__("; ".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def load_pack(text: bytes) -> Pack:
    """Decodes and checks a pack's bytes (TOML, UTF-8).

    Raises:
        PackMistakes: with every mistake that could be found.

    """
    try:
        pack = msgspec.convert(tomllib.loads(text.decode("utf-8")), Pack)
    except UnicodeDecodeError as error:
        raise PackMistakes([say("方案文件不是 UTF-8 文本：第 {at} 字节", at=error.start)]) from error
    except tomllib.TOMLDecodeError as error:
        raise PackMistakes([say("方案文件不是有效的 TOML：{detail}", detail=str(error))]) from error
    except msgspec.ValidationError as error:
        raise PackMistakes([say("方案文件内容不对：{detail}", detail=str(error))]) from error
    if mistakes := _mistakes(pack):
        raise PackMistakes(mistakes)
    return pack


def _mistakes(pack: Pack) -> list[Message]:
    return [
        *_format_mistakes(pack),
        *_duplicate_ids(pack),
        *_unknown_assets(pack),
        *_unknown_plans(pack),
        *_asset_mistakes(pack),
        *_range_mistakes(pack),
    ]


def _format_mistakes(pack: Pack) -> list[Message]:
    if pack.format == FORMAT:
        return []
    return [
        say("方案格式 {found} 本机不认识（认识 {known}），请升级收银程序", found=pack.format, known=FORMAT)
    ]


def _duplicate_ids(pack: Pack) -> list[Message]:
    mistakes = []
    for table, ids in (
        ("plans", [plan.id for plan in pack.plans]),
        ("assets", [asset.id for asset in pack.assets]),
        ("price_rules", [rule.id for rule in pack.price_rules]),
        ("accruals", [accrual.id for accrual in pack.accruals]),
        ("redemptions", [redemption.asset for redemption in pack.redemptions]),
        ("offline", [limits.asset for limits in pack.offline]),
    ):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        mistakes += [say("{table} 里 {id} 出现了两次", table=table, id=one) for one in twice]
    return mistakes


def _unknown_assets(pack: Pack) -> list[Message]:
    known = {asset.id for asset in pack.assets}
    used = [
        *(("accruals", accrual.asset) for accrual in pack.accruals),
        *(("redemptions", redemption.asset) for redemption in pack.redemptions),
        *(("offline", limits.asset) for limits in pack.offline),
    ]
    return [
        say("{table} 用到的资产 {id} 没有在 assets 里定义", table=table, id=asset)
        for table, asset in used
        if asset not in known
    ]


def _unknown_plans(pack: Pack) -> list[Message]:
    known = {plan.id for plan in pack.plans}
    return [
        say("accruals.{accrual} 的倍数用到的等级 {id} 没有在 plans 里定义", accrual=accrual.id, id=plan)
        for accrual in pack.accruals
        for plan in accrual.multipliers
        if plan not in known
    ]


def _asset_mistakes(pack: Pack) -> list[Message]:
    mistakes: list[Message] = []
    for asset in pack.assets:
        if not 0 <= asset.scale <= 9:
            mistakes.append(say("assets.{id}.scale 应在 0 到 9 之间", id=asset.id))
        elif not _positive(asset.step) or (Fraction(asset.step) * 10**asset.scale).denominator != 1:
            mistakes.append(say("assets.{id}.step 应是正数，且不细于 scale", id=asset.id))
    mistakes.extend(
        say('accruals.{id} 的比率应是写成文本的正数，如 "1.5"', id=accrual.id)
        for accrual in pack.accruals
        if not all(_positive(rate) for rate in (accrual.per_yuan, *accrual.multipliers.values()))
    )
    return mistakes


def _positive(text: str) -> bool:
    """A plain decimal above 0; `Fraction` alone would also take powers that fill the memory."""
    return _DECIMAL.fullmatch(text) is not None and Fraction(text) > 0


def _range_mistakes(pack: Pack) -> list[Message]:
    checks = [
        ("version", pack.version >= 1),
        ("share.rate_bp", 0 <= pack.share.rate_bp <= 10_000),
        *((f"plans.{plan.id}.fee_fen", plan.fee_fen >= 0) for plan in pack.plans),
        *((f"plans.{plan.id}.term_days", plan.term_days >= 1) for plan in pack.plans),
        *((f"redemptions.{one.asset}.cap_bp", 0 <= one.cap_bp <= 10_000) for one in pack.redemptions),
        *((f"redemptions.{one.asset}.value_fen", one.value_fen >= 1) for one in pack.redemptions),
        *(
            (
                f"offline.{limits.asset}",
                min(limits.per_sale_fen, limits.per_member_day_fen, limits.cache_age_max_h) >= 0,
            )
            for limits in pack.offline
        ),
    ]
    return [say("{key} 超出允许范围", key=key) for key, holds in checks if not holds]
