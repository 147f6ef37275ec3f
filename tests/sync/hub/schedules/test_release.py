"""Staged release: 200 points pay 1, 1.15, 1.3225 … and reach their cap of 1000 in period 36."""

import pytest
from sqlalchemy import select

from pos.domain.ledger import ALLIANCE_ISSUED, Posting
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.schedules import running
from sync.hub.schedules.turns import Asked
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub.books import balances, changes
from tests.sync.hub.schedules.alliance import add_members, give, held, moment, on, publish, run, states
from tests.sync.hub.schedules.receipts import turnover

NAME = "release:points-voucher"
ONE, TWO = "80000001", "80000002"


@pytest.fixture
def alliance(hub: Hub) -> Hub:
    publish(hub, "zhongdian", "2026-01-01")
    add_members(hub, ONE, TWO)
    return hub


def test_the_first_periods_pay_1_and_1_15_and_1_3225(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00, "merchant:M1": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00, "2026-02-27": 1150_00, "2026-03-30": 1322_50})
    assert run(alliance, "2026-01-31", "release") == []
    paid = []
    for date in ("2026-02-01", "2026-02-28", "2026-03-31"):
        before = balances(alliance)
        run(alliance, date, "release")
        moved = changes(before, balances(alliance))
        assert moved[f"member:{ONE}", "voucher"] == moved["merchant:M1", "voucher"]
        paid.append(moved[f"member:{ONE}", "voucher"])
    assert paid == [1_0000, 1_1500, 1_3225], "each on the day after turnover reached 115 %"


def test_a_period_that_does_not_grow_repeats_the_last(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00, "2026-02-27": 1149_99, "2026-03-30": 1322_50})
    run(alliance, "2026-04-01", "release")
    assert held(alliance, ONE)["voucher"] == 1_0000 + 1_0000 + 1_1500


def test_missed_periods_are_caught_up_in_order(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00, "2026-02-10": 1150_00, "2026-02-20": 1322_50})
    with pytest.raises(Told, match="2026-01-31 comes first"):
        run(alliance, "2026-03-02", "release", period="2026-02-10")
    ran = run(alliance, "2026-03-02", "release")
    assert states(ran) == [(NAME, "2026-01-31"), (NAME, "2026-02-10"), (NAME, "2026-02-20")]
    assert held(alliance, ONE)["voucher"] == 1_0000 + 1_1500 + 1_3225
    with pytest.raises(Told, match="finished already"):
        run(alliance, "2026-03-02", "release", period="2026-02-09")


def test_the_cap_of_1000_is_reached_in_period_36(alliance: Hub) -> None:
    """Turnover grows each month by 15 %, so that every period pays 1.15 times the one before."""
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    sums, fen = {}, 1000_00
    months = [f"{2026 + n // 12}-{n % 12 + 1:02}" for n in range(40)]
    for month in months:
        sums[f"{month}-28"] = fen
        fen = -(-fen * 115 // 100)
    turnover(alliance, sums)
    run(alliance, f"{months[38]}-01", "release", accounts_a_chunk=1_000)
    paid = transfers_to(alliance, f"member:{ONE}", "voucher")
    assert len(paid) == 36, "38 periods are over"
    assert paid[:3] == [1_0000, 1_1500, 1_3225]
    assert sum(paid) == held(alliance, ONE)["voucher"] == 1000_0000


def transfers_to(hub: Hub, account: str, unit: str) -> list[int]:
    table = schema.transfers.c
    query = select(table.amount).where(table.credit == account, table.unit == unit).order_by(table.id)
    with hub.database.read() as connection:
        return list(connection.execute(query).scalars())


def test_what_is_left_of_a_month_is_no_period(alliance: Hub) -> None:
    """The second period ends early, so the third has until the end of March."""
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00, "2026-02-10": 1150_00, "2026-03-05": 1_00})
    assert [period for _, period in states(run(alliance, "2026-03-31", "release"))] == [
        "2026-01-31",
        "2026-02-10",
    ]
    assert [period for _, period in states(run(alliance, "2026-04-01", "release"))] == ["2026-03-31"]
    assert held(alliance, ONE)["voucher"] == 1_0000 + 1_1500 + 1_1500


def test_each_lot_counts_its_own_periods(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00, "2026-02-28": 1150_00})
    run(alliance, "2026-02-01", "release")
    give(alliance, "2026-02-10", {f"member:{ONE}": 200_00}, "points")
    run(alliance, "2026-03-01", "release")
    assert held(alliance, ONE)["voucher"] == 1_0000 + (1_1500 + 1_0000)


def test_a_refund_makes_the_lot_smaller_and_takes_nothing_back(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00})
    run(alliance, "2026-02-01", "release")
    with alliance.database.write() as connection:
        back = Posting(f"member:{ONE}", ALLIANCE_ISSUED, "points", 150_00, "earned_back")
        stamp = moment("2026-02-05").isoformat()
        accounts.post(connection, f"given:member:{ONE}:2026-01-10", (back,), stamp)
    held_then = []
    for date in ("2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"):
        run(alliance, date, "release")
        held_then.append(held(alliance, ONE)["voucher"])
    assert held_then == [1_0000, 1_0000, 1_0000, 1_2500], "50 points: 0.25 a period, so four are paid already"


def test_a_run_counts_what_was_booked_when_it_began(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    give(alliance, "2026-02-01", {f"member:{TWO}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00})
    run(alliance, "2026-02-01", "release")
    assert held(alliance, TWO) == {"points": 200_00}, "earned after the period"


def test_a_dry_run_sees_later_periods_as_they_would_be(alliance: Hub) -> None:
    give(alliance, "2026-01-10", {f"member:{ONE}": 200_00}, "points")
    turnover(alliance, {"2026-01-15": 1000_00, "2026-02-28": 1150_00})
    before = balances(alliance)
    _, would = running.dry_run(on(alliance, "2026-03-01"), Asked(("release",)))
    assert [one.amount for one in would] == [1_0000, 1_1500]
    assert balances(alliance) == before
    with alliance.database.read() as connection:
        assert connection.execute(schema.metadata.tables["schedule_runs"].select()).all() == []
