"""Projections are derived: thrown away and derived again, they are what they were."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pos.domain.day import add, figures_of
from pos.domain.events import SaleMade
from pos.domain.refund import ReturnedLine
from pos.store.journal_schema import PROJECTIONS
from pos.store.till_store import TillStore
from tests.store.sales import DATE, IDENTITY, MEMBER, create, log_in, sell, take_back, till_in
from tests.store.sales import NOW as NOW_AT


def projected(till: TillStore) -> dict[str, list[Any]]:
    readers = till._readers[0]
    tables = {table: readers.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in PROJECTIONS}
    return tables | {"facts": readers.rows("SELECT * FROM facts ORDER BY name")}


step = st.tuples(
    st.sampled_from(["walk_in", "member", "redeem", "offline", "refund", "log_in"]),
    st.integers(min_value=1, max_value=4),
)


@settings(max_examples=20, deadline=None)
@given(steps=st.lists(step, max_size=12))
def test_rebuilt_projections_are_the_same(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = create(Path(name) / "till")
        with till_in(folder) as till:
            balance, events = 0, list[SaleMade]()
            for kind, number in steps:
                if kind == "refund" and events and not till.journal.refunds_of(events[-1].receipt_no):
                    back = take_back(till, events[-1], ReturnedLine(0, min(number, 3)))
                    if back.member_no:
                        balance += sum(one.amount for one in back.result.points_back)
                        balance += sum(one.amount for one in back.result.earned_change)
                elif kind == "log_in":
                    log_in(till, "03", NOW_AT, ok=number > 2)
                elif kind != "refund":
                    sold, _ = sell(
                        till,
                        lines=number,
                        member_no=None if kind == "walk_in" else MEMBER,
                        points=5000,
                        redeem=0 if kind == "member" else 100 * number,
                        online=kind != "offline",
                    )
                    events.append(sold)
                    if sold.basket.member:
                        balance -= sum(one.amount for one in sold.result.redeemed)
                        balance += sum(one.amount for one in sold.result.outcome.earned)
            assert till.journal.member_changes(MEMBER, after_seq=0).get("points", 0) == balance
            before = projected(till)
            till.journal.rebuild_projections()
            assert projected(till) == before


def test_lost_projections_come_back(till: TillStore) -> None:
    sold, _ = sell(till, member_no=MEMBER, points=2000, redeem=200, online=False)
    back = take_back(till, sold, ReturnedLine(0, 1))
    before = projected(till)

    def lose() -> None:
        with till.journal_writer.transaction() as connection:
            for table in PROJECTIONS:
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM facts WHERE name = 'receipts_issued'")

    till.journal_writer.run(lose)
    assert till.journal.figures(DATE) == ()
    till.journal.rebuild_projections()
    assert projected(till) == before
    total = add(row.figures for row in till.journal.figures(DATE))
    assert total == add((figures_of(sold), figures_of(back)))
    assert sell(till)[0].receipt_no == IDENTITY.receipt_no(3)
