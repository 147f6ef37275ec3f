"""Every shipped programme through the hub: who earns what, and that a full refund undoes all of it."""

from collections.abc import Callable

import pytest

from pos.domain.events import SaleMade
from pos.domain.ledger import member_account, merchant_account, store_account
from pos.domain.message import Refusal
from pos.domain.programme.part import CNY
from pos.domain.refund import ReturnedLine
from sync.hub.alliance import coupons, members, merchants, stocking
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances, changes
from tests.sync.hub.terminals import FakeTerminal

Publish = Callable[[str], None]


def endow(hub: Hub, name: str) -> None:
    """Everybody has a part in it: assets and coupons to spend, deposits, referrers."""
    pack = sales.PACKS[name]
    with hub.database.write() as connection:
        members.change(connection, sales.MEMBER, activated=None, referrer=sales.FRIEND)
        opening = {one.asset: 10 * 10 ** pack.asset(one.asset).scale for one in pack.redemptions}
        for number in (sales.MEMBER, sales.NEWCOMER):
            members.open_account(connection, number, opening, hub.time())
        for rule in ("coupon_50_10", "coupon_5"):
            if pack.rule(rule):
                given = {"member": sales.NEWCOMER, "rule": rule, "count": 2, "issuer": None}
                coupons.give(connection, pack, booked_at=hub.time(), **given)  # type: ignore[arg-type]
        for merchant in ("M1", "M2"):
            rate = pack.rebate.min_bp + 100 if pack.rebate else None
            merchants.change(connection, merchant, pack, rebate_bp=rate, referrer=sales.FRIEND)
            if pack.merchants.deposit:
                asset = pack.merchants.deposit.asset
                merchants.deposit(connection, merchant, pack, asset=asset, amount="500", booked_at=hub.time())


@pytest.mark.parametrize("name", sales.PROGRAMMES)
def test_a_full_refund_returns_every_account_to_where_it_was(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish, name: str
) -> None:
    publish(name)
    endow(hub, name)
    at_first, row_at_first = balances(hub), honest.member_row(till, sales.NEWCOMER)
    pack = sales.PACKS[name]
    wish = {one.asset: 1 << 40 for one in pack.redemptions}

    def buy(shop: FakeTerminal, store: str) -> SaleMade:
        basket = honest.basket(shop, sales.FRUIT_LINES, sales.NEWCOMER, redeem=wish)
        made = sales.sold(shop.next_receipt_no(), basket, pack, store=store)
        shop.write(made)
        shop.upload()
        return made

    first = buy(neighbour, "S2")
    assert honest.member_row(till, sales.NEWCOMER).home_store == "S2"
    after_first = balances(hub)
    second = buy(till, "S1")
    assert honest.member_row(till, sales.NEWCOMER).home_store == "S2"
    assert balances(hub) != after_first

    part = sales.give_back(till.next_receipt_no(), second, ReturnedLine(0, 2), ReturnedLine(1, 1))
    rest = sales.give_back(till.next_receipt_no(), second, *sales.whole(second, part), earlier=(part,))
    for event in (part, rest):
        till.write(event)
    till.upload()
    assert balances(hub) == after_first
    neighbour.write(sales.give_back(neighbour.next_receipt_no(), first, *sales.whole(first)))
    neighbour.upload()
    assert balances(hub) == at_first
    assert honest.member_row(till, sales.NEWCOMER) == row_at_first
    for shop in (till, neighbour):
        day = shop.day(sales.DATE)
        assert day.recomputed_differently == ()
        assert set(day.clawback.values()) <= {0}


def test_the_first_order_is_the_first_again_after_a_full_refund(till: FakeTerminal, hub: Hub) -> None:
    basket = honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER)
    first = sales.sold(till.next_receipt_no(), basket)
    assert first.result.taken_off("first_order_30") == 3000
    till.write(first)
    till.upload()
    second = honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER)
    assert second.member is not None
    assert not second.member.first_order
    till.write(sales.give_back(till.next_receipt_no(), first, *sales.whole(first)))
    till.upload()
    assert honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER) == basket


def booked(
    till: FakeTerminal, hub: Hub, name: str, member_no: str = sales.NEWCOMER
) -> dict[tuple[str, str], int]:
    """What one sale of the usual goods moves."""
    before = balances(hub)
    basket = honest.basket(till, sales.FRUIT_LINES, member_no)
    store = till.terminal.partition("-")[0]
    till.write(sales.sold(till.next_receipt_no(), basket, sales.PACKS[name], store=store))
    till.upload()
    assert till.day(sales.DATE).recomputed_differently == ()
    return changes(before, balances(hub))


def test_zhongdian_pays_home_store_referrer_and_area_agent(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("zhongdian")
    with hub.database.write() as connection:
        merchants.change(connection, "M1", sales.PACKS["zhongdian"], rebate_bp=2000, referrer=None)
    booked(neighbour, hub, "zhongdian")
    moved = booked(till, hub, "zhongdian")
    rebate_fen = 1275  # 20 % of 63.74
    assert moved[member_account(sales.NEWCOMER), "points"] == rebate_fen
    assert moved[merchant_account("M1"), "points"] == rebate_fen
    assert moved[store_account("S2"), "voucher"] == 6374, "1 % of 63.74 at scale 4"
    assert moved[member_account(sales.MEMBER), "voucher"] == rebate_fen, "who brought the member in"
    assert moved["area_agent", "voucher"] == rebate_fen
    assert moved[store_account("S1"), CNY] == -rebate_fen, "the rebate is the share"
    assert honest.member_row(till, sales.MEMBER).balances["voucher"] > 0, "referrers are told, too"


def test_gongxianggou_burns_the_deposit_and_stops_below_zero(
    till: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("gongxianggou")
    pack = sales.PACKS["gongxianggou"]
    with hub.database.write() as connection:
        merchants.deposit(connection, "M1", pack, asset="share_points", amount="10", booked_at=hub.time())
    moved = booked(till, hub, "gongxianggou")
    assert moved[merchant_account("M1"), "share_points"] == -6_370_000, "10 % of 63.74 at 1.00 each"
    assert honest.terms(till).balances["share_points"] == 3_630_000
    booked(till, hub, "gongxianggou")
    assert honest.terms(till).balances["share_points"] == -2_740_000
    believed = honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER)
    with pytest.raises(Refusal) as refused:
        sales.sold(till.next_receipt_no(), believed, pack)
    assert refused.value.reason == "gate"


def test_a_sale_that_the_gate_forbade_is_booked_and_told_in_words(
    till: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("gongxianggou")
    made = sales.sold(
        till.next_receipt_no(),
        honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER),
        sales.PACKS["gongxianggou"],
    )
    poor = sales.with_merchant(made, balances={"share_points": -1})
    till.write(poor)
    assert till.upload().results[0].verdict == "accepted"
    assert till.day(sales.DATE).recomputed_differently == (made.receipt_no,)
    assert balances(hub)[merchant_account("M1"), "share_points"] < 0


def test_tianshang_pays_the_home_store_in_money_elsewhere_only(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("tianshang")
    booked(neighbour, hub, "tianshang")
    assert (store_account("S2"), CNY) not in booked(neighbour, hub, "tianshang")
    moved = booked(till, hub, "tianshang")
    assert (moved[store_account("S2"), CNY], moved[store_account("S1"), CNY]) == (63, -63)


def test_a_refund_goes_where_its_sale_went_whoever_is_the_referrer_since(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("zhongdian")
    before = balances(hub)
    basket = honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER)
    made = sales.sold(till.next_receipt_no(), basket, sales.PACKS["zhongdian"])
    till.write(made)
    till.upload()
    with hub.database.write() as connection:
        members.change(connection, sales.NEWCOMER, activated=None, referrer=sales.FRIEND)
    till.write(sales.give_back(till.next_receipt_no(), made, *sales.whole(made)))
    till.upload()
    assert balances(hub) == before


def test_a_coupon_that_the_member_did_not_hold_is_borne_by_the_clawback_account(
    till: FakeTerminal, hub: Hub
) -> None:
    before = balances(hub)
    unit = "coupon:coupon_50_10"
    basket = honest.basket(till, sales.FRUIT_LINES, sales.MEMBER)
    two = [sales.sold(till.next_receipt_no(), basket) for _ in range(2)]
    assert all(one.result.coupons_used for one in two)
    for one in two:
        till.write(one)
    till.upload()
    assert changes(before, balances(hub))["alliance:clawback", unit] == -1
    assert till.day(sales.DATE).clawback == {unit: 1}
    assert till.day(sales.DATE).recomputed_differently == (two[1].receipt_no,)
    for one in two:
        till.write(sales.give_back(till.next_receipt_no(), one, *sales.whole(one)))
    till.upload()
    assert balances(hub) == before


def test_the_current_pack_is_the_one_published_last(hub: Hub, publish: Publish) -> None:
    for name in ("zhongdian", "tianshang"):
        publish(name)
        with hub.database.read() as connection:
            assert stocking.current_pack(connection).id == name
            assert accounts.kept_balances(connection)
