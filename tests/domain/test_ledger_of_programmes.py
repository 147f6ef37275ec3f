"""The books under every shipped pack: all units, all roles, coupons, deposits and commissions."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.domain.basket import Basket, HeldCoupon, MemberInput, MerchantInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.events import MembershipSold, RefundMade, SaleMade, Tender
from pos.domain.ledger import (
    ALLIANCE_BURNED,
    ALLIANCE_CLAWBACK,
    ALLIANCE_FEES,
    ALLIANCE_ISSUED,
    ALLIANCE_REDEEMED,
    ALLIANCE_REIMBURSEMENT,
    BEARER,
    SALES,
    Posting,
    account_changes,
    member_account,
    member_changes,
    member_spent,
    membership_postings,
    merchant_account,
    merchant_changes,
    refund_postings,
    sale_postings,
    store_account,
)
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import coupon_unit
from pos.domain.refund import ReturnedLine
from tests.domain.examples import ALL_WORKED, PACK_REF, refund_made, return_steps, sale_made
from tests.domain.programme_baskets import (
    MEMBER_NO,
    PLENTY,
    SHIPPED,
    held_rules,
    programme_baskets,
    returned_in,
    shipped,
)
from tests.domain.test_ledger import run, standing, sums

MEMBER, MERCHANT, STORE = member_account(MEMBER_NO), merchant_account("M1"), store_account("S1")
RICE = Product("6945930678841", "大米", "5kg", "袋", "粮油", 100_00, 100_00)


def basket(pack_id: str, rice: int = 1, **facts: object) -> Basket:
    """A member who buys rice at the merchant M1."""
    member = {"member_no": MEMBER_NO, "plan": shipped(pack_id).plans[0].id} | facts.pop("member", {})  # type: ignore[operator]
    merchant = {"merchant": "M1", "balances": {"share_points": PLENTY}} | facts.pop("merchant", {})  # type: ignore[operator]
    return Basket(
        lines=(checked_line(RICE, quantity=rice),),
        member=MemberInput(**member),
        merchant=MerchantInput(**merchant),
        at="2026-11-23T09:00:00+08:00",
        store="S1",
        **facts,  # type: ignore[arg-type]
    )


def all_changes(sale: SaleMade, held: dict[str, int] | None = None) -> dict[tuple[str, str], int]:
    return standing(run(sale, [], held or {})[0])


# --- what holds for every basket ------------------------------------------------------------------


@pytest.mark.parametrize("pack_id", SHIPPED)
@settings(max_examples=40)
@given(data=st.data())
def test_sold_and_returned_in_any_steps_nothing_is_left(pack_id: str, data: st.DataObject) -> None:
    """Member, merchant, home store, referrers, agent, alliance, clawback, bearer: all as before.

    What the member really held is drawn apart from what the till believed, so that some is overdrawn.
    """
    pack = shipped(pack_id)
    sale = sale_made(data.draw(programme_baskets(pack)), pack)
    units = [asset.id for asset in pack.assets]
    units += [coupon_unit(rule.id, who) for rule in held_rules(pack) for who in (None, "M1", "M2")]
    held = data.draw(st.dictionaries(st.sampled_from(units), st.integers(-5, 60_000)))
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    states = run(sale, returned_in(sale, steps, pack), held)
    for balances in states:
        assert set(sums(balances).values()) <= {0}
    assert standing(states[-1]) == {}


@pytest.mark.parametrize("pack_id", SHIPPED)
@settings(max_examples=25)
@given(data=st.data())
def test_what_member_and_merchant_see_comes_to_nothing_too(pack_id: str, data: st.DataObject) -> None:
    """The till's own projections: changes and spent lots of sale and refunds cancel out."""
    pack = shipped(pack_id)
    sale = sale_made(data.draw(programme_baskets(pack)), pack)
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    events: list[SaleMade | RefundMade] = [sale, *returned_in(sale, steps, pack)]
    for changes in (member_changes, merchant_changes, member_spent):
        total: Counter[str] = Counter()
        for event in events:
            total.update(changes(event))
        assert {unit: amount for unit, amount in total.items() if amount} == {}


@pytest.mark.parametrize("pack_id", SHIPPED)
@settings(max_examples=25)
@given(data=st.data())
def test_the_books_say_what_the_sale_says(pack_id: str, data: st.DataObject) -> None:
    pack = shipped(pack_id)
    sale = sale_made(data.draw(programme_baskets(pack)), pack)
    outcome = sale.result.outcome
    balances = run(sale, [], {})[0]
    owed_by_others = sum(fen for funder, fen in outcome.reimbursed.items() if funder != "issuer:S1")
    commissions = sum(one.amount for one in outcome.earned if one.asset == CNY)
    home = sale.basket.member.home_store if sale.basket.member else None
    out = commissions if home not in (None, "S1") else 0
    assert balances[STORE, CNY] == owed_by_others - outcome.share_fen - out
    for one in outcome.burned:
        assert balances[ALLIANCE_BURNED, one.asset] == one.amount


# --- to the deposit, burned, commission -----------------------------------------------------------


def test_what_is_paid_in_share_points_is_the_sellers() -> None:
    """共享购: 30 share points at 1.00 pay 30.00, and go to the merchant, not to the alliance."""
    paid = basket(
        "gongxianggou", member={"balances": {"share_points": 30_000000}}, redeem={"share_points": 1 << 62}
    )
    sale = sale_made(paid, shipped("gongxianggou"))
    changes = all_changes(sale, {"share_points": 30_000000})
    assert sale.result.redeemed_fen == 30_00
    assert sale.result.outcome.reimbursement_fen == 0
    assert (ALLIANCE_REDEEMED, "share_points") not in changes
    assert changes[MEMBER, "share_points"] == -30_000000
    # 10 % of 100.00 is burned; referrers are not there, the agent gets 8 % of the rebate
    assert changes[MERCHANT, "share_points"] == 30_000000 - 10_000000
    assert changes[ALLIANCE_BURNED, "share_points"] == 10_000000
    assert changes[MERCHANT, "share_value"] == 20_00
    assert changes[MEMBER, "share_value"] == 100_00
    assert merchant_changes(sale) == {"share_points": 20_000000, "share_value": 20_00}


def test_half_of_it_returned_gives_half_of_the_burn_back() -> None:
    pack = shipped("gongxianggou")
    sale = sale_made(basket("gongxianggou", rice=2), pack)
    (back,) = returned_in(sale, ((ReturnedLine(0, 1),),), pack)
    assert merchant_changes(sale) == {"share_points": -20_000000, "share_value": 40_00}
    assert merchant_changes(back) == {"share_points": 10_000000, "share_value": -20_00}


def test_a_referrer_and_the_area_agent_have_accounts_of_their_own() -> None:
    sale = sale_made(
        basket("gongxianggou", member={"referrer": True}, merchant={"referrer": True}),
        shipped("gongxianggou"),
    )
    changes = all_changes(sale)
    assert changes[f"referrer_of:{MEMBER}", "share_points"] == 500000
    assert changes[f"referrer_of:{MERCHANT}", "share_points"] == 500000
    assert changes["area_agent", "share_points"] == 800000


def test_a_commission_is_money_from_the_seller_to_the_home_store() -> None:
    """天商联盟: 1 % of 100.00 when the member buys elsewhere, and nothing at home."""
    pack = shipped("tianshang")
    away = all_changes(sale_made(basket("tianshang", member={"home_store": "S2"}), pack))
    assert (away[STORE, CNY], away[store_account("S2"), CNY]) == (-1_00, 1_00)
    home = all_changes(sale_made(basket("tianshang", member={"home_store": "S1"}), pack))
    assert not any(unit == CNY for _, unit in home)


def test_zhongdian_gives_its_home_store_vouchers_wherever_the_member_buys() -> None:
    pack = shipped("zhongdian")
    for home in ("S1", "S2"):
        changes = all_changes(sale_made(basket("zhongdian", member={"home_store": home}), pack))
        assert changes[store_account(home), "voucher"] == 1_0000
    first = all_changes(sale_made(basket("zhongdian"), pack))
    assert not any(account.startswith("store:") and unit == "voucher" for account, unit in first)


# --- coupons --------------------------------------------------------------------------------------


def test_a_coupon_comes_goes_and_comes_back() -> None:
    """社区团购: 99.00 and more give a 5.00 coupon; using one takes it, a full refund undoes both."""
    pack, unit = shipped("community_groupbuy"), coupon_unit("coupon_5")
    sale = sale_made(basket("community_groupbuy", coupons=(HeldCoupon("coupon_5"),)), pack)
    assert sale.result.due_fen == 95_00
    postings = sale_postings(sale, {unit: 1})
    assert Posting(MEMBER, ALLIANCE_REDEEMED, unit, 1, "coupon_used") in postings
    # 95.00 no longer reach the threshold
    assert sale.result.issued == ()
    (back,) = returned_in(sale, ((ReturnedLine(0, 1),),), pack)
    assert Posting(ALLIANCE_REDEEMED, MEMBER, unit, 1, "coupon_back") in refund_postings(back, {})


def test_a_coupon_that_was_given_is_taken_back_with_the_whole_sale_only() -> None:
    pack, unit = shipped("community_groupbuy"), coupon_unit("coupon_5")
    sale = sale_made(basket("community_groupbuy", rice=2), pack)
    assert Posting(ALLIANCE_ISSUED, MEMBER, unit, 1, "coupon_issued") in sale_postings(sale, {})
    first, second = returned_in(sale, ((ReturnedLine(0, 1),), (ReturnedLine(0, 1),)), pack)
    assert unit not in {one.unit for one in refund_postings(first, {})}
    assert Posting(MEMBER, ALLIANCE_ISSUED, unit, 1, "coupon_taken_back") in refund_postings(second, {})


def test_a_printed_coupon_is_its_bearers() -> None:
    """天商联盟: given out by M1 to whoever has it, in M1's own unit."""
    sale = sale_made(basket("tianshang"), shipped("tianshang"))
    unit = coupon_unit("neighbour_30_3", "M1")
    assert Posting(ALLIANCE_ISSUED, BEARER, unit, 1, "coupon_issued") in sale_postings(sale, {})
    assert MEMBER not in {one.credit for one in sale_postings(sale, {}) if one.unit == unit}


@pytest.mark.parametrize(("issuer", "payer"), [("M2", merchant_account("M2")), ("M1", None)])
def test_who_gave_a_printed_coupon_out_pays_for_it(issuer: str, payer: str | None) -> None:
    handed_in = (HeldCoupon("neighbour_30_3", "00" * 8, issuer),)
    sale = sale_made(basket("tianshang", coupons=handed_in), shipped("tianshang"))
    postings = sale_postings(sale, {})
    assert (
        Posting(BEARER, ALLIANCE_REDEEMED, coupon_unit("neighbour_30_3", issuer), 1, "coupon_used")
        in postings
    )
    money = [one for one in postings if one.unit == CNY]
    assert money == ([Posting(payer, STORE, CNY, 3_00, "reimbursement")] if payer else [])


def test_a_coupon_the_member_no_longer_had_is_the_alliances() -> None:
    """Used at two tills in one outage: the second is borne by clawback, and a full refund undoes just that."""
    pack, unit = shipped("community_groupbuy"), coupon_unit("coupon_5")
    sale = sale_made(basket("community_groupbuy", coupons=(HeldCoupon("coupon_5"),)), pack)
    assert all_changes(sale, {unit: 0})[ALLIANCE_CLAWBACK, unit] == -1
    states = run(sale, returned_in(sale, ((ReturnedLine(0, 1),),), pack), {unit: 0})
    assert standing(states[-1]) == {}


def test_a_cash_voucher_pays_and_is_no_asset() -> None:
    sale = sale_made(basket("tianshang", coupons=(HeldCoupon("cash_10", None, "M2"),)), shipped("tianshang"))
    assert [(one.asset, one.value_fen) for one in sale.result.redeemed] == [("cash_10", 10_00)]
    changes = all_changes(sale, {coupon_unit("cash_10", "M2"): 1})
    assert "cash_10" not in {unit for _, unit in changes}
    assert changes[MEMBER, coupon_unit("cash_10", "M2")] == -1
    assert changes[merchant_account("M2"), CNY] == -10_00


def test_paid_sales_are_counted_until_all_of_one_comes_back() -> None:
    pack = shipped("tianshang")
    sale = sale_made(basket("tianshang", rice=2), pack)
    assert member_changes(sale)[SALES] == 1
    first, second = returned_in(sale, ((ReturnedLine(0, 1),), (ReturnedLine(0, 1),)), pack)
    assert SALES not in member_changes(first)
    assert member_changes(second)[SALES] == -1


# --- spending of lots -----------------------------------------------------------------------------


def test_a_sale_that_earns_more_than_it_takes_has_spent_all_the_same() -> None:
    sale = sale_made()
    assert (member_changes(sale)["points"], member_spent(sale)) == (16_00 - 7_00, {"points": 7_00})
    assert member_spent(refund_made(sale, ALL_WORKED)) == {"points": -7_00}


# --- memberships ----------------------------------------------------------------------------------


def fee(due_fen: int, *paid: PointsForFee) -> MembershipSold:
    deal = MembershipDeal("join", "basic", 100_00, 0, "2026-11-21", "2027-11-20")
    return MembershipSold(
        receipt_no="S1-1-ABCDE-0001",
        at="2026-11-21T10:00:00+08:00",
        date="2026-11-21",
        store="S1",
        cashier="03",
        pack=PACK_REF,
        member_no=MEMBER_NO,
        deal=deal,
        paid_in_points=paid,
        due_fen=due_fen,
        tenders=(Tender("cash", due_fen),),
        change_fen=0,
        online=True,
    )


def test_a_fee_is_the_alliances_money_in_the_stores_drawer() -> None:
    sold = fee(95_00, PointsForFee("time_points", 50_00, 2, 5_00))
    assert membership_postings(sold, {"time_points": 60_00}) == (
        Posting(STORE, ALLIANCE_FEES, CNY, 95_00, "fee"),
        Posting(MEMBER, ALLIANCE_REDEEMED, "time_points", 50_00, "fee_in_points"),
    )
    assert member_changes(sold) == {"time_points": -50_00}
    assert member_spent(sold) == {"time_points": 50_00}
    assert account_changes(membership_postings(sold, {}), ALLIANCE_CLAWBACK) == {"time_points": -50_00}


def test_a_plan_for_nothing_books_nothing() -> None:
    assert membership_postings(fee(0), {}) == ()


# --- entries of the first release -----------------------------------------------------------------


def test_a_reimbursement_without_a_name_was_the_alliances() -> None:
    """The first release wrote how much was owed, not by whom; only the alliance could owe it."""
    sale = sale_made()
    outcome = msgspec.structs.replace(sale.result.outcome, reimbursed={})
    unnamed = msgspec.structs.replace(sale, result=msgspec.structs.replace(sale.result, outcome=outcome))
    assert sale_postings(unnamed, {}) == sale_postings(sale, {})
    assert Posting(ALLIANCE_REIMBURSEMENT, STORE, CNY, 7_00, "reimbursement") in sale_postings(unnamed, {})
    made = refund_made(sale, ALL_WORKED)
    old = msgspec.structs.replace(made, result=msgspec.structs.replace(made.result, reimbursed_change={}))
    assert refund_postings(old, {}) == refund_postings(made, {})
