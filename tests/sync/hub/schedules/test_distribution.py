"""The year's distribution: the domain's example to the fen, and the pure rule for many members."""

import datetime as dt
import random

import msgspec
import pytest

from pos.domain.basket import Basket, BasketLine, MemberInput
from pos.domain.events import SaleMade
from pos.domain.ledger import ALLIANCE_ISSUED, Posting
from pos.domain.membership import Standing, deals
from pos.domain.programme.pack import Pack
from pos.domain.refund import ReturnedLine
from pos.domain.schedules.distribution import Contribution, distribute
from sync.hub.alliance import packs
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.schedules import consumption, running, runs
from sync.hub.schedules.tables import consumption as consumption_table
from sync.hub.schedules.tables import schedule_shares
from sync.hub.schedules.turns import Asked
from sync.hub.storage import bulk
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.books import balances, changes
from tests.sync.hub.schedules.alliance import add_members, give, on, publish, run
from tests.sync.hub.terminals import FakeTerminal

YEAR = "2026"
FEBRUARY = "2027-02-01"
JIA, YI = "20000001", "20000002"
POOL = 100_000_00
PROFIT = {"net_profit_fen": POOL * 100 // 80}


@pytest.fixture(autouse=True)
def _founded_in_2026(hub: Hub) -> None:
    publish(hub, "tongyi", "2026-01-01")


def consumed(hub: Hub, fen: dict[str, int], date: str = "2026-05-01") -> None:
    """What members consumed, as if their receipts had been read; numbers are of the member and date."""
    rows = [(account, date, "made up", 0, amount) for account, amount in fen.items()]
    with hub.database.write() as connection:
        columns = [one.name for one in consumption_table.columns]
        bulk.insert(connection, consumption_table, columns, rows)


def paid(hub: Hub, before: dict[tuple[str, str], int]) -> dict[str, int]:
    moved = changes(before, balances(hub))
    assert {unit for _, unit in moved} <= {"CNY"}
    return {account: amount for (account, _), amount in moved.items() if account != "alliance:profit"}


def test_the_example_of_the_domain(hub: Hub, till: FakeTerminal) -> None:
    """Real sales of 10 000 and 5 000 yuan; 20 hours; 2 and 5 merchants."""
    add_members(hub, JIA, YI, plan="basic")
    for number, times in ((JIA, 10), (YI, 5)):
        for _ in range(times):
            till.write(sale_of(till.next_receipt_no(), number, 1000_00))
    till.upload()
    give(hub, "2026-06-01", {f"member:{JIA}": 200_00}, "time_points")
    give(hub, "2026-06-01", {f"member:{JIA}": 100_00, f"member:{YI}": 250_00}, "referral_points")
    before = balances(hub)
    (ran,) = run(hub, FEBRUARY, "distribution", given=PROFIT)
    assert ran.run
    assert ran.run.inputs["pool_fen"] == POOL
    assert paid(hub, before) == {f"member:{JIA}": 66_809_42, f"member:{YI}": 33_190_58}
    assert ran.run.amounts == {"CNY": POOL}
    with hub.database.read() as connection:
        shares = {row.account: row.weight for row in connection.execute(schedule_shares.select())}
    assert shares == {f"member:{JIA}": 3120_000, f"member:{YI}": 1550_000}, "exact thousandths"


def sale_of(receipt_no: str, number: str, fen: int) -> SaleMade:
    """A sale of an eligible good for exactly so much, in 2026."""
    good = msgspec.structs.replace(sales.GOODS[sales.WATER], price_fen=fen, member_price_fen=fen)
    member = MemberInput(number, "basic", {}, first_order=False)
    return sales.sold(receipt_no, Basket(lines=(BasketLine(good, 1),), member=member))


def test_it_is_the_rule_for_many_members(hub: Hub) -> None:
    pack, years = tongyi(hub), contributions(random.Random(7), 400)
    book(hub, years)
    pool = 1_234_567_89
    before = balances(hub)
    run(hub, FEBRUARY, "distribution", given={"net_profit_fen": pool * 100 // 80 + 1})
    assert pack.distribution is not None
    scales = {one.id: one.scale for one in pack.assets}
    wanted = distribute(pool, years, pack.distribution, scales)
    assert paid(hub, before) == {
        f"member:{one.member_no}": one.amount_fen for one in wanted.portions if one.amount_fen
    }


def tongyi(hub: Hub) -> Pack:
    with hub.database.read() as connection:
        pack = packs.current(connection)
    assert pack is not None
    return pack


def contributions(draw: random.Random, count: int) -> list[Contribution]:
    """Members of all sorts: with nothing, with more returned than bought, with equal years."""
    return [
        Contribution(
            f"2{number:07}",
            draw.choice(["basic", "co_creator"]),
            draw.choice([0, -500, 100_00, draw.randrange(10**7)]),
            {
                unit: draw.choice([0, 10_00, draw.randrange(10**5)])
                for unit in ("time_points", "referral_points")
            },
        )
        for number in range(count)
    ]


def book(hub: Hub, years: list[Contribution]) -> None:
    for plan in ("basic", "co_creator"):
        add_members(hub, *(one.member_no for one in years if one.plan == plan), plan=plan)
    consumed(hub, {f"member:{one.member_no}": one.consumption_fen for one in years})
    for unit in ("time_points", "referral_points", "sales"):
        amounts = {f"member:{one.member_no}": one.earned.get(unit, 1) for one in years}
        give(hub, "2026-06-01", {account: amount for account, amount in amounts.items() if amount}, unit)


def test_only_the_year_counts_where_the_alliance_is(hub: Hub) -> None:
    add_members(hub, JIA, YI, plan="basic")
    consumed(hub, {f"member:{JIA}": 100_00}, "2026-12-31")
    consumed(hub, {f"member:{YI}": 100_00, f"member:{JIA}": 900_00}, "2027-01-01")
    consumed(hub, {f"member:{YI}": 300_00}, "2025-12-31")
    with hub.database.write() as connection:
        for stamp in ("2025-12-31T15:59:59.999+00:00", "2026-12-31T16:00:00.000+00:00"):
            outside = Posting(ALLIANCE_ISSUED, f"member:{YI}", "time_points", 700_00, "earned")
            accounts.post(connection, stamp, (outside,), stamp)
        for stamp in ("2025-12-31T16:00:00.000+00:00", "2026-12-31T15:59:59.999+00:00"):
            inside = Posting(ALLIANCE_ISSUED, f"member:{YI}", "time_points", 30_00, "earned")
            accounts.post(connection, stamp, (inside,), stamp)
        spent = Posting(f"member:{YI}", "alliance:exchanged", "time_points", 60_00, "exchanged")
        accounts.post(connection, "spent", (spent,), stamp)
        accounts.post(
            connection, "sale", (Posting(ALLIANCE_ISSUED, f"member:{JIA}", "sales", 1, "x"),), stamp
        )
    run(hub, "2026-12-31", "distribution", given=PROFIT)
    before = balances(hub)
    ran = run(hub, FEBRUARY, "distribution", given=PROFIT, period=YEAR)
    assert [one.period for one in ran] == [YEAR]
    assert paid(hub, before) == {f"member:{JIA}": POOL // 2, f"member:{YI}": POOL // 2}, "30 each"


def test_refunds_take_off_what_they_leave_less(hub: Hub, till: FakeTerminal) -> None:
    """The worked sale: eligible 23.76 less 7.00 in points; a water back, then everything."""
    made = sales.sale(till.next_receipt_no())
    some = sales.give_back(till.next_receipt_no(), made, ReturnedLine(0, 1))
    rest = sales.give_back(till.next_receipt_no(), made, *sales.whole(made, some), earlier=(some,))
    for event in (made, some, rest):
        till.write(event)
    till.upload()
    with hub.database.write() as connection:
        while consumption.catch_up(connection, 1):
            pass
        rows = connection.execute(consumption_table.select().order_by(consumption_table.c.entry_id)).all()
    assert [row.fen for row in rows] == [16_76, -(1_58 - 47), -(16_76 - 1_58 + 47)]
    assert {row.account for row in rows} == {f"member:{sales.MEMBER}"}


def test_a_refund_waits_for_its_sale(hub: Hub, till: FakeTerminal, neighbour: FakeTerminal) -> None:
    made = sales.sale(till.next_receipt_no())
    neighbour.write(
        msgspec.structs.replace(
            sales.give_back(neighbour.next_receipt_no(), made, *sales.whole(made)), store="S2"
        )
    )
    neighbour.upload()
    assert rows_of(hub) == []
    till.write(made)
    till.upload()
    assert sorted(rows_of(hub)) == [-16_76, 16_76]


def rows_of(hub: Hub) -> list[int]:
    with hub.database.write() as connection:
        while consumption.catch_up(connection, 1):
            pass
        return [row.fen for row in connection.execute(consumption_table.select())]


def test_the_plan_at_the_end_of_the_year_counts(hub: Hub, till: FakeTerminal) -> None:
    add_members(hub, JIA, YI, plan="basic", expires="2027-06-30")
    consumed(hub, {f"member:{JIA}": 100_00, f"member:{YI}": 100_00})
    give(hub, "2026-06-01", {f"member:{JIA}": 1, f"member:{YI}": 1}, "sales")
    day = dt.date(2027, 1, 15)
    (deal,) = (
        one for one in deals(Standing("basic", "2027-06-30"), sales.PACK, day) if one.plan == "co_creator"
    )
    sold = sales.membership(till.next_receipt_no(), deal, member=JIA)
    till.write(msgspec.structs.replace(sold, date=day.isoformat()))
    till.upload()
    before = balances(hub)
    run(hub, FEBRUARY, "distribution", given=PROFIT)
    assert paid(hub, before) == {f"member:{JIA}": POOL // 2, f"member:{YI}": POOL // 2}


def test_a_co_creator_s_consumption_counts_twice(hub: Hub) -> None:
    add_members(hub, JIA, plan="co_creator")
    add_members(hub, YI, plan="basic")
    consumed(hub, {f"member:{JIA}": 100_00, f"member:{YI}": 100_00})
    give(hub, "2026-06-01", {f"member:{JIA}": 1, f"member:{YI}": 1}, "sales")
    before = balances(hub)
    run(hub, FEBRUARY, "distribution", given={"net_profit_fen": 375_00})
    assert paid(hub, before) == {f"member:{JIA}": 200_00, f"member:{YI}": 100_00}


def test_only_partners_take_part(hub: Hub) -> None:
    publish(hub, "community_groupbuy", "2026-01-01")
    add_members(hub, JIA, plan="partner")
    add_members(hub, YI, plan="vip")
    consumed(hub, {f"member:{JIA}": 1, f"member:{YI}": 100_00})
    give(hub, "2026-06-01", {f"member:{JIA}": 1, f"member:{YI}": 1}, "sales")
    before = balances(hub)
    run(hub, FEBRUARY, "distribution", given={"net_profit_fen": 375_01})
    assert paid(hub, before) == {f"member:{JIA}": 300_00}


def test_without_any_weight_the_pool_is_carried_over(hub: Hub) -> None:
    add_members(hub, JIA, plan="basic")
    before = balances(hub)
    (ran,) = run(hub, "2027-02-01", "distribution", given={"net_profit_fen": 1000_00})
    assert ran.run
    assert ran.run.details["carried_over_fen"] == 800_00
    assert balances(hub) == before
    consumed(hub, {f"member:{JIA}": 1_00}, "2027-05-01")
    give(hub, "2027-06-01", {f"member:{JIA}": 1}, "sales")
    before = balances(hub)
    run(hub, "2028-02-01", "distribution", given={"net_profit_fen": -5_00})
    assert paid(hub, before) == {f"member:{JIA}": 800_00}, "a loss adds nothing"


def test_it_waits_for_the_profit_and_for_its_turn(hub: Hub) -> None:
    (ran,) = run(hub, FEBRUARY, "distribution")
    assert (ran.waits_for, ran.run) == ("net_profit_fen", None)
    with pytest.raises(Told, match="not over yet"):
        run(hub, FEBRUARY, "distribution", given=PROFIT, period="2027")
    with pytest.raises(Told, match="2026 comes first"):
        run(hub, "2029-01-01", "distribution", given=PROFIT, period="2028")


def test_the_same_year_again_changes_nothing(hub: Hub) -> None:
    book(hub, contributions(random.Random(3), 20))
    run(hub, FEBRUARY, "distribution", given=PROFIT)
    before = balances(hub)
    (again,) = run(hub, FEBRUARY, "distribution", given=PROFIT, period=YEAR)
    assert again.already
    assert balances(hub) == before


def test_it_goes_on_with_the_profit_it_was_begun_with(hub: Hub) -> None:
    book(hub, contributions(random.Random(3), 20))

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        running.run(on(hub, FEBRUARY), Asked(("distribution",), given=PROFIT), pause=stop)
    with pytest.raises(Told, match="net_profit_fen"):
        run(hub, FEBRUARY, "distribution", given={"net_profit_fen": 1})
    (ran,) = run(hub, FEBRUARY, "distribution")
    assert ran.run
    assert ran.run.amounts == {"CNY": POOL}
    with hub.database.read() as connection:
        assert len(runs.runs(connection)) == 1
