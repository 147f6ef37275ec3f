"""The files of the first release under this program: brought up once, whole, and good for all that was sold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pos.bootstrap import looking
from pos.domain.day import Figures
from pos.domain.events import SaleMade
from pos.domain.ledger import SALES
from pos.domain.refund import ReturnedLine, refund
from pos.store import journal_schema
from pos.store.cache_schema import CACHE_SCHEMA
from pos.store.folder import DataFolder
from pos.store.journal_schema import JOURNAL_SCHEMA
from pos.store.read_only import open_read_only
from pos.store.schema import OlderData, Schema
from pos.store.till_store import TillStore
from pos.store.verify import Verified, list_entries, projections_hold, verify_journal
from pos.usecases.ports import Pending
from tests.store import first_release as old
from tests.store.sales import till_in

if TYPE_CHECKING:
    from pos.store.sqlite import Database


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return old.leave_behind(tmp_path / "till")


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def sale_of(till: TillStore, receipt_no: str) -> SaleMade:
    stored = till.journal.receipt(receipt_no)
    assert stored is not None
    assert isinstance(stored.event, SaleMade)
    return stored.event


# --- what came over -------------------------------------------------------------------------------


def test_both_files_are_brought_up(folder: DataFolder) -> None:
    assert (version(folder.journal), version(folder.cache)) == (1, 1)
    with till_in(folder):
        pass
    assert (version(folder.journal), version(folder.cache)) == (JOURNAL_SCHEMA.version, CACHE_SCHEMA.version)
    assert (JOURNAL_SCHEMA.version, CACHE_SCHEMA.version) == (5, 5)


def test_the_chain_is_the_same_to_the_byte(folder: DataFolder) -> None:
    with till_in(folder) as till:
        entries = till.outbox.entries_after(0, count_max=100, bytes_max=1 << 20)
    assert [(one.seq, one.hash, one.body) for one in entries] == [
        (one.seq, one.hash, one.body) for one in old.chain()
    ]
    assert verify_journal(folder.journal) == Verified(10, old.chain()[-1].hash)


def test_receipts_are_listed_as_they_were(folder: DataFolder) -> None:
    with till_in(folder) as till:
        rows = [
            (row.seq, row.receipt_no, row.kind, row.of, row.member_no, row.figures)
            for row in reversed(till.journal.receipts())
        ]
    assert rows == [
        (seq, number, kind, of, member_no, Figures(*figures))  # no memberships, no fees
        for seq, number, kind, of, member_no, _online, *figures in old.FIGURES
    ]
    assert projections_hold(folder.journal)


def test_everything_derived_is_derived_anew(folder: DataFolder) -> None:
    """What the first release counted is as it was; what it did not count is there, too."""
    with till_in(folder) as till:
        assert till.journal.member_changes(old.DOU, after_seq=0) == {"points": 847, SALES: 1}
        assert till.journal.member_changes(old.QIN, after_seq=0) == {"points": 11900, SALES: 1}
        assert till.journal.member_spent(old.DOU, after_seq=0) == {"points": 653}
        assert till.journal.offline_redeemed(old.QIN, "points", old.DATE).today_fen == 3000
        assert till.journal.offline_redeemed(old.DOU, "points", old.DATE).today_fen == 0
        assert till.journal.merchant_changes(after_seq=0) == {}
        assert till.journal.last_configuration() == old.PACK_REF
        assert till.journal.pending() == Pending(10, 5, "2026-11-26T07:26:21+08:00")


def test_what_died_with_the_journal_lives_on(folder: DataFolder) -> None:
    with till_in(folder) as till:
        assert till.journal.open_cart() == old.OPEN_CART
        job = till.print_queue.next_job()
        assert job is not None
        assert (job.seq, job.balances[0].amount) == (5, 2900)


def test_the_next_receipt_has_the_next_number(folder: DataFolder) -> None:
    with till_in(folder) as till:

        def number() -> str:
            with till.journal.transaction() as transaction:
                return transaction.next_receipt_no()

        assert till.journal_writer.run(number) == old.CHAIN.receipt_no(6)


def test_members_and_packs_of_the_old_cache_are_known(folder: DataFolder) -> None:
    with till_in(folder) as till:
        assert not till.cache_was_lost
        known = till.members.by_number(old.DOU)
        assert known is not None
        assert (known.balances["points"], known.status, known.activated) == (2847, "active", True)
        assert till.replica.cursor("members") == 66
        assert (till.replica.cursor("terms"), till.replica.cursor("terminals")) == (0, 0)
        loaded = till.packs.by_ref(old.PACK_REF)
        assert loaded is not None
        assert till.packs.current() == loaded
        plan = loaded.pack.plan("co_creator")
        assert plan is not None
        assert plan.earn_multiplier == "1.5"


@pytest.mark.parametrize(("receipt_no", "index"), [(old.WORKED, 1), (old.OFFLINE, 3)])
def test_an_old_sale_goes_on_being_returned_to_the_fen(
    folder: DataFolder, receipt_no: str, index: int
) -> None:
    """A part was returned under the first release; the rest now leaves exactly nothing."""
    with till_in(folder) as till:
        sold = sale_of(till, receipt_no)
        loaded = till.packs.by_ref(sold.pack)
        assert loaded is not None
        (before,) = till.journal.refunds_of(receipt_no)
        taken = {one.line: one.quantity for one in before.returning}
        rest = tuple(
            ReturnedLine(line, one.quantity - taken.get(line, 0))
            for line, one in enumerate(sold.result.lines)
            if one.quantity > taken.get(line, 0)
        )
        result = refund(
            sold.result,
            sold.basket,
            loaded.pack,
            before=taken,
            cash_back_before_fen=before.result.cash_back_fen,
            returning=rest,
        )
    was = sold.result
    assert before.result.cash_back_fen + result.cash_back_fen == was.due_fen
    assert (
        sum(one.amount for one in (*before.result.points_back, *result.points_back)) == was.redeemed[0].amount
    )
    assert before.result.share_change_fen + result.share_change_fen == -was.outcome.share_fen
    earned_back = [one.amount for one in (*before.result.earned_change, *result.earned_change)]
    assert sum(earned_back) == -was.outcome.earned[0].amount
    assert result.complete


# --- an upgrade that was interrupted --------------------------------------------------------------


def test_a_step_that_fails_leaves_the_old_file(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(database: Database) -> None:
        journal_schema._second(database)
        raise RuntimeError("the power went off")

    with monkeypatch.context() as patch:
        schema = Schema((JOURNAL_SCHEMA.steps[0], fail))
        patch.setattr("pos.store.till_store.JOURNAL_SCHEMA", schema)
        with pytest.raises(RuntimeError, match="power"), till_in(folder):
            pass
    assert version(folder.journal) == 1
    connection = sqlite3.connect(folder.journal)
    assert connection.execute("SELECT count(*) FROM receipts").fetchone() == (5,)
    connection.close()
    test_receipts_are_listed_as_they_were(folder)


def interrupt_deriving(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables have been made anew, and the program ended before they were filled."""

    def fail(*_: object) -> None:
        raise RuntimeError("the power went off")

    with monkeypatch.context() as patch:
        patch.setattr("pos.store.projections.project", fail)
        with pytest.raises(RuntimeError, match="power"), till_in(folder):
            pass


def test_deriving_that_was_interrupted_is_done_at_the_next_start(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt_deriving(folder, monkeypatch)
    interrupt_deriving(folder, monkeypatch)
    assert version(folder.journal) == JOURNAL_SCHEMA.version
    test_receipts_are_listed_as_they_were(folder)
    test_everything_derived_is_derived_anew(folder)


def test_it_is_derived_once(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    with till_in(folder):
        pass

    def fail(*_: object) -> None:
        raise AssertionError("derived again")

    monkeypatch.setattr("pos.store.journal.rebuild", fail)
    with till_in(folder) as till:
        assert len(till.journal.receipts()) == 5


# --- who only looks -------------------------------------------------------------------------------


def look(folder: DataFolder) -> None:
    with open_read_only(folder):
        pass


@pytest.mark.parametrize(
    "command",
    [
        look,
        lambda folder: projections_hold(folder.journal),
        lambda folder: looking.projections_match(folder.path),
    ],
)
@pytest.mark.parametrize("interrupted", [False, True])
def test_who_only_looks_is_told_to_open_the_till_once(
    folder: DataFolder,
    monkeypatch: pytest.MonkeyPatch,
    command: Callable[[DataFolder], object],
    *,
    interrupted: bool,
) -> None:
    if interrupted:
        interrupt_deriving(folder, monkeypatch)
    content = folder.journal.read_bytes()
    with pytest.raises(OlderData) as refused:
        command(folder)
    assert "请先打开一次收银机" in str(refused.value)
    assert folder.journal.read_bytes() == content
    with till_in(folder):
        pass
    command(folder)


@pytest.mark.parametrize("name", ["journal.db", "cache.db"])
def test_one_old_file_is_enough(folder: DataFolder, tmp_path: Path, name: str) -> None:
    with till_in(folder):
        pass
    look(folder)
    behind = old.leave_behind(tmp_path / "other").path / name
    (folder.path / name).write_bytes(behind.read_bytes())
    with pytest.raises(OlderData, match=name):
        look(folder)


def test_the_chain_of_an_old_file_can_be_checked_and_listed_at_once(folder: DataFolder) -> None:
    assert verify_journal(folder.journal) == Verified(10, old.chain()[-1].hash)
    assert [line.kind for line in list_entries(folder.journal)].count("sale") == 3
    assert json.loads(old.BODIES[4])["receipt_no"] == old.WORKED
