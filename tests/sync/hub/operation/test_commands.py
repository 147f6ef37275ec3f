"""`pos-hub backup`, `restore`, `migrate`, and how `serve` is asked to serve, as an operator types them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import text

from sync.hub.storage import engines, schema
from sync.hub.storage.data_folder import DataFolder
from sync.hub.storage.database import connected
from tests.sync.hub.postgres import Server
from tests.sync.hub.test_cli import TIMEOUT_S, Served, Shell, self_signed

only_sqlite = pytest.mark.parametrize("folder", ["sqlite"], indirect=True)


def test_a_nightly_backup(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    out = tmp_path / "backups"
    out.mkdir()
    asked = ("backup", "--data", folder.path, "--out", out, "--keep", "2")
    for day in (1, 2, 3):
        (out / f"hub-2026010{day}T030000Z.posbackup").touch()
    done = shell.run(*asked)
    assert done.returncode == 0
    assert re.search(r"Backed up to .*\.posbackup \(\d+ KiB, \d+ rows, checked\)\. 2 older", done.stderr)
    assert "root key" in done.stderr
    assert "own disk" in done.stderr
    kept = sorted(file.name for file in out.iterdir())
    assert kept[0] == "hub-20260103T030000Z.posbackup"
    assert len(kept) == 2
    (folder.keys / "root.pem").unlink()
    told = shell.run(*asked, "--json")
    assert set(json.loads(told.stdout)) == {"file", "bytes", "rows", "removed"}
    assert "root key" not in told.stderr


def test_from_a_file_on_this_machine_to_postgresql(
    shell: Shell, folder: DataFolder, postgres: Server, tmp_path: Path
) -> None:
    name = postgres.create()
    assert shell.run("backup", "--data", folder.path, "--out", tmp_path / "x.posbackup").returncode == 0
    checked = shell.run("restore", tmp_path / "x.posbackup", "--check")
    assert (checked.returncode, f"schema {schema.VERSION}" in checked.stderr) == (0, True)
    moved = shell.run(
        "restore", tmp_path / "x.posbackup", "--data", tmp_path / "new", "--database", postgres.url(name)
    )
    assert moved.returncode == 0, moved.stderr
    assert "send again what the hub no longer has" in moved.stderr
    assert "agree" in shell.run("report", "ledger", "--data", tmp_path / "new").stderr
    assert not (tmp_path / "new" / "hub.db").exists()
    postgres.drop(name)


@only_sqlite
def test_what_cannot_be(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    assert "--keep goes with a folder" in shell.refused(
        "backup", "--data", folder.path, "--out", tmp_path / "x", "--keep", "3"
    )
    assert "No such file" in shell.refused("backup", "--data", folder.path, "--out", tmp_path / "no" / "x")
    assert "no whole backup" in shell.refused("restore", __file__, "--data", tmp_path / "new")
    assert "--data" in shell.refused("restore", __file__.replace("test_commands", "conftest"))
    shell.run("backup", "--data", folder.path, "--out", tmp_path / "x.posbackup")
    assert "not empty" in shell.refused("restore", tmp_path / "x.posbackup", "--data", folder.path)
    nowhere = "postgresql://nobody@127.0.0.1:1/hub"
    said = shell.refused(
        "restore", tmp_path / "x.posbackup", "--data", tmp_path / "new", "--database", nowhere
    )
    assert "The database does not answer" in said
    assert not (tmp_path / "new").exists()


def at_version(folder: DataFolder, version: str) -> None:
    with connected(folder) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        for table in (
            "pay_codes",
            "code_books",
            "code_uses",
            "member_persons",
            "right_claims",
            "pickups",
            "hand_overs",
            "settled_entries",
        ):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("ALTER TABLE chains DROP COLUMN backed_up_seq"))


def test_an_older_database_is_migrated_when_asked(shell: Shell, folder: DataFolder) -> None:
    asked = ("migrate", "--data", folder.path)
    assert shell.run(*asked).stderr == f"The schema is {schema.VERSION}; nothing to do.\n"
    assert shell.run(*asked, "--check").returncode == 0
    at_version(folder, "0009")
    assert f"To be migrated: 0009 → {schema.VERSION}" in shell.refused(*asked, "--check")
    assert "pos-hub migrate" in shell.refused("serve", "--data", folder.path, "--port", "0", "--no-migrate")
    assert "To be migrated" in shell.refused(*asked, "--check"), "nobody has migrated it meanwhile"
    assert shell.run(*asked).stderr == f"Migrated: 0009 → {schema.VERSION}.\n"
    assert shell.run(*asked, "--check").returncode == 0


def test_a_backup_comes_before_the_migration(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    """Backing up leaves an old database as it is; restoring such a backup migrates it."""
    at_version(folder, "0009")
    assert shell.run("backup", "--data", folder.path, "--out", tmp_path / "old.posbackup").returncode == 0
    assert "To be migrated" in shell.refused("migrate", "--data", folder.path, "--check")
    assert "schema 0009" in shell.run("restore", tmp_path / "old.posbackup", "--check").stderr
    assert shell.run("restore", tmp_path / "old.posbackup", "--data", tmp_path / "new").returncode == 0
    assert "nothing to do" in shell.run("migrate", "--data", tmp_path / "new").stderr


def test_a_newer_database_is_refused_by_name(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    at_version(folder, "9999")
    for asked in (("migrate",), ("migrate", "--check"), ("backup", "--out", tmp_path / "x")):
        assert "its schema is 9999" in shell.refused(asked[0], "--data", folder.path, *asked[1:])
    assert not (tmp_path / "x").exists()


@only_sqlite
def test_serving_is_asked_for_sensibly(shell: Shell, folder: DataFolder, tmp_path: Path) -> None:
    serve = ("serve", "--data", folder.path, "--port", "0")
    assert "no address" in shell.refused(*serve, "--trust-proxy", "nginx")
    assert "--workers" in shell.refused(*serve, "--workers", "0")
    certificate, key = self_signed(tmp_path)
    key.write_text("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n")
    for workers in ("1", "2"):
        said = shell.refused(*serve, "--tls-cert", certificate, "--tls-key", key, "--workers", workers)
        assert said.startswith(f"The certificate {certificate} and the key {key} will not do")


@only_sqlite
def test_workers_behind_a_certificate_and_a_proxy(folder: DataFolder, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    served = Served(
        folder.path,
        *("--workers", "2", "--trust-proxy", "127.0.0.1", "--log-level", "warning"),
        *("--tls-cert", str(certificate), "--tls-key", str(key)),
    )
    with requests.Session() as session:
        answer = session.get(served.url + "/ready", verify=str(certificate), timeout=TIMEOUT_S)
        assert answer.json()["database"] == "sqlite"
    assert '"event": "request"' not in served.stop(), "of less interest than a warning"


@only_sqlite
def test_a_command_that_has_to_wait_too_long(
    shell: Shell, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_TURN_TIMEOUT_S", 0.1)
    asked = ("enrol-code", "--data", folder.path, "--terminal", "S1-1")
    with connected(folder) as database, database.write():
        said = shell.refused(*asked)
    assert said == "The hub is busy. The step that was under way is undone; run it again later."
    assert shell.run(*asked).returncode == 0


@only_sqlite
def test_a_command_on_a_full_disk(shell: Shell, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = engines._prepare_sqlite

    def prepare_full(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA max_page_count = 1")  # the least it takes is what there is

    monkeypatch.setattr(engines, "_prepare_sqlite", prepare_full)
    store = ("--store", "S2", "--name", "二店", "--merchant-id", "M2", "--merchant", "邻家")
    tills = [word for number in range(400) for word in ("--terminal", f"S2-{number}={'长' * 40}")]
    said = shell.refused("store", "add", "--data", folder.path, *store, *tills)
    assert (
        said
        == "The hub's disk is full; nothing was stored. The step that was under way is undone; run it again later."
    )
