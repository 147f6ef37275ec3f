"""A till's data for looking only, beside a till that is selling."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos.domain.cart import Cart
from pos.store.folder import DataFolder
from pos.store.read_only import open_read_only
from pos.store.till_store import NoChain, TillStore
from tests.store.sales import IDENTITY, page, product, sell


def test_it_sees_what_the_running_till_does(till: TillStore) -> None:
    till.replica.apply(page("catalogue", (product().code, product())))
    with open_read_only(till.folder) as looking:
        sold, _ = sell(till)
        assert looking.journal.identity == IDENTITY
        assert [row.receipt_no for row in looking.journal.receipts()] == [sold.receipt_no]
        assert looking.goods.product(product().code) == product()
        assert looking.enrolment is None
    sell(till)
    assert till.journal.last_seq() == 3


def test_it_can_write_nothing(till: TillStore) -> None:
    with (
        open_read_only(till.folder) as looking,
        pytest.raises(AssertionError, match="for reading"),
    ):
        looking.journal.save_cart(Cart())


def test_there_is_nothing_to_see_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(NoChain), open_read_only(DataFolder(tmp_path)):
        pass
