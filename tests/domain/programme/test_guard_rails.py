"""What no pack can switch off: rewards of one level, no promise of return where plans are paid."""

from __future__ import annotations

from typing import Any

import pytest

from pos.domain.programme.guard_rails import PROMISES, promises_in
from pos.domain.programme.loading import load_pack
from tests.domain.programme.shipped import SHIPPED, mistakes, planted, toml, wrong_keys

LAW = "《禁止传销条例》第七条"


@pytest.mark.parametrize("levels", [-1, 0, 2, 3, 1 << 80])
@pytest.mark.parametrize(
    ("pack", "table"),
    [("gongxianggou", "accruals.member_referral"), ("community_groupbuy", "invitations.three_friends")],
)
def test_rewards_are_one_level_deep(pack: str, table: str, levels: int) -> None:
    (told,) = mistakes(planted(pack, {f"{table}.levels": levels}))
    assert told.startswith(f"{table}.levels：")
    assert LAW in told


@pytest.mark.parametrize("levels", ["2", 1.0, True, [1, 2]])
def test_levels_cannot_be_written_in_another_way(levels: object) -> None:
    assert wrong_keys(planted("gongxianggou", {"accruals.member_referral.levels": levels})) == [
        "accruals.member_referral.levels"
    ]


def test_one_level_may_be_written_out() -> None:
    table = planted("gongxianggou", {"accruals.member_referral.levels": 1})
    assert load_pack(toml(table).encode()).accruals[2].levels == 1


@pytest.mark.parametrize(
    "role", ["member_referrer_2", "upline", "team_leader", "member_referrer.referrer", ""]
)
def test_no_role_stands_above_the_direct_referrer(role: str) -> None:
    (told,) = mistakes(planted("gongxianggou", {"accruals.member_referral.role": role}))
    assert told.startswith("accruals.member_referral.role：")
    assert LAW in told


@pytest.mark.parametrize("key", ["bonus_levels", "team_bonus", "Depth", "第二级", "下线"])
@pytest.mark.parametrize(
    ("pack", "table"),
    [("gongxianggou", "accruals.member_referral"), ("community_groupbuy", "invitations.three_friends")],
)
def test_unknown_keys_that_ask_for_a_chain_are_told_why_not(pack: str, table: str, key: str) -> None:
    (told,) = mistakes(planted(pack, {f"{table}.{key}": 3}))
    assert told.startswith(f"{table}.{key}：不认识的键")
    assert LAW in told


def test_other_unknown_keys_are_just_unknown() -> None:
    (told,) = mistakes(planted("gongxianggou", {"accruals.member_referral.colour": 3}))
    assert LAW not in told


PROMISED: list[tuple[dict[str, Any], str]] = [
    ({"name": "稳赚联盟"}, "name"),
    ({"plans.basic.name": "返本会员"}, "plans.basic.name"),
    ({"plans.co_creator.note": "每年 Dividend"}, "plans.co_creator.note"),
    ({"price_rules.member_price.name": "收 益 价"}, "price_rules.member_price.name"),
    ({"assets.points.name": "分·红积分"}, "assets.points.name"),
    ({"milestones.points_1000.name": "翻倍"}, "milestones.points_1000.name"),
    ({"milestones.points_2000.grants": "年化 8%"}, "milestones.points_2000.grants"),
    ({"activities.skill.name": "躺赚"}, "activities.skill.name"),
    ({"activities.skill.per": "利息"}, "activities.skill.per"),
    ({"cash_rounding": {"step_fen": 10, "name": "返利"}}, "cash_rounding.name"),
]


@pytest.mark.parametrize(("values", "key"), PROMISED)
def test_where_plans_are_paid_no_text_promises_a_return(values: dict[str, Any], key: str) -> None:
    assert wrong_keys(planted("tongyi", values)) == [key]


def test_where_nobody_pays_words_are_free() -> None:
    table = planted("zhongdian", {"name": "翻倍联盟"})
    assert load_pack(toml(table).encode()).name == "翻倍联盟"


def test_a_free_plan_cannot_promise_what_a_paid_one_returns() -> None:
    table = planted("community_groupbuy", {"plans.ordinary.note": "升级就回本"})
    assert wrong_keys(table) == ["plans.ordinary.note"]


@pytest.mark.parametrize("word", PROMISES)
def test_every_promise_is_found_however_it_is_spaced(word: str) -> None:
    assert word in promises_in(f"加入即享{' '.join(word.upper())}！")


def test_ordinary_words_are_no_promise() -> None:
    assert promises_in("会员价、满50减10、积分抵扣、首单立减 discount for members") == []


@pytest.mark.parametrize("pack", SHIPPED)
def test_a_shipped_pack_cannot_be_given_a_second_level_by_a_second_table(pack: str) -> None:
    """Twice the same accrual id is a mistake, so a chain cannot be spelt as several equal rewards."""
    table = planted(pack, {})
    table["accruals"].append(dict(table["accruals"][0]))
    assert wrong_keys(table) == [f"accruals.{table['accruals'][0]['id']}.id"]


@pytest.mark.parametrize("text", ["年底分紅", "享红利", "返 现", "每年返还", "ＤＩＶＩＤＥＮＤ club"])
def test_promises_are_found_in_other_letters(text: str) -> None:
    assert promises_in(text)
