"""What growth books is what the year's distribution and the settlement count."""

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

from sqlalchemy import select

from sync.hub.alliance import merchants, places
from sync.hub.growth import exchanging, own_points, referrals, tasks
from sync.hub.hub import Hub
from sync.hub.schedules import running
from sync.hub.schedules.tables import distribution_earned, schedule_shares
from sync.hub.schedules.turns import Asked
from sync.hub.settlement.statement import statement
from tests.sync.hub import sales
from tests.sync.hub.growth.conftest import NOON, at
from tests.sync.hub.terminals import FakeTerminal

ACCOUNT = f"member:{sales.MEMBER}"


def volunteer(hub: Hub, task: int) -> int:
    """Two reviewed hours; returns the submission's number."""
    with hub.database.write() as connection:
        one = tasks.submit(hub, connection, task, sales.MEMBER, by="x", minutes=120)
        return tasks.approve(hub, connection, one.id, by="r").id


def test_twenty_hours_and_two_merchants_weigh_120(
    noon: Hub,
    published: Callable[..., int],
    neighbour: FakeTerminal,
    new_code: Callable[..., str],
) -> None:
    for _ in range(10):
        volunteer(noon, published())
    mistaken = volunteer(noon, published())
    shop = places.Store("S3", "M3", "邻家面馆", "邻家面馆", "", "Asia/Shanghai")
    with noon.database.write() as connection:
        tasks.withdraw(noon, connection, mistaken, by="r", reason="重复")
        exchanging.exchange_points(
            noon, connection, sales.MEMBER, rule="time_to_voucher", amount="200", reference="E", by="x"
        )
        places.add_store(connection, shop, (places.Terminal("S3-1", "1 号机"),))
        for merchant in ("M2", "M3"):
            merchants.change(connection, merchant, sales.PACK, rebate_bp=None, referrer=sales.MEMBER)
    noodles = FakeTerminal(neighbour.http)
    noodles.enrol(new_code("S3-1"))
    for till, store in ((neighbour, "S2"), (noodles, "S3")):
        till.write(sales.sale(till.next_receipt_no(), member=None, store=store))
        till.upload()
    with noon.database.write() as connection:
        assert len(referrals.book_due(noon, connection)) == 2

    after_the_year = at(noon, dt.datetime(2027, 1, 2, 4, tzinfo=dt.UTC))
    asked = Asked(("distribution",), "2026", {"net_profit_fen": 1000_00})
    (done,) = running.run(after_the_year, asked, pause=lambda _: None)
    assert done.run is not None
    with noon.database.read() as connection:
        earned = connection.execute(
            select(distribution_earned.c.unit, distribution_earned.c.amount)
            .where(distribution_earned.c.account == ACCOUNT)
            .order_by(distribution_earned.c.unit)
        ).all()
        weight = connection.execute(
            select(schedule_shares.c.weight).where(schedule_shares.c.account == ACCOUNT)
        ).scalar_one()
    assert [tuple(row) for row in earned] == [("referral_points", 100_00), ("time_points", 200_00)], (
        "an exchange takes nothing from what was earned, a withdrawal does"
    )
    assert Fraction(weight, done.run.inputs["weighing"]["denominator"]) == 120


def test_a_budget_is_settled_with_the_merchant(noon: Hub, publish: Callable[[str], None]) -> None:
    publish("tianshang")
    with noon.database.write() as connection:
        own_points.register(noon, connection, "M1", ratio="1", by="M1")
        own_points.fund(noon, connection, "M1", amount_fen=100_00, reference="B1", by="M1")
        own_points.convert(noon, connection, "M1", member_no=sales.MEMBER, own="40", reference="C1", by="M1")
        own_points.fund(noon, connection, "M1", amount_fen=-60_00, reference="B2", by="M1")
    with noon.database.read() as connection:
        found = statement(connection, merchant="M1", first=NOON.date(), last=NOON.date())
    assert [(one.debtor, one.creditor, one.amount_fen) for one in found.debts] == [
        ("merchant:M1", "alliance", 40_00)
    ], "what was converted, and nothing else"
    assert found.disagreements == ()
