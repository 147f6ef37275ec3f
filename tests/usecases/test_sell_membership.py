"""A plan is sold at the till: it holds at once, and the fee is the alliance's."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from pos.bootstrap.till import open_till
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.day import Figures, add
from pos.domain.events import MembershipSold
from pos.domain.ledger import SALES
from pos.domain.member_codes import card_code
from pos.domain.message import Refusal
from pos.usecases.refund_sale import find_sale
from pos.usecases.reprint_receipt import reprint_receipt
from pos.usecases.scan_code import CardToSell, MemberIdentified, scan_code
from pos.usecases.sell_membership import CompletedMembership, membership_deals, quote_fee, sell_membership
from tests.usecases.sample_till import CASHIER, DOU, DOU_CARD, EXPIRED_CARD, RICE, SampleTill

NEW, NEW_CARD = "30009990", card_code(777)
EXPIRED = "30002819"
BLOCKED = "30006618"
DATE = "2026-11-21"


@pytest.fixture
def card(shop: SampleTill) -> SampleTill:
    """The shop has a sealed card to sell."""
    shop.tell_member(NEW, NEW_CARD, "", status="sealed", expires="", balances={})
    return shop


def sell_plan(
    shop: SampleTill, member_no: str, plan: str, wishes: dict[str, int] | None = None, **how: int
) -> CompletedMembership:
    """Exactly paid in cash unless said otherwise."""
    due_fen = quote_fee(shop.known(member_no), plan, wishes or {}, shop.desk).due_fen
    amounts = {"given_fen": due_fen, "shown_due_fen": due_fen} | how
    return shop.book(
        partial(sell_membership, member_no, plan, wishes or {}, shop.desk, cashier=CASHIER, **amounts)
    )


def refused(shop: SampleTill, member_no: str, plan: str, **how: int) -> str:
    before = shop.desk.journal.last_seq()
    with pytest.raises(Refusal) as refusal:
        sell_plan(shop, member_no, plan, None, **how)
    assert shop.desk.journal.last_seq() == before
    assert shop.till.store.print_queue.unprinted() == 0
    return refusal.value.reason


# --- a new member ---------------------------------------------------------------------------------


def test_a_sealed_card_is_one_to_sell(card: SampleTill) -> None:
    scanned = scan_code(Cart(), NEW_CARD, card.desk)
    assert isinstance(scanned, CardToSell)
    assert [(one.kind, one.plan, one.price_fen) for one in membership_deals(scanned.member, card.desk)] == [
        ("join", "basic", 100_00),
        ("join", "co_creator", 1000_00),
    ]


def test_joining_is_one_entry_and_holds_at_once(card: SampleTill) -> None:
    card.go_offline()
    done = sell_plan(card, NEW, "basic", given_fen=150_00)
    assert card.events()[-1] == done.sold
    assert (done.sold.receipt_no, done.sold.change_fen) == (card.desk.journal.identity.receipt_no(1), 50_00)
    assert (done.sold.at, done.sold.date, done.sold.online) == ("2026-11-21T10:42:00+08:00", DATE, False)
    assert done.sold.pack == card.desk.packs.current().ref  # type: ignore[union-attr]
    known = card.known(NEW)
    assert (known.plan, known.status, known.expires) == ("basic", "active", "2027-11-20")
    assert isinstance(scan_code(Cart(), NEW_CARD, card.desk), MemberIdentified)
    assert card.till.store.print_queue.unprinted() == 1
    assert card.hub.nudges == 1
    assert card.chain_holds()


def test_the_fee_is_no_sale_and_no_revenue(card: SampleTill) -> None:
    sell_plan(card, NEW, "basic")
    day = add(row.figures for row in card.desk.journal.figures(DATE))
    assert day == Figures(cash_fen=100_00, memberships=1, fees_fen=100_00)
    assert day.net_settlement_fen == -100_00


def test_a_new_members_first_order_is_the_next_sale(card: SampleTill) -> None:
    sell_plan(card, NEW, "basic")
    assert card.known(NEW).balances.get(SALES, 0) == 0
    first = card.sell(NEW_CARD, RICE)
    assert first.sale.basket.member is not None
    assert first.sale.basket.member.first_order
    assert first.sale.result.taken_off("first_order_30") == 30_00


def test_one_transaction_books_it(card: SampleTill) -> None:
    card.sell(RICE)  # the pack in force is on record
    statements: list[str] = []
    connection = card.till.store.journal_writer._connection
    assert connection is not None
    card.book(lambda: connection.set_trace_callback(statements.append))
    sell_plan(card, NEW, "basic")
    first_words = Counter(statement.split()[0] for statement in statements)
    assert (first_words["BEGIN"], first_words["COMMIT"]) == (1, 1)
    assert not {"PRAGMA", "SAVEPOINT", "ROLLBACK"} & set(first_words)


def test_it_outlives_a_restart_and_a_rebuild(template: Path, data: Path) -> None:
    with open_till(data) as till:
        shop = SampleTill(till)
        shop.tell_member(NEW, NEW_CARD, "", status="sealed", expires="", balances={})
        sell_plan(shop, NEW, "co_creator")
    with open_till(data) as till:
        shop = SampleTill(till)
        till.store.journal.rebuild_projections()
        assert (shop.known(NEW).plan, shop.known(NEW).expires) == ("co_creator", "2027-11-20")
        assert [row.kind for row in shop.desk.journal.receipts()] == ["membership"]


def test_the_hubs_word_counts_once_it_knows_the_sale(card: SampleTill) -> None:
    sell_plan(card, NEW, "basic")
    card.tell_member(NEW, NEW_CARD, "basic", expires="2028-01-01", balances={})
    assert card.known(NEW).expires == "2028-01-01"
    sell_plan(card, NEW, "co_creator")
    assert card.known(NEW).plan == "co_creator"


# --- renewing and upgrading -----------------------------------------------------------------------


def test_an_expired_member_renews_and_has_the_points_again(shop: SampleTill) -> None:
    with pytest.raises(Refusal) as refusal:
        scan_code(Cart(), EXPIRED_CARD, shop.desk)
    assert refusal.value.reason == "member_expired"
    points = shop.points(EXPIRED)
    done = sell_plan(shop, EXPIRED, "basic")
    assert (done.sold.deal.kind, done.sold.deal.first_day) == ("renew", DATE)
    sale = shop.sell(EXPIRED_CARD, RICE, redeem=5_00).sale
    assert sale.result.redeemed_fen == 5_00
    assert shop.points(EXPIRED) == points - 5_00 + sale.result.outcome.earned[0].amount


def test_a_running_plan_is_renewed_from_its_end(shop: SampleTill) -> None:
    assert shop.known(DOU).expires == "2027-05-18"
    done = sell_plan(shop, DOU, "basic")
    assert (done.sold.deal.first_day, done.sold.deal.last_day) == ("2027-05-19", "2028-05-17")
    assert shop.known(DOU).expires == "2028-05-17"


def test_an_upgrade_pays_for_what_was_not_used(shop: SampleTill) -> None:
    """179 days of 365 are left, today among them: 49.04 of 100.00."""
    done = sell_plan(shop, DOU, "co_creator")
    assert (done.sold.deal.credit_fen, done.sold.due_fen) == (49_04, 950_96)
    assert (shop.known(DOU).plan, shop.known(DOU).expires) == ("co_creator", "2027-11-20")
    earned = shop.sell(DOU_CARD, RICE).sale.result
    assert earned.outcome.earned[0].amount == 64_00  # 43.25 at one and a half, whole points


def test_points_go_towards_the_fee(shop: SampleTill) -> None:
    shop.tell_member(DOU, DOU_CARD, "basic", balances={"points": 20_00, "time_points": 608_00, SALES: 3})
    done = sell_plan(shop, DOU, "basic", {"time_points": EVERYTHING, "points": EVERYTHING})
    assert [(one.asset, one.amount, one.value_fen) for one in done.sold.paid_in_points] == [
        ("time_points", 600_00, 60_00)
    ]
    assert (done.sold.due_fen, done.sold.tenders[0].amount_fen) == (40_00, 40_00)
    assert (shop.known(DOU).balances["time_points"], shop.points(DOU)) == (8_00, 20_00)
    job = shop.till.store.print_queue.next_job()
    assert job is not None
    assert [(one.name, one.amount) for one in job.balances] == [("积分", 20_00), ("时间积分", 8_00)]


def test_a_fee_that_points_pay_whole_takes_no_cash(shop: SampleTill) -> None:
    shop.tell_member(DOU, DOU_CARD, "basic", balances={"time_points": 1_000_00})
    done = sell_plan(shop, DOU, "basic", {"time_points": EVERYTHING})
    assert (done.sold.due_fen, done.sold.tenders, done.sold.change_fen) == (0, (), 0)
    assert add(row.figures for row in shop.desk.journal.figures(DATE)) == Figures(memberships=1)


def test_a_plan_that_costs_nothing(shop: SampleTill) -> None:
    shop.use_pack("tianshang")
    shop.tell_member(NEW, NEW_CARD, "", status="sealed", expires="", balances={})
    assert sell_plan(shop, NEW, "member").sold.tenders == ()
    assert shop.known(NEW).plan == "member"


# --- what is refused ------------------------------------------------------------------------------


def test_an_amount_the_cashier_did_not_see(card: SampleTill) -> None:
    assert refused(card, NEW, "basic", shown_due_fen=99_99) == "price_changed"


@pytest.mark.parametrize(("given_fen", "reason"), [(99_99, "too_little"), (1_100_00, "too_much")])
def test_cash_that_does_not_fit(card: SampleTill, given_fen: int, reason: str) -> None:
    assert refused(card, NEW, "basic", given_fen=given_fen) == reason


def test_a_day_that_passed_changes_the_price_of_an_upgrade(shop: SampleTill) -> None:
    shown_fen = quote_fee(shop.known(DOU), "co_creator", {}, shop.desk).due_fen
    shop.clock.moment = shop.clock.moment.replace(day=22, hour=0, minute=1)
    assert refused(shop, DOU, "co_creator", given_fen=shown_fen, shown_due_fen=shown_fen) == "price_changed"


def test_a_blocked_member_gets_no_plan(shop: SampleTill) -> None:
    assert refused(shop, BLOCKED, "basic", given_fen=100_00, shown_due_fen=100_00) == "member_blocked"


def test_a_plan_that_only_the_hub_sells(shop: SampleTill) -> None:
    shop.use_pack("community_groupbuy")
    shop.tell_member(DOU, DOU_CARD, "ordinary")
    assert [one.plan for one in membership_deals(shop.known(DOU), shop.desk)] == ["ordinary", "vip"]
    assert refused(shop, DOU, "partner", given_fen=0, shown_due_fen=0) == "no_such_deal"


def test_a_card_nobody_has(shop: SampleTill) -> None:
    with pytest.raises(Refusal) as refusal:
        shop.book(
            lambda: sell_membership(
                "1", "basic", {}, shop.desk, given_fen=0, cashier=CASHIER, shown_due_fen=0
            )
        )
    assert refusal.value.reason == "unknown_member"


def test_a_fee_is_not_returned_at_the_till_but_its_receipt_comes_again(card: SampleTill) -> None:
    done = sell_plan(card, NEW, "basic")
    with pytest.raises(Refusal) as refusal:
        find_sale(done.sold.receipt_no, card.desk)
    assert refusal.value.reason == "is_membership"
    assert card.book(lambda: reprint_receipt(done.sold.receipt_no, card.desk)) == done.job_id + 1
    stored = card.desk.journal.receipt(done.sold.receipt_no)
    assert stored is not None
    assert isinstance(stored.event, MembershipSold)
