"""A file in the place of the cache: everything else comes along, and nobody who reads is disturbed."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from pos.domain.member_codes import card_code, card_hash
from pos.store.folder import DataFolder
from pos.store.till_store import TillStore
from pos.usecases.ports import StorageTrouble
from sync.protocol import cache_tables
from sync.protocol.messages import HighWater, HubMark, MemberBalances, MemberRow, SnapshotOffer
from tests.store.sales import MEMBER, NOW, page, product, sell, till_in

CARD = card_hash(card_code(42))
ROW = MemberRow(MEMBER, "", "co_creator", "active", "2026-12-31", bought=True)


def make(file: Path, *rows: MemberRow, more: str = "") -> None:
    with closing(sqlite3.connect(file)) as database:
        for step in cache_tables.STEPS:
            for statement in step:
                database.execute(statement)
        for row in rows:
            found = (row.member_no, bytes.fromhex(CARD), -1, 0, msgspec.json.encode(row))
            database.execute(cache_tables.TAKE_MEMBER, found)
        if more:
            database.execute(more)
        database.execute(f"PRAGMA user_version = {cache_tables.VERSION}")
        database.commit()


def offer(change: int = 500, mark: int = 0) -> SnapshotOffer:
    hub = HubMark(1, "", HighWater(0, ""))
    return SnapshotOffer(hub, "members", cache_tables.VERSION, change, mark, 1, 1, 1, "0" * 64)


def test_its_members_are_the_tills_from_now_on(till: TillStore) -> None:
    till.replica.apply(
        page("members", ("30000001", msgspec.structs.replace(ROW, member_no="30000001", card_hash="ab" * 32)))
    )
    make(till.snapshots.file, ROW)
    till.snapshots.take(offer())
    assert till.replica.cursor("members") == 500
    known = till.members.by_card(CARD)
    assert known is not None
    assert (known.member_no, known.plan, known.balances_told) == (MEMBER, "co_creator", False)
    assert till.members.by_number("30000001") is None
    assert not till.snapshots.file.exists()


def test_everything_else_comes_along_and_lasts(folder: DataFolder) -> None:
    with till_in(folder) as till:
        till.replica.apply(page("catalogue", (product().code, product())))
        till.replica.apply(page("balances", (MEMBER, MemberBalances(MEMBER, {"points": 700}))))
        till.replica.note_complete(NOW)
        make(till.snapshots.file, ROW)
        till.snapshots.take(offer())
        till.replica.apply(page("catalogue", (product(2).code, product(2)), start=1))
    with till_in(folder) as till:
        assert not till.cache_was_lost
        assert [till.goods.product(product(n).code) for n in (1, 2)] == [product(1), product(2)]
        assert till.replica.complete_at() == NOW
        known = till.members.by_number(MEMBER)
        assert known is not None
        assert known.balances == {"points": 700}


def test_deltas_go_on_from_it_and_sweep_nothing(till: TillStore) -> None:
    till.replica.forget("members")
    make(till.snapshots.file, ROW)
    till.snapshots.take(offer())
    other = msgspec.structs.replace(ROW, member_no="30000001", card_hash="ab" * 32)
    till.replica.apply(page("members", ("30000001", other), start=500))
    assert till.members.by_number(MEMBER) is not None
    assert till.members.by_number("30000001") is not None


@pytest.mark.parametrize(("mark", "plan"), [(0, "basic"), (99, "co_creator")])
def test_its_rows_count_own_entries_up_to_its_mark(till: TillStore, mark: int, plan: str) -> None:
    """A plan sold here after that moment goes before the row; one the row counts already does not."""
    till.journal_writer.run(lambda: _sold_basic(till))
    make(till.snapshots.file, ROW)
    till.snapshots.take(offer(mark=mark))
    known = till.members.by_number(MEMBER)
    assert known is not None
    assert known.plan == plan


def _sold_basic(till: TillStore) -> None:
    with till.journal_writer.transaction() as connection:
        connection.execute(
            "INSERT INTO memberships (member_no, seq, plan, last_day) VALUES (?, 1, 'basic', '2027-01-01')",
            (MEMBER,),
        )


@pytest.mark.parametrize(
    "more",
    [
        "CREATE TABLE more (x)",
        "CREATE TRIGGER sly AFTER INSERT ON facts BEGIN DELETE FROM facts; END",
        "CREATE VIEW sly AS SELECT 1",
        "DROP TABLE commands",
    ],
)
def test_a_file_with_other_tables_is_not_taken(till: TillStore, more: str) -> None:
    till.replica.apply(page("catalogue", (product().code, product())))
    make(till.snapshots.file, ROW, more=more)
    with pytest.raises(StorageTrouble, match="不符"):
        till.snapshots.take(offer())
    assert till.goods.product(product().code) == product()
    till.replica.apply(page("catalogue", (product(2).code, product(2)), start=1))


@pytest.mark.parametrize("content", [b"", b"no database" * 900])
def test_what_is_no_database_is_not_taken(till: TillStore, content: bytes) -> None:
    till.snapshots.file.write_bytes(content)
    with pytest.raises(StorageTrouble):
        till.snapshots.take(offer())
    till.replica.apply(page("catalogue", (product().code, product())))
    assert till.goods.product(product().code) == product()


def test_selling_and_looking_go_on_meanwhile(till: TillStore) -> None:
    till.replica.apply(page("catalogue", (product().code, product())))
    over, faults = threading.Event(), list[BaseException]()

    def look() -> None:
        try:
            while not over.is_set():
                assert till.goods.product(product().code) == product()
        except BaseException as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for one in lookers:
        one.start()
    for number in range(1, 8):
        make(till.snapshots.file, ROW)
        till.snapshots.take(offer(change=500 + number))
        sell(till)
    over.set()
    for one in lookers:
        one.join()
    assert faults == []
    assert till.replica.cursor("members") == 507
    assert till.journal.last_seq() == 8
