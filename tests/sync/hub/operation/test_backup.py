"""A backup taken, looked at, damaged, and made a hub again on either engine."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, select, text, update

from sync.hub.hub import Hub, opened, setting
from sync.hub.ledger import accounts
from sync.hub.operation import archive, backup, books, restore
from sync.hub.storage import schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.storage.database import connected
from sync.hub.web.app import make_app
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.postgres import Server
from tests.sync.hub.terminals import FakeTerminal

NOW = dt.datetime(2026, 3, 14, 12, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)

Target = str | None
"""The database URL of a hub to be made; None: a file."""


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A place for a restored hub, on each engine."""
    if request.param == "sqlite":
        yield None
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def busy(hub: Hub, till: FakeTerminal) -> Hub:
    """A hub with a sale, a refund of part of it, and a walk-in."""
    sale = sales.sale(till.next_receipt_no())
    till.write(sale)
    till.write(sales.give_back(till.next_receipt_no(), sale, sales.whole(sale)[0]))
    till.write(sales.walk_in(till.next_receipt_no()))
    till.upload()
    return hub


def backed_up(hub: Hub, out: Path, now: dt.datetime = NOW) -> Path:
    return backup.make(hub.folder, hub.database, out, now).path


def content(folder: DataFolder) -> dict[str, list[Any]]:
    """Every row of every table, in comparable order and form."""
    with connected(folder) as database, database.read() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


ANEW = {"settings", "counters", "feed_rows", "chains", "enrolment_codes"}
"""What a restored hub must not have as it was."""


def test_a_restored_hub_has_every_row_on_either_engine(busy: Hub, target: Target, tmp_path: Path) -> None:
    path = backed_up(busy, tmp_path / "hub.posbackup")
    before = content(busy.folder)
    restore.restore(path, tmp_path / "new", LATER, database_url=target)
    new = DataFolder(tmp_path / "new")
    after = content(new)
    assert {name for name in before if before[name] != after[name]} <= ANEW
    assert before.keys() == after.keys()
    assert len(after["transfers"]) > 5
    assert len(after["feed_rows"]) == len(before["feed_rows"])
    assert {file.name: file.read_bytes() for file in new.keys.iterdir()} == {
        file.name: file.read_bytes() for file in busy.folder.keys.iterdir()
    }
    private = (*new.keys.iterdir(), new.database if target is None else new.database_url, path)
    assert all(file.stat().st_mode & 0o077 == 0 for file in private)


def test_a_till_sends_again_what_a_restored_hub_has_lost(
    busy: Hub, till: FakeTerminal, target: Target, tmp_path: Path
) -> None:
    path = backed_up(busy, tmp_path / "hub.posbackup")
    till.write(sales.sale(till.next_receipt_no(), believed=2000))
    till.write(sales.walk_in(till.next_receipt_no()))
    reply = till.upload()
    before = till.feed("members")
    expected, day = ledger(busy), till.day(sales.DATE)

    restore.restore(path, tmp_path / "new", LATER, database_url=target)
    with opened(DataFolder(tmp_path / "new")) as restored:
        till.http = InProcess(make_app(restored))
        first = till.feed("members")
        assert first.hub.high_water.seq == reply.hub.high_water.seq - 2, "which the till notices"
        assert first.hub.epoch > reply.hub.epoch, "which makes it forget its cursors"
        assert min(row.change for row in first.rows) > before.next, "no number comes a second time"
        assert len(till.feed("members", before.next).rows) == len(first.rows)

        again = till.upload(*till.entries[first.hub.high_water.seq :])
        assert [one.verdict for one in again.results] == ["accepted", "accepted"]
        assert again.hub.high_water == reply.hub.high_water
        assert ledger(restored) == expected
        told = till.day(sales.DATE)
        assert (told.receipts, told.clawback) == (day.receipts, day.clawback)
        assert {one.verdict for one in till.upload().results} == {"exists"}


def ledger(hub: Hub) -> dict[tuple[str, str], int]:
    with hub.database.read() as connection:
        kept = accounts.kept_balances(connection)
        assert accounts.derived_balances(connection) == kept
    return kept


def feed_counter(connection: Connection) -> int:
    table = schema.counters
    return int(connection.execute(select(table.c.value).where(table.c.name == "feed_change")).scalar_one())


def test_restored_twice_it_is_yet_another_hub(busy: Hub, tmp_path: Path) -> None:
    path = backed_up(busy, tmp_path / "hub.posbackup")
    marks = []
    for number, moment in enumerate(
        (LATER, LATER + dt.timedelta(seconds=1), dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
    ):
        restore.restore(path, tmp_path / f"new{number}", moment)
        with connected(DataFolder(tmp_path / f"new{number}")) as database, database.read() as connection:
            counter = feed_counter(connection)
            highest = connection.execute(text("SELECT max(change) FROM feed_rows")).scalar_one()
            assert highest == counter
            marks.append((int(setting(connection, "hub_epoch")), counter))
    with busy.database.read() as connection:
        old = (
            int(setting(connection, "hub_epoch")),
            feed_counter(connection),
        )
    first, second, with_wrong_clock = marks
    assert old[0] < first[0] < second[0]
    assert old[1] < first[1] < second[1]
    assert with_wrong_clock[0] == old[0] + 1
    assert with_wrong_clock[1] > old[1]


def test_codes_that_lay_ready_are_void(busy: Hub, new_code: Callable[..., str], tmp_path: Path) -> None:
    code = new_code()
    path = backed_up(busy, tmp_path / "hub.posbackup")
    restore.restore(path, tmp_path / "new", LATER)
    with opened(DataFolder(tmp_path / "new")) as restored:
        newcomer = FakeTerminal(InProcess(make_app(restored)))
        with pytest.raises(AssertionError, match="code_expired"):
            newcomer.enrol(code)


def test_tills_are_told_what_is_safe(busy: Hub, till: FakeTerminal, tmp_path: Path) -> None:
    assert till.upload().backed_up == 0
    backed_up(busy, tmp_path / "hub.posbackup")
    assert till.upload().backed_up == 3
    till.write(sales.walk_in(till.next_receipt_no()))
    reply = till.upload()
    assert (reply.hub.high_water.seq, reply.backed_up) == (4, 3)
    with busy.database.read() as connection:
        assert setting(connection, backup.MADE_AT) == "2026-03-14T12:00:00.000+00:00"
    restore.restore(tmp_path / "hub.posbackup", tmp_path / "new", LATER)
    with opened(DataFolder(tmp_path / "new")) as restored:
        till.http = InProcess(make_app(restored))
        assert till.upload(till.entries[0]).backed_up == 3


def test_a_backup_with_damage_anywhere_is_refused(busy: Hub, tmp_path: Path) -> None:
    path = backed_up(busy, tmp_path / "hub.posbackup")
    whole = path.read_bytes()
    for at in {*range(0, len(whole), max(1, len(whole) // 25)), *range(len(whole) - 40, len(whole), 3)}:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(Told, match="no whole backup"):
            archive.verified(path)
        path.write_bytes(whole[:at])
        with pytest.raises(Told, match="no whole backup"):
            restore.restore(path, tmp_path / "new", LATER)
    assert not (tmp_path / "new").exists()
    path.write_bytes(whole)
    assert archive.verified(path).rows("receipts") == 3


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_books_that_do_not_hold_are_told_and_not_restored(busy: Hub, tmp_path: Path) -> None:
    with busy.database.write() as connection:
        table = schema.balances
        here = (table.c.account == f"member:{sales.MEMBER}") & (table.c.unit == "points")
        connection.execute(update(table).where(here).values(amount=table.c.amount + 1))
    path = tmp_path / "hub.posbackup"
    with pytest.raises(books.BooksBroken, match=f"member:{sales.MEMBER}/points"):
        backed_up(busy, path)
    assert archive.verified(path), "better than none"
    with pytest.raises(books.BooksBroken):
        restore.restore(path, tmp_path / "new", LATER)
    assert not (tmp_path / "new").exists()


def test_a_restored_database_forbids_what_the_old_one_did(busy: Hub, target: Target, tmp_path: Path) -> None:
    path = backed_up(busy, tmp_path / "hub.posbackup")
    restore.restore(path, tmp_path / "new", LATER, database_url=target)
    with opened(DataFolder(tmp_path / "new")) as restored:
        for table in ("transfers", "journal_entries"):
            with pytest.raises(Exception, match="never changed"), restored.database.write() as connection:
                connection.execute(text(f"DELETE FROM {table}"))
        assert ledger(restored)


def test_a_place_in_use_is_left_alone(busy: Hub, postgres: Server, tmp_path: Path) -> None:
    path = backed_up(busy, tmp_path / "hub.posbackup")
    with pytest.raises(Told, match="not empty"):
        restore.restore(path, busy.folder.path, LATER)
    name = postgres.create()
    restore.restore(path, tmp_path / "one", LATER, database_url=postgres.url(name))
    with pytest.raises(Told, match="not empty"):
        restore.restore(path, tmp_path / "two", LATER, database_url=postgres.url(name))
    assert not (tmp_path / "two").exists()
    assert content(DataFolder(tmp_path / "one"))["transfers"]
    postgres.drop(name)


def test_a_backup_that_cannot_be_written_leaves_the_older_one(
    busy: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    path = backed_up(busy, tmp_path / "out" / "hub.posbackup")
    older = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        backed_up(busy, path)
    assert path.read_bytes() == older
    assert [file.name for file in path.parent.iterdir()] == ["hub.posbackup"]


def test_older_backups_make_room(busy: Hub, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("kept")
    for day in range(4):
        backed_up(busy, out, NOW + dt.timedelta(days=day))
    gone = backup.keep_newest(out, 2)
    assert [file.name for file in gone] == [
        "hub-20260314T120000Z.posbackup",
        "hub-20260315T120000Z.posbackup",
    ]
    assert len(list(out.iterdir())) == 3


def test_it_is_of_one_moment_while_the_hub_takes_sales(
    busy: Hub, till: FakeTerminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sale that arrives half way is either wholly in it or not at all."""
    plain = archive.Writer.table

    def with_a_sale_meanwhile(self: archive.Writer, name: str, *rest: Any) -> None:
        plain(self, name, *rest)
        if name == "counters":
            till.write(sales.walk_in(till.next_receipt_no()))
            till.upload(till.entries[-1])

    monkeypatch.setattr(archive.Writer, "table", with_a_sale_meanwhile)
    path = backed_up(busy, tmp_path / "hub.posbackup")
    assert len(till.entries) == 4
    assert archive.verified(path).rows("receipts") == 3
    assert archive.verified(path).rows("journal_entries") == 3
    restore.restore(path, tmp_path / "new", LATER)
    shutil.rmtree(tmp_path / "new")
