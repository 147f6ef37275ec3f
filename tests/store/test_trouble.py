"""When the environment fails: nothing is booked, a sentence says what to do, and it goes on afterwards."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from pos.domain.cart import Cart
from pos.store.cache_schema import CACHE_SCHEMA
from pos.store.folder import DataFolder
from pos.store.schema import NewerData
from pos.store.sqlite import storage_trouble
from pos.store.till_store import TillStore, create_chain, has_chain, open_store
from pos.store.verify import Verified, verify_journal
from pos.usecases.ports import StorageTrouble
from tests.store.sales import IDENTITY, NOW, STORE, create, page, product, sell, till_in


def pragma(till: TillStore, text: str) -> Any:
    def execute() -> Any:
        connection = till.journal_writer._connection
        assert connection is not None
        return connection.execute(f"PRAGMA {text}").fetchall()

    return till.journal_writer.run(execute)


def test_a_full_disk_books_nothing_and_the_next_sale_works(till: TillStore) -> None:
    sell(till)
    till.journal.save_cart(Cart())
    pages = pragma(till, "page_count")[0][0]
    limit = pragma(till, "max_page_count")[0][0]
    pragma(till, f"max_page_count = {pages}")
    with pytest.raises(StorageTrouble) as trouble:
        sell(till, lines=200)
    assert str(trouble.value) == "磁盘已满，这一步没有记账；请清理磁盘后重试"
    assert till.journal.last_seq() == 2
    assert till.print_queue.unprinted() == 1
    assert till.journal.open_cart() == Cart()
    with pytest.raises(StorageTrouble):
        till.journal.save_cart(Cart(member_no="x" * 20_000))
    pragma(till, f"max_page_count = {limit}")
    sold, entry = sell(till, lines=200)
    assert (entry.seq, sold.receipt_no) == (3, IDENTITY.receipt_no(2))
    assert verify_journal(till.folder.journal) == Verified(3, entry.hash)


def test_a_disk_full_at_the_operating_system(folder: DataFolder) -> None:
    """The file may not grow: the same as a full disk, but told by the kernel."""
    resource = pytest.importorskip("resource")
    import signal  # noqa: PLC0415

    with till_in(folder) as till:
        sell(till)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size_bytes = folder.journal.with_name("journal.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
        try:
            with pytest.raises(StorageTrouble):
                sell(till, lines=200)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, previous)
        assert till.journal.last_seq() == 2
        sell(till, lines=200)
    with till_in(folder) as till:
        assert till.journal.last_seq() == 3


def test_a_database_that_cannot_be_written(till: TillStore) -> None:
    pragma(till, "query_only = ON")
    with pytest.raises(StorageTrouble, match="不能写入"):
        sell(till)
    pragma(till, "query_only = OFF")
    sell(till)
    assert till.journal.last_seq() == 2


def test_a_database_that_cannot_be_opened(folder: DataFolder) -> None:
    folder.journal.unlink()
    folder.journal.mkdir()
    with pytest.raises(StorageTrouble, match=r"journal\.db"):
        open_store(folder)


@pytest.mark.parametrize("content", [b"garbage" * 2000, b"SQLite format 3\0" + b"\xff" * 9000, b"\0" * 5000])
def test_a_damaged_journal_is_said_to_be_damaged_and_left_alone(folder: DataFolder, content: bytes) -> None:
    folder.journal.write_bytes(content)
    with pytest.raises(StorageTrouble, match="联系技术员"):
        open_store(folder)
    assert folder.journal.read_bytes() == content


def test_a_newer_schema_is_refused_by_name_and_not_touched(folder: DataFolder) -> None:
    database = Database(folder.journal)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = hashlib.sha256(folder.journal.read_bytes()).hexdigest()
    for look in (
        lambda: open_store(folder),
        lambda: verify_journal(folder.journal),
        lambda: create_chain(folder, IDENTITY, STORE, public_key=bytes(32), software="t", at=NOW),
    ):
        with pytest.raises(NewerData, match=r"第 99 版.*只认识到第 5 版"):
            look()
    assert hashlib.sha256(folder.journal.read_bytes()).hexdigest() == before


def test_a_newer_cache_is_refused_too(folder: DataFolder) -> None:
    with till_in(folder) as till:
        till.replica.apply(page("catalogue", (product().code, product())))
    database = Database(folder.cache)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(NewerData, match=r"cache\.db"):
        open_store(folder)
    database = Database(folder.cache)
    database.execute(f"PRAGMA user_version = {CACHE_SCHEMA.version}")
    database.close()
    with till_in(folder) as till:
        assert till.goods.product(product().code) == product()


def test_a_set_up_that_was_cut_off_can_be_done_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "till")
    folder.make()
    folder.journal.touch()
    assert not has_chain(folder)
    with pytest.raises(StorageTrouble, match="还没有收银机"):
        open_store(folder)
    assert create(folder.path) == folder
    assert has_chain(folder)


def test_a_bug_is_not_the_disks_fault(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE t (x UNIQUE)")
    with pytest.raises(sqlite3.OperationalError, match="no such table"), storage_trouble(Path("x.db")):
        connection.execute("SELECT * FROM nowhere")
    with pytest.raises(sqlite3.IntegrityError), storage_trouble(Path("x.db")):
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), (1,)])
    connection.close()


def test_a_busy_database_is_said_to_be_busy(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    first, second = (sqlite3.connect(path, isolation_level=None, timeout=0) for _ in range(2))
    first.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageTrouble, match="正被别的程序占用"), storage_trouble(path):
        second.execute("BEGIN IMMEDIATE")
    first.close()
    second.close()


def test_readers_of_many_threads(till: TillStore) -> None:
    sell(till)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(till.journal.last_seq())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [2] * 8
    assert len(till._readers[0]._all) <= 2, "a thread's connection goes with it"


def test_a_reader_can_write_nothing(till: TillStore) -> None:
    with pytest.raises(StorageTrouble):
        till._readers[0].rows("DELETE FROM print_jobs")
    with pytest.raises(StorageTrouble):
        till._readers[0].rows("PRAGMA user_version = 5")


def test_nothing_is_read_after_the_end(folder: DataFolder) -> None:
    with till_in(folder) as till:
        till.journal.last_seq()
    with pytest.raises(RuntimeError, match="closed"):
        till.journal.last_seq()
    with pytest.raises(RuntimeError, match="closed"):
        till.goods.product("1")
    assert not folder.journal.with_name("journal.db-wal").exists(), "the writer was the last to leave"
