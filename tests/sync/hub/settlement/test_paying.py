"""Frozen days are paid once, and nothing of them moves afterwards."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.hub.hub import Hub
from sync.hub.settlement.locking import lock
from sync.hub.settlement.locks import Day
from sync.hub.settlement.paying import BANK, mark_paid
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.books import balances
from tests.sync.hub.settlement.shops import (
    DAY,
    NEXT,
    PAID_ON,
    book,
    buy,
    content,
    freeze,
    give_back,
    join,
    of_merchant,
    of_store,
    pay,
)
from tests.sync.hub.terminals import FakeTerminal


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
