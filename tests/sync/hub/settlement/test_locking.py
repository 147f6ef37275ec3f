"""Frozen days stay what they are; what comes late counts on the next open day."""

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from sync.hub.hub import Hub
from sync.hub.settlement import tables
from sync.hub.settlement.locking import lock
from sync.hub.settlement.locks import claim
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.settlement.shops import (
    DAY,
    NEXT,
    THIRD,
    buy,
    content,
    freeze,
    give_back,
    of_merchant,
    of_store,
    pay,
)
from tests.sync.hub.terminals import FakeTerminal


def test_a_frozen_day_keeps_its_figures_and_its_hash(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    before = of_store(hub)
    [day] = freeze(hub)
    assert (day.account, day.date, day.net_fen, day.locked_by, day.intact, day.reference) == (
        "store:S1",
        sales.DATE,
        before.totals.net_fen,
        "王会计",
        True,
        None,
    )
    with hub.database.read() as connection:
        row = connection.execute(tables.locks.select()).one()
    assert day.sha256 == claim("store:S1", sales.DATE, row.body)
    assert [one["receipt_no"] for one in msgspec.json.decode(row.body)] == [made.receipt_no]
    assert msgspec.json.decode(row.body)[0]["transfers"], "the transfers that it counted"
    after = of_store(hub)
    assert after.frozen
    assert content(after) == content(before)
    assert freeze(hub) == (day,), "again, it stays as it is, under the name of who froze it first"


def test_what_comes_late_counts_on_the_next_open_day(till: FakeTerminal, hub: Hub) -> None:
    first = buy(till)
    freeze(hub)
    frozen = of_store(hub)
    late = buy(till, member=sales.MEMBER)
    of_next = buy(till, member=sales.FRIEND, day=NEXT)
    assert content(of_store(hub)) == content(frozen)
    assert [one.receipt_no for one in of_store(hub).receipts] == [first.receipt_no, late.receipt_no]
    [shown] = of_store(hub).late
    assert (shown.receipt_no, shown.date, shown.counted_on) == (late.receipt_no, str(DAY), str(NEXT))
    told = of_store(hub, "S1", NEXT)
    assert [(one.receipt_no, one.late) for one in told.lines] == [
        (late.receipt_no, True),
        (of_next.receipt_no, False),
    ]
    assert told.totals.net_fen == sum(one.net_fen for one in told.lines)
    both = of_store(hub, "S1", DAY, NEXT)
    assert both.late == ()
    assert both.totals.net_fen == frozen.totals.net_fen + told.totals.net_fen
    assert of_store(hub, "S1", THIRD).lines == ()


def test_a_late_entry_stays_where_it_was_counted(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    freeze(hub)
    late = buy(till, member=sales.MEMBER)
    freeze(hub, NEXT)
    counted = of_store(hub, "S1", NEXT)
    assert [one.receipt_no for one in counted.lines] == [late.receipt_no]
    later = buy(till, member=sales.FRIEND)
    later_still = buy(till, member=sales.FRIEND, day=NEXT)
    assert content(of_store(hub, "S1", NEXT)) == content(counted)
    assert [(one.receipt_no, one.counted_on) for one in of_store(hub).late] == [
        (late.receipt_no, str(NEXT)),
        (later.receipt_no, str(THIRD)),
    ]
    assert [one.receipt_no for one in of_store(hub, "S1", NEXT).late] == [later_still.receipt_no]
    assert [one.receipt_no for one in of_store(hub, "S1", THIRD).lines] == [
        later.receipt_no,
        later_still.receipt_no,
    ]


def test_a_late_correction_is_a_line_of_its_own_without_figures(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    freeze(hub)
    frozen = of_store(hub)
    with hub.database.write() as connection:
        connection.execute(
            schema.transfers.insert().values(
                linked=till.entries[-1].hash.hex(),
                debit="alliance:share",
                credit="store:S1",
                unit="CNY",
                amount=73,
                code="correction",
                booked_at=hub.time(),
                reason="分成多收",
            )
        )
    assert content(of_store(hub)) == content(frozen)
    [line] = of_store(hub, "S1", NEXT).lines
    assert (line.receipt_no, line.kind, line.figures, line.net_fen, line.reason) == (
        made.receipt_no,
        "correction",
        None,
        73,
        "分成多收",
    )
    assert of_store(hub, "S1", NEXT).disagreements == ()
    assert [one.receipt_no for one in of_store(hub).receipts] == [made.receipt_no], "not twice"


def test_a_late_refund_and_a_late_commission_reach_the_next_open_day(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Callable[[str], None]
) -> None:
    publish("tianshang")
    buy(till, "tianshang")
    bought = buy(neighbour, "tianshang")
    freeze(hub)
    frozen = of_store(hub)
    give_back(neighbour, bought)
    assert content(of_store(hub)) == content(frozen)
    told = of_store(hub, "S1", NEXT)
    [line] = told.lines
    assert (line.figures, line.net_fen, line.late) == (None, -63, True)
    assert told.totals.commission_received == {"store:S2": -63}
    freeze(hub, NEXT, THIRD)
    assert content(of_store(hub, "S1", NEXT)) == content(told)


def test_days_are_frozen_in_order(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    buy(till, member=sales.MEMBER, day=THIRD)
    with pytest.raises(Told, match="2026-03-14 of S1 is not locked yet"):
        freeze(hub, THIRD)
    days = freeze(hub, DAY, THIRD)
    assert [day.date for day in days] == [str(DAY), str(NEXT), str(THIRD)]
    assert [day.net_fen == 0 for day in days] == [False, True, False]
    late = buy(till, member=sales.FRIEND, day=NEXT)
    far = THIRD + dt.timedelta(days=10)
    with pytest.raises(Told, match=r"2026-03-17 of S1 is not locked yet"):
        freeze(hub, far)
    freeze(hub, THIRD + dt.timedelta(days=1), far)
    assert [one.receipt_no for one in of_store(hub, "S1", dt.date(2026, 3, 17)).lines] == [late.receipt_no]


def test_quiet_days_before_a_frozen_one_are_frozen_with_it(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    freeze(hub)
    later = DAY + dt.timedelta(days=5)
    freeze(hub, later)
    assert len(of_store(hub, "S1", DAY, later).days) == 6
    pay(hub, DAY, later)


def test_a_day_that_is_not_over_is_not_frozen(till: FakeTerminal, hub: Hub) -> None:
    with pytest.raises(Told, match="is not over"):
        freeze(hub, hub.now().date() + dt.timedelta(days=1))
    with pytest.raises(Told, match="no store S7"):
        freeze(hub, store="S7")
    with hub.database.write() as connection, pytest.raises(Told, match="Say who does it"):
        lock(hub, connection, store="S1", first=DAY, last=DAY, by="  ")


def test_a_lock_is_of_one_account(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    buy(till)
    buy(neighbour, member=sales.MEMBER)
    freeze(hub)
    assert not of_store(hub, "S2").frozen
    assert not of_merchant(hub, "M1").frozen, "what it owes for coupons is not"
    with hub.database.write() as connection:
        days = lock(hub, connection, merchant="M1", first=DAY, last=DAY, by="李")
    assert [(day.account, day.locked_by) for day in days] == [("store:S1", "王会计"), ("merchant:M1", "李")]
    assert of_merchant(hub, "M1").frozen


def test_nothing_of_a_frozen_day_can_be_altered(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    freeze(hub)
    pay(hub)
    for table in (tables.locks, tables.payments):
        for change in (update(table).values(date="2026-01-01"), delete(table)):
            with pytest.raises(DatabaseError, match="are never changed"), hub.database.write() as connection:
                connection.execute(change)
    assert of_store(hub).frozen


def test_a_tampered_day_is_told(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    freeze(hub)
    with hub.database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE settlement_locks DISABLE TRIGGER ALL"))
        else:
            connection.execute(text("DROP TRIGGER settlement_locks_no_update"))
        connection.execute(update(tables.locks).values(body=b"[]"))
    [day] = of_store(hub).days
    assert not day.intact
