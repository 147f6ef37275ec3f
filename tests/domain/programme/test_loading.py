"""A pack is data; whatever is wrong with it is said, all of it at once, by key and reason."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pos.domain.catalogue import Product
from pos.domain.programme import loading as loading_module
from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes, key_of, reason_of
from pos.domain.programme.plain import BYTES_MAX
from tests.domain.programme.shipped import (
    SHIPPED,
    changed,
    mistakes,
    planted,
    shipped,
    table_of,
    text_of,
    toml,
    wrong_keys,
)

GOOD = Product("6921168509256", "农夫山泉", "550ml", "瓶", "饮料", 170, 158)
TOBACCO = Product("6901028075770", "软中华", "20支", "包", "烟草", 6060, 6060)
BAG = Product("20000011", "购物袋", "大", "个", "日用", 30, 20)


def test_five_packs_are_shipped() -> None:
    assert SHIPPED == ("community_groupbuy", "gongxianggou", "tianshang", "tongyi", "zhongdian")


@pytest.mark.parametrize("pack", SHIPPED)
def test_shipped_packs_load(pack: str) -> None:
    assert shipped(pack).id == pack


def test_what_a_pack_answers() -> None:
    pack = shipped("tongyi")
    assert pack.asset("points").step_minor == 100
    plan = pack.plan("co_creator")
    assert plan is not None
    assert plan.fee_fen == 1000_00
    assert pack.plan("gold") is None
    rule = pack.rule("coupon_50_10")
    assert rule is not None
    assert rule.name == "满50减10"
    assert pack.rule("coupon_1") is None
    redemption = pack.redemption("points")
    assert redemption is not None
    assert redemption.cap_bp == 3000
    assert pack.redemption("time_points") is None
    limits = pack.offline_limits("points")
    assert limits is not None
    assert (limits.per_sale_fen, limits.per_member_day_fen, limits.cache_age_max_h) == (5000, 10_000, 72)
    assert pack.offline_limits("time_points") is None


def test_exclusions() -> None:
    exclusions = shipped("tongyi").exclusions
    assert [exclusions.cover(product) for product in (GOOD, TOBACCO, BAG)] == [False, True, True]


def test_tobacco_and_bags_are_excluded_unless_a_pack_says_otherwise() -> None:
    table = table_of("tongyi")
    del table["exclusions"]
    assert load_pack(toml(table).encode()).exclusions.cover(TOBACCO)
    table["exclusions"] = {}
    assert not load_pack(toml(table).encode()).exclusions.cover(TOBACCO)


def test_dates_of_toml_are_dates_in_text_too() -> None:
    quoted = changed("tongyi", ('closes = "24:00" }', 'closes = "24:00", first = "2026-05-01" }'))
    bare = changed("tongyi", ('closes = "24:00" }', 'closes = "24:00", first = 2026-05-01 }'))
    assert load_pack(quoted.encode()) == load_pack(bare.encode())


# --- what is no pack at all ------------------------------------------------------------------------


def test_not_text() -> None:
    assert mistakes(b"\xff\xfe") == ["方案文件不是 UTF-8 文本：第 0 字节"]


def test_not_toml() -> None:
    assert "不是有效的 TOML" in mistakes("= nonsense")[0]


def test_too_large() -> None:
    assert "太大了" in mistakes(b"#" * (BYTES_MAX + 1))[0]


def test_a_mistake_of_the_file_has_no_key() -> None:
    with pytest.raises(PackMistakes) as caught:
        load_pack(b"\xff")
    (only,) = caught.value.mistakes
    assert key_of(only) == "(pack)"
    assert reason_of(only) == only


def test_an_empty_file_lacks_every_required_key() -> None:
    assert wrong_keys("") == ["format", "id", "name", "plans", "share", "version"]


# --- how mistakes are told -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"version": "1"}, "version：应是整数，现在是 1"),
        ({"version": 0}, "version：不能小于 1，现在是 0"),
        ({"share.rate_bp": 10_001}, "share.rate_bp：不能大于 10000，现在是 10001"),
        ({"share.rate_bp": 300.0}, "share.rate_bp：不能写成小数 300.0：金额和比率写整数，其他数写成带引号的文本"),
        ({"accruals.consumption.rate": 0.5}, "accruals.consumption.rate：不能写成小数 0.5：金额和比率写整数，其他数写成带引号的文本"),
        ({"accruals.consumption.rate": "-1"}, r"accruals.consumption.rate：写法不对：-1（应符合 ^[0-9]{1,9}(\.[0-9]{1,9})?$）"),
        ({"accruals.consumption.plan_multiplier": "yes"}, "accruals.consumption.plan_multiplier：应是true 或 false，现在是 yes"),
        ({"redemptions.points.earns": 1}, "redemptions.points.earns：应是true 或 false，现在是 1"),
        ({"version": True}, "version：应是整数，现在是 true"),
        ({"share.sales": "some"}, "share.sales：不能是 some；可以是 all、member"),
        ({"plans.basic.fee_fen": None}, "plans.basic.fee_fen：缺少这一项"),
        ({"plans": []}, "plans：至少要有 1 个"),
        ({"name": "长" * 41}, "name：太长，最多 40"),
        ({"share": 7}, "share：应是一张表，现在是 7"),
        ({"distribution.consumption_multipliers": {"No!": "1"}}, "distribution.consumption_multipliers.No!：写法不对：No!（应符合 ^[a-z][a-z0-9_]{0,39}$）"),
        ({"distribution.consumption_multipliers": {"basic": 2}}, "distribution.consumption_multipliers.basic：应是文本（加引号），现在是 2"),
        ({"name": "两\n行"}, "name：不能有换行或控制字符"),
        ({"name": " 同壹"}, "name：前后不能有空格"),
        ({"exclusions.codes": ["1", ""]}, "exclusions.codes[2]：不能为空"),
        ({"id": "x" * 99}, f"id：写法不对：{'x' * 40}…（应符合 ^[a-z][a-z0-9_]{{0,39}}$）"),
        ({"format": 2}, "format：方案格式 2 本机不认识（认识 1），请升级收银程序"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_sentence(values: dict[str, object], told: str) -> None:
    assert mistakes(planted("tongyi", values)) == [told]


def test_an_unknown_key_is_a_mistake_and_the_known_ones_are_named() -> None:
    (told,) = mistakes(planted("tongyi", {"share.rate": 3}))
    assert told == "share.rate：不认识的键；可用的有 basis、except_categories、rate_bp、sales"


def test_unprintable_keys_are_told_in_print() -> None:
    (told,) = mistakes(planted("tongyi", {"share": {"a\x1bb": 1}}))
    assert told.startswith("share.a\N{REPLACEMENT CHARACTER}b：不认识的键")


def test_tables_without_an_id_are_counted() -> None:
    table = planted("tongyi", {"price_rules.coupon_50_10.min_fen": -1, "price_rules.coupon_50_10.id": 7})
    assert wrong_keys(table) == ["price_rules[7].id", "price_rules[7].min_fen"]


def test_tables_of_assets_are_called_by_their_asset() -> None:
    assert wrong_keys(planted("tongyi", {"offline.points.per_sale_fen": -1})) == [
        "offline.points.per_sale_fen"
    ]


def test_the_kind_of_a_rule_is_named_when_it_is_wrong() -> None:
    told = mistakes(planted("tongyi", {"price_rules.coupon_50_10.kind": "pyramid"}))
    assert len(told) == 1
    assert told[0].startswith("price_rules.coupon_50_10.kind：不能是 pyramid；可以是 basket_percent、benefit")


def test_what_all_kinds_have_in_common_is_told_of_an_unknown_kind_too() -> None:
    values = {"price_rules.coupon_50_10.kind": "pyramid", "price_rules.coupon_50_10.funder": "nobody"}
    assert wrong_keys(planted("tongyi", values)) == [
        "price_rules.coupon_50_10.funder",
        "price_rules.coupon_50_10.kind",
    ]


def test_a_rule_without_kind_or_id_hides_nothing_else() -> None:
    table = planted("tongyi", {"price_rules.flash_egg.kind": None, "share.rate_bp": -1})
    table["price_rules"][3].pop("id")
    assert set(wrong_keys(table)) == {"price_rules[4].kind", "price_rules[4].id", "share.rate_bp"}


def test_mistakes_of_form_and_of_sense_are_told_together() -> None:
    values = {
        "format": 9,
        "version": 0,
        "plans.basic.earn_multiplier": "0",
        "plans.co_creator.term_days": "year",
        "price_rules.coupon_50_10.off_bp": 100,
        "price_rules.evening_fruit.scope": {"plans": ["gold"]},
        "price_rules.first_order_30.fundr": "alliance",
        "assets.points.step": "0",
        "accruals.consumption.levels": 3,
        "redemptions.points.cap_bp": 30_000,
        "exchanges.time_to_voucher.to": "gold",
        "milestones.points_1000.coupon": "gift_1",
        "share.rate_bp": -1,
    }
    expected = {
        "price_rules.coupon_50_10" if key == "price_rules.coupon_50_10.off_bp" else key for key in values
    }
    expected.remove("price_rules.evening_fruit.scope")
    assert set(wrong_keys(planted("tongyi", values))) == expected | {"price_rules.evening_fruit.scope.plans"}


def test_sense_is_judged_in_a_table_that_lost_its_id_too() -> None:
    values = {"price_rules.coupon_50_10.off_bp": 100, "price_rules.coupon_50_10.id": 7}
    assert wrong_keys(planted("tongyi", values)) == ["price_rules[7].id", "price_rules[7]"]


def test_what_only_follows_from_another_mistake_is_not_told() -> None:
    table = planted("gongxianggou", {"rebate.min_bp": "low"})
    assert wrong_keys(table) == ["rebate.min_bp"]
    assert wrong_keys(planted("tongyi", {"plans": 7})) == ["plans"]


def test_a_pack_that_cannot_even_be_mended_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the schema let pass what the structures refuse, that is still a mistake and not a crash."""
    monkeypatch.setattr(loading_module, "shape_mistakes", lambda table: ([], table, {}))
    (told,) = mistakes(planted("tongyi", {"version": "1"}))
    assert told.startswith("(pack)：内容不对：Expected `int`")


def test_the_same_reason_is_not_told_twice() -> None:
    table = planted("tongyi", {"price_rules.evening_fruit.scope": {"plans": ["gold", "gold"]}})
    assert wrong_keys(table) == ["price_rules.evening_fruit.scope.plans"]


def test_a_table_that_comes_twice() -> None:
    again = '[[offline]]\nasset = "points"\nper_sale_fen = 1\nper_member_day_fen = 1\ncache_age_max_h = 1\n'
    assert mistakes(text_of("tongyi") + again) == ["offline.points.asset：出现了两次"]


def test_a_good_pack_needs_no_schema() -> None:
    """Loading the validator takes longer than a scan may: only a pack with mistakes pays for it."""
    program = "import sys; from pos.domain.programme.loading import load_pack; load_pack(sys.stdin.buffer.read()); print('jsonschema' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], input=text_of("tongyi").encode(), capture_output=True, check=True
    )
    assert ended.stdout.split() == [b"False"]
