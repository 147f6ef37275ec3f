"""`pos programme check | explain | audit`: what a person and what a program gets to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pos.bootstrap.audit_chart import SUFFIXES
from tests.cli.running import is_one_sentence, pos, process
from tests.domain.programme.shipped import FOLDER, SHIPPED, changed


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.toml"
    path.write_text(
        changed("tongyi", ("rate_bp = 300", "rate_bp = -1"), ('rate = "1"', 'rate = "0"')), encoding="utf-8"
    )
    return path


# --- check -------------------------------------------------------------------------------------------


def test_check_shipped_packs() -> None:
    said = pos("programme", "check", *sorted(FOLDER.glob("*.toml")))
    assert said.status == 0
    assert len(said.lines) == len(SHIPPED)
    assert said.lines[3] == f"{FOLDER / 'tongyi.toml'}: ok tongyi 第 2 版"


def test_check_names_every_mistake_of_every_file(broken: Path, tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing.toml", tmp_path / "binary.toml"
    binary.write_bytes(b"\xff")
    said = pos("programme", "check", broken, FOLDER / "zhongdian.toml", missing, binary)
    assert said.status == 1
    assert said.lines == [
        f"{broken}: share.rate_bp：不能小于 0，现在是 -1",
        f"{broken}: accruals.consumption.rate：应是正数",
        f"{FOLDER / 'zhongdian.toml'}: ok zhongdian 第 1 版",
        f"{missing}: 读不了文件 {missing}：No such file or directory",
        f"{binary}: 方案文件不是 UTF-8 文本：第 0 字节",
    ]


def test_check_for_programs(broken: Path) -> None:
    good = FOLDER / "tongyi.toml"
    said = pos("programme", "check", broken, good, "--json")
    assert said.status == 1
    assert json.loads(said.out) == {
        "files": [
            {
                "file": str(broken),
                "ok": False,
                "mistakes": [
                    {"key": "share.rate_bp", "reason": "不能小于 0，现在是 -1"},
                    {"key": "accruals.consumption.rate", "reason": "应是正数"},
                ],
            },
            {"file": str(good), "ok": True, "mistakes": []},
        ]
    }


def test_check_for_programs_names_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    said = pos("programme", "check", tmp_path / "missing.toml", tmp_path, "--json")
    assert said.status == 1
    first, second = json.loads(said.out)["files"]
    assert first["mistakes"][0]["key"] == second["mistakes"][0]["key"] == "(pack)"


# --- explain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", SHIPPED)
def test_explain_shipped_packs_by_id_and_by_file(pack: str) -> None:
    by_id = pos("programme", "explain", pack)
    assert by_id.status == 0
    assert f"（{pack} 第" in by_id.lines[0]
    assert "会员等级" in by_id.lines
    assert pos("programme", "explain", FOLDER / f"{pack}.toml") == by_id


def test_explain_a_pack_with_mistakes(broken: Path) -> None:
    said = pos("programme", "explain", broken)
    assert said.status == 1
    assert said.out == ""
    assert "share.rate_bp：不能小于 0" in said.err
    assert "accruals.consumption.rate：应是正数" in said.err


@pytest.mark.parametrize("command", ["explain", "audit"])
def test_a_pack_that_is_not_there(command: str) -> None:
    said = pos("programme", command, "no_such_pack")
    assert said.status == 1
    assert is_one_sentence(said.err)


# --- audit -------------------------------------------------------------------------------------------


def audited(*arguments: str | Path) -> dict[str, Any]:
    said = pos("programme", "audit", *arguments, "--json")
    assert said.status == 0
    found: dict[str, Any] = json.loads(said.out)
    return found


@pytest.mark.parametrize(
    ("pack", "ratio"),
    [("tongyi", 50), ("zhongdian", 10.07), ("gongxianggou", 12.18), ("tianshang", None)],
)
def test_audit_ratios(pack: str, ratio: float | None) -> None:
    found = audited(pack)
    assert found["ratio"] == ratio
    assert found["promises_more_than_it_collects"] is (ratio is not None)


def test_audit_community_groupbuy() -> None:
    assert audited("community_groupbuy")["ratio"] == pytest.approx((0.05 + 5 / 99) / 0.03, rel=1e-12)


def test_audit_zhongdian_for_programs() -> None:
    found = audited("zhongdian", "--years", "3")
    assert found["pack"] == "zhongdian"
    assert found["ratio_by_role"] == {
        "member": 5,
        "merchant": 5,
        "home_store": 0.05,
        "member_referrer": 0.01,
        "area_agent": 0.01,
    }
    assert found["per_yuan"] == {
        "issued": "2.014",
        "collected": "0.2",
        "borne_by": {"alliance": "2.014", "merchant": "0", "brand": "0"},
    }
    assert found["cannot_be_paid_from_month"] == 29
    assert found["single_lot"] == {"exceeds_in_period": 20, "ends_in_period": 36}
    assert found["break_even_redemption"] == pytest.approx(1 / 10.07)
    assert len(found["months"]) == 36
    assert found["months"][0] == {"month": 1, "issued": "20140.00", "due": "160.00", "collected": "2000.00"}
    assert any("两边各五倍" in sentence for sentence in found["words"])
    assert any("一个月一期" in sentence for sentence in found["assumptions"])


def test_audit_tianshang_for_programs() -> None:
    found = audited("tianshang")
    assert (found["ratio_by_role"], found["break_even_redemption"], found["single_lot"]) == ({}, None, None)
    assert found["cannot_be_paid_from_month"] is None


def test_audit_in_words() -> None:
    said = pos("programme", "audit", "tongyi")
    assert said.status == 0
    assert said.lines[0] == "同壹（tongyi 第 2 版）"
    assert "  方案答应的多于收到的：最多 50 倍。" in said.lines
    assert "算法所依据的：" in said.lines


@pytest.mark.parametrize("years", ["0", "51", "five"])
def test_years_have_bounds(years: str) -> None:
    assert pos("programme", "audit", "tongyi", "--years", years).status == 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_audit_draws_its_chart(tmp_path: Path, suffix: str) -> None:
    """As a process of its own: without a display and without a running application."""
    path = tmp_path / f"chart{suffix}"
    said = process("programme", "audit", "zhongdian", "--plot", path)
    assert (said.status, said.err) == (0, "")
    assert said.lines[-1] == f"图已画到 {path}"
    assert path.read_bytes().startswith(b"\x89PNG" if suffix == ".png" else b"<?xml")


@pytest.mark.parametrize("name", ["chart.jpg", "chart", "no/such/folder/chart.png"])
def test_a_chart_that_cannot_be_drawn(tmp_path: Path, name: str) -> None:
    said = pos("programme", "audit", "tongyi", "--plot", tmp_path / name)
    assert said.status == 1
    assert is_one_sentence(said.err)
    assert list(tmp_path.iterdir()) == []
