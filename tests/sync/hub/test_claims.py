"""Beliefs of a till that the hub knows to be wrong: shown to a person, never a reason to refuse a sale."""

from collections.abc import Callable

import msgspec
import pytest

from pos.domain.basket import Basket, HeldCoupon
from sync.hub.alliance import members, merchants
from sync.hub.hub import Hub
from tests.sync.hub import honest, sales
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_recompute import why


def of_member(**changes: object) -> Callable[[Basket], Basket]:
    def change(basket: Basket) -> Basket:
        assert basket.member is not None
        return msgspec.structs.replace(basket, member=msgspec.structs.replace(basket.member, **changes))

    return change


def of_merchant(**changes: object) -> Callable[[Basket], Basket]:
    return lambda basket: msgspec.structs.replace(
        basket, merchant=msgspec.structs.replace(basket.merchant, **changes)
    )


def with_coupon(basket: Basket) -> Basket:
    return msgspec.structs.replace(basket, coupons=(HeldCoupon("coupon_50_10"),))


CLAIMS = {
    "first order": (of_member(first_order=True), "claim first_order: till true, hub false"),
    "plan": (of_member(plan="co_creator"), 'claim plan: till "co_creator", hub "basic"'),
    "home store": (of_member(home_store="S2"), 'claim home_store: till "S2", hub "S1"'),
    "referrer": (of_member(referrer=True), "claim referrer: till true, hub false"),
    "activated": (of_member(activated=False), "claim activated: till false, hub true"),
    "stranger": (of_member(member_no="39999999"), 'claim member: till "39999999", hub null'),
    "merchant": (of_merchant(merchant="M9"), 'claim merchant: till "M9", hub "M1"'),
    "rebate": (of_merchant(rebate_bp=500), "claim rebate_bp: till 500, hub null"),
    "brought by": (of_merchant(referrer=True), "claim merchant_referrer: till true, hub false"),
    "agent": (of_merchant(area_agent=False), "claim area_agent: till false, hub true"),
    "price": (
        lambda basket: msgspec.structs.replace(basket, asset_prices={"points": "2"}),
        'claim asset_prices: till {"points":"2"}, hub {}',
    ),
    "coupon": (with_coupon, "claim coupon:coupon_50_10: till 1, hub 0"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_wrong_belief_is_listed_and_the_sale_booked(till: FakeTerminal, hub: Hub, name: str) -> None:
    change, said = CLAIMS[name]
    member_no = "30007938"  # has bought before, holds no coupon
    honestly = honest.basket(till, sales.FRUIT_LINES, member_no)
    true_one = sales.sold(till.next_receipt_no(), honestly)
    wrong = sales.sold(till.next_receipt_no(), change(honestly))
    for event in (true_one, wrong):
        till.write(event)
    assert [one.verdict for one in till.upload().results] == ["accepted", "accepted"]
    assert why(hub) == {true_one.receipt_no: "", wrong.receipt_no: said}
    assert till.day(sales.DATE).recomputed_differently == (wrong.receipt_no,)


def test_what_the_hub_learned_later_is_not_held_against_the_till(till: FakeTerminal, hub: Hub) -> None:
    made = sales.sold(till.next_receipt_no(), honest.basket(till, sales.FRUIT_LINES, sales.MEMBER))
    till.write(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sync.hub.journal.recompute.catch_up", lambda _: None)
        till.upload()
    with hub.database.write() as connection:
        members.change(connection, sales.MEMBER, activated=False, referrer=sales.FRIEND)
        merchants.change(connection, "M1", sales.PACK, rebate_bp=700, referrer=sales.FRIEND)
    assert till.day(sales.DATE).recomputed_differently == ()


def test_a_till_that_was_told_no_terms_claims_none(till: FakeTerminal, hub: Hub) -> None:
    with hub.database.write() as connection:
        merchants.change(connection, "M1", sales.PACK, rebate_bp=700, referrer=None)
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    assert set(why(hub).values()) == {""}


def test_no_card_code_is_kept_beside_a_receipt(till: FakeTerminal, hub: Hub) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    with hub.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT known FROM receipts").scalar_one()
    assert sales.MEMBER in kept
    assert "91368861958193196424478" not in kept
