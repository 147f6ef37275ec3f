"""Setting up and replacing a till, against a real hub on a real port."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.printer.virtual import VirtualPrinter
from pos.demo.processes import Process, run
from tests.cli.running import pos

WATER = "6921168509256"


class Hub:
    """A hub with the sample shop, and its codes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        run(["sync.hub.cli", "init", "--data", str(folder), "--sample"])
        arguments = ["sync.hub.cli", "serve", "--data", str(folder), "--port", "0"]
        self.process = Process("hub", arguments, folder.parent / "hub.log")
        self.url = str(self.process.next_object()["url"])

    def code(self) -> str:
        issued = run(
            ["sync.hub.cli", "enrol-code", "--data", str(self.folder), "--terminal", "S1-1", "--json"]
        )
        return str(json.loads(issued)["code"])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    started = Hub(tmp_path_factory.mktemp("hub") / "hub")
    yield started
    started.process.stop()


@pytest.fixture
def till(hub: Hub, tmp_path: Path) -> Path:
    data = tmp_path / "till"
    said = pos("provision", "--data", data, "--hub", hub.url, "--code", hub.code())
    assert (said.status, said.out.strip()) == (0, "入网成功：幸福里便利店 1 号机")
    return data


def basket(tmp_path: Path) -> Path:
    file = tmp_path / "baskets.txt"
    file.write_text(WATER, encoding="utf-8")
    return file


def test_an_enrolled_till_is_well_and_can_sell_at_once(till: Path, tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path / "receipts") as printer:
        (till / "settings.toml").write_text(f"[printer]\nport = {printer.port}\n", encoding="utf-8")
        said = pos("doctor", "--data", till)
    assert said.status == 0, said.out
    assert "认得本机" in said.out
    assert pos("replay", "--data", till, "--baskets", basket(tmp_path)).out.startswith("PAID S1-1-")


def test_the_settings_stand_in_a_file_to_edit(till: Path) -> None:
    assert "[printer]" in (till / "settings.toml").read_text(encoding="utf-8")


def test_a_till_that_was_replaced_is_told_so(hub: Hub, till: Path, tmp_path: Path) -> None:
    assert pos("provision", "--data", tmp_path / "new", "--hub", hub.url, "--code", hub.code()).status == 0
    said = pos("doctor", "--data", till)
    assert said.status == 1
    assert "✗ 总部" in said.out


def test_a_folder_that_lost_its_journal_is_no_new_till(hub: Hub, till: Path, tmp_path: Path) -> None:
    """Enrolling it again would print the old receipt numbers once more."""
    first = pos("replay", "--data", till, "--baskets", basket(tmp_path)).out.split()[1]
    for file in till.glob("journal.db*"):
        file.unlink()
    for arguments in (
        ("provision", "--hub", hub.url, "--code", hub.code()),
        ("sample",),
        ("journal", "verify"),
    ):
        said = pos(*arguments, "--data", till)
        assert said.status == 1
        assert "journal.db 不见了" in said.err
    fresh = tmp_path / "fresh"
    assert pos("provision", "--data", fresh, "--hub", hub.url, "--code", hub.code()).status == 0
    again = pos("replay", "--data", fresh, "--baskets", basket(tmp_path)).out.split()[1]
    assert first.rsplit("-", 1)[0] != again.rsplit("-", 1)[0]


def test_a_wrong_code_is_refused_in_the_language_that_was_asked_for(hub: Hub, tmp_path: Path) -> None:
    wrong = "AAAAAAAAAA" + hub.code().replace("-", "")[10:]
    said = pos("provision", "--data", tmp_path / "t", "--hub", hub.url, "--code", wrong, language="en")
    assert said.status == 1
    assert said.err.startswith("The hub did not enrol this till")
    assert said.err.isascii()


def test_a_list_of_receipts_can_be_derived_again(till: Path, tmp_path: Path) -> None:
    pos("replay", "--data", till, "--baskets", basket(tmp_path))
    assert pos("journal", "rebuild", "--data", till).status == 0
    assert pos("journal", "verify", "--data", till).out.startswith("ok 3 ")
