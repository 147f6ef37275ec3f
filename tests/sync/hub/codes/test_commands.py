"""The operator's commands of codes, keys, staff, members and risk, as they are typed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
import pytest
import zxingcpp
from PIL import Image

from pos.domain.pay_codes import read_pay_code
from pos.domain.printed_codes import check_holds
from sync.hub.hub import Hub
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_cli import Shell, shell

__all__ = ["shell"]

on_sqlite = pytest.mark.parametrize("folder", ["sqlite"], indirect=True)


@on_sqlite
def test_a_code_for_support_and_a_lost_till(
    hub: Hub, till: FakeTerminal, shell: Shell, tmp_path: Path
) -> None:
    data, png = hub.folder.path, tmp_path / "code.png"
    asked = ("code", "issue", "--data", data, "--member", sales.MEMBER, "--terminal", "S1-1", "--points")
    plain = shell.run(*asked, "7").stdout.strip()
    again = json.loads(shell.run(*asked, "7", "--json", "--png", png).stdout)
    read = read_pay_code(plain)
    assert read is not None
    assert (read.code.number, read.code.amount) == (again["number"], 700)
    (seen,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png.read_bytes())))
    assert seen.text == again["code"]
    (listed,) = json.loads(shell.run("code", "list", "--data", data, "--json").stdout)
    assert listed["member_no"] == sales.MEMBER
    assert "S1-1" in shell.run("code", "list", "--data", data, "--terminal", "S1-1").stdout
    assert "reserve 7 Points" in shell.run("risk", "--data", data).stdout
    lost = json.loads(shell.run("terminal", "lost", "--data", data, "--terminal", "S1-1", "--json").stdout)
    assert lost["freed"] == {"points": 700}
    assert json.loads(shell.run("code", "list", "--data", data, "--json").stdout) == []
    assert json.loads(shell.run("risk", "--data", data, "--json").stdout)["reserved"] == []


@on_sqlite
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--points": "0"}, "no amount to reserve"),
        ({"--points": "seven"}, "no amount to reserve"),
        ({"--member": "nobody"}, "no member"),
        ({"--terminal": "S9-9"}, "S9-9"),
        ({"--asset": "gold"}, "no 'gold'"),
    ],
)
def test_a_code_that_cannot_be(
    hub: Hub, till: FakeTerminal, shell: Shell, changed: dict[str, str], said: str
) -> None:
    options = {"--member": sales.MEMBER, "--terminal": "S1-1", "--points": "7"} | changed
    told = shell.refused(
        "code", "issue", "--data", hub.folder.path, *(word for pair in options.items() for word in pair)
    )
    assert said in told


@on_sqlite
def test_keys_are_rotated_here_or_where_the_root_is(hub: Hub, shell: Shell, tmp_path: Path) -> None:
    data, root = hub.folder.path, hub.keys.folder / "root.pem"
    first = json.loads(shell.run("keys", "list", "--data", data, "--json").stdout)
    assert first["version"] == 1
    assert {"id": "codes-2", "status": "next"}.items() <= first["keys"][3].items()
    shell.run("keys", "rotate", "codes", "--data", data, "--root", root)
    shell.run("keys", "rotate", "pack", "--data", data, "--prepare", tmp_path / "list.json")
    signed = tmp_path / "signed.json"
    shell.run("keys", "sign", tmp_path / "list.json", "--root", root, "--out", signed)
    assert "version 3" in shell.run("keys", "publish", "--data", data, signed).stderr
    assert "not above" in shell.refused("keys", "publish", "--data", data, signed)
    shell.run("keys", "revoke", "codes-1", "--data", data, "--root", root)
    text = shell.run("keys", "list", "--data", data).stdout
    assert "codes-1 · revoked" in text
    assert "codes-2 · current" in text
    assert hub.keys.version == 4, "an open hub has read the new list"


@on_sqlite
@pytest.mark.parametrize("words", [("rotate", "nothing"), ("revoke", "codes-9"), ("rotate", "codes")])
def test_keys_that_cannot_be_changed(hub: Hub, shell: Shell, words: tuple[str, str]) -> None:
    root = () if words == ("rotate", "codes") else ("--root", hub.keys.folder / "root.pem")
    assert shell.refused("keys", *words, "--data", hub.folder.path, *root)
    assert hub.keys.version == 1


@on_sqlite
def test_a_file_that_is_no_list(hub: Hub, shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}")
    assert "no key list" in shell.refused("keys", "publish", "--data", hub.folder.path, path)
    assert "no key list" in shell.refused("keys", "sign", path, "--root", path, "--out", path)


@on_sqlite
def test_staff_and_their_badges(hub: Hub, shell: Shell) -> None:
    data = hub.folder.path
    made = json.loads(shell.run("staff", "badge", "03", "--data", data, "--json").stdout)
    assert check_holds(made["code"])
    assert "03 · cashier has a badge" in shell.run("staff", "list", "--data", data).stdout
    shell.run("staff", "remove", "03", "--data", data)
    assert "03" not in shell.run("staff", "list", "--data", data).stdout
    assert "has no number 03" in shell.refused("staff", "badge", "03", "--data", data)


@on_sqlite
def test_what_a_member_may_ask(hub: Hub, shell: Shell, tmp_path: Path) -> None:
    data, out = hub.folder.path, tmp_path / "all.json"
    shell.run("member", "export", sales.MEMBER, "--data", data, "--out", out)
    found = json.loads(out.read_text("utf-8"))
    assert found["person"]["name"] == "窦墨菊"
    assert "--forfeit" in shell.refused("member", "delete", sales.MEMBER, "--data", data)
    shell.run("member", "delete", sales.MEMBER, "--data", data, "--forfeit")
    again = msgspec.json.decode(shell.run("member", "export", sales.MEMBER, "--data", data).stdout)
    assert again["person"] is None
    assert "no member" in shell.refused("member", "export", "nobody", "--data", data)
