"""`pos code decode`: against a real hub on a real port, and where there is no till at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pos.demo.processes import run
from tests.cli.running import Said, pos
from tests.cli.test_technician import Hub, hub, till

__all__ = ["hub", "till"]

CARD = "91368861958193196424478"


def decoded(code: str, data: Path) -> tuple[Said, dict[str, object]]:
    said = pos("code", "decode", code, "--data", data, "--json")
    return said, json.loads(said.out)


def issued(hub: Hub) -> str:
    asked = ["code", "issue", "--member", "30006012", "--terminal", "S1-1", "--points", "7"]
    return run(["sync.hub.cli", *asked, "--data", str(hub.folder)]).strip()


def test_a_pay_code_for_this_till(hub: Hub, till: Path) -> None:
    code = issued(hub)
    said, told = decoded(code, till)
    assert (said.status, told["holds"], told["problem"]) == (0, True, None)
    assert (told["kind"], told["terminal"], told["asset"], told["amount"]) == (
        "pay_code",
        "S1-1",
        "points",
        700,
    )
    assert str(told["member"]).startswith("tag:…")
    assert code not in said.out


def test_a_pay_code_for_an_earlier_machine(hub: Hub, till: Path, tmp_path: Path) -> None:
    code = issued(hub)
    later = tmp_path / "later"
    pos("provision", "--data", later, "--hub", hub.url, "--code", hub.code())
    said, told = decoded(code, later)
    assert (said.status, told["holds"], told["reason"]) == (1, False, "code_other_epoch")


@pytest.mark.parametrize(
    ("code", "kind", "status"),
    [
        ("6921168509256", "goods", 0),
        (CARD, "member_card", 0),
        ("S1-1-1VWSH-0001", "receipt", 0),
        ("7" * 200, "unreadable", 1),
        ("12345678", "unreadable", 1),
        ("", "unreadable", 1),
        ("9" * 1_000, "unreadable", 1),
    ],
)
def test_other_codes(till: Path, code: str, kind: str, status: int) -> None:
    said, told = decoded(code, till)
    assert (told["kind"], said.status) == (kind, status)
    assert CARD not in said.out
    assert (told["problem"] is None) == (status == 0)


def test_without_a_till_nothing_is_judged(hub: Hub, till: Path, tmp_path: Path) -> None:
    said, told = decoded(issued(hub), tmp_path / "nothing")
    assert said.status == 1
    assert told["kind"] == "pay_code"
    assert "没有验证" in str(told["problem"])
