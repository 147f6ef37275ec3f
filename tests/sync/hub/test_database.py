import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text, update

from sync.hub.alliance.founding import Alliance, found
from sync.hub.hub import Hub, opened
from sync.hub.storage import all_tables, schema
from sync.hub.storage.data_folder import DataFolder, made
from sync.hub.storage.database import open_database
from sync.hub.trust.enrolment import make_code
from sync.hub.web.app import make_app
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal


def test_the_migrations_make_what_the_schema_says(hub: Hub) -> None:
    with hub.database.read() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, all_tables.metadata) == []
        assert context.get_current_revision() == schema.VERSION


def test_a_newer_database_is_refused_by_name(folder: DataFolder) -> None:
    with opened(folder) as hub, hub.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Told, match="9999"):
        open_database(folder)


@pytest.mark.parametrize("folder", ["sqlite"], indirect=True)
def test_the_database_is_durable_by_configuration(hub: Hub) -> None:
    with hub.database.read() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_write_that_fails_leaves_nothing(hub: Hub) -> None:
    broken = update(schema.settings).values(value=None)
    with pytest.raises(Exception, match=r"(?i)not.null"), hub.database.write() as connection:
        connection.execute(broken)
    with hub.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM settings WHERE value IS NULL")).scalar() == 0


def test_a_restart_keeps_everything(folder: DataFolder) -> None:
    with opened(folder) as hub:
        till = FakeTerminal(InProcess(make_app(hub)))
        till.enrol(str(make_code(hub, "S1-1", HOUR)[0]))
        till.write(sales.sale(till.next_receipt_no()))
        till.upload()
        before = (till.feed("members"), till.day(sales.DATE))
    with opened(folder) as hub:
        till.http = InProcess(make_app(hub))
        after = (till.feed("members"), till.day(sales.DATE))
        assert after[0].rows == before[0].rows
        assert after[0].hub.high_water == before[0].hub.high_water
        assert after[1].receipts == before[1].receipts
        assert [one.verdict for one in till.upload().results] == ["exists"]


def test_the_hub_runs_without_the_root_key(folder: DataFolder) -> None:
    (folder.keys / "root.pem").unlink()
    with opened(folder) as hub:
        assert len(hub.keys.fingerprint) == 16


def test_a_missing_key_is_named(folder: DataFolder) -> None:
    (folder.keys / "pack-1.pem").unlink()
    with opened(folder) as hub, pytest.raises(Told, match=r"pack-1\.pem"):
        hub.keys.sign("pack", b"", b"")


def test_a_folder_appears_when_it_is_finished(tmp_path: Path) -> None:
    def half_made() -> None:
        with made(tmp_path / "hub") as draft:
            (draft.path / "something").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_made()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "hub").mkdir()
    found(tmp_path / "hub", Alliance("a", "一个联盟", "Asia/Shanghai"))
    with pytest.raises(Told, match="not empty"):
        found(tmp_path / "hub", None)


def test_only_the_owner_may_read(folder: DataFolder, tmp_path: Path) -> None:
    shutil.rmtree(folder.path)
    found(folder.path, Alliance("a", "一个联盟", "Asia/Shanghai"))
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert folder.keys.stat().st_mode & 0o777 == 0o700
    for file in (*folder.keys.iterdir(), folder.database):
        assert file.stat().st_mode & 0o077 == 0, file
    assert {one.name for one in folder.keys.glob("*.pem")} == {
        "root.pem",
        *(f"{use}-{n}.pem" for use in ("pack", "codes", "catalogue", "software", "hub") for n in (1, 2)),
    }
