"""The scripted shift with real processes: what a shop goes through, and what must come of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from pos.demo.processes import DemoFailed
from pos.demo.shift import run_shift
from pos.demo.shop import Shop

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


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "out"
    assert run_shift(folder) == 0
    return folder


def opened(picture: Path) -> Image.Image:
    with Image.open(picture) as image:
        return image.copy()


@pytest.fixture(scope="module")
def summary(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return content


def test_the_worked_sale_comes_first_and_is_right_to_the_fen(summary: dict[str, Any]) -> None:
    first = summary["sales"][0]
    assert {name: first[name] for name in first if name != "receipt_no"} == {
        "gross_fen": 8630,
        "payable_fen": 8436,
        "cash_fen": 7736,
        "points_redeemed": "7",
        "points_earned": "16",
        "received_fen": 8436,
        "share_fen": 253,
        "offline": False,
    }


def test_returning_one_water_gives_back_cash_and_points(summary: dict[str, Any]) -> None:
    (refund,) = summary["refunds"]
    assert refund["of"] == summary["sales"][0]["receipt_no"]
    assert {name: refund[name] for name in refund if name not in ("receipt_no", "of")} == {
        "cash_back_fen": 111,
        "points_back": "0.47",
        "points_earned_change": "-1",
        "share_change_fen": -5,
        "offline": True,
    }


def test_till_and_hub_agree_and_nothing_waits(summary: dict[str, Any]) -> None:
    assert set(summary) == {"sales", "refunds", "till_totals", "hub_totals", "agree", "pending_uploads"}
    assert set(summary["till_totals"]) == FIGURES
    assert summary["till_totals"] == summary["hub_totals"]
    assert summary["agree"] is True
    assert summary["pending_uploads"] == 0
    totals = summary["till_totals"]
    assert (totals["sales"], totals["refunds"], totals["memberships"]) == (5, 1, 1)
    assert totals["fees_fen"] == 100_00


def test_the_last_sale_used_the_coupon_and_the_bundle(summary: dict[str, Any]) -> None:
    last = summary["sales"][-1]
    assert last["offline"]
    assert last["gross_fen"] - last["payable_fen"] >= 10_00


def test_the_sales_without_a_hub_say_so(summary: dict[str, Any]) -> None:
    assert [sale["offline"] for sale in summary["sales"]] == [False, True, True, True, True]


def test_every_receipt_came_out_once_and_its_code_is_its_number(out: Path, summary: dict[str, Any]) -> None:
    numbers = {one["receipt_no"] for one in (*summary["sales"], *summary["refunds"])}
    pictures = sorted(out.glob("receipt-*.png"))
    read = [code.text for picture in pictures if (code := zxingcpp.read_barcode(opened(picture)))]
    assert len(read) == len(set(read)) == len(pictures) == len(numbers) + 1  # one more: the membership's
    assert numbers < set(read)


def test_the_pictures_are_there(out: Path) -> None:
    widths = [opened(picture).width for picture in out.glob("till-*.png")]
    assert len(widths) == 10
    assert min(widths) >= 1024


def test_the_till_keeps_no_name_phone_birthday_or_card_code(out: Path) -> None:
    from_disk = b"".join(file.read_bytes() for file in (out / "till").rglob("*") if file.is_file())
    sample = Path("resources/sample/members.csv").read_text(encoding="utf-8").splitlines()
    for member in csv.DictReader(sample):
        for private in ("name", "phone", "birthday", "card_code"):
            assert not member[private] or member[private].encode() not in from_disk, private


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DemoFailed, match="not from a demo"):
        Shop(tmp_path).prepare()
    assert (tmp_path / "holiday.txt").read_text(encoding="utf-8") == "mine"
