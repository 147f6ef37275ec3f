"""Terms without sense: limits upside down, shares that are two things at once."""

from __future__ import annotations

from collections.abc import Iterator

from pos.domain.message import say
from pos.domain.programme.mistakes import Mistake, mistake
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import exact


def term_mistakes(pack: Pack) -> Iterator[Mistake]:
    """What is wrong with plans, the rebate, the share, and what merchants promise."""
    rebate, share, merchants = pack.rebate, pack.share, pack.merchants
    if rebate is not None and not rebate.min_bp <= rebate.default_bp <= rebate.max_bp:
        yield mistake("rebate", "min_bp default_bp max_bp", say("应当 min_bp ≤ default_bp ≤ max_bp"))
    if share.basis == "rebate" and rebate is None:
        yield Mistake("share.basis", say("按让利计算，但方案没有 [rebate]"), ("share.basis", "rebate"))
    if share.basis != "received" and share.rate_bp:
        yield mistake("share", "rate_bp basis", say("rate_bp 只用于 basis = received"))
    for name in ("member_price", "margin"):
        low, high = getattr(merchants, f"{name}_min_bp"), getattr(merchants, f"{name}_max_bp")
        if low is not None and high is not None and low > high:
            yield mistake(
                "merchants", f"{name}_min_bp {name}_max_bp", say("{name} 的下限高于上限", name=name)
            )
    for plan in pack.plans:
        if exact(plan.earn_multiplier) == 0:
            yield mistake(f"plans.{plan.id}", "earn_multiplier", say("应是正数"))
        if plan.id in plan.upgrades_from:
            yield mistake(f"plans.{plan.id}", "upgrades_from", say("不能从自己升级"))
