"""Time points become vouchers in steps of ten, or pay the next fee; nothing twice, nothing overdrawn."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from pos.domain.ledger import Posting
from sync.hub.alliance import members
from sync.hub.growth import exchanging, fees
from sync.hub.hub import Hub
from sync.hub.ledger import accounts, holds
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import books, honest, sales
from tests.sync.hub.growth.conftest import NOON, at
from tests.sync.hub.terminals import FakeTerminal

RICH = sales.FRIEND
"""Holds 1200 time points; basic."""
ACCOUNT = f"member:{RICH}"


def exchange(hub: Hub, amount: str, reference: str = "E1", member: str = RICH) -> exchanging.Done:
    with hub.database.write() as connection:
        return exchanging.exchange_points(
            hub, connection, member, rule="time_to_voucher", amount=amount, reference=reference, by="desk"
        )


def ask(hub: Hub, amount: str, reference: str = "F1", plan: str = "basic") -> fees.FeeRequest:
    with hub.database.write() as connection:
        return fees.request(
            hub, connection, RICH, plan=plan, asset="time_points", amount=amount, reference=reference, by="d"
        )


def confirm(hub: Hub, reference: str = "F1") -> fees.FeeRequest:
    with hub.database.write() as connection:
        return fees.confirm(hub, connection, reference, by="desk")


def call_off(hub: Hub, reference: str = "F1") -> fees.FeeRequest:
    with hub.database.write() as connection:
        return fees.call_off(hub, connection, reference, by="desk")


def free(hub: Hub) -> int:
    with hub.database.read() as connection:
        return accounts.free(connection, ACCOUNT, "time_points")


def member(hub: Hub) -> members.Member:
    with hub.database.read() as connection:
        return members.known(connection, RICH)


# --- vouchers ------------------------------------------------------------------------------------


def test_whole_steps_are_taken_and_the_rest_stays(noon: Hub, till: FakeTerminal) -> None:
    before = books.balances(noon)
    done = exchange(noon, "129.5")
    assert (done.taken, done.given) == (120_00, 12_00)
    assert books.changes(before, books.balances(noon)) == {
        (ACCOUNT, "time_points"): -120_00,
        ("alliance:exchanged", "time_points"): 120_00,
        (ACCOUNT, "voucher"): 12_00,
        ("alliance:exchanged", "voucher"): -12_00,
    }
    assert honest.member_row(till, RICH).balances["voucher"] == 12_00
    with noon.database.read() as connection:
        assert exchanging.exchanges_of(connection, RICH) == [done]


def test_the_same_reference_exchanges_once(noon: Hub) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: exchange(noon, "100"), range(6)))
    assert len(set(map(repr, answers))) == 1
    assert books.balances(noon)[ACCOUNT, "voucher"] == 10_00
    for amount, who in (("110", RICH), ("100", sales.MEMBER)):
        with pytest.raises(Told, match="another exchange"):
            exchange(noon, amount, member=who)


@pytest.mark.parametrize(
    ("amount", "match"),
    [
        ("9.99", "at least 10"),
        ("1200.01", "only 1200"),
        ("0", "above 0"),
        ("-5", "above 0"),
        ("1.001", "2 decimals"),
        ("", "amount"),
    ],
)
def test_what_cannot_be_exchanged(noon: Hub, amount: str, match: str) -> None:
    before = books.balances(noon)
    with pytest.raises(Told, match=match):
        exchange(noon, amount)
    assert books.balances(noon) == before


def test_held_points_are_not_exchanged(noon: Hub) -> None:
    ask(noon, "900")
    with pytest.raises(Told, match="only 300"):
        exchange(noon, "310")
    assert exchange(noon, "300").given == 30_00
    assert free(noon) == 0


def test_exchanges_that_members_cannot_ask_for(noon: Hub) -> None:
    for rule in ("own_points", "nothing"):
        with pytest.raises(Told, match="it has: time_to_voucher"), noon.database.write() as connection:
            exchanging.exchange_points(noon, connection, RICH, rule=rule, amount="10", reference="1", by="d")
    with pytest.raises(Told, match="reference"):
        exchange(noon, "10", reference=" ")


# --- fees ----------------------------------------------------------------------------------------


def test_a_part_of_the_fee_is_held_until_the_rest_is_paid(noon: Hub, till: FakeTerminal) -> None:
    before, old = books.balances(noon), member(noon)
    one = ask(noon, "505")
    assert (one.points, one.value_fen, one.due_fen, one.standing) == (500_00, 50_00, 50_00, "held")
    assert books.balances(noon) == before, "held, not moved"
    assert free(noon) == 700_00
    assert member(noon) == old
    with noon.database.read() as connection:
        assert fees.waiting(connection) == [one]
    done = confirm(noon)
    assert done.standing == "paid"
    assert books.changes(before, books.balances(noon)) == {
        (ACCOUNT, "time_points"): -500_00,
        ("alliance:redeemed", "time_points"): 500_00,
        ("alliance:desk", "CNY"): -50_00,
        ("alliance:fees", "CNY"): 50_00,
    }
    begins = dt.date.fromisoformat(old.expires) + dt.timedelta(days=1)
    assert done.deal.first_day == begins.isoformat(), "next year's: a renewal begins when the old term ends"
    assert member(noon).expires == (begins + dt.timedelta(days=364)).isoformat()
    assert honest.member_row(till, RICH).expires == member(noon).expires
    after = books.balances(noon)
    assert confirm(noon) == done
    assert ask(noon, "505").standing == "paid"
    assert books.balances(noon) == after
    with pytest.raises(Told, match="is paid"):
        call_off(noon)
    with noon.database.read() as connection:
        assert fees.waiting(connection) == []


def test_points_that_pay_it_all_are_used_at_once(noon: Hub) -> None:
    one = ask(noon, "1200")
    assert (one.points, one.due_fen, one.standing) == (1000_00, 0, "paid")
    assert free(noon) == 200_00
    assert ("alliance:desk", "CNY") not in books.balances(noon)


def test_called_off_the_points_are_free_again(noon: Hub) -> None:
    before = books.balances(noon)
    ask(noon, "500")
    assert call_off(noon).standing == "called_off"
    assert call_off(noon).standing == "called_off"
    assert (books.balances(noon), free(noon)) == (before, 1200_00)
    with pytest.raises(Told, match="called off"):
        confirm(noon)


def test_what_changed_since_is_asked_anew(noon: Hub) -> None:
    ask(noon, "500")
    with noon.database.write() as connection:
        table = schema.members
        connection.execute(table.update().where(table.c.member_no == RICH).values(expires="2027-12-31"))
    with pytest.raises(Told, match="has changed since"):
        confirm(noon)
    call_off(noon)
    assert free(noon) == 1200_00


def test_paid_on_a_later_day_it_is_still_the_deal_that_was_asked_for(noon: Hub) -> None:
    one = ask(noon, "500", plan="co_creator")
    assert one.deal.kind == "upgrade"
    assert one.due_fen == one.deal.price_fen - 50_00
    assert confirm(at(noon, NOON + dt.timedelta(days=2))).deal == one.deal
    assert member(noon).plan == "co_creator"


def test_points_that_a_till_took_meanwhile(noon: Hub) -> None:
    ask(noon, "990", reference="F2")
    with noon.database.write() as connection:
        taken = Posting(ACCOUNT, "alliance:redeemed", "time_points", 500_00, "fee_in_points")
        accounts.post(connection, "till", (taken,), noon.time())
    before = books.balances(noon)
    with pytest.raises(Told, match="no longer covers"):
        confirm(noon, "F2")
    assert books.balances(noon) == before
    call_off(noon, "F2")
    with noon.database.read() as connection:
        assert holds.open_holds(connection, ACCOUNT) == ()


@pytest.mark.parametrize(
    ("amount", "plan", "match"),
    [
        ("9", "basic", "steps of 10"),
        ("1201", "basic", "only 1200"),
        ("10", "gold", "possible: basic、co_creator"),
        ("0", "basic", "above 0"),
    ],
)
def test_fees_that_cannot_be_asked_for(noon: Hub, amount: str, plan: str, match: str) -> None:
    with pytest.raises(Told, match=match):
        ask(noon, amount, plan=plan)
    assert free(noon) == 1200_00


def test_only_what_the_pack_says_pays_fees(noon: Hub) -> None:
    with pytest.raises(Told, match="what does: time_points"), noon.database.write() as connection:
        fees.request(noon, connection, RICH, plan="basic", asset="points", amount="10", reference="1", by="d")
    with pytest.raises(Told, match="no request nothing"):
        confirm(noon, "nothing")
    ask(noon, "100")
    with pytest.raises(Told, match="another request"):
        ask(noon, "200")
