"""A pack is data; whatever is wrong with it is said, all of it at once."""

from __future__ import annotations

import pytest

from pos.domain.programme import Pack, PackMistakes, load_pack
from tests.domain.examples import BAG, PACK, PACK_BYTES, TOBACCO, WATER

TEXT = PACK_BYTES.decode()


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(PackMistakes) as caught:
        load_pack(text if isinstance(text, bytes) else text.encode())
    assert str(caught.value)
    return [str(mistake) for mistake in caught.value.mistakes]


def changed(*pairs: tuple[str, str]) -> str:
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_default_pack() -> None:
    assert (PACK.id, PACK.version, PACK.name) == ("tongyi", 1, "同壹")
    assert PACK.asset("points").step_minor == 100
    plan = PACK.plan("co_creator")
    assert plan is not None
    assert plan.fee_fen == 1000_00
    assert PACK.plan("gold") is None
    limits = PACK.offline_limits("points")
    assert limits is not None
    assert (limits.per_sale_fen, limits.per_member_day_fen, limits.cache_age_max_h) == (5000, 10_000, 72)
    assert PACK.offline_limits("voucher") is None


def test_exclusions() -> None:
    assert PACK.exclusions.cover(TOBACCO)
    assert PACK.exclusions.cover(BAG)
    assert not PACK.exclusions.cover(WATER)


def test_multipliers_default_to_one() -> None:
    accrual = PACK.accruals[0]
    assert accrual.rate("basic") == 1
    assert accrual.rate("co_creator") * 2 == 3


def test_not_text() -> None:
    assert mistakes(b"\xff\xfe") == ["方案文件不是 UTF-8 文本：第 0 字节"]


def test_not_toml() -> None:
    assert "不是有效的 TOML" in mistakes("= nonsense")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        changed(("version = 1\n", 'version = "1"\n')),
        changed(("rate_bp = 300", "rate_bp = 300.0")),
        changed(("rate_bp = 300", "rate_bp = 300\nbonus_levels = 3")),
        changed(('kind = "member_price"', 'kind = "pyramid"')),
        changed(('funder = "merchant"', 'funder = "nobody"')),
        changed(('role = "member"', 'role = "upline"')),
        changed(("fee_fen = 100_00\n", "")),
    ],
)
def test_contents_that_are_not_a_pack(text: str) -> None:
    assert "内容不对" in mistakes(text)[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (changed(("format = 1", "format = 2")), "格式 2"),
        (changed(("version = 1\n", "version = 0\n")), "version"),
        (
            changed(('name = "共创会员"', 'name = "a"\nfee_fen = 1\n[[plans]]\nid = "basic"\nname = "b"')),
            "basic 出现了两次",
        ),
        (changed(('asset = "points"\nrole', 'asset = "gold"\nrole')), "gold"),
        (changed(('asset = "points"\nvalue_fen', 'asset = "gold"\nvalue_fen')), "gold"),
        (changed(('asset = "points"\nper_sale', 'asset = "gold"\nper_sale')), "gold"),
        (changed(("co_creator = ", "vip = ")), "vip"),
        (changed(("scale = 2", "scale = 10")), "scale"),
        (changed(("scale = 2", "scale = -1")), "scale"),
        (changed(('step = "1"', 'step = "0.001"')), "step"),
        (changed(('step = "1"', 'step = "0"')), "step"),
        (changed(('step = "1"', 'step = "-1"')), "step"),
        (changed(('step = "1"', 'step = "one"')), "step"),
        (changed(('per_yuan = "1"', 'per_yuan = "1/0"')), "比率"),
        (changed(('"1.5"', '"-1.5"')), "比率"),
        (changed(("rate_bp = 300", "rate_bp = 10_001")), "share.rate_bp"),
        (changed(("rate_bp = 300", "rate_bp = -1")), "share.rate_bp"),
        (changed(("cap_bp = 3000", "cap_bp = 10_001")), "cap_bp"),
        (changed(("value_fen = 100\n", "value_fen = 0\n")), "value_fen"),
        (changed(("fee_fen = 1000_00", "fee_fen = -1")), "fee_fen"),
        (changed(("fee_fen = 100_00\n", "fee_fen = 1\nterm_days = 0\n")), "term_days"),
        (changed(("per_sale_fen = 50_00", "per_sale_fen = -1")), "offline.points"),
        (changed(("cache_age_max_h = 72", "cache_age_max_h = -1")), "offline.points"),
    ],
)
def test_one_mistake_is_one_sentence(text: str, says: str) -> None:
    found = mistakes(text)
    assert len(found) == 1
    assert says in found[0]


def test_all_mistakes_are_told_at_once() -> None:
    text = changed(
        ("format = 1", "format = 9"),
        ("version = 1\n", "version = 0\n"),
        ('step = "1"', 'step = "0"'),
        ("cap_bp = 3000", "cap_bp = 30_000"),
        ("rate_bp = 300", "rate_bp = -1"),
        ("co_creator = ", "vip = "),
    )
    assert len(mistakes(text)) == 6


def test_a_table_that_comes_twice() -> None:
    again = '[[offline]]\nasset = "points"\nper_sale_fen = 1\nper_member_day_fen = 1\ncache_age_max_h = 1\n'
    assert mistakes(TEXT + again) == ["offline 里 points 出现了两次"]


def test_a_pack_needs_no_limits_and_no_exclusions() -> None:
    text = TEXT.partition("[[offline]]")[0]
    start, end = text.index("[exclusions]"), text.index("[[price_rules]]")
    pack = load_pack((text[:start] + text[end:]).encode())
    assert isinstance(pack, Pack)
    assert pack.offline == ()
    assert not pack.exclusions.cover(TOBACCO)
