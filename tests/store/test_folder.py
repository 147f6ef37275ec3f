"""The data folder: private, one program at a time, files whole or not there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pos.store.chain_facts import HubEnrolment
from pos.store.durable_file import write_durably
from pos.store.folder import DataFolder, FolderInUse
from pos.store.settings import Settings
from pos.store.till_store import create_chain, open_store
from pos.usecases.ports import StorageTrouble
from sync.protocol.messages import SignedBytes
from tests.store.sales import IDENTITY, NOW, STORE, create, till_in


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_its_owner_may_enter(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "deep" / "till")
    folder.make()
    folder.make()
    assert mode(folder.path) == 0o700


def test_one_program_at_a_time(folder: DataFolder) -> None:
    with till_in(folder):
        with pytest.raises(FolderInUse) as refused:
            open_store(folder)
        assert str(refused.value) == "已有另一个收银程序在使用这个数据目录，请先关闭它"
        with pytest.raises(FolderInUse):
            create(folder.path)
    with till_in(folder) as till:
        assert till.journal.last_seq() == 1


def test_a_folder_that_could_not_be_opened_is_free_again(folder: DataFolder) -> None:
    folder.journal.write_bytes(b"garbage" * 1000)
    for _ in range(2):
        with pytest.raises(StorageTrouble, match="损坏"):
            open_store(folder)


def test_the_terminal_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "till")
    folder.make()
    made = folder.make_terminal_key().public_key()
    assert folder.make_terminal_key().public_key() == made
    assert folder.load_terminal_key().public_key() == made
    assert mode(folder.terminal_key) == 0o600
    assert [path.name for path in folder.path.iterdir()] == ["terminal.pem"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHAL\n-----END PRIVATE KEY-----\n",
    ],
)
def test_a_damaged_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    folder = DataFolder(tmp_path)
    folder.terminal_key.write_bytes(content)
    with pytest.raises(StorageTrouble, match=r"terminal\.pem"):
        folder.make_terminal_key()
    assert folder.terminal_key.read_bytes() == content


def test_a_missing_key_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageTrouble, match=r"terminal\.pem"):
        DataFolder(tmp_path).load_terminal_key()


def test_a_file_that_cannot_be_written_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    write_durably(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageTrouble, match="磁盘已满"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    monkeypatch.undo()
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["settings.toml"]


def test_a_folder_where_a_file_is_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "till").write_bytes(b"")
    with pytest.raises(StorageTrouble, match="till"):
        DataFolder(tmp_path / "till").make()


def test_settings_are_saved_and_read_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert folder.read_settings() == Settings()
    folder.save_settings(Settings(language="en"))
    assert folder.read_settings() == Settings(language="en")


def test_a_hub_is_remembered(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "till")
    enrolment = HubEnrolment(
        "https://hub.example", SignedBytes(b"{}", "root", bytes(64)), "7K" * 8, 3, NOW.isoformat()
    )
    create_chain(folder, IDENTITY, STORE, public_key=bytes(32), software="test", at=NOW, enrolment=enrolment)
    with till_in(folder) as till:
        assert till.enrolment() == enrolment
        assert till.hub_epoch() == 3
    with till_in(folder) as till:
        assert till.enrolment() == enrolment


def test_a_till_may_have_no_hub(folder: DataFolder) -> None:
    with till_in(folder) as till:
        assert till.enrolment() is None
        assert till.hub_epoch() is None
