"""What no pack can switch off: reward chains of one level, and no promise of return for a paid plan."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pos.domain.message import say
from pos.domain.programme.mistakes import Mistake, mistake
from pos.domain.programme.pack import Pack

LEVELS_MAX = 1
PROMISES = (
    "返本", "保本", "回本", "本息", "稳赚", "躺赚", "包赚", "坐收", "零风险", "收益", "分红", "分润", "利息",
    "年化", "回报", "返利", "红利", "返现", "返还", "分紅", "紅利", "翻倍", "增值", "赚钱",
    "guaranteed return", "profit guarantee", "dividend", "interest rate", "passive income", "money back with",
    "risk-free", "return on investment",
)  # fmt: skip
"""Words that turn a membership into an investment."""

CHAIN_WORDS = (
    "level", "depth", "team", "upline", "downline", "generation", "tier",
    "层", "级", "代", "团队", "上线", "下线",
)  # fmt: skip
"""What keys are called that ask for a chain of rewards."""


def guard_rail_mistakes(pack: Pack) -> Iterator[Mistake]:
    """Chains deeper than a direct referral (禁止传销条例, article 7), and promises in texts of paid plans."""
    yield from _chains(pack)
    if any(plan.fee_fen for plan in pack.plans):
        for key, text in _shown(pack):
            for word in promises_in(text):
                yield Mistake(
                    key,
                    say(
                        "有收费会员的方案，小票和屏幕上的文字不能承诺回报（「{word}」），请改成会员得到的服务或价格",
                        word=word,
                    ),
                )


def _chains(pack: Pack) -> Iterator[Mistake]:
    for table in ("accruals", "invitations"):
        for one in getattr(pack, table):
            if one.levels != LEVELS_MAX:
                yield mistake(
                    f"{table}.{one.id}",
                    "levels",
                    say(
                        "只能是 1，不能是 {levels}：奖励只给直接推荐人一级，"
                        "多级计酬属于传销，为《禁止传销条例》第七条所禁止",
                        levels=one.levels,
                    ),
                )


def asks_for_a_chain(key: str) -> bool:
    """Whether a key nobody knows is called like one that asks for deeper rewards."""
    return any(word in key.casefold() for word in CHAIN_WORDS)


def promises_in(text: str) -> list[str]:
    """The promises of return in a text, however they are spaced, hyphenated or capitalised."""
    told = _letters(text)
    return [word for word in PROMISES if _letters(word) in told]


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)  # letters of full width are letters, too
    return "".join(char for char in plain.casefold() if char.isalnum())


def _shown(pack: Pack) -> list[tuple[str, str]]:
    """Every text of the pack that a receipt or screen may show, with its key."""
    return [
        ("name", pack.name),
        *((f"plans.{one.id}.name", one.name) for one in pack.plans),
        *((f"plans.{one.id}.note", one.note) for one in pack.plans),
        *((f"price_rules.{one.id}.name", one.name) for one in pack.price_rules),
        *((f"assets.{one.id}.name", one.name) for one in pack.assets),
        *((f"milestones.{one.id}.name", one.name) for one in pack.milestones),
        *((f"milestones.{one.id}.grants", one.grants) for one in pack.milestones),
        *((f"activities.{one.id}.name", one.name) for one in pack.activities),
        *((f"activities.{one.id}.per", one.per) for one in pack.activities),
        *((("cash_rounding.name", pack.cash_rounding.name),) if pack.cash_rounding else ()),
    ]
