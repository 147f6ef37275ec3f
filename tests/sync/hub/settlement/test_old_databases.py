"""Statements of days that earlier programs have booked."""

import datetime as dt

import pytest

from pos.domain.day import add
from sync.hub.hub import Hub
from sync.hub.journal import days
from tests.sync.hub import test_upgrade
from tests.sync.hub.settlement.shops import DAY, moved_fen, of_merchant, of_store

old, upgraded = test_upgrade.old, test_upgrade.upgraded
LAST = DAY + dt.timedelta(days=300)


@pytest.mark.parametrize("version", ["0001", "0002"])
@pytest.mark.parametrize("store", ["S1", "S2"])
def test_what_an_old_program_booked_is_settled_to_the_fen(upgraded: Hub, store: str) -> None:
    told = of_store(upgraded, store, DAY, LAST)
    with upgraded.database.read() as connection:
        receipts = days.day_of(connection, store, str(DAY), "zh").receipts
    assert told.lines
    assert told.disagreements == ()
    assert told.totals.net_fen == told.outstanding_fen == moved_fen(upgraded, f"store:{store}")
    assert of_store(upgraded, store).figures == add(one.figures for one in receipts)


@pytest.mark.parametrize("version", ["0002"])
def test_an_old_coupon_between_neighbours_is_settled_once(upgraded: Hub) -> None:
    taken = of_merchant(upgraded, "M2", DAY, LAST).totals
    issued = of_merchant(upgraded, "M1", DAY, LAST).totals
    assert taken.coupons_taken == {"merchant:M1": 300}
    assert taken.reimbursed == {"alliance": 300}, "the second use"
    assert issued.coupons_issued == {"store:S2": 300}
