"""Deeds at a till that the first release left behind: old sales are returned and printed again, new ones follow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest

from drivers.printer.memory import MemoryPrinter
from pos.bootstrap.looking import list_journal, projections_match, read_till, verify_journal
from pos.bootstrap.till import open_till
from pos.domain.day import add
from pos.domain.events import ConfigurationApplied
from pos.domain.refund import ReturnedLine
from pos.store.schema import OlderData
from pos.usecases.print_receipts import Printed, print_next
from pos.usecases.refund_sale import find_sale
from pos.usecases.reprint_receipt import reprint_receipt
from pos.words import Words
from tests.store import first_release as old
from tests.usecases.paper import lines
from tests.usecases.sample_till import SampleTill


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return old.leave_behind(tmp_path / "old").path


@pytest.fixture
def upgraded(folder: Path) -> Iterator[SampleTill]:
    with open_till(folder) as till:
        yield SampleTill(till)


def test_an_old_sale_is_returned_under_its_own_pack(upgraded: SampleTill) -> None:
    """One water came back before; the rest ends the day at nothing, and the member where they were."""
    found = find_sale("1", upgraded.desk)
    assert (found.sale.receipt_no, found.left, found.pack.ref) == (old.WORKED, (2, 2, 1, 1), old.PACK_REF)
    upgraded.give_back(found.sale, ReturnedLine(0, 2), ReturnedLine(1, 1))
    last = upgraded.give_back(found.sale).refund
    assert last.result.complete
    assert last.pack == old.PACK_REF
    both = [
        row.figures for row in upgraded.desk.journal.figures(old.DATE) if row.receipt_no in _worked(upgraded)
    ]
    assert (add(both).cash_fen, add(both).share_fen, add(both).points_earned) == (0, 0, 0)
    # the hub had counted four entries: what this till did since comes to nothing
    assert upgraded.points(old.DOU) == 20_00
    assert upgraded.chain_holds()


def _worked(shop: SampleTill) -> set[str]:
    return {row.receipt_no for row in shop.desk.journal.receipts() if old.WORKED in (row.receipt_no, row.of)}


def test_old_receipts_are_printed_again_as_they_were(upgraded: SampleTill) -> None:
    printer, store = MemoryPrinter(), upgraded.till.store
    for number in (old.WORKED, old.WATER_BACK):
        upgraded.book(partial(reprint_receipt, number, upgraded.desk))
    while isinstance(
        print_next(store.print_queue, store.journal, store.packs, printer, Words("zh"), ask_first=False),
        Printed,
    ):
        pass
    waiting, worked, back = map(lines, printer.documents)
    assert "积分余额\t29" in waiting
    for line in ("  会员价 1.58 元，省 0.36 元", "积分抵扣 7\t-7.00", "应收\t77.36", "本次获得积分\t16"):
        assert line in worked
    for line in ("退货小票", "1 瓶\t-1.58", "退回积分\t0.47", "扣回所得积分\t-1", "退现金\t1.11"):
        assert line in back


def test_the_next_sale_is_under_the_new_pack(upgraded: SampleTill) -> None:
    assert upgraded.desk.packs.current() == upgraded.desk.packs.by_ref(old.PACK_REF)
    upgraded.use_pack("tongyi")
    good = upgraded.tell_good("6900000000014", 10_00)
    done = upgraded.sell(good).sale
    assert (done.receipt_no, done.pack.version) == (old.CHAIN.receipt_no(6), 2)
    assert isinstance(upgraded.events()[-2], ConfigurationApplied)
    assert find_sale(old.OFFLINE, upgraded.desk).pack.ref == old.PACK_REF


def test_the_old_pack_still_sells(upgraded: SampleTill) -> None:
    """Before the hub has told of the new one; the co-creator's points come by the old multiplier."""
    good = upgraded.tell_good("6900000000014", 10_00)
    upgraded.tell_member(old.DOU, old.DOU_CARD, "co_creator")
    done = upgraded.sell(old.DOU_CARD, good).sale
    assert done.pack == old.PACK_REF
    assert [(one.asset, one.amount) for one in done.result.outcome.earned] == [("points", 15_00)]
    assert done.result.outcome.share_fen == 30


def test_a_folder_not_brought_up_yet_is_a_sentence_for_who_looks(folder: Path) -> None:
    with pytest.raises(OlderData), read_till(folder):
        pass
    with pytest.raises(OlderData):
        projections_match(folder)
    said, well = verify_journal(folder)
    assert (said, well) == (f"ok 10 {old.chain()[-1].hash.hex()}", True)
    assert len(list(list_journal(folder))) == 10
    with open_till(folder):
        pass
    with read_till(folder) as reader:
        assert len(reader.desk.journal.receipts()) == 5
    assert projections_match(folder)


def test_the_pack_of_then_is_not_the_pack_of_now() -> None:
    now = (files("resources") / "programmes" / "tongyi.toml").read_bytes()
    assert now != old.PACK_BYTES
