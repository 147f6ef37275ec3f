"""Lots with expiry: named cases, and a model that keeps every single point by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.schedules.lots import (
    GIVEN_BACK_DAYS_MIN,
    Holding,
    Lot,
    OpenLots,
    Spent,
    Taken,
    after_spending,
    earn,
    expire,
    give_back,
    last_usable_day,
    spend,
    take_back,
    usable_on,
)
from tests.domain.schedules.shipped import shipped

START = date(2026, 1, 1)


def day(number: int) -> date:
    return START + timedelta(days=number)


def held(*lots: tuple[str, int, int], days: int | None = 180) -> Holding:
    """Lots as (sale, day earned, amount)."""
    holding = Holding()
    for source, earned_on, amount in lots:
        holding = earn(holding, source, amount, day(earned_on), days)
    return holding


def left(holding: Holding) -> list[tuple[str, int]]:
    return [(lot.source, lot.left) for lot in holding.lots]


def usable(holding: Holding, on: int) -> int:
    return usable_on(holding.open_lots, day(on))


# --- the last day ---------------------------------------------------------------------------------


def test_community_groupbuy_points_of_day_d_are_usable_through_d_plus_180() -> None:
    days = shipped("community_groupbuy").asset("points").expires_days
    assert last_usable_day(date(2026, 1, 10), days) == date(2026, 7, 9)
    holding = earn(Holding(), "a", 100, date(2026, 1, 10), days)
    assert usable_on(holding.open_lots, date(2026, 7, 9)) == 100
    assert usable_on(holding.open_lots, date(2026, 7, 10)) == 0
    assert expire(holding, date(2026, 7, 9)).total == 0
    assert expire(holding, date(2026, 7, 10)).total == 100


def test_what_never_expires_has_no_last_day() -> None:
    assert last_usable_day(START, None) is None
    assert usable_on(held(("a", 0, 5), days=None).open_lots, date.max) == 5
    assert expire(held(("a", 0, 5), days=None), date.max).total == 0


def test_no_day_lies_beyond_the_calendar() -> None:
    assert last_usable_day(date(9999, 12, 30), 180) == date.max


# --- spending -------------------------------------------------------------------------------------


def test_the_oldest_is_spent_first() -> None:
    done = spend(held(("b", 5, 10), ("a", 0, 10)), 15, day(6))
    assert left(done.holding) == [("b", 5), ("a", 0)]
    assert done.parts == (
        Taken("a", day(0), day(180), 10),
        Taken("b", day(5), day(185), 5),
    )
    assert done.short == 0


def test_an_expired_lot_is_passed_over_even_before_the_run() -> None:
    done = spend(held(("a", 0, 10), ("b", 5, 10)), 4, day(181))
    assert left(done.holding) == [("a", 10), ("b", 6)]


def test_what_is_short_leaves_the_rest_alone() -> None:
    done = spend(held(("a", 0, 10)), 25, day(1))
    assert (left(done.holding), done.short, done.holding.owed) == ([("a", 0)], 15, 0)


def test_spending_nothing_takes_from_nothing() -> None:
    holding = held(("a", 0, 10))
    assert spend(holding, 0, day(1)) == Spent(holding, (), 0)


def test_of_one_day_the_sooner_expiry_is_spent_first() -> None:
    holding = earn(held(("long", 0, 10), days=200), "short", 10, day(0), 100)
    assert [part.source for part in spend(holding, 12, day(1)).parts] == ["short", "long"]


def test_two_earnings_of_one_sale_are_one_lot() -> None:
    assert held(("a", 0, 3), ("a", 0, 4)).lots == (Lot("a", day(0), day(180), 7),)


# --- expiry ---------------------------------------------------------------------------------------


def test_a_run_ends_what_is_over_and_finds_nothing_again() -> None:
    holding = spend(held(("b", 3, 5), ("a", 0, 10), ("c", 9, 7)), 4, day(10)).holding
    done = expire(holding, day(184))
    assert done.parts == (Taken("a", day(0), day(180), 6), Taken("b", day(3), day(183), 5))
    assert done.total == 11
    assert [(lot.left, lot.expired) for lot in done.holding.lots] == [(0, 5), (0, 6), (7, 0)]
    assert done.holding.balance == 7
    again = expire(done.holding, day(184))
    assert (again.total, again.parts, again.holding) == (0, (), done.holding)


# --- giving back ----------------------------------------------------------------------------------


def test_points_given_back_return_to_their_lots_the_last_taken_first() -> None:
    spent = spend(held(("a", 0, 4), ("b", 5, 10)), 7, day(6))
    some = give_back(spent.holding, spent.parts, 2, day(7))
    assert left(some.holding) == [("a", 0), ("b", 9)]
    assert some.parts == (Taken("a", day(0), day(180), 4), Taken("b", day(5), day(185), 1))
    rest = give_back(some.holding, some.parts, 5, day(8))
    assert rest.holding == held(("a", 0, 4), ("b", 5, 10))
    assert rest.parts == ()


@pytest.mark.parametrize(
    ("back_on", "expires_on"), [(150, 180), (151, 181), (170, 200), (180, 210), (400, 430)]
)
def test_points_given_back_live_at_least_30_days(back_on: int, expires_on: int) -> None:
    spent = spend(held(("a", 0, 10)), 4, day(1))
    back = give_back(spent.holding, spent.parts, 4, day(back_on)).holding
    assert sum(lot.left for lot in back.lots if lot.expires_on == day(expires_on)) >= 4
    assert usable(back, expires_on) - usable(back, expires_on + 1) >= 4
    assert usable(back, expires_on + 1) == 0


def test_only_what_came_back_lives_longer() -> None:
    spent = spend(held(("a", 0, 10)), 4, day(1))
    back = give_back(spent.holding, spent.parts, 3, day(170)).holding
    assert back.lots == (Lot("a", day(0), day(180), 6), Lot("a", day(0), day(200), 3))
    assert [part.expires_on for part in spend(back, 7, day(171)).parts] == [day(180), day(200)]


def test_what_never_expires_comes_back_so() -> None:
    spent = spend(held(("a", 0, 10), days=None), 4, day(1))
    assert give_back(spent.holding, spent.parts, 4, day(900)).holding == held(("a", 0, 10), days=None)


def test_more_than_was_taken_does_not_come_back() -> None:
    spent = spend(held(("a", 0, 10)), 25, day(1))
    back = give_back(spent.holding, spent.parts, 25, day(2))
    assert (left(back.holding), back.parts) == ([("a", 10)], ())


def test_points_given_back_make_good_what_is_owed() -> None:
    spent = spend(held(("a", 0, 10)), 10, day(1))
    owing = take_back(spent.holding, "a", 6, day(2)).holding
    assert owing.balance == -6
    back = give_back(owing, spent.parts, 10, day(3)).holding
    assert (back.owed, back.balance, left(back)) == (0, 4, [("a", 4)])


# --- taking back ----------------------------------------------------------------------------------


def test_earned_points_are_taken_from_their_own_lot_then_oldest_first() -> None:
    done = take_back(held(("a", 0, 5), ("b", 1, 5), ("c", 2, 5)), "c", 12, day(3))
    assert left(done.holding) == [("a", 0), ("b", 3), ("c", 0)]
    assert (done.holding.owed, done.lapsed) == (0, 0)


def test_a_shortage_leaves_the_balance_negative_until_something_comes_in() -> None:
    done = take_back(held(("a", 0, 5)), "a", 12, day(3)).holding
    assert (done.balance, done.owed, usable(done, 3)) == (-7, 7, 0)
    assert done.open_lots == ((None, -7),)
    some = earn(done, "b", 3, day(4), 180)
    assert (some.balance, usable(some, 4)) == (-4, 0)
    more = earn(some, "c", 10, day(5), 180)
    assert (more.balance, more.owed, usable(more, 5)) == (6, 0, 6)


def test_nobody_loses_the_same_points_twice() -> None:
    holding = spend(held(("a", 0, 10), ("b", 100, 10)), 2, day(101)).holding
    after_run = take_back(expire(holding, day(190)).holding, "a", 10, day(190))
    assert after_run.lapsed == 8
    assert left(after_run.holding) == [("a", 0), ("b", 8)]
    before_run = take_back(holding, "a", 10, day(190)).holding
    assert expire(before_run, day(190)).holding.balance == after_run.holding.balance == 8


def test_of_its_own_lots_what_is_usable_goes_before_what_has_ended() -> None:
    spent = spend(held(("a", 0, 10)), 4, day(1))
    holding = give_back(spent.holding, spent.parts, 4, day(179)).holding
    for state in (holding, expire(holding, day(185)).holding):
        done = take_back(state, "a", 5, day(185)).holding
        assert (usable(done, 185), expire(done, day(185)).holding.balance) == (0, 0)


# --- what a till knows ----------------------------------------------------------------------------

SOME: OpenLots = ((day(10), 5), (day(20), 5), (None, 5))


@pytest.mark.parametrize(
    ("lots", "on", "amount"),
    [
        (SOME, 10, 15),
        (SOME, 11, 10),
        (SOME, 21, 5),
        ((), 0, 0),
        (((None, -3), (day(10), 5)), 10, 2),
        (((None, -3), (day(10), 5)), 11, 0),
    ],
)
def test_what_is_usable_on_a_day(lots: OpenLots, on: int, amount: int) -> None:
    assert usable_on(lots, day(on)) == amount


@pytest.mark.parametrize(
    ("lots", "amount", "on", "after"),
    [
        (SOME, 0, 5, SOME),
        (SOME, 7, 5, ((day(20), 3), (None, 5))),
        (SOME, 7, 11, ((day(10), 5), (None, 3))),
        (SOME, 18, 5, ((None, -3),)),
        (((None, -3), (day(10), 5)), 0, 5, ((None, -3), (day(10), 5))),
        (((None, -3), (day(10), 5)), 5, 5, ((None, -3),)),
        ((), 2, 5, ((None, -2),)),
    ],
)
def test_a_till_spends_from_the_lots_it_knows(lots: OpenLots, amount: int, on: int, after: OpenLots) -> None:
    assert after_spending(lots, amount, day(on)) == after


def test_what_was_spent_before_a_lot_ended_does_not_end_again() -> None:
    assert usable_on(after_spending(SOME, 5, day(5)), day(15)) == 10


amounts = st.integers(0, 40)


@given(st.lists(st.tuples(st.integers(0, 50), amounts), max_size=8), amounts, st.integers(50, 260))
def test_till_and_hub_spend_alike(earned: list[tuple[int, int]], amount: int, on: int) -> None:
    holding = held(*((str(number), *one) for number, one in enumerate(earned)))
    done = spend(holding, amount, day(on))
    at_till = after_spending(holding.open_lots, amount - done.short, day(on))
    assert at_till == done.holding.open_lots
    later = day(on + 20)
    assert usable_on(at_till, later) == usable_on(done.holding.open_lots, later)


# --- any history, against single points ------------------------------------------------------------


@dataclass
class Point:
    """One point: whose, since when, until when; `state` says what became of it."""

    source: str
    earned_on: int
    expires_on: int
    state: str = "left"


@dataclass
class Model:
    """The same rules, one point at a time."""

    points: list[Point] = field(default_factory=list)
    owed: int = 0

    def _left(self, on: int) -> list[Point]:
        found = [one for one in self.points if one.state == "left" and one.expires_on >= on]
        return sorted(found, key=lambda one: (one.earned_on, one.expires_on))

    def earn(self, source: str, amount: int, on: int) -> None:
        for _ in range(amount):
            if self.owed:
                self.owed -= 1
            else:
                self.points.append(Point(source, on, on + 180))

    def spend(self, amount: int, on: int) -> list[Point]:
        taken = self._left(on)[:amount]
        for one in taken:
            one.state = "spent"
        return taken

    def give_back(self, taken: list[Point], amount: int, on: int) -> None:
        for _ in range(min(amount, len(taken))):
            one = taken.pop()
            if self.owed:
                self.owed -= 1
                one.state = "made good"
            else:
                one.state, one.expires_on = "left", max(one.expires_on, on + GIVEN_BACK_DAYS_MIN)

    def take_back(self, source: str, amount: int, on: int) -> None:
        for _ in range(amount):
            own = [one for one in self.points if one.source == source]
            candidates = (
                [one for one in self._left(on) if one.source == source]
                + [one for one in own if one.state in {"left", "expired"}]
                + self._left(on)
            )
            if candidates:
                candidates[0].state = "taken back"
            else:
                self.owed += 1

    def expire(self, on: int) -> int:
        gone = [one for one in self.points if one.state == "left" and one.expires_on < on]
        for one in gone:
            one.state = "expired"
        return len(gone)

    def balance(self) -> int:
        return sum(one.state == "left" for one in self.points) - self.owed


deeds = st.lists(
    st.tuples(
        st.sampled_from(("earn", "earn", "spend", "give_back", "take_back", "expire")),
        st.integers(0, 30),
        st.integers(0, 60),
        st.integers(0, 5),
    ),
    max_size=25,
)


@given(deeds)
def test_any_history_ends_where_single_points_end(history: list[tuple[str, int, int, int]]) -> None:
    holding, model, today = Holding(), Model(), 0
    spendings: list[tuple[tuple[Taken, ...], list[Point]]] = []
    for number, (deed, amount, later, which) in enumerate(history):
        today += later
        if deed == "earn":
            holding = earn(holding, str(number), amount, day(today), 180)
            model.earn(str(number), amount, today)
        elif deed == "spend":
            spent = spend(holding, amount, day(today))
            holding = spent.holding
            spendings.append((spent.parts, model.spend(amount, today)))
            assert spent.short == amount - len(spendings[-1][1])
        elif deed == "give_back" and spendings:
            parts, points = spendings.pop(which % len(spendings))
            back = give_back(holding, parts, amount, day(today))
            holding = back.holding
            model.give_back(points, amount, today)
            spendings.append((back.parts, points))
            assert sum(part.amount for part in back.parts) == len(points)
        elif deed == "take_back":
            source = str(which)
            holding = take_back(holding, source, amount, day(today)).holding
            model.take_back(source, amount, today)
        else:
            done = expire(holding, day(today))
            holding = done.holding
            assert done.total == model.expire(today)
        assert holding.balance == model.balance()
        assert holding.owed == model.owed
        assert usable(holding, today) == max(0, len(model._left(today)) - model.owed)
        assert all(lot.left >= 0 and lot.expired >= 0 for lot in holding.lots)
