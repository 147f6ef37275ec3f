"""Frozen days stay what they are; what comes late counts on the next open day; each day is paid once."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from sync.hub.hub import Hub
from sync.hub.settlement import tables
from sync.hub.settlement.locking import lock
from sync.hub.settlement.locks import Day, claim
from sync.hub.settlement.paying import BANK, mark_paid
from sync.hub.settlement.statement import Statement
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.settlement.shops import (
    DAY,
    NEXT,
    book,
    buy,
    give_back,
    join,
    of_merchant,
    of_store,
)
from tests.sync.hub.terminals import FakeTerminal

THIRD = NEXT + dt.timedelta(days=1)
PAID_ON = dt.date(2026, 4, 1)


def freeze(hub: Hub, first: dt.date = DAY, last: dt.date | None = None, store: str = "S1") -> tuple[Day, ...]:
    with hub.database.write() as connection:
        return lock(hub, connection, store=store, first=first, last=last or first, by="王会计")


def pay(
    hub: Hub,
    first: dt.date = DAY,
    last: dt.date | None = None,
    *,
    reference: str = "网银 0317-1",
    paid_on: dt.date = PAID_ON,
) -> tuple[Day, ...]:
    with hub.database.write() as connection:
        return mark_paid(
            hub,
            connection,
            store="S1",
            first=first,
            last=last or first,
            reference=reference,
            paid_on=paid_on,
            by="王会计",
        )


def content(told: Statement) -> Statement:
    """A statement without what is of the moment it was asked for."""
    return msgspec.structs.replace(told, outstanding_fen=0, late=(), days=(), frozen=False)


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


# --- paying --------------------------------------------------------------------------------------


def test_a_payment_settles_the_net_and_is_booked_once(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    join(till, day=NEXT)
    freeze(hub, DAY, NEXT)
    net_fen = of_store(hub, "S1", DAY, NEXT).totals.net_fen
    assert net_fen == 3000 - 373 - 10_000
    days = pay(hub, DAY, NEXT)
    assert {(one.reference, one.paid_on, one.paid_by, one.amount_fen) for one in days} == {
        ("网银 0317-1", "2026-04-01", "王会计", net_fen)
    }
    books = balances(hub)
    assert ("store:S1", "CNY") not in books, "nothing is owed any more"
    assert books[BANK, "CNY"] == net_fen
    assert pay(hub, DAY, NEXT) == days, "said again in the same words it is the same payment"
    assert balances(hub) == books
    told = of_store(hub, "S1", DAY, NEXT)
    assert (told.totals.net_fen, told.outstanding_fen, told.days) == (net_fen, 0, days)
    assert of_store(hub, "S1", dt.date(2026, 11, 20), hub.now().date()).lines == (), (
        "a payment is not settled"
    )


def test_paying_twice_is_refused_in_words(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    buy(till, member=sales.MEMBER, day=NEXT)
    freeze(hub, DAY, NEXT)
    pay(hub)
    books = balances(hub)
    for other in ({"reference": "网银 2"}, {"paid_on": dt.date(2026, 4, 2)}, {"last": NEXT}):
        with pytest.raises(
            Told, match=r"2026-03-14 of S1 was paid before: on 2026-04-01, reference 网银 0317-1"
        ):
            pay(hub, **other)
    assert balances(hub) == books
    pay(hub, NEXT)


def test_only_what_is_frozen_is_paid(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    with pytest.raises(Told, match="2026-03-14 of S1 is not locked"):
        pay(hub)
    freeze(hub)
    with pytest.raises(Told, match="2026-03-15 of S1 is not locked"):
        pay(hub, DAY, NEXT)
    with pytest.raises(Told, match="lies ahead"):
        pay(hub, paid_on=hub.now().date() + dt.timedelta(days=2))
    with pytest.raises(Told, match="Say what the bank calls the payment"):
        pay(hub, reference="")


def test_after_a_payment_only_later_entries_correct(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    freeze(hub)
    pay(hub)
    paid = of_store(hub)
    give_back(till, made)
    assert content(of_store(hub)) == content(paid)
    told = of_store(hub, "S1", NEXT)
    assert told.totals.net_fen == -paid.totals.net_fen == told.outstanding_fen
    freeze(hub, NEXT)
    pay(hub, NEXT, reference="网银 3")
    assert ("store:S1", "CNY") not in balances(hub)


def test_a_day_on_which_nothing_is_owed_can_be_marked_too(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    give_back(till, made)
    freeze(hub)
    books = balances(hub)
    [day] = pay(hub)
    assert day.amount_fen == 0
    assert balances(hub) == books


def test_a_merchants_payment_settles_what_it_owes_for_its_coupons_too(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    with hub.database.write() as connection:
        row = {
            "debit": "merchant:M1",
            "credit": "store:S2",
            "unit": "CNY",
            "amount": 300,
            "code": "reimbursement",
        }
        connection.execute(
            schema.transfers.insert().values(**row, linked="x", booked_at="2026-03-14T02:00:00.000+00:00")
        )
    book(till, sales.walk_in(till.next_receipt_no()))
    with hub.database.write() as connection:
        lock(hub, connection, merchant="M1", first=DAY, last=DAY, by="王")
        days = mark_paid(
            hub, connection, merchant="M1", first=DAY, last=DAY, reference="7", paid_on=PAID_ON, by="王"
        )
    assert {day.account: day.amount_fen for day in days} == {"store:S1": -15, "merchant:M1": -300}
    assert of_merchant(hub, "M1").outstanding_fen == 0
    assert balances(hub)[BANK, "CNY"] == -315, "what it paid"


def test_a_merchant_whose_stores_were_paid_apart_is_paid_for_the_rest(till: FakeTerminal, hub: Hub) -> None:
    with hub.database.write() as connection:
        connection.execute(
            schema.transfers.insert().values(
                linked="x",
                debit="merchant:M1",
                credit="store:S2",
                unit="CNY",
                amount=300,
                code="reimbursement",
                booked_at="2026-03-14T02:00:00.000+00:00",
            )
        )
    buy(till)
    with hub.database.write() as connection:
        lock(hub, connection, merchant="M1", first=DAY, last=DAY, by="王")
    pay(hub)

    def pay_merchant(*, own_account: bool) -> tuple[Day, ...]:
        with hub.database.write() as connection:
            return mark_paid(
                hub,
                connection,
                merchant="M1",
                own_account=own_account,
                first=DAY,
                last=DAY,
                reference="8",
                paid_on=PAID_ON,
                by="王",
            )

    with pytest.raises(Told, match="S1 was paid before"):
        pay_merchant(own_account=False)
    [day] = pay_merchant(own_account=True)
    assert (day.account, day.amount_fen) == ("merchant:M1", -300)
    assert of_merchant(hub, "M1").outstanding_fen == 0


def test_two_people_who_pay_at_once_pay_once(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    freeze(hub)

    def try_to_pay(reference: str) -> str:
        try:
            return str(pay(hub, reference=reference)[0].reference)
        except Told:
            return "refused"

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(try_to_pay, ["A", "B", "A", "B"]))
    [paid] = {answer for answer in answers if answer != "refused"}
    assert sorted(answers) == [paid, paid, "refused", "refused"]
    assert balances(hub)[BANK, "CNY"] == 2627
