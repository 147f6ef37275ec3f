"""The ledger: the worked sale and its refunds, overdrafts, and that nothing booked can be changed."""

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from pos.domain.ledger import ALLIANCE_CLAWBACK, SALES, Posting, member_account
from pos.domain.programme.part import CNY
from pos.domain.refund import ReturnedLine
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.terminals import FakeTerminal


def test_the_sample_members_points_are_transfers(hub: Hub) -> None:
    found = balances(hub)
    assert found[member_account(sales.MEMBER), "points"] == 2000
    assert found[member_account(sales.MEMBER), "coupon:coupon_50_10"] == 1
    assert found[member_account(sales.MEMBER), SALES] == 1
    assert found[accounts.OPENING, "points"] == -sum(
        amount
        for (account, unit), amount in found.items()
        if account.startswith("member:") and unit == "points"
    )


def test_the_worked_sale_and_its_two_refunds_end_where_they_began(till: FakeTerminal, hub: Hub) -> None:
    before = balances(hub)
    sale = sales.sale(till.next_receipt_no())
    till.write(sale)
    till.upload()
    after_sale = balances(hub)
    assert till.points(sales.MEMBER) == 2900
    assert after_sale["store:S1", CNY] == 700 - 253
    assert after_sale["alliance:redeemed", "points"] == 700

    one_water = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1))
    till.write(one_water)
    till.upload()
    assert till.points(sales.MEMBER) == 2900 + 47 - 100
    assert balances(hub)["store:S1", CNY] == 700 - 47 - 248

    rest = sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale, one_water), earlier=(one_water,))
    till.write(rest)
    till.upload()
    assert balances(hub) == before
    day = till.day(sales.DATE)
    assert day.recomputed_differently == ()
    assert day.clawback == {}
    assert [row.figures.cash_fen for row in day.receipts] == [7736, -111, -7736 + 111]


def test_an_overdraft_is_borne_by_the_clawback_account(till: FakeTerminal, hub: Hub) -> None:
    before = balances(hub)
    first, second, third = (sales.sale(till.next_receipt_no(), believed=2000) for _ in range(3))
    poor = [sales.sale(till.next_receipt_no(), member="30009999", believed=2000) for _ in range(2)]
    for event in (first, second, third, *poor):
        till.write(event)
    till.upload()
    found = balances(hub)
    assert found[ALLIANCE_CLAWBACK, "points"] == -700, "only the stranger's first sale was not covered"
    assert till.day(sales.DATE).clawback == {"points": 700}
    with hub.database.read() as connection:
        row = connection.execute(select(schema.overdrafts)).one()
    assert (row.receipt_no, row.member_no, row.amount, row.remaining) == (
        poor[0].receipt_no,
        "30009999",
        700,
        700,
    )

    one_water = sales.give_back(till.next_receipt_no(), poor[0], ReturnedLine(0, 1))
    rest = sales.give_back(
        till.next_receipt_no(), poor[0], *sales.whole(poor[0], one_water), earlier=(one_water,)
    )
    till.write(one_water)
    till.upload()
    assert balances(hub)[ALLIANCE_CLAWBACK, "points"] == -(700 - 47)
    till.write(rest)
    for event in (first, second, third, poor[1]):
        till.write(sales.give_back(till.next_receipt_no(), event, *sales.whole(event)))
    till.upload()
    assert balances(hub) == before
    assert till.day(sales.DATE).clawback == {"points": 0}
    with hub.database.read() as connection:
        assert connection.execute(select(schema.overdrafts.c.remaining)).scalars().all() == [0]


def test_a_refund_whose_sale_is_not_here_is_booked_on_its_own(till: FakeTerminal, hub: Hub) -> None:
    lost = sales.sale(till.next_receipt_no())
    till.write(sales.give_back(till.next_receipt_no(), lost, *sales.whole(lost)))
    assert till.upload().results[0].verdict == "accepted"
    assert till.points(sales.MEMBER) == 2000 + 700 - 1600
    assert till.day(sales.DATE).recomputed_differently == (till.identity.receipt_no(2),)
    balances(hub)


def test_earned_points_taken_back_may_leave_a_balance_negative(till: FakeTerminal, hub: Hub) -> None:
    earning = sales.sale(till.next_receipt_no(), member="30009999", redeem=0)
    spending = sales.sale(till.next_receipt_no(), member="30009999", believed=2300)
    taken_back = sales.give_back(till.next_receipt_no(), earning, *sales.whole(earning))
    for event in (earning, spending, taken_back):
        till.write(event)
    till.upload()
    assert balances(hub)[member_account("30009999"), "points"] == 2300 - 700 + 1600 - 2300
    spent_again = sales.sale(till.next_receipt_no(), member="30009999", believed=2300)
    till.write(spent_again)
    till.upload()
    assert balances(hub)[member_account("30009999"), "points"] == 900 - 700 + 1600


@pytest.mark.parametrize("table", ["transfers", "journal_entries"])
def test_what_is_booked_is_never_changed(till: FakeTerminal, hub: Hub, table: str) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    rows = schema.metadata.tables[table]
    for statement in (update(rows).values(id=-1), delete(rows)):
        with pytest.raises(IntegrityError, match="never changed"), hub.database.write() as connection:
            connection.execute(statement)


@pytest.mark.parametrize(
    "wrong",
    [
        Posting("a", "b", "points", 0, "x"),
        Posting("a", "b", "points", -1, "x"),
        Posting("a", "a", "points", 1, "x"),
    ],
)
def test_the_database_refuses_what_is_no_transfer(hub: Hub, wrong: Posting) -> None:
    before = balances(hub)
    with pytest.raises(IntegrityError), hub.database.write() as connection:
        accounts.post(connection, "test", (Posting("a", "b", "points", 5, "x"), wrong), "now")
    assert balances(hub) == before


def test_a_balance_that_was_tampered_with_is_found(hub: Hub) -> None:
    with hub.database.write() as connection:
        connection.execute(
            update(schema.balances).where(schema.balances.c.amount == 2000).values(amount=9000)
        )
    with hub.database.read() as connection:
        assert accounts.kept_balances(connection) != accounts.derived_balances(connection)
