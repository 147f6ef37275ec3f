"""Copies of the journal: whole, checked, few enough, and made beside a till that sells."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pos.bootstrap.backup_keeper import BackupKeeper
from pos.store.backups import back_up, late, newest
from pos.store.handing_over import journal_in
from pos.store.till_store import NoChain
from pos.usecases.ports import StorageTrouble
from tests.fakes.clock import A_MORNING
from tests.usecases.conftest import data, shop, template
from tests.usecases.sample_till import WATER, SampleTill

__all__ = ["data", "shop", "template"]


def test_a_copy_is_the_journal_as_of_now_while_the_till_goes_on(shop: SampleTill, tmp_path: Path) -> None:
    shop.sell(WATER)
    made = back_up(shop.till.store.folder, tmp_path / "usb", A_MORNING)
    assert made.entries == shop.desk.journal.last_seq()
    shop.sell(WATER)
    with journal_in(made.path) as copy:
        assert copy.entries_after(0, count_max=99, bytes_max=1 << 20)[-1].hash == made.head_hash
    assert [one.name for one in (tmp_path / "usb").iterdir()] == ["journal-20261121-104200.db"]


def test_a_journal_that_does_not_hold_is_not_copied_over_good_ones(shop: SampleTill, tmp_path: Path) -> None:
    shop.sell(WATER)
    folder = shop.till.store.folder
    good = back_up(folder, tmp_path, A_MORNING)
    shop.till.store.close()
    with closing(sqlite3.connect(folder.journal)) as connection:
        connection.execute("DROP TRIGGER journal_is_never_changed")
        connection.execute("UPDATE journal SET body = x'7b7d' WHERE seq = 2")
        connection.commit()
    with pytest.raises(StorageTrouble):
        back_up(folder, tmp_path, A_MORNING + timedelta(hours=1))
    assert list(tmp_path.glob("journal-*.db")) == [good.path]


def test_all_of_two_days_and_the_last_of_each_are_kept(shop: SampleTill, tmp_path: Path) -> None:
    for hours in range(0, 24 * 4, 6):
        back_up(shop.till.store.folder, tmp_path, A_MORNING + timedelta(hours=hours))
    names = sorted(one.name for one in tmp_path.glob("*.db"))
    made = [datetime.strptime(one, "journal-%Y%m%d-%H%M%S.db") for one in names]  # noqa: DTZ007
    by_day = {day: [one for one in made if one.date() == day] for day in {one.date() for one in made}}
    assert len(by_day) == 5
    assert [len(by_day[day]) for day in sorted(by_day)][:2] == [1, 1]
    assert newest(tmp_path) == made[-1]


def test_a_missing_or_old_copy_is_said(tmp_path: Path, shop: SampleTill) -> None:
    assert "还没有流水备份" in str(late(tmp_path / "none", A_MORNING))
    back_up(shop.till.store.folder, tmp_path, A_MORNING)
    assert late(tmp_path, A_MORNING + timedelta(hours=20)) is None
    assert "2026-11-21 10:42" in str(late(tmp_path, A_MORNING + timedelta(hours=30)))


def test_a_place_that_cannot_be_written(shop: SampleTill, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(StorageTrouble):
        back_up(shop.till.store.folder, tmp_path / "file", A_MORNING)


def test_a_keeper_copies_what_is_new_and_once(shop: SampleTill, tmp_path: Path) -> None:
    keeper = BackupKeeper(
        shop.till.store.folder, tmp_path, shop.clock.now, shop.desk.journal.last_seq, every_s=3600
    )
    keeper.start()
    keeper.stop()
    keeper.copy()
    assert len(list(tmp_path.glob("*.db"))) == 1


def test_a_file_without_a_journal(tmp_path: Path) -> None:
    with pytest.raises(NoChain), journal_in(tmp_path / "none"):
        pass
