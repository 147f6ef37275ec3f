"""Reprint and drawer: deeds of one step."""

from __future__ import annotations

import pytest

from pos.domain.events import DrawerOpened
from pos.domain.message import Refusal
from pos.usecases.open_drawer import note_drawer_opened
from pos.usecases.reprint_receipt import reprint_receipt
from tests.usecases.sample_till import CASHIER, WATER, SampleTill


def test_a_reprint_is_a_copy_without_balances_and_books_nothing(shop: SampleTill) -> None:
    sold = shop.pay(shop.worked_cart())
    queue = shop.till.store.print_queue
    queue.mark_sending(sold.job_id)
    queue.mark_printed(sold.job_id)
    entries = shop.desk.journal.last_seq()
    job_id = shop.book(lambda: reprint_receipt(sold.sale.receipt_no, shop.desk))
    job = queue.next_job()
    assert job is not None
    assert (job.id, job.seq, job.copy, job.balances) == (job_id, sold.seq, True, ())
    assert shop.desk.journal.last_seq() == entries


@pytest.mark.parametrize("number", ["", "S1-1-7K2QD-9999", "x" * 5_000])
def test_a_reprint_of_nothing(shop: SampleTill, number: str) -> None:
    with pytest.raises(Refusal) as refusal:
        shop.book(lambda: reprint_receipt(number, shop.desk))
    assert refusal.value.reason == "unknown_receipt"
    assert shop.till.store.print_queue.unprinted() == 0


def test_opening_the_drawer_is_journaled(shop: SampleTill) -> None:
    shop.sell(WATER)
    shop.book(lambda: note_drawer_opened(CASHIER, shop.desk, approved_by="01"))
    at = "2026-11-21T10:42:00+08:00"
    assert shop.events()[-1] == DrawerOpened(at=at, cashier=CASHIER, approved_by="01")
    assert shop.till.store.print_queue.unprinted() == 1  # the drawer is never tied to printing
    assert shop.chain_holds()
