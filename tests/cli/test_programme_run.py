"""`pos programme run`: a pack's schedules on figures from a file or a pipe."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pos.commands.files import FILE_BYTES_MAX
from pos.commands.run_schedule import NAMES
from pos.commands.schedules import stated
from pos.domain.message import Refusal
from tests.cli.running import command, environment
from tests.cli.schedule_figures import EARNED, HISTORY, HOLDERS, JIA, YI, ask_with_file

SHIPPED = Path(__file__).parents[2] / "resources/programmes"


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    return partial(ask_with_file, tmp_path / "input.json")


@pytest.fixture
def told(ask: Any) -> Any:
    """The same for programs: the answer's JSON."""

    def answered(*arguments: Any) -> Any:
        said = ask(*arguments, "--json")
        assert (said.status, said.err) == (0, "")
        return json.loads(said.out)

    return answered


# --- what each schedule answers ---------------------------------------------------------------------


def test_zhongdian_200_points_reach_1000_in_period_36(told: Any) -> None:
    answer = told("staged_release", "zhongdian", {"points": "200", "grew": [False] + [True] * 39})
    periods = answer.pop("periods")
    assert answer == {
        "schedule": "staged_release",
        "pack": "zhongdian",
        "asset": "voucher",
        "total": "1000",
        "cap_reached_in": 36,
        "lapsed": "0",
    }
    assert [one["amount"] for one in periods[:3]] == ["1", "1.15", "1.3225"]
    assert [one["cumulative"] for one in periods[:3]] == ["1", "2.15", "3.4725"]
    assert [one["period"] for one in periods] == list(range(1, 37))
    assert periods[-1]["cumulative"] == "1000"


def test_what_is_not_reached_in_40_periods_lapses(told: Any) -> None:
    answer = told("staged_release", "zhongdian", {"points": 200, "grew": [False] * 40})
    assert (answer["total"], answer["cap_reached_in"], answer["lapsed"]) == ("40", None, "960")


def test_gongxianggou_gives_888_in_proportion_to_unlocked_value(told: Any) -> None:
    answer = told("daily_pool", "gongxianggou", {"members": HOLDERS, "price_yuan": "0.50"})
    assert answer == {
        "schedule": "daily_pool",
        "pack": "gongxianggou",
        "asset": "share_points",
        "price_yuan": "0.5",
        "members": [
            {"id": "M1", "amount": "634.285714", "value_consumed": "317.14", "value_left": "682.86"},
            {"id": "M2", "amount": "190.285714", "value_consumed": "95.14", "value_left": "404.86"},
            {"id": "M3", "amount": "63.428572", "value_consumed": "31.71", "value_left": "68.29"},
        ],
        "total": "888",
    }


def test_without_a_days_price_the_packs_holds(told: Any) -> None:
    for figures in ({"members": HOLDERS}, {"members": HOLDERS, "price_yuan": None}):
        answer = told("daily_pool", "gongxianggou", figures)
        assert answer["price_yuan"] == "1"
        assert answer["members"][2]["value_consumed"] == "63.43"


@pytest.mark.parametrize(
    "pool", [{"pool_fen": 10_000_000}, {"net_profit_fen": 12_500_001}, {"net_profit_fen": "12500000"}]
)
def test_tongyi_distributes_100000_as_66809_42_and_33190_58(told: Any, pool: dict[str, Any]) -> None:
    assert told("annual_distribution", "tongyi", {**pool, "members": [JIA, YI]}) == {
        "schedule": "annual_distribution",
        "pack": "tongyi",
        "asset": "CNY",
        "pool_fen": 10_000_000,
        "members": [
            {"id": "M1", "weight": "3120", "amount": "66809.42", "amount_fen": 6_680_942},
            {"id": "M2", "weight": "1550", "amount": "33190.58", "amount_fen": 3_319_058},
        ],
        "total": "100000",
        "total_fen": 10_000_000,
        "carried_over_fen": 0,
    }


def test_weights_are_exact_and_a_pool_without_them_is_carried_over(told: Any) -> None:
    one = {"id": 7, "plan": "co_creator", "consumption_fen": 1, "time_points": 0.01}
    assert told("annual_distribution", "tongyi", {"pool_fen": 5, "members": [one]})["members"] == [
        {"id": "7", "weight": "0.011", "amount": "0.05", "amount_fen": 5}
    ]
    nothing = told(
        "annual_distribution", "tongyi", {"pool_fen": 5, "members": [{"id": "7", "plan": "basic"}]}
    )
    assert (nothing["total"], nothing["carried_over_fen"]) == ("0", 5)


def test_community_groupbuy_points_expire_after_their_180th_day(told: Any) -> None:
    answer = told("expiry", "community_groupbuy", HISTORY)
    assert answer == {
        "schedule": "expiry",
        "pack": "community_groupbuy",
        "asset": "points",
        "run_on": "2026-07-10",
        "lots": [
            {
                "date": "2026-01-10",
                "expires_on": "2026-07-09",
                "points": "100.5",
                "left": "0",
                "expired": "70.5",
            },
            {"date": "2026-01-11", "expires_on": "2026-07-10", "points": "50", "left": "50", "expired": "0"},
        ],
        "total": "70.5",
        "usable": "50",
    }


@pytest.mark.parametrize(
    ("run_on", "total", "usable", "lots"),
    [
        ("2026-07-09", "0", "120.5", 2),
        ("2026-07-11", "120.5", "0", 2),
        ("2026-01-31", "0", "150.5", 2),
        ("2026-01-10", "0", "100.5", 1),
        ("2026-01-09", "0", "0", 0),
    ],
)
def test_a_run_sees_what_happened_until_then(
    told: Any, run_on: str, total: str, usable: str, lots: int
) -> None:
    answer = told("expiry", "community_groupbuy", {**HISTORY, "run_on": run_on})
    assert (answer["total"], answer["usable"], len(answer["lots"])) == (total, usable, lots)


def test_points_may_be_spent_on_the_day_they_were_earned(told: Any) -> None:
    figures = {**HISTORY, "redeemed": [{"date": "2026-01-11", "points": "150.5"}]}
    assert told("expiry", "community_groupbuy", figures)["total"] == "0"


@pytest.mark.parametrize(
    ("more", "lifetime", "reached", "new", "missing", "total"),
    [
        ({}, "2080", [True, True], [True, True], ["0", "0"], "2"),
        ({"reached": ["points_1000"]}, "2080", [True, True], [False, True], ["0", "0"], "1"),
        ({"run_on": "2026-03-09"}, "1480", [True, False], [True, False], ["0", "520"], "1"),
    ],
)
def test_tongyi_milestones_go_by_lifetime_earned_net_of_refunds(
    told: Any,
    more: dict[str, Any],
    lifetime: str,
    reached: list[bool],
    new: list[bool],
    missing: list[str],
    total: str,
) -> None:
    answer = told("milestones", "tongyi", {"earned": EARNED, **more})
    found = answer["milestones"]
    assert (answer["asset"], answer["lifetime"], answer["total"]) == ("points", lifetime, total)
    assert [one["id"] for one in found] == ["points_1000", "points_2000"]
    assert [one["gives"] for one in found] == ["free_delivery", "可参选商家监督员"]
    assert [one["reached"] for one in found] == reached
    assert [one["new"] for one in found] == new
    assert [one["missing"] for one in found] == missing


# --- where figures and packs come from --------------------------------------------------------------


def test_the_pack_may_be_a_file_and_the_asset_named(told: Any, tmp_path: Path) -> None:
    text = (SHIPPED / "community_groupbuy.toml").read_text(encoding="utf-8")
    file = tmp_path / "own.toml"
    file.write_text(
        text.replace('step = "0.01"\n', 'step = "0.01"\nexpires_days = 30\n', 1), encoding="utf-8"
    )
    assert told("expiry", file, HISTORY)["asset"] == "balance"
    assert told("expiry", file, HISTORY, "--asset", "points")["total"] == "70.5"


def test_figures_come_through_a_pipe() -> None:
    ended = subprocess.run(
        command("programme", "run", "milestones", "--pack", "tongyi", "--input", "-", "--json"),
        input=json.dumps({"earned": EARNED}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment(),
        timeout=60,
        check=True,
    )
    assert json.loads(ended.stdout)["lifetime"] == "2080"


def test_a_pipe_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        buffer = io.BytesIO(b" " * (FILE_BYTES_MAX + 2))

    monkeypatch.setattr(sys, "stdin", Pipe())
    with pytest.raises(Refusal) as refused:
        stated.read_input("-", stated.ReleaseInput)
    assert refused.value.reason == "file"
    assert Pipe.buffer.tell() == FILE_BYTES_MAX + 1


def test_a_pipe_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe:
        buffer = io.BytesIO(b'{"points": "1", "grew": [true, false]}')

    monkeypatch.setattr(sys, "stdin", Pipe())
    assert stated.read_input("-", stated.ReleaseInput).grew == (True, False)


def test_a_byte_order_mark_and_unknown_keys_do_no_harm(told: Any) -> None:
    text = '\ufeff{"points": "200", "grew": [true], "note": {"a": [1.5]}}'
    assert told("staged_release", "zhongdian", text)["total"] == "1"


# --- for people -------------------------------------------------------------------------------------


def test_a_table_in_words(ask: Any) -> None:
    said = ask("daily_pool", "gongxianggou", {"members": HOLDERS, "price_yuan": "0.50"})
    assert said.status == 0
    assert said.lines == [
        "会员  得到        消耗    剩余",
        "M1    634.285714  317.14  682.86",
        "M2    190.285714  95.14   404.86",
        "M3    63.428572   31.71   68.29",
        "共发放 888 共享积分，价格 0.5 元",
    ]


RUNS: dict[str, tuple[str, Any, list[str]]] = {
    "staged_release": ("zhongdian", {"points": "200", "grew": [True] * 36}, ["118.8299", "1000"]),
    "daily_pool": ("gongxianggou", {"members": HOLDERS}, ["634.285714", "888"]),
    "annual_distribution": (
        "tongyi",
        {"pool_fen": 10_000_000, "members": [JIA, YI]},
        ["66809.42", "33190.58"],
    ),
    "expiry": ("community_groupbuy", HISTORY, ["2026-07-09", "70.5"]),
    "milestones": ("tongyi", {"earned": EARNED}, ["2080"]),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("schedule", NAMES)
def test_the_table_has_the_figures_in_every_language(ask: Any, schedule: str, language: str) -> None:
    pack, figures, shown = RUNS[schedule]
    said = ask(schedule, pack, figures, language=language)
    assert (said.status, said.err) == (0, "")
    assert all(text in said.out for text in shown)


@pytest.mark.parametrize(
    ("schedule", "pack", "figures", "closing"),
    [
        ("staged_release", "zhongdian", {"points": "200", "grew": [True] * 36}, "第 36 期到达上限"),
        ("staged_release", "zhongdian", {"points": "200", "grew": [False] * 40}, "余下 960 作废"),
        ("staged_release", "zhongdian", {"points": "200", "grew": []}, "还没有到上限"),
        ("annual_distribution", "tongyi", {"pool_fen": 5, "members": []}, "0.05 元结转到下一年"),
        ("milestones", "tongyi", {"earned": EARNED}, "这次达到 2 个里程碑"),
    ],
)
def test_the_last_line_says_what_came_of_it(
    ask: Any, schedule: str, pack: str, figures: Any, closing: str
) -> None:
    assert closing in ask(schedule, pack, figures).lines[-1]


def test_the_table_of_milestones_says_how_each_stands(ask: Any) -> None:
    figures = {"earned": EARNED, "reached": ["points_1000"], "run_on": "2026-03-01"}
    lines = ask("milestones", "tongyi", figures).lines
    assert lines[1].split() == ["满", "1000", "积分", "早已达到", "免费配送", "0"]
    assert lines[2].split() == ["满", "2000", "积分", "还没达到", "可参选商家监督员", "520"]
    assert "这次达到" in ask("milestones", "tongyi", {"earned": EARNED}).lines[1]


def test_a_year_with_a_loss_distributes_nothing(ask: Any) -> None:
    member = {"id": "M1", "plan": "basic", "consumption_fen": 100, "time_points": 0, "referral_points": 0}
    answer = ask("annual_distribution", "tongyi", {"net_profit_fen": -5, "members": [member]}, "--json")
    assert json.loads(answer.out)["total_fen"] == 0
