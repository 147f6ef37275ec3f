"""Plans that a till has sold: what becomes of member, ledger, day and card."""

import datetime as dt

import msgspec
import pytest

from pos.domain.ledger import ALLIANCE_CLAWBACK, ALLIANCE_FEES, ALLIANCE_REDEEMED, member_account
from pos.domain.membership import MembershipDeal, PointsForFee, Standing, deals, points_for_fee
from pos.domain.programme.part import CNY
from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances, changes
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_recompute import why

SEALED = "30003941"
TODAY = dt.date.fromisoformat(sales.DATE)


def deal(kind: str, plan: str, standing: Standing) -> MembershipDeal:
    [found] = [one for one in deals(standing, sales.PACK, TODAY) if (one.kind, one.plan) == (kind, plan)]
    return found


def standing(till: FakeTerminal, member_no: str) -> Standing:
    row = honest.member_row(till, member_no)
    return Standing(row.plan, row.expires)


def test_a_sealed_card_becomes_a_member(till: FakeTerminal, hub: Hub) -> None:
    sealed = honest.member_row(till, SEALED)
    assert (sealed.status, sealed.plan, sealed.expires) == ("sealed", "", "")
    before = balances(hub)
    join = deal("join", "basic", standing(till, SEALED))
    till.write(sales.membership(till.next_receipt_no(), join, member=SEALED))
    assert till.upload().results[0].verdict == "accepted"
    row = honest.member_row(till, SEALED)
    assert (row.status, row.plan, row.expires) == ("active", "basic", "2027-03-13")
    assert changes(before, balances(hub)) == {("store:S1", CNY): -10_000, (ALLIANCE_FEES, CNY): 10_000}
    day = till.day(sales.DATE)
    [figures] = [one.figures for one in day.receipts]
    assert (figures.memberships, figures.fees_fen, figures.cash_fen, figures.sales) == (1, 10_000, 10_000, 0)
    assert day.recomputed_differently == ()


def test_a_sale_to_the_new_member_in_the_same_batch_knows_the_plan(till: FakeTerminal, hub: Hub) -> None:
    join = deal("join", "co_creator", standing(till, SEALED))
    till.write(sales.membership(till.next_receipt_no(), join, member=SEALED))
    basket = honest.basket(till, sales.FRUIT_LINES, SEALED)
    assert basket.member is not None
    joined = msgspec.structs.replace(basket.member, plan="co_creator")
    till.write(sales.sold(till.next_receipt_no(), msgspec.structs.replace(basket, member=joined)))
    till.upload()
    assert till.day(sales.DATE).recomputed_differently == ()


def test_an_upgrade_paid_in_part_with_time_points(till: FakeTerminal, hub: Hub) -> None:
    before, now = balances(hub), standing(till, sales.FRIEND)
    upgrade = deal("upgrade", "co_creator", now)
    paid = points_for_fee(upgrade, sales.PACK, "time_points", 120_000, 120_000)
    assert paid is not None
    assert paid.value_fen == 12_000
    event = sales.membership(till.next_receipt_no(), upgrade, member=sales.FRIEND, points=(paid,))
    till.write(event)
    till.upload()
    moved = changes(before, balances(hub))
    assert moved[member_account(sales.FRIEND), "time_points"] == -120_000
    assert moved[ALLIANCE_REDEEMED, "time_points"] == 120_000
    assert moved[ALLIANCE_FEES, CNY] == upgrade.price_fen - 12_000
    assert honest.member_row(till, sales.FRIEND).plan == "co_creator"
    assert till.day(sales.DATE).recomputed_differently == ()


def test_points_that_were_not_there_are_borne_by_the_clawback_account(till: FakeTerminal, hub: Hub) -> None:
    renew = deal("renew", "basic", standing(till, sales.MEMBER))
    paid = PointsForFee("time_points", 100_000, 2, 10_000)
    till.write(sales.membership(till.next_receipt_no(), renew, member=sales.MEMBER, points=(paid,)))
    till.upload()
    assert balances(hub)[ALLIANCE_CLAWBACK, "time_points"] == -100_000
    assert till.day(sales.DATE).clawback == {"time_points": 100_000}


def cheaper(deal: MembershipDeal) -> MembershipDeal:
    return msgspec.structs.replace(deal, fee_fen=1)


def longer(deal: MembershipDeal) -> MembershipDeal:
    return msgspec.structs.replace(deal, last_day="2030-01-01")


@pytest.mark.parametrize("change", [cheaper, longer])
def test_a_deal_the_pack_does_not_offer_is_booked_and_shown(
    till: FakeTerminal, hub: Hub, change: type[object]
) -> None:
    join = deal("join", "basic", standing(till, SEALED))
    number = till.next_receipt_no()
    till.write(sales.membership(number, change(join), member=SEALED))  # type: ignore[arg-type,call-arg]
    assert till.upload().results[0].verdict == "accepted"
    assert why(hub)[number].startswith("deal: till")
    assert till.day(sales.DATE).recomputed_differently == (number,)


def test_what_was_paid_is_reckoned_again(till: FakeTerminal, hub: Hub) -> None:
    join = deal("join", "basic", standing(till, SEALED))
    short = msgspec.structs.replace(
        sales.membership(till.next_receipt_no(), join, member=SEALED), due_fen=5_000
    )
    odd = sales.membership(
        till.next_receipt_no(),
        deal("renew", "basic", standing(till, sales.FRIEND)),
        member=sales.FRIEND,
        points=(PointsForFee("points", 1_000, 2, 1_000),),
    )
    stranger = sales.membership(till.next_receipt_no(), join, member="39999999")
    for event in (short, odd, stranger):
        till.write(event)
    till.upload()
    assert why(hub)[short.receipt_no] == "due_fen: till 5000, hub 10000"
    assert why(hub)[odd.receipt_no].startswith("paid_in_points: ")
    assert why(hub)[stranger.receipt_no] == "member 39999999 is not at the hub"


def test_a_blocked_card_stays_blocked(till: FakeTerminal, hub: Hub) -> None:
    with hub.database.write() as connection:
        member = members.known(connection, sales.FRIEND)
        members.put(connection, msgspec.structs.replace(member, status="blocked"))
    renew = deal("renew", "basic", standing(till, sales.FRIEND))
    till.write(sales.membership(till.next_receipt_no(), renew, member=sales.FRIEND))
    till.upload()
    row = honest.member_row(till, sales.FRIEND)
    assert (row.status, row.expires) == ("blocked", renew.last_day)


def test_an_expiry_that_is_no_date_is_kept_for_a_person(till: FakeTerminal, hub: Hub) -> None:
    join = msgspec.structs.replace(deal("join", "basic", standing(till, SEALED)), last_day="some day")
    till.write(sales.membership(till.next_receipt_no(), join, member=SEALED))
    result = till.upload().results[0]
    assert result.verdict == "quarantined"
    assert "some day" in result.reason
    assert honest.member_row(till, SEALED).status == "sealed"


def test_a_sealed_cards_page_says_how_to_begin(hub: Hub, http: InProcess, till: FakeTerminal) -> None:
    with hub.database.read() as connection:
        path = member_card.path_of(hub, connection, SEALED)
    page = http.get(path).text
    assert "这是一张新卡" in page
    assert "会员已到期" not in page
