"""A pack in plain sentences: everything it says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from pos.domain.programme.explain import explain
from pos.domain.programme.loading import load_pack
from tests.domain.programme.shipped import SHIPPED, planted, shipped, toml


def sentences(pack: str, values: dict[str, Any] | None = None) -> list[str]:
    explained = explain(load_pack(toml(planted(pack, values or {})).encode()))
    return [str(sentence) for section in explained for sentence in section.sentences]


@pytest.mark.parametrize("pack", SHIPPED)
def test_every_named_thing_of_a_pack_is_told(pack: str) -> None:
    text, read = "\n".join(sentences(pack)), shipped(pack)
    for table in (read.plans, read.price_rules, read.assets, read.activities, read.milestones):
        for part in table:
            assert part.name in text
    assert "{" not in text


@pytest.mark.parametrize("pack", SHIPPED)
def test_sections_without_sentences_are_left_out(pack: str) -> None:
    sections = explain(shipped(pack))
    assert all(section.sentences for section in sections)
    titles = [str(section.title) for section in sections]
    assert titles[0] == "会员等级"
    assert ("会员消费的条件" in titles) == (pack == "gongxianggou")


@pytest.mark.parametrize(
    ("pack", "sentence"),
    [
        ("tongyi", "共创会员：费用 1000.00 元，365 天，等级折扣最低到标价的 50%，积分按 1.5 倍得，可从基础会员升级，没用完的天数抵钱。"),
        ("tongyi", "「早餐套餐」：1 件 20001018、2 件 20001025一起买，比标价便宜 20%。由卖货的商家承担。"),
        ("tongyi", "「每周秒杀·茶叶蛋」：只卖 1.00 元，只限这些商品：20001032，每周限 100 件，每单最多 2 件。由卖货的商家承担。"),
        ("tongyi", "「满50减10」：凭券，整单满 50.00 元减 10.00 元，券 30 天内有效。由卖货的商家承担。"),
        ("tongyi", "「首单满30减30」：会员在联盟的第一单，整单满 30.00 元减 30.00 元。由联盟承担。"),
        ("tongyi", "会员：每 1.00 元没用积分付的消费得 1 个积分。"),
        ("tongyi", "积分：一个抵 1.00 元，以 1 个为一步，最多抵可抵金额的 30%，这部分不得积分，由联盟承担。"),
        ("tongyi", "10 个时间积分换 1 个商家代金券。"),
        ("tongyi", "时间积分可以抵会员费：一个抵 0.10 元，以 10 个为一步。"),
        ("tongyi", "商家把全部营收的 3% 交给联盟。"),
        ("tongyi", "会员价比标价低不少于 5%，不多于 15%；超出的商品会提示店主。"),
        ("tongyi", "贡献值：每消费 1.00 元算 0.3，每个时间积分算 0.5，每个推荐积分算 0.2，共创会员的消费算 2 倍。"),
        ("tongyi", "满 1000 积分：累计得到 1000 个积分时，得一张「免费配送」；只有一次，不扣积分。"),
        ("community_groupbuy", "「下班时段价」：比标价便宜 15%，只限这些商品：20001070，只在周一、周二、周三、周四、周五，从 18:00 到 20:00。由卖货的商家承担。"),
        ("community_groupbuy", "「会员日」：比标价便宜 10%，只限这些商品：20001070、20001087，每月 8、18、28 日。由卖货的商家承担。"),
        ("community_groupbuy", "会员：每 1.00 元没用积分付的消费得 5 个积分，只给VIP会员、合伙人。"),
        ("community_groupbuy", "会员消费满 99.00 元发一张「5元券」。"),
        ("community_groupbuy", "积分：以 100 为一步，得到后 180 天内用完，先到期的先用。"),
        ("community_groupbuy", "提醒店主：价格变动超过 5%，存货不够卖 3 小时，存货偏离安全库存 15%，损耗超过 3%。"),
        ("community_groupbuy", "购买后 7 天内可以退货。"),
        ("community_groupbuy", "购买后 48 小时内可以换货。"),
        ("community_groupbuy", "会员邀请满 3 人，得 50 个余额，只有一次；被邀请的人再邀请，不往上算。"),
        ("community_groupbuy", "贡献值：每消费 1.00 元算 1，只有合伙人参加。"),
        ("zhongdian", "积分分期变成消费券：第一期 0.5%；营业额涨了 15% 以上的每一期，是上一期的 115%，没涨的和上一期一样；到 5 倍或 40 期为止。"),
        ("zhongdian", "会员消费的让利，就是商家要交给联盟的。"),
        ("gongxianggou", "会员的推荐人：每 1.00 元商家让利得价值 0.05 元的共享积分。"),
        ("gongxianggou", "共享积分：按当天价格付款，以 0.000001 个为一步，这部分照样得积分，记入卖货商家的押金。"),
        ("gongxianggou", "商家押金里的共享积分低于 0 时，不能再做会员消费，普通消费照常。"),
        ("gongxianggou", "入会送 200 个共享值，激活后解锁。"),
        ("gongxianggou", "商家加入时交押金：价值 500.00 元的共享积分。"),
        ("tianshang", "归属门店：每 1.00 元消费得现金 0.01 元，只算会员在别家的消费。"),
        ("tianshang", "商家自己的积分按商家定的比例换成积分。"),
        ("tianshang", "会员消费满 50.00 元发一张「邻店优惠券满30减3」，印在小票上，哪个会员拿着都能用。"),
        ("tianshang", "商家不按营收向联盟交钱。"),
    ],
)  # fmt: skip
def test_shipped_packs(pack: str, sentence: str) -> None:
    assert sentence in sentences(pack)


RULE = {"id": "r", "name": "试", "funder": "brand"}
GOODS = {"products": ["1"], "categories": ["水果"], "except_products": ["2"], "except_categories": ["进口"]}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"kind": "plan_discount", "off_bp": 1000}, "标价减 10%，但不低于会员等级的底价"),
        (
            {"kind": "plan_discount", "off_bp": 1000, "below_member_price": "alliance"},
            "标价减 10%，但不低于会员等级的底价，低于会员价的部分由联盟承担",
        ),
        ({"kind": "nth_item", "price_fen": 100, "n": 3}, "同一商品每 3 件里有一件只卖 1.00 元"),
        ({"kind": "bundle", "price_fen": 990, "items": [{"products": ["1", "2", "3"], "quantity": 2}]}, "2 件 1 或 2 或 3一起买，只卖 9.90 元"),
        ({"kind": "gift", "scope": GOODS}, "凭券白拿一件，只限这些商品：水果、1，不含 进口、2"),
        ({"kind": "cash_voucher", "value_fen": 1000, "min_fen": 5000, "earns": True}, "凭券当 10.00 元付款，可抵的商品满 50.00 元才能用，不找零，这部分照样得积分"),
        ({"kind": "cash_voucher", "value_fen": 1000}, "凭券当 10.00 元付款，可抵的商品满 0.00 元才能用，不找零，这部分不得积分"),
        ({"kind": "basket_percent", "off_bp": 500, "max_fen": 2000, "min_fen": 5000}, "整单满 50.00 元减 5%，最多减 20.00 元"),
        ({"kind": "basket_percent", "off_bp": 500, "group": "second"}, "整单减 5%，同组（second）每单只用一个"),
        ({"kind": "member_price", "audience": "everyone", "scope": {"stores": ["S1", "S2"]}}, "按商家定的会员价卖，只在低于标价时，只在门店 S1、S2，不是会员也有"),
        ({"kind": "window", "off_bp": 100, "when": {"dates": ["2026-11-11"], "weekdays": ["mon"], "month_days": [1]}}, "比标价便宜 1%，只在 2026-11-11"),
        ({"kind": "window", "off_bp": 100, "when": {"first": "2026-11-01", "last": "2026-11-30"}}, "比标价便宜 1%，2026-11-01 起，到 2026-11-30 为止"),
        ({"kind": "flash", "off_bp": 100, "quota": 5, "per": "day"}, "比标价便宜 1%，每天限 5 件"),
        ({"kind": "flash", "off_bp": 100, "quota": 5, "per": "ever"}, "比标价便宜 1%，一共限 5 件"),
        ({"kind": "member_price", "scope": {"plans": ["basic"]}}, "按商家定的会员价卖，只在低于标价时，只给基础会员"),
    ],
)  # fmt: skip
def test_other_price_rules(rule: dict[str, Any], says: str) -> None:
    table = planted("tongyi", {})
    if rule.get("group") is None:
        table["price_rules"] = []
        table["milestones"] = []
    table["price_rules"].append(RULE | rule)
    explained = explain(load_pack(toml(table).encode()))
    told = [str(sentence) for sentence in explained[1].sentences]
    assert f"「试」：{says}。由品牌方承担。" in told


@pytest.mark.parametrize(
    ("pack", "values", "sentence"),
    [
        ("tongyi", {"plans.basic.renewal": "from_today", "plans.basic.sold_by": ["hub"], "plans.basic.note": "送袋子"}, "基础会员：费用 100.00 元，365 天，等级折扣最低到标价的 90%，不在收银台办理，续费从当天算起，送袋子。"),
        ("tongyi", {"assets.points.transferable": True}, "积分：以 1 为一步，不过期，可以转给别人。"),
        ("tongyi", {"cash_rounding": {"step_fen": 10}}, "抹零：应付现金抹到 0.10 元的整数倍，由商家承担。"),
        ("tongyi", {"accruals.consumption.max_per_sale": "100"}, "会员：每 1.00 元没用积分付的消费得 1 个积分，每单最多 100。"),
        ("tongyi", {"redemptions.points.min": "5", "redemptions.points.cap_fen": 5000}, "积分：一个抵 1.00 元，以 1 个为一步，至少 5 个，最多抵可抵金额的 30%，每单最多抵 50.00 元，这部分不得积分，由联盟承担。"),
        ("tongyi", {"share.sales": "member", "share.except_categories": ["烟草"]}, "商家把会员消费的营收的 3% 交给联盟，不含 烟草。"),
        ("tongyi", {"offline": []}, "断网时不能用积分抵扣。"),
        ("tongyi", {"offline.points.per_outage_fen": 500_00}, "断网时用积分抵扣：每单最多 50.00 元，每人每天最多 100.00 元，余额不能旧于 72 小时，每台收银机每次断网最多 500.00 元。"),
        ("gongxianggou", {"joining": [{"asset": "share_value", "amount": "1"}]}, "入会送 1 个共享值。"),
        ("community_groupbuy", {"coupon_issues.over_99.plans": ["vip"]}, "会员消费满 99.00 元发一张「5元券」，只给VIP会员。"),
    ],
)  # fmt: skip
def test_what_the_shipped_packs_leave_out(pack: str, values: dict[str, Any], sentence: str) -> None:
    assert sentence in sentences(pack, values)


def test_a_pack_that_says_next_to_nothing() -> None:
    text = 'format = 1\nid = "bare"\nversion = 1\nname = "空"\nshare = {}\nexclusions = {}\nplans = [{ id = "a", name = "甲", fee_fen = 0 }]'
    explained = explain(load_pack(text.encode()))
    assert [str(section.title) for section in explained] == ["会员等级", "商家的约定"]
    assert [str(one) for one in explained[1].sentences] == ["商家把全部营收的 0% 交给联盟。"]
