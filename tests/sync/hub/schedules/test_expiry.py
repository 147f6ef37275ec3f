"""Expiry: lots of 180 days, oldest first; what the books say is what the lots say."""

import msgspec
import pytest
from sqlalchemy import select

from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.ledger import holdings
from sync.hub.schedules import running
from sync.hub.schedules.turns import Asked
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances
from tests.sync.hub.schedules.alliance import add_members, give, held, on, publish, run, states
from tests.sync.hub.terminals import FakeTerminal

SEVEN = [f"4000000{digit}" for digit in range(7)]
UNIT = "points"


@pytest.fixture
def seven(hub: Hub) -> Hub:
    """Seven members with 500 of January and 300 of June."""
    publish(hub, "community_groupbuy", "2026-01-01")
    add_members(hub, *SEVEN, plan="vip")
    give(hub, "2026-01-10", {f"member:{number}": 500 for number in SEVEN}, UNIT)
    give(hub, "2026-06-20", {f"member:{number}": 300 for number in SEVEN}, UNIT)
    return hub


def test_points_can_be_used_through_their_last_day(seven: Hub) -> None:
    last_day = "2026-07-09"
    assert states(run(seven, last_day, "expiry")) == [("expiry:points", last_day)]
    assert held(seven, SEVEN[0]) == {UNIT: 800}
    assert states(run(seven, "2026-07-10", "expiry")) == [("expiry:points", "2026-07-10")]
    assert {number: held(seven, number) for number in SEVEN} == {key: {UNIT: 300} for key in SEVEN}
    assert balances(seven)["alliance:expired", UNIT] == 7 * 500


def test_one_run_catches_up_everything(seven: Hub) -> None:
    assert states(run(seven, "2027-01-01", "expiry")) == [("expiry:points", "2027-01-01")]
    assert held(seven, SEVEN[0]) == {}


def test_a_finished_day_changes_nothing_and_says_so(seven: Hub) -> None:
    run(seven, "2026-07-10", "expiry")
    before = balances(seven)
    assert run(seven, "2026-07-10", "expiry") == []
    (again,) = run(seven, "2026-07-10", "expiry", period="2026-07-10")
    assert again.already
    assert balances(seven) == before
    with pytest.raises(Told, match="2026-07-10 is finished already"):
        run(seven, "2026-07-10", "expiry", period="2026-07-09")
    with pytest.raises(Told, match="not over yet"):
        run(seven, "2026-07-10", "expiry", period="2026-07-11")
    assert balances(seven) == before


def test_a_dry_run_books_nothing_and_is_exact(seven: Hub) -> None:
    before = balances(seven)
    asked = Asked(("expiry",), accounts_a_chunk=3)
    _, would = running.dry_run(on(seven, "2026-07-10"), asked)
    assert balances(seven) == before
    run(seven, "2026-07-10", "expiry")
    assert [(one.debit, one.credit, one.amount, one.code) for one in would] == [
        (f"member:{number}", "alliance:expired", 500, "expired") for number in SEVEN
    ]


def test_tills_are_told(seven: Hub) -> None:
    add_members(seven, SEVEN[3], plan="vip", home_store="S1")
    run(seven, "2026-07-10", "expiry")
    table = schema.feed_rows.c
    here = (table.feed == "balances") & (table.store == "S1") & (table.key == SEVEN[3])
    with seven.database.read() as connection:
        told = msgspec.json.decode(connection.execute(select(table.body).where(here)).scalar_one())
    assert (told["balances"], told["expiring"]) == ({UNIT: 300}, {UNIT: [["2026-12-17", 300]]})


def test_a_refund_after_expiry_lives_thirty_days_and_takes_nothing_twice(
    till: FakeTerminal, hub: Hub
) -> None:
    """A sale spends 200.00 worth of points of a lot that ends; the sale is given back afterwards."""
    pack = publish(hub, "community_groupbuy", "2026-01-01")
    number = sales.NEWCOMER
    with hub.database.write() as connection:
        member = members.known(connection, number)
        members.put(connection, msgspec.structs.replace(member, plan="vip"))
    made = []
    for date, wish in (("2026-03-14", {}), ("2026-03-20", {UNIT: 20_000})):
        basket = honest.basket(till, sales.FRUIT_LINES, number, redeem=wish)
        made.append(msgspec.structs.replace(sales.sold(till.next_receipt_no(), basket, pack), date=date))
        till.write(made[-1])
        till.upload(till.entries[-1])
    first, second = (one.result.outcome.earned[0].amount for one in made)
    assert held(hub, number)[UNIT] == first - 20_000 + second

    run(hub, "2026-09-11", "expiry")  # the first lot's last day was the 10th
    assert held(hub, number)[UNIT] == second
    refund = sales.give_back(till.next_receipt_no(), made[1], *sales.whole(made[1]))
    till.write(msgspec.structs.replace(refund, date="2026-09-12"))
    till.upload(till.entries[-1])
    assert held(hub, number)[UNIT] == 20_000
    assert lots(hub, number) == [("2026-10-12", 20_000)]

    refund = sales.give_back(till.next_receipt_no(), made[0], *sales.whole(made[0]))
    till.write(msgspec.structs.replace(refund, date="2026-09-13"))
    till.upload(till.entries[-1])
    expired = first - 20_000
    assert held(hub, number)[UNIT] == 20_000 - first < 0
    run(hub, "2026-09-14", "expiry")
    assert held(hub, number).get(UNIT, 0) == 20_000 - first + expired == 0, "what expired is not lost twice"
    assert lots(hub, number) == []
    assert ("alliance:expired", UNIT) not in balances(hub)


def lots(hub: Hub, number: str) -> list[tuple[str, int]]:
    pack = sales.PACKS["community_groupbuy"]
    with hub.database.read() as connection:
        return list(holdings.expiring(connection, number, pack).get(UNIT, ()))


def test_a_late_sale_earns_a_lot_that_the_next_run_ends(seven: Hub) -> None:
    run(seven, "2026-07-10", "expiry")
    give(seven, "2026-01-05", {f"member:{SEVEN[0]}": 70}, UNIT)
    assert held(seven, SEVEN[0]) == {UNIT: 370}
    run(seven, "2026-07-11", "expiry")
    assert held(seven, SEVEN[0]) == {UNIT: 300}
