"""Whatever a programme does at the till, its projections can be thrown away and derived again."""

from __future__ import annotations

from typing import Any

import pytest

from pos.domain import cart as carts
from pos.domain.cart import EVERYTHING
from pos.domain.ledger import SALES
from pos.domain.member_codes import card_code
from pos.domain.refund import ReturnedLine
from pos.store.journal_schema import PROJECTIONS
from pos.usecases.sell_membership import quote_fee, sell_membership
from tests.usecases.sample_till import CASHIER, DOU, DOU_CARD, PACKS, SampleTill

NEW, NEW_CARD = "30009990", card_code(777)
SIXTY, EGG = "6900000000014", "20001032"


def projected(shop: SampleTill) -> dict[str, list[Any]]:
    readers = shop.till.store._readers[0]
    return {table: readers.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in PROJECTIONS}


def a_day(shop: SampleTill, pack_id: str) -> None:
    """Everything that leaves a trace: plans, coupons, deposits, quotas, redemption offline, returns."""
    pack = shop.use_pack(pack_id)
    plan = pack.plans[0].id
    shop.tell_terms(balances={"share_points": 100 * 10**6})
    shop.tell_good(SIXTY, 60_00, 55_00)
    shop.tell_good(EGG, 2_00)
    shop.tell_member(NEW, NEW_CARD, "", status="sealed", expires="", balances={})
    holdings = {asset.id: 30 * 10**asset.scale for asset in pack.assets}
    shop.tell_member(DOU, DOU_CARD, plan, balances={**holdings, SALES: 1})
    due_fen = quote_fee(shop.known(NEW), plan, {}, shop.desk).due_fen
    shop.book(
        lambda: sell_membership(
            NEW, plan, {}, shop.desk, given_fen=due_fen, cashier=CASHIER, shown_due_fen=due_fen
        )
    )
    shop.go_offline()
    first = shop.sell(NEW_CARD, SIXTY, SIXTY, EGG).sale
    cart = shop.scan(carts.Cart(), DOU_CARD, SIXTY, SIXTY, EGG, *(one.code for one in first.printed))
    for rule in pack.redemptions:
        cart = carts.wish_to_redeem(cart, rule.asset, EVERYTHING)
    second = shop.pay(cart).sale
    third = shop.sell(DOU_CARD, SIXTY).sale
    shop.give_back(second, ReturnedLine(0, 1))
    shop.give_back(second)
    shop.give_back(third, purpose="void")
    shop.sell(SIXTY)


@pytest.mark.parametrize("pack_id", PACKS)
def test_derived_again_they_are_what_they_were(shop: SampleTill, pack_id: str) -> None:
    a_day(shop, pack_id)
    before, known = projected(shop), (shop.known(DOU), shop.known(NEW), shop.desk.terms.of_store())
    shop.till.store.journal.rebuild_projections()
    assert projected(shop) == before
    assert (shop.known(DOU), shop.known(NEW), shop.desk.terms.of_store()) == known
    assert shop.chain_holds()


@pytest.mark.parametrize("pack_id", PACKS)
def test_after_everything_came_back_the_member_is_as_before(shop: SampleTill, pack_id: str) -> None:
    a_day(shop, pack_id)
    pack = shop.use_pack(pack_id)
    balances = shop.known(DOU).balances
    assert {asset.id: balances[asset.id] for asset in pack.assets} == {
        asset.id: 30 * 10**asset.scale for asset in pack.assets
    }
    assert balances[SALES] == 1
