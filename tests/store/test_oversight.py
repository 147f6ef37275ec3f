"""What an owner wants to hear of a day, looked up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pos.domain.events import DrawerOpened, Event, LockOutLifted, decode
from pos.domain.oversight import PinGuessed, of_interest
from pos.store.till_store import TillStore
from tests.store.sales import DATE, NOW, everything, log_in, sell, take_back

TRIES = 3


def write(till: TillStore, event: Event) -> None:
    def book() -> None:
        with till.journal.transaction() as transaction:
            transaction.append(event)

    till.journal_writer.run(book)


def told(minutes: int) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def whole_chain(till: TillStore) -> list[Event]:
    return [decode(one.body) for one in till.outbox.entries_after(0, count_max=1_000, bytes_max=1 << 20)]


@pytest.fixture
def busy(till: TillStore) -> TillStore:
    """Guesses over two days, drawers, a lock-out lifted, and receipts whose dates are not in order."""
    write(till, DrawerOpened(told(-24 * 60), "03"))
    for minutes in (-24 * 60, -23 * 60):
        log_in(till, "04", NOW + timedelta(minutes=minutes), ok=False)
    write(till, DrawerOpened(told(0), "03", "01"))
    sold, _ = sell(till, date="2031-01-01")  # somebody had set the clock
    log_in(till, "04", NOW, ok=False)
    log_in(till, "05", NOW, ok=False)
    log_in(till, "05", NOW, ok=True)
    write(till, LockOutLifted(told(1), "04", "01"))
    for minutes in (2, 3, 4, 5):
        log_in(till, "04", NOW + timedelta(minutes=minutes), ok=False)
    take_back(till, sold, *everything(sold))
    sell(till, date="2020-01-01")
    write(till, DrawerOpened(told(6), "01"))
    return till


@pytest.mark.parametrize("date", ["2026-02-28", DATE, "2026-03-02", "2031-01-01"])
def test_it_is_what_the_chain_says(busy: TillStore, date: str) -> None:
    assert busy.journal.for_the_owner(date, TRIES) == tuple(of_interest(date, whole_chain(busy), TRIES))


def test_dates_out_of_order_hide_nothing(busy: TillStore) -> None:
    assert busy.journal.for_the_owner(DATE, TRIES) == (
        DrawerOpened(told(0), "03", "01"),
        PinGuessed(told(0), "04", TRIES),
        LockOutLifted(told(1), "04", "01"),
        PinGuessed(told(4), "04", TRIES),
        DrawerOpened(told(6), "01"),
    )


def test_a_day_of_drawers_is_found_without_reading_the_rest(till: TillStore) -> None:
    plan = till._readers[0].rows(
        "EXPLAIN QUERY PLAN SELECT seq FROM journal WHERE kind = 'drawer_opened' AND at >= ? AND at < ?",
        (DATE, DATE + "U"),
    )
    assert "drawers_opened" in str(plan)
