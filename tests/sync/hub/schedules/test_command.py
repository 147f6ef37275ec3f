"""`pos-hub run-schedule`, as the operator runs it."""

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sync.hub.cli import cli
from sync.hub.hub import Hub
from sync.hub.words import Told
from tests.sync.hub.books import balances
from tests.sync.hub.schedules.alliance import add_members, give, held, publish
from tests.sync.hub.schedules.test_distribution import consumed

ONE = "14000001"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POS_LANGUAGE", "en")


def pos_hub(hub: Hub, *words: str) -> Result:
    result = CliRunner().invoke(cli, [*words, "--data", str(hub.folder.path)], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def alliance(hub: Hub) -> Hub:
    add_members(hub, ONE, plan="basic")
    give(hub, "2026-01-10", {f"member:{ONE}": 1000_00}, "points")
    return hub


def test_what_is_due_is_listed(alliance: Hub) -> None:
    result = pos_hub(alliance, "run-schedule")
    assert "due: milestones:points" in result.output
    listed = json.loads(pos_hub(alliance, "run-schedule", "--json").output)
    assert "milestones:points" in {one["schedule"] for one in listed["due"]}
    assert listed["runs"] == []


def test_everything_is_run_once(alliance: Hub) -> None:
    dry = pos_hub(alliance, "run-schedule", "--all", "--dry-run")
    assert f"alliance:issued -> member:{ONE}  1 coupon:free_delivery" in dry.output
    assert "would book" in dry.output
    assert "nothing was booked" in dry.output
    assert "coupon:free_delivery" not in held(alliance, ONE)
    result = pos_hub(alliance, "run-schedule", "--all", "--by", "会计")
    assert "milestones:points" in result.output
    assert held(alliance, ONE)["coupon:free_delivery"] == 1
    before = balances(alliance)
    assert "Nothing is due" in pos_hub(alliance, "run-schedule", "milestones").output
    today = json.loads(pos_hub(alliance, "run-schedule", "--json").output)["runs"][0]["period"]
    again = pos_hub(alliance, "run-schedule", "milestones", "--period", today)
    assert "nothing was booked again" in again.output
    assert "by 会计" in pos_hub(alliance, "run-schedule").output
    assert balances(alliance) == before


def test_a_dry_run_for_programs(alliance: Hub) -> None:
    answer = json.loads(pos_hub(alliance, "run-schedule", "milestones", "--dry-run", "--json").output)
    assert answer["would_book"] == [
        {
            "debit": "alliance:issued",
            "credit": f"member:{ONE}",
            "unit": "coupon:free_delivery",
            "amount": 1,
            "code": "milestones",
        }
    ]
    assert answer["ran"][0]["run"]["state"] == "finished"


def test_mistakes_end_in_a_sentence(alliance: Hub) -> None:
    for words, said in (
        (("run-schedule", "harvest"), "has no schedule harvest; it has: .*milestones:points"),
        (("run-schedule", "--all", "--period", "2026-01-01"), "goes with one schedule only"),
        (("run-schedule", "milestones", "--period", "tomorrow"), "not over yet"),
        (("run-schedule", "milestones", "--all"), "not both"),
        (("run-schedule", "distribution", "--net-profit", "much"), "will not do"),
        (("distribution", "report", "--year", "1999", "--to", "x"), "1999 was not distributed"),
    ):
        with pytest.raises(Told, match=said):
            pos_hub(alliance, *words)


def test_a_year_is_distributed_and_reported(alliance: Hub, tmp_path: Path) -> None:
    year = dt.datetime.now(dt.UTC).year - 1
    publish(alliance, "tongyi", f"{year}-02-01")
    consumed(alliance, {f"member:{ONE}": 500_00}, f"{year}-05-01")
    waiting = pos_hub(alliance, "run-schedule", "--all")
    assert f"distribution {year} was not run" in waiting.output
    result = pos_hub(alliance, "run-schedule", "distribution", "--net-profit", "125000.00")
    assert "100000 CNY" in result.output
    folder = tmp_path / "report"
    told = pos_hub(alliance, "distribution", "report", "--year", str(year), "--to", str(folder))
    assert "1 members" in told.output
    assert {one.name for one in folder.iterdir()} == {
        "auditor.csv",
        "auditor.json",
        "public.csv",
        "public.json",
    }


@pytest.mark.parametrize("profit", ["-5", "0", "-0.00"])
def test_a_year_is_not_closed_with_nothing_by_a_slip(alliance: Hub, profit: str) -> None:
    asked = ("run-schedule", "distribution", "--period", "2025", "--net-profit", profit)
    with pytest.raises(Told, match="--nothing-to-distribute"):
        pos_hub(alliance, *asked)
    assert json.loads(pos_hub(alliance, "run-schedule", "--json").output)["runs"] == []
