"""Looking at a folder beside the till that sells from it, and folders that nobody can sell from."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.printer.paper import Paper
from drivers.printer.virtual import VirtualPrinter
from tests.cli.running import is_one_sentence, pos, process
from tests.cli.test_sample_and_replay import baskets
from tests.store import first_release
from tests.usecases.sample_till import WATER, SampleTill

FIGURES = {
    "sales",
    "refunds",
    "gross_fen",
    "adjustments_fen",
    "payable_fen",
    "cash_fen",
    "points_redeemed",
    "points_earned",
    "received_fen",
    "share_fen",
    "reimbursements_fen",
    "memberships",
    "fees_fen",
}
EVERY_COMMAND = [
    ("journal", "verify"),
    ("journal", "list"),
    ("report", "day"),
    ("report", "day", "--json"),
    ("printer", "test"),
]


# --- beside a till that is open -------------------------------------------------------------------


def test_the_days_report_for_machines(shop: SampleTill) -> None:
    shop.pay(shop.worked_cart())
    folder = shop.till.store.folder.path
    said = pos("report", "day", "--date", "2026-11-21", "--json", "--data", folder)
    assert said.status == 0
    report = json.loads(said.out)
    assert report["date"] == "2026-11-21"
    assert set(report["till_totals"]) == FIGURES
    assert report["till_totals"]["share_fen"] == 2_53
    assert report["till_totals"]["points_redeemed"] == "7"
    assert (report["hub_totals"], report["agree"]) == (None, None)
    assert report["hub_problem"]
    assert report["net_settlement_fen"] == 7_00 - 2_53
    assert report["pending_uploads"] == 3
    assert report["differences"] == report["recomputed_differently"] == []


def test_the_days_report_for_people(shop: SampleTill) -> None:
    shop.pay(shop.worked_cart())
    said = pos("report", "day", "--date", "2026-11-21", "--data", shop.till.store.folder.path)
    assert said.status == 0
    shown = dict(line.split("\t") for line in said.lines)
    assert (shown["应付"], shown["应交联盟分成"], shown["联盟净结算"]) == ("84.36", "2.53", "4.47")


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01", "", "2026-02-30", "x" * 5_000])
def test_a_date_that_is_none(data: Path, date: str) -> None:
    said = pos("report", "day", "--date", date, "--data", data)
    assert said.status == 2
    assert "2026-11-21" in said.err


def test_a_second_till_on_the_same_folder_is_refused(shop: SampleTill, tmp_path: Path) -> None:
    folder = shop.till.store.folder.path
    shop.sell(WATER)
    said = process("replay", "--data", folder, "--baskets", baskets(tmp_path, WATER))
    assert (said.status, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert "已有另一个收银程序" in said.err
    shop.sell(WATER)
    looked = process("journal", "verify", "--data", folder)
    assert (looked.status, looked.out.split()[1]) == (0, "4")


# --- doctor ---------------------------------------------------------------------------------------


@pytest.fixture
def printer(data: Path, tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "paper", paper=Paper.MM58) as virtual:
        (data / "settings.toml").write_text(f"[printer]\nport = {virtual.port}\n")
        yield virtual


def test_doctor_for_machines(data: Path, printer: VirtualPrinter) -> None:
    rows = json.loads(pos("doctor", "--json", "--data", data).out)
    assert [set(row) for row in rows] == [{"check", "state", "text"}] * 6
    states = {row["check"]: row["state"] for row in rows}
    assert {"database", "font", "hub", "clock", "printer", "backup"} == states.keys()
    assert (states["database"], states["hub"], states["printer"]) == ("fine", "warn", "fine")


def test_doctor_finds_the_printer_away(data: Path) -> None:
    (data / "settings.toml").write_text("[printer]\nport = 1\n")
    said = pos("doctor", "--data", data)
    assert said.status == 1
    assert "✗ 打印机: 127.0.0.1:1：连不上打印机" in said.out


def test_doctor_names_a_broken_journal(data: Path) -> None:
    (data / "journal.db").write_bytes(b"junk")
    said = pos("doctor", "--json", "--data", data)
    assert said.status == 1
    assert {row["check"]: row["state"] for row in json.loads(said.out)}["database"] == "bad"


def test_doctor_on_nothing_at_all(tmp_path: Path) -> None:
    said = pos("doctor", "--json", "--data", tmp_path / "nowhere")
    assert said.status == 1
    assert {row["state"] for row in json.loads(said.out)} >= {"bad"}
    assert not (tmp_path / "nowhere").exists()


def test_the_test_page_comes_out(data: Path, printer: VirtualPrinter) -> None:
    said = pos("printer", "test", "--data", data)
    assert said.status == 0
    assert "测试页已打印" in said.out
    (png,) = printer.machine.wait_for_receipts(1, 5)
    assert "打印测试" in png.with_suffix(".txt").read_text()


def test_a_test_page_that_does_not_come_out(data: Path) -> None:
    (data / "settings.toml").write_text("[printer]\nport = 1\n")
    assert pos("printer", "test", "--data", data).status == 1


# --- folders nobody can sell from -----------------------------------------------------------------


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_a_folder_that_is_not_there(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = pos(*command, "--data", tmp_path / "nowhere")
    assert said.status == 1
    assert is_one_sentence(said.err)
    assert not (tmp_path / "nowhere").exists()


# --- a folder of the first release ----------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [("report", "day"), ("report", "day", "--json"), ("printer", "test")], ids=" ".join
)
def test_a_folder_that_the_till_has_not_brought_up_yet(tmp_path: Path, command: tuple[str, ...]) -> None:
    folder = first_release.leave_behind(tmp_path / "till").path
    said = pos(*command, "--data", folder)
    assert (said.status, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert "请先打开一次收银机" in said.err


def test_its_chain_can_be_looked_at_all_the_same(tmp_path: Path) -> None:
    folder = first_release.leave_behind(tmp_path / "till").path
    assert pos("journal", "verify", "--data", folder).out.startswith("ok 10 ")
    assert len(pos("journal", "list", "--data", folder).lines) == 10


def test_doctor_says_what_to_do_about_it(tmp_path: Path) -> None:
    folder = first_release.leave_behind(tmp_path / "till").path
    rows = {row["check"]: row for row in json.loads(pos("doctor", "--json", "--data", folder).out)}
    assert rows["database"]["state"] == "bad"
    assert "请先打开一次收银机" in rows["database"]["text"]


def test_once_sold_from_it_is_brought_up(tmp_path: Path) -> None:
    folder = first_release.leave_behind(tmp_path / "till").path
    assert pos("journal", "rebuild", "--data", folder).status == 0
    report = json.loads(pos("report", "day", "--date", first_release.DATE, "--json", "--data", folder).out)
    assert (report["till_totals"]["sales"], report["till_totals"]["refunds"]) == (3, 2)
    assert report["till_totals"]["memberships"] == 0


def test_selling_from_a_folder_that_is_not_there(tmp_path: Path) -> None:
    said = pos("replay", "--data", tmp_path / "nowhere", "--baskets", baskets(tmp_path, WATER))
    assert said.status == 1
    assert is_one_sentence(said.err)


def test_another_language(tmp_path: Path) -> None:
    said = pos("journal", "verify", "--data", tmp_path / "nowhere", language="en")
    assert said.status == 1
    assert said.err.isascii() or str(tmp_path) in said.err
    assert "--data" in said.err


def test_all_mistakes_in_the_settings_at_once(data: Path, tmp_path: Path) -> None:
    (data / "settings.toml").write_text(
        'language = "tlh"\ncolour = 1\n[printer]\nport = 0\npaper_mm = 81\nhost = ""\n[scanner]\ngap_ms = 1\n'
    )
    said = pos("replay", "--data", data, "--baskets", baskets(tmp_path, WATER))
    assert said.status == 1
    assert is_one_sentence(said.err)
    for key in ("language", "colour", "printer.port", "printer.paper_mm", "printer.host", "scanner.gap_ms"):
        assert key in said.err


@pytest.mark.parametrize("content", [b"language = ", b"\xff\xfe", b"printer = 1\n"])
def test_settings_that_are_no_settings(data: Path, content: bytes) -> None:
    (data / "settings.toml").write_bytes(content)
    said = pos("report", "day", "--data", data)
    assert said.status == 1
    assert "settings.toml" in said.err


def test_a_sample_where_nothing_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = pos("sample", "--data", tmp_path / "file" / "till")
    assert said.status == 1
    assert is_one_sentence(said.err)


def without_privileges() -> tuple[str, ...]:
    """Root may write everywhere, so it lays that right down first."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root writes everywhere, and there is no setpriv to lay that right down")
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all")


@pytest.mark.skipif(sys.platform == "win32", reason="rights of another kind")
def test_a_folder_that_may_only_be_read(data: Path, tmp_path: Path) -> None:
    file = baskets(tmp_path, WATER)
    for path in data.iterdir():
        path.chmod(0o400)
    data.chmod(0o500)
    try:
        said = process("replay", "--data", data, "--baskets", file, before=without_privileges())
    finally:
        data.chmod(0o700)
        for path in data.iterdir():
            path.chmod(0o600)
    assert (said.status, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert pos("replay", "--data", data, "--baskets", file).status == 0
