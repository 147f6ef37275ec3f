"""Packs of the first release load as what they said then; nothing else slips through with them."""

from __future__ import annotations

import pytest

from pos.domain.programme.loading import load_pack
from pos.domain.programme.mistakes import PackMistakes
from pos.domain.programme.terms import Exclusions
from tests.store.first_release import PACK_BYTES


def changed(*changes: tuple[str, str]) -> bytes:
    text = PACK_BYTES.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text.encode()


def test_the_first_pack_says_what_it_said() -> None:
    pack = load_pack(PACK_BYTES)
    (accrual,) = pack.accruals
    assert (accrual.base, accrual.rate, accrual.role, accrual.plan_multiplier) == (
        "unpaid",
        "1",
        "member",
        True,
    )
    assert {plan.id: plan.earn_multiplier for plan in pack.plans} == {"basic": "1", "co_creator": "1.5"}
    assert (pack.share.basis, pack.share.rate_bp, pack.share.sales) == ("received", 300, "all")
    assert pack.exclusions == Exclusions(("烟草",), ("20000011", "20000028"))


def test_where_it_excluded_nothing_nothing_is_excluded() -> None:
    pack = load_pack(changed(('[exclusions]\ncategories = ["烟草"]\ncodes = ["20000011", "20000028"]\n', "")))
    assert pack.exclusions == Exclusions()


def test_an_accrual_without_multipliers_takes_none() -> None:
    second = '[[accruals]]\nid = "b"\nasset = "points"\nrole = "member"\nper_yuan = "2"\n\n[[redemptions]]'
    pack = load_pack(changed(("[[redemptions]]", second)))
    assert [one.plan_multiplier for one in pack.accruals] == [True, False]
    assert [one.rate for one in pack.accruals] == ["1", "2"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (('per_yuan = "1"', 'per_yuan = "1"\nrate = "1"'), "per_yuan"),  # of both releases
        (('per_yuan = "1"', 'per_yuan = "x"'), "accruals.consumption.rate"),
        (('per_yuan = "1"', "per_yuan = 1"), "accruals.consumption.rate"),
        (('multipliers = { co_creator = "1.5" }', "multipliers = 7"), "multipliers"),
        (('co_creator = "1.5"', 'co_creator = "many"'), "earn_multiplier"),
        (('name = "共创会员"', 'name = "共创会员"\nearn_multiplier = "2"'), "per_yuan"),
        (('role = "member"', 'role = "member"\nlevels = 1'), "per_yuan"),
    ],
)
def test_what_neither_release_knew_is_a_mistake(change: tuple[str, str], named: str) -> None:
    with pytest.raises(PackMistakes) as mistakes:
        load_pack(changed(change))
    assert any(named in str(one) for one in mistakes.value.mistakes)
