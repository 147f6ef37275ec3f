"""What the hub commands is done at the till once, and what it does stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import msgspec
import pytest

from drivers.printer.memory import MemoryPrinter
from pos.bootstrap.hub_orders import HubOrders
from pos.bootstrap.machine import SystemClock
from pos.bootstrap.till import open_till
from pos.usecases.ports import TillLock
from pos.usecases.print_receipts import print_next
from pos.words import Words
from sync.client.clock import HubClock
from sync.protocol.commands import (
    Command,
    Deed,
    Lock,
    PrintReceipt,
    PrintText,
    Resync,
    Unlock,
    Upgrade,
)
from sync.protocol.messages import FeedPage, FeedRow, HighWater, HubMark
from tests.usecases.paper import lines
from tests.usecases.sample_till import WATER, SampleTill

SENT = datetime.now(UTC)
_numbers = count(1)


def command(deed: Deed, *, valid_for: timedelta = timedelta(days=1)) -> Command:
    number = next(_numbers)
    return Command(f"{number:016x}", number, SENT.isoformat(), (SENT + valid_for).isoformat(), deed)


def deliver(shop: SampleTill, *told: Command) -> HubOrders:
    """The hub tells these commands, and the till has its pass."""
    for one in told:
        shop.tell("commands", one.id, one)
    orders = HubOrders(shop.till.store, SystemClock("Asia/Shanghai"), HubClock(), lambda: None)
    orders.carry_out()
    return orders


def outcomes(orders: HubOrders) -> list[tuple[str, str]]:
    return [(one.outcome, one.detail) for one in orders.report().done]


def papers(shop: SampleTill) -> list[list[str]]:
    printer, store = MemoryPrinter(), shop.till.store
    while print_next(store.print_queue, store.journal, store.packs, printer, Words("zh"), ask_first=False):
        pass
    return [lines(document) for document in printer.documents]


def test_a_slip_is_printed_once_however_often_it_comes(shop: SampleTill) -> None:
    slip = command(PrintText("今晚盘点\n\x1b@请留一人"))
    deliver(shop, slip)
    deliver(shop, slip)
    (paper,) = papers(shop)
    assert paper[-2:] == ["今晚盘点", "@请留一人"], "nothing a printer would obey comes out of it"


def test_and_also_after_a_restart_and_with_a_lost_cache(data: Path) -> None:
    slip = command(PrintText("一次"))
    with open_till(data) as till:
        deliver(SampleTill(till), slip)
        till.store.cache_writer.run(lambda: None)
        cache = till.store.folder.cache
    cache.write_bytes(b"no cache any more" * 400)
    with open_till(data) as till:
        assert till.store.cache_was_lost
        deliver(SampleTill(till), slip)
        assert till.store.print_queue.unprinted() == 1


def test_a_receipt_comes_out_again_as_a_copy(shop: SampleTill) -> None:
    sold = shop.sell(WATER)
    papers(shop)
    orders = deliver(shop, command(PrintReceipt(sold.sale.receipt_no)))
    (paper,) = papers(shop)
    assert f"单号\t{sold.sale.receipt_no}" in paper
    assert any("副本" in line for line in paper)
    assert outcomes(orders) == [("done", "")]


def test_one_that_cannot_be_done_says_so_and_holds_up_nothing(shop: SampleTill) -> None:
    orders = deliver(shop, command(PrintReceipt("S9-9-XXXXX-0001")), command(Lock("盘点")))
    assert outcomes(orders) == [("failed", "no receipt S9-9-XXXXX-0001"), ("done", "")]
    assert papers(shop) == []


def test_a_fault_of_ours_fails_the_command_and_not_the_pass(
    shop: SampleTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pos.store.orders._do", lambda *_: 1 / 0)
    orders = deliver(shop, command(Lock("盘点")))
    assert outcomes(orders) == [("failed", "ZeroDivisionError")]
    assert shop.till.store.orders.lock() is None


def test_one_that_comes_too_late_is_not_done(shop: SampleTill) -> None:
    orders = deliver(shop, command(Lock("昨天"), valid_for=timedelta(seconds=-1)))
    assert outcomes(orders) == [("expired", "")]
    assert shop.till.store.orders.lock() is None


def test_lock_and_unlock_outlive_the_program(data: Path) -> None:
    with open_till(data) as till:
        deliver(SampleTill(till), command(Lock("盘点")))
    with open_till(data) as till:
        lock = till.store.orders.lock()
        assert isinstance(lock, TillLock)
        assert lock.sentence == "盘点"
        orders = deliver(SampleTill(till), command(Unlock()))
        assert till.store.orders.lock() is None
        assert not orders.report().locked


def test_commands_are_done_in_the_order_they_were_sent(shop: SampleTill) -> None:
    lock, unlock = command(Lock("盘点")), command(Unlock())
    deliver(shop, unlock, lock)
    assert shop.till.store.orders.lock() is None


def test_a_wanted_version_is_remembered_and_nothing_is_installed(shop: SampleTill) -> None:
    deliver(shop, command(Upgrade("0.2.0")), command(Upgrade("0.3.0")))
    assert shop.till.store.orders.wanted_version() == "0.3.0"


def test_filling_anew_begins_every_feed_and_keeps_what_is_known(shop: SampleTill) -> None:
    orders = deliver(shop, command(Resync()))
    replica = shop.till.store.replica
    assert [replica.cursor(feed) for feed in ("packs", "catalogue", "members", "balances")] == [0] * 4
    assert shop.sell(WATER).sale.receipt_no
    assert outcomes(orders) == [("done", "")]


def test_an_outcome_is_told_until_the_hub_has_it(shop: SampleTill) -> None:
    orders = deliver(shop, command(Unlock()))
    done = orders.report().done
    assert orders.report().done == done != ()
    orders.note_told(done)
    report = orders.report()
    assert report.done == ()
    assert report.last_command is not None


def test_the_report_says_what_waits(shop: SampleTill) -> None:
    shop.sell(WATER)
    report = deliver(shop).report()
    assert report.software.startswith("alliance-pos ")
    assert report.pending == shop.desk.journal.pending().entries > 0
    assert report.pending_since == shop.desk.journal.pending().since


def test_a_command_of_a_later_version_is_put_aside(shop: SampleTill) -> None:
    body = msgspec.to_builtins(command(Unlock())) | {"deed": {"do": "dance"}}
    row = FeedRow(5_000, body["id"], body)
    mark = HubMark(0, "", HighWater(0, ""))
    shop.till.store.replica.apply(FeedPage(mark, "commands", (row,), 5_000, more=False))
    assert shop.till.store.replica.commands() == ()
    assert [one.feed for one in shop.till.store.replica.unread_rows()] == ["commands"]
