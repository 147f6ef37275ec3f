"""What `pos programme run` refuses: one sentence that names the place, and status 1."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Said, is_one_sentence, pos
from tests.cli.schedule_figures import EARNED, HISTORY, HOLDERS, JIA, YI, ask_with_file


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    return partial(ask_with_file, tmp_path / "input.json")


ONE = {"points": "200", "grew": [True]}


@pytest.mark.parametrize(
    ("schedule", "pack", "figures", "named"),
    [
        ("staged_release", "tongyi", ONE, "[[releases]]"),
        ("daily_pool", "tongyi", {"members": HOLDERS}, "[[daily_pools]]"),
        ("annual_distribution", "zhongdian", {"pool_fen": 1, "members": []}, "[distribution]"),
        ("expiry", "tongyi", HISTORY, "expires_days"),
        ("milestones", "tianshang", {"earned": EARNED}, "[[milestones]]"),
        ("staged_release", "no_such_pack", ONE, "no_such_pack"),
    ],
)
def test_a_pack_without_that_schedule(ask: Any, schedule: str, pack: str, figures: Any, named: str) -> None:
    refused(ask(schedule, pack, figures), named)


@pytest.mark.parametrize(
    ("schedule", "pack", "figures"),
    [
        ("staged_release", "zhongdian", ONE),
        ("daily_pool", "gongxianggou", {"members": HOLDERS}),
        ("annual_distribution", "tongyi", {"pool_fen": 1, "members": []}),
        ("expiry", "community_groupbuy", HISTORY),
        ("milestones", "tongyi", {"earned": EARNED}),
    ],
)
def test_an_asset_without_that_schedule(ask: Any, schedule: str, pack: str, figures: Any) -> None:
    refused(ask(schedule, pack, figures, "--asset", "balance"), "balance")


@pytest.mark.parametrize(
    "number",
    ["x", "", "1e3", "1.234", "1,5", None, True, [1], {"a": 1}, "NaN", "9" * 13, "--1", "+1", "0x10"],
)
def test_malformed_numbers(ask: Any, number: Any) -> None:
    refused(ask("staged_release", "zhongdian", {**ONE, "points": number}), "points")


def test_numbers_that_only_a_float_could_mean(ask: Any) -> None:
    refused(ask("staged_release", "zhongdian", '{"points": 1E2, "grew": []}'), "points", "1E2")
    refused(ask("staged_release", "zhongdian", '{"points": "\\ud800", "grew": []}'), "input.json")


def member(**changes: Any) -> dict[str, Any]:
    return {"pool_fen": 1, "members": [{**JIA, **changes}]}


@pytest.mark.parametrize(
    ("schedule", "pack", "figures", "named"),
    [
        ("staged_release", "zhongdian", {**ONE, "points": "-1"}, "points"),
        ("staged_release", "zhongdian", {**ONE, "points": -0.5}, "points"),
        ("daily_pool", "gongxianggou", {"members": [{"id": "M1", "share_value": -1}]}, "M1.share_value"),
        (
            "daily_pool",
            "gongxianggou",
            {"members": [{"id": "M1", "share_value": 1, "locked": "-1"}]},
            "M1.locked",
        ),
        ("daily_pool", "gongxianggou", {"members": HOLDERS, "price_yuan": "-0.5"}, "price_yuan"),
        ("daily_pool", "gongxianggou", {"members": HOLDERS, "price_yuan": "0"}, "price_yuan"),
        ("annual_distribution", "tongyi", {"net_profit_fen": "x", "members": []}, "net_profit_fen"),
        ("annual_distribution", "tongyi", {"pool_fen": -1, "members": []}, "pool_fen"),
        ("annual_distribution", "tongyi", {"pool_fen": 1.5, "members": []}, "pool_fen"),
        ("annual_distribution", "tongyi", member(consumption_fen=-1), "M1.consumption_fen"),
        ("annual_distribution", "tongyi", member(time_points="-1"), "M1.time_points"),
        ("annual_distribution", "tongyi", member(referral_points="zehn"), "M1.referral_points"),
        (
            "expiry",
            "community_groupbuy",
            {**HISTORY, "earned": [{"date": "2026-01-01", "points": -1}]},
            "earned[0].points",
        ),
        (
            "expiry",
            "community_groupbuy",
            {**HISTORY, "redeemed": [{"date": "2026-01-01", "points": -1}]},
            "redeemed[0].points",
        ),
    ],
)
def test_amounts_without_sense(ask: Any, schedule: str, pack: str, figures: Any, named: str) -> None:
    refused(ask(schedule, pack, figures), named)


@pytest.mark.parametrize("text", ["2026-02-30", "20260709", "2026-7-9", "", "2026-W28-4", "gestern"])
def test_wrong_dates(ask: Any, text: str) -> None:
    refused(ask("expiry", "community_groupbuy", {**HISTORY, "run_on": text}), "run_on")
    earned = [{"date": text, "points": 1}]
    refused(ask("milestones", "tongyi", {"earned": [*EARNED, *earned]}), "earned[3].date")


def test_a_member_twice(ask: Any) -> None:
    refused(ask("daily_pool", "gongxianggou", {"members": [*HOLDERS, HOLDERS[1]]}), "M2")
    refused(ask("annual_distribution", "tongyi", {"pool_fen": 1, "members": [JIA, YI, JIA]}), "M1")
    both = [{"id": 7, "share_value": 1}, {"id": "7", "share_value": 1}]
    refused(ask("daily_pool", "gongxianggou", {"members": both}), "7")


def test_a_plan_that_the_pack_does_not_know(ask: Any) -> None:
    refused(ask("annual_distribution", "tongyi", member(plan="vip")), "M1", "vip")


@pytest.mark.parametrize("pools", [{}, {"pool_fen": 1, "net_profit_fen": 1}])
def test_either_the_profit_or_the_pool(ask: Any, pools: dict[str, int]) -> None:
    refused(ask("annual_distribution", "tongyi", {**pools, "members": []}), "net_profit_fen", "pool_fen")


def test_more_redeemed_than_was_usable(ask: Any) -> None:
    figures = {**HISTORY, "redeemed": [{"date": "2026-07-10", "points": "50.01"}]}
    refused(ask("expiry", "community_groupbuy", figures), "2026-07-10", "50.01", "只有 50 可用")


@pytest.mark.parametrize(
    ("schedule", "pack", "figures", "named"),
    [
        ("staged_release", "zhongdian", "{", "input.json"),
        ("staged_release", "zhongdian", "", "input.json"),
        ("staged_release", "zhongdian", '{"z": ' + "[" * 100_000, "input.json"),
        ("staged_release", "zhongdian", [], "JSON"),
        ("staged_release", "zhongdian", {"grew": []}, "points"),
        ("staged_release", "zhongdian", {"points": 1, "grew": [1]}, "grew"),
        ("staged_release", "zhongdian", {"points": 1, "grew": "yes"}, "列表"),
        ("daily_pool", "gongxianggou", {"members": [{"share_value": 1}]}, "id"),
        ("daily_pool", "gongxianggou", {"members": [{"id": 1.5, "share_value": 1}]}, "id"),
        ("daily_pool", "gongxianggou", {"members": [7]}, "members"),
        ("daily_pool", "gongxianggou", '{"members": [{"id": 1e400, "share_value": 1}]}', "id"),
        ("annual_distribution", "tongyi", {"pool_fen": 1, "members": [7]}, "members[0]"),
        ("annual_distribution", "tongyi", {"pool_fen": 1, "members": [{"id": "M1"}]}, "members[0].plan"),
        ("expiry", "community_groupbuy", {"earned": []}, "run_on"),
        ("milestones", "tongyi", {"earned": EARNED, "reached": "points_1000"}, "reached"),
    ],
)
def test_figures_of_another_shape(ask: Any, schedule: str, pack: str, figures: Any, named: str) -> None:
    refused(ask(schedule, pack, figures), named)


def test_bytes_that_are_no_text(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "raw.json"
    file.write_bytes(b'{"members": [{"id": "\xff", "share_value": 1}]}')
    refused(pos("programme", "run", "daily_pool", "--pack", "gongxianggou", "--input", file), "raw.json")
    file.write_bytes(b'{"points": "\xff", "grew": []}')
    refused(pos("programme", "run", "staged_release", "--pack", "zhongdian", "--input", file), "points")
    nowhere = tmp_path / "nowhere.json"
    refused(pos("programme", "run", "staged_release", "--pack", "zhongdian", "--input", nowhere), "nowhere")


def test_a_schedule_nobody_knows_is_a_question_of_usage(ask: Any) -> None:
    assert ask("team_bonus", "tongyi", {}).status == 2


def refused(said: Said, *named: str) -> None:
    assert (said.status, said.out) == (1, "")
    assert is_one_sentence(said.err)
    assert all(text in said.err for text in named)
