"""`pos-hub pickup` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync.hub.hub import Hub
from tests.sync.hub.test_cli import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


def test_orders_from_a_file_to_a_code(hub: Hub, shell: Shell, tmp_path: Path) -> None:
    file, data = tmp_path / "orders.csv", hub.folder.path
    file.write_text("order,terminal,name,quantity,last_day\nA1,S1-1,鸡蛋,2,2026-03-20\n", "utf-8")
    assert "1 orders read, 1 new" in shell.run("pickup", "import", file, "--data", data).stderr
    (row,) = json.loads(shell.run("pickup", "list", "--data", data, "--json").stdout)
    assert (row["order"], row["terminal"], row["goods"]) == ("A1", "S1-1", {"鸡蛋": 2})
    assert row["code"] in shell.run("pickup", "list", "--data", data).stdout
    assert shell.run("pickup", "code", "A1", "--data", data).stdout.strip() == row["code"]
    assert (
        "is now picked up" in shell.run("pickup", "move", "A1", "--terminal", "S1-1", "--data", data).stderr
    )
    assert "is cancelled" in shell.run("pickup", "cancel", "A1", "--data", data).stderr
    assert "No order A1 waits" in shell.refused("pickup", "cancel", "A1", "--data", data)
    assert "No order A1 waits" in shell.refused("pickup", "move", "A1", "--terminal", "S1-1", "--data", data)
