"""Lots that expire, derived from transfers."""

import datetime as dt
from collections.abc import Callable

import msgspec

from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.ledger import holdings
from sync.hub.ledger.holdings import Move, held
from tests.sync.hub import honest, sales
from tests.sync.hub.terminals import FakeTerminal

DAYS = 180
MARCH = dt.date(2026, 3, 14)


def on(days: int) -> dt.date:
    return MARCH + dt.timedelta(days=days)


def left(*moves: Move) -> list[tuple[int | None, int]]:
    """Lots as days from `MARCH` to the last usable one, and what is left."""
    lots = held(moves, DAYS).open_lots
    return [(None if day is None else (day - MARCH).days, amount) for day, amount in lots]


FIRST = Move("a", on(0), 500, "earned")
SECOND = Move("b", on(10), 300, "earned")


def test_the_oldest_are_spent_first() -> None:
    assert left(FIRST, SECOND, Move("c", on(20), -600, "redeemed")) == [(190, 200)]


def test_what_is_given_back_returns_to_its_lots() -> None:
    spent = Move("c", on(20), -600, "redeemed")
    assert left(FIRST, SECOND, spent, Move("c", on(21), 600, "redeemed_back")) == [(180, 500), (190, 300)]
    assert left(FIRST, spent._replace(amount=-500), Move("c", on(170), 500, "redeemed_back")) == [(200, 500)]


def test_what_nobody_knows_to_have_been_spent_begins_a_lot() -> None:
    assert left(Move("lost", on(5), 70, "redeemed_back")) == [(185, 70)]


def test_earned_points_taken_back_leave_the_lots_of_their_sale() -> None:
    assert left(FIRST, SECOND, Move("b", on(11), -200, "earned_back")) == [(180, 500), (190, 100)]
    assert left(FIRST, Move("a", on(1), -600, "earned_back")) == [(None, -100)]


def test_the_ledger_took_points_that_had_ended() -> None:
    late = Move("c", on(185), -600, "redeemed")
    assert left(FIRST, SECOND, late) == [(180, 200)], "the second lot first, because it had not ended"
    assert left(FIRST, SECOND, late._replace(amount=-900)) == [(None, -100)]


def test_an_expiry_run_ends_what_has_ended() -> None:
    assert left(FIRST, SECOND, Move("run", on(185), -500, "expired")) == [(190, 300)]


def test_whatever_else_comes_in_begins_a_lot() -> None:
    assert left(Move("opening:1", on(0), 5, "opening"), Move("gift", on(3), 7, "given")) == [
        (180, 5),
        (183, 7),
    ]


def test_tills_are_told_what_expires_and_the_lots_are_the_balance(
    till: FakeTerminal, hub: Hub, publish: Callable[[str], None]
) -> None:
    publish("community_groupbuy")
    pack = sales.PACKS["community_groupbuy"]
    with hub.database.write() as connection:
        member = members.known(connection, sales.NEWCOMER)
        members.put(connection, msgspec.structs.replace(member, plan="vip"))
    made = []
    for wish in ({}, {"points": 20_000}):
        basket = honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER, redeem=wish)
        made.append(sales.sold(till.next_receipt_no(), basket, pack))
        till.write(made[-1])
        till.upload(till.entries[-1])
    row = honest.member_row(till, sales.NEWCOMER)
    last_day = (dt.date.fromisoformat(sales.DATE) + dt.timedelta(days=180)).isoformat()
    assert {day for day, _ in row.expiring["points"]} == {last_day}
    assert sum(amount for _, amount in row.expiring["points"]) == row.balances["points"]
    till.write(sales.give_back(till.next_receipt_no(), made[1], *sales.whole(made[1])))
    till.upload(till.entries[-1])
    again = honest.member_row(till, sales.NEWCOMER)
    assert again.expiring["points"] == ((last_day, made[0].result.outcome.earned[0].amount),)


def test_a_refund_takes_back_the_lot_of_its_own_sale(
    till: FakeTerminal, hub: Hub, publish: Callable[[str], None]
) -> None:
    publish("community_groupbuy")
    with hub.database.write() as connection:
        member = members.known(connection, sales.NEWCOMER)
        members.put(connection, msgspec.structs.replace(member, plan="vip"))
    pack = sales.PACKS["community_groupbuy"]
    for date in ("2026-03-14", "2026-03-24"):
        basket = honest.basket(till, sales.FRUIT_LINES, sales.NEWCOMER)
        made = sales.sold(till.next_receipt_no(), basket, pack)
        till.write(msgspec.structs.replace(made, date=date))
        till.upload(till.entries[-1])
    till.write(sales.give_back(till.next_receipt_no(), made, *sales.whole(made)))
    till.upload(till.entries[-1])
    [(last_day, _)] = honest.member_row(till, sales.NEWCOMER).expiring["points"]
    assert last_day == "2026-09-10", "the first sale's"


def test_points_that_do_not_expire_are_not_listed(till: FakeTerminal, hub: Hub) -> None:
    assert honest.member_row(till, sales.MEMBER).expiring == {}
    with hub.database.read() as connection:
        assert holdings.expiring(connection, sales.MEMBER, None) == {}
