"""Flash prices for the first units of a week, counted in this till's own journal."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from pos.bootstrap.till import open_till
from pos.domain.refund import ReturnedLine
from tests.usecases.sample_till import DOU, DOU_CARD, SampleTill

EGG, RULE = "20001032", "flash_egg"
MONDAY = datetime.fromisoformat("2026-11-23T00:00:00+08:00")  # the shop's clock stands on a Saturday


def five_a_week(text: str) -> str:
    return text.replace("quota = 100\nmax_units = 2", "quota = 5\nmax_units = 3")


def open_for_business(shop: SampleTill) -> SampleTill:
    """同壹 with eggs at 2.00, five a week of them at 1.00, three a sale."""
    shop.use_pack("tongyi", five_a_week)
    shop.tell_good(EGG, 2_00)
    shop.tell_member(DOU, DOU_CARD, "basic")
    shop.go_offline()
    return shop


@pytest.fixture
def eggs(shop: SampleTill) -> SampleTill:
    return open_for_business(shop)


def due_fen(shop: SampleTill, count: int) -> int:
    return shop.sell(DOU_CARD, *[EGG] * count).sale.result.due_fen


def used(shop: SampleTill) -> int:
    return shop.desk.journal.rule_units(RULE, "2026-11-16", "2026-11-22")


def test_the_first_five_of_the_week_are_cheap(eggs: SampleTill) -> None:
    assert [due_fen(eggs, 3), due_fen(eggs, 3), due_fen(eggs, 3)] == [3_00, 1_00 * 2 + 2_00, 6_00]
    assert used(eggs) == 5


def test_a_sale_takes_no_more_than_its_share(eggs: SampleTill) -> None:
    assert due_fen(eggs, 4) == 3_00 + 2_00
    assert used(eggs) == 3


def test_a_walk_in_takes_none(eggs: SampleTill) -> None:
    assert eggs.sell(EGG, EGG).sale.result.due_fen == 4_00
    assert used(eggs) == 0


def test_how_many_are_gone_stands_in_the_basket(eggs: SampleTill) -> None:
    due_fen(eggs, 2)
    assert eggs.sell(DOU_CARD, EGG).sale.basket.used[RULE] == 2


def test_it_outlives_a_restart_and_a_rebuild(data: Path) -> None:
    with open_till(data) as till:
        shop = open_for_business(SampleTill(till))
        due_fen(shop, 3)
        due_fen(shop, 1)
    with open_till(data) as till:
        shop = SampleTill(till)
        assert used(shop) == 4
        till.store.journal.rebuild_projections()
        assert used(shop) == 4
        assert due_fen(shop, 3) == 1_00 + 4_00


def test_on_monday_all_five_are_there_again(eggs: SampleTill) -> None:
    due_fen(eggs, 3)
    due_fen(eggs, 2)
    eggs.clock.moment = MONDAY.replace(day=22, hour=23, minute=59)
    assert due_fen(eggs, 1) == 2_00
    eggs.clock.moment = MONDAY
    assert due_fen(eggs, 3) == 3_00


def test_a_sale_that_comes_back_whole_gives_its_units_back(eggs: SampleTill) -> None:
    sold = eggs.sell(DOU_CARD, *[EGG] * 3).sale
    eggs.give_back(sold, ReturnedLine(0, 2))
    assert used(eggs) == 3
    eggs.give_back(sold, ReturnedLine(0, 1))
    assert used(eggs) == 0
    assert [due_fen(eggs, 3), due_fen(eggs, 2)] == [3_00, 2_00]


def test_what_comes_back_next_week_gives_nothing_to_that_week(eggs: SampleTill) -> None:
    sold = eggs.sell(DOU_CARD, *[EGG] * 3).sale
    eggs.clock.moment = MONDAY
    eggs.give_back(sold)
    assert used(eggs) == 0
    assert eggs.desk.journal.rule_units(RULE, "2026-11-23", "2026-11-29") == 0


def test_rules_without_a_quota_are_not_counted(eggs: SampleTill) -> None:
    good = eggs.tell_good("6900000000014", 10_00, 9_00)
    eggs.sell(DOU_CARD, good)
    assert eggs.desk.journal.rule_units("member_price", "0000-00-00", "9999-99-99") == 0
