"""Whatever happens to an account, after a run its balance is what is left in its lots."""

import datetime as dt
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from sync.hub.ledger import holdings
from sync.hub.ledger.holdings import Move
from sync.hub.schedules.expiry import Expiry
from tests.sync.hub import sales

PACK = sales.PACKS["community_groupbuy"]
EXPIRY = Expiry(PACK, PACK.asset("points"))
ACCOUNT = "member:1"
FIRST = dt.date(2026, 1, 1)


class Sale(NamedTuple):
    """One sale's receipt: what it earned and spent, less what came back."""

    number: str
    earned: int
    spent: int


deeds = st.lists(
    st.tuples(st.sampled_from(["sale", "refund", "run"]), st.integers(0, 120), st.integers(0, 50)),
    max_size=25,
)


def run(moves: list[Move], day: dt.date) -> None:
    """Books what an expiry run finds, as its own postings say."""
    for one in EXPIRY._ended(ACCOUNT, moves, day):
        sign = 1 if one.credit == ACCOUNT else -1
        moves.append(Move(f"expiry:{day}", day, sign * one.amount, one.code))


def book(moves: list[Move], sold: list[Sale], deed: str, number: int, day: dt.date) -> None:
    """A sale that spends what it can and earns, or a whole refund of one of them."""
    balance = sum(one.amount for one in moves)
    if deed == "sale":
        made = Sale(f"r{len(moves)}", number, min(max(0, balance), number // 2))
        sold.append(made)
        signed = ((-made.spent, "redeemed"), (made.earned, "earned"))
    elif sold:
        made = sold.pop(number % len(sold))
        signed = ((made.spent, "redeemed_back"), (-made.earned, "earned_back"))
    else:
        return
    moves += [Move(made.number, day, amount, code) for amount, code in signed if amount]


@given(deeds)
def test_the_balance_is_the_sum_of_the_lots(history: list[tuple[str, int, int]]) -> None:
    moves: list[Move] = []
    sold: list[Sale] = []
    day = FIRST
    for deed, days, number in history:
        day += dt.timedelta(days=days)
        if deed == "run":
            run(moves, day)
        else:
            book(moves, sold, deed, number, day)
    run(moves, day)
    left = holdings.held(moves, 180)
    assert sum(one.amount for one in moves) == left.balance
    assert all(lot.usable(day) for lot in left.lots if lot.left)
    before = list(moves)
    run(moves, day)
    assert moves == before, "a second run finds nothing"
