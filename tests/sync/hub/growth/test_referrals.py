"""Merchants that members brought: 50 referral points, once, when the merchant becomes active."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from pos.domain.ledger import Posting
from sync.hub.alliance import merchants, packs
from sync.hub.growth import referrals
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.schedules import running
from tests.sync.hub import books, honest, sales
from tests.sync.hub.growth.conftest import NOON, at
from tests.sync.hub.terminals import FakeTerminal


@pytest.fixture(autouse=True)
def brought(hub: Hub, neighbour: FakeTerminal) -> None:
    """M2 was brought by MEMBER, whom FRIEND had brought."""
    with hub.database.write() as connection:
        merchants.change(connection, "M2", sales.PACK, rebate_bp=None, referrer=sales.MEMBER)


def book_due(hub: Hub) -> list[referrals.Referral]:
    with hub.database.write() as connection:
        return referrals.book_due(hub, connection)


def run_schedules(hub: Hub) -> list[str]:
    """The names of what booked anything."""
    return [one.schedule for one in running.run(hub, pause=lambda _: None) if one.run and one.run.transfers]


def sell(neighbour: FakeTerminal) -> None:
    neighbour.write(sales.sale(neighbour.next_receipt_no(), member=None, store="S2"))
    neighbour.upload()


def test_nothing_until_the_merchant_is_active(noon: Hub) -> None:
    before = books.balances(noon)
    assert book_due(noon) == []
    assert books.balances(noon) == before
    with noon.database.read() as connection:
        assert referrals.waiting(connection) == [("M2", sales.MEMBER)]


def test_the_first_sale_makes_it_due_once(noon: Hub, neighbour: FakeTerminal, till: FakeTerminal) -> None:
    sell(neighbour)
    before = books.balances(noon)
    booked = book_due(noon)
    assert booked == [
        referrals.Referral("M2", sales.MEMBER, "referral_points", 5000, "first_sale", noon.time())
    ]
    after = books.balances(noon)
    assert books.changes(before, after) == {
        ("member:30006012", "referral_points"): 5000,
        ("alliance:issued", "referral_points"): -5000,
    }, "apart from time points, and nothing to whoever brought the member"
    sell(neighbour)
    assert book_due(noon) == []
    assert honest.member_row(till, sales.MEMBER).balances["referral_points"] == 5000
    with noon.database.write() as connection:  # another name behind the merchant changes nothing
        merchants.change(connection, "M2", sales.PACK, rebate_bp=None, referrer=sales.FRIEND)
    assert book_due(noon) == []
    with noon.database.read() as connection:
        assert referrals.referrals_of(connection, sales.MEMBER) == booked
        assert referrals.waiting(connection) == []


def test_many_at_once_book_it_once(noon: Hub, neighbour: FakeTerminal) -> None:
    sell(neighbour)
    with ThreadPoolExecutor(6) as pool:
        found = [one for booked in pool.map(lambda _: book_due(noon), range(6)) for one in booked]
    assert len(found) == 1
    assert books.balances(noon)["member:30006012", "referral_points"] == 5000


def test_a_sale_that_was_given_back_does_not_count(noon: Hub, neighbour: FakeTerminal) -> None:
    sale = sales.sale(neighbour.next_receipt_no(), member=None, store="S2")
    neighbour.write(sale)
    neighbour.write(sales.give_back(neighbour.next_receipt_no(), sale, *sales.whole(sale)))
    neighbour.upload()
    assert book_due(noon) == []
    sell(neighbour)
    assert len(book_due(noon)) == 1


def test_the_fee_makes_it_due_too(noon: Hub) -> None:
    with noon.database.write() as connection:
        fee = Posting("merchant:M2", "alliance:fees", "CNY", 1000_00, "service_fee")
        accounts.post(connection, "fee:M2:2026", (fee,), noon.time())
    assert [(one.merchant, one.cause) for one in book_due(noon)] == [("M2", "fee")]


def test_a_pack_without_the_activity_gives_nothing(noon: Hub, neighbour: FakeTerminal) -> None:
    sell(neighbour)
    with noon.database.write() as connection:
        packs.publish(noon, connection, sales.pack_bytes("tianshang"))
    assert book_due(noon) == []


def test_the_daily_run_books_it(noon: Hub, neighbour: FakeTerminal, till: FakeTerminal) -> None:
    sell(neighbour)
    assert "merchant_referrals" in run_schedules(noon)
    assert books.balances(noon)["member:30006012", "referral_points"] == 5000
    assert honest.member_row(till, sales.MEMBER).balances["referral_points"] == 5000
    tomorrow = at(noon, NOON + dt.timedelta(days=1))
    assert "merchant_referrals" not in run_schedules(tomorrow)
    assert book_due(tomorrow) == []
