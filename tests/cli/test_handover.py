"""A till whose screen is dead: what it sold goes to the hub by file, and everything is booked once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos.demo.processes import run
from tests.cli.running import pos
from tests.cli.test_technician import Hub, basket

UNREACHABLE = "http://127.0.0.1:9"


class Shop:
    """A hub and two tills; the first has sold three baskets that the hub never saw."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.hub = folder, Hub(folder / "hub")
        self.command("terminal", "add", "--terminal", "S1-2", "--label", "2 号机")
        self.dead, self.other = self.enrol("S1-1"), self.enrol("S1-2")
        for _ in range(3):
            assert pos("replay", "--data", self.dead, "--baskets", basket(folder)).status == 0

    def enrol(self, terminal: str) -> Path:
        issued = json.loads(self.command("enrol-code", "--terminal", terminal, "--json"))
        data = self.folder / f"till-{issued['code'][:5]}"
        said = pos("provision", "--data", data, "--hub", self.hub.url, "--code", issued["code"])
        assert said.status == 0, said.err
        return data

    def command(self, *words: str) -> str:
        return run(["sync.hub.cli", *words, "--data", str(self.hub.folder)])

    def chains(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.command("journal", "chains", "--json"))
        return found

    def receipts(self) -> int:
        return sum(
            one["receipt_no"] != ""
            for chain in self.chains()
            for one in json.loads(
                self.command(
                    *(
                        "journal",
                        "list",
                        "--terminal",
                        chain["terminal"],
                        "--epoch",
                        str(chain["epoch"]),
                        "--json",
                    )
                )
            )
        )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.hub.process.stop()


def test_another_till_of_the_store_sends_it_and_a_second_time_changes_nothing(shop: Shop) -> None:
    before = shop.receipts()
    file = shop.folder / "sold.handover"
    assert "移交" not in pos("handover", "write", file, "--data", shop.dead).err
    said = pos("handover", "send", file, "--data", shop.other)
    assert said.status == 0, said.err
    assert "已上传" in said.out
    assert shop.receipts() == before + 3
    again = pos("handover", "send", file, "--data", shop.other)
    assert "已上传 0 条" in again.out
    assert all(chain["broken"] == 0 for chain in shop.chains())
    assert shop.chains()[0]["signed_up_to"] == shop.chains()[0]["entries"]


def test_the_operator_takes_a_copy_without_a_key_and_only_when_vouching(shop: Shop) -> None:
    before = shop.receipts()
    assert "已备份" in pos("backup", "--data", shop.dead, "--into", shop.folder / "usb").out
    (copy,) = (shop.folder / "usb").glob("journal-*.db")
    file = shop.folder / "sold.handover"
    assert pos("handover", "write", file, "--copy", copy).status == 0
    assert pos("handover", "send", file, "--data", shop.other).status == 1
    assert shop.receipts() == before
    shop.command("journal", "take", str(file), "--unsigned")
    assert shop.receipts() == before + 3


def test_the_machine_that_takes_its_place_says_how_far_the_hub_got(shop: Shop) -> None:
    file = shop.folder / "sold.handover"
    pos("handover", "write", file, "--data", shop.dead)
    shop.command("journal", "take", str(file))
    issued = json.loads(shop.command("enrol-code", "--terminal", "S1-1", "--json"))
    said = pos("provision", "--data", shop.folder / "new", "--hub", shop.hub.url, "--code", issued["code"])
    assert "-0003 为止的小票" in said.out


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"{}\n", b"[1]\n"])
def test_a_file_that_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    said = pos("handover", "send", file, "--data", tmp_path)
    assert said.status == 1
    assert "不是移交文件" in said.err
