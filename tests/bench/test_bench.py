"""Each benchmark runs, at three pairs; how fast it is depends on the machine and is no test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pos.domain.pricing.search.best import STEPS_MAX
from tests.bench.code_accept import code_accept
from tests.bench.code_issue import code_issue_sqlite
from tests.bench.commit_to_printer import commit_to_printer
from tests.bench.hub_backup import hub_backup
from tests.bench.hub_distribution import hub_distribution, hub_distribution_sqlite
from tests.bench.hub_feed import hub_feed
from tests.bench.hub_ingest import hub_ingest, hub_ingest_sqlite
from tests.bench.hub_replay import hub_replay
from tests.bench.hub_settlement import hub_settlement
from tests.bench.measure import Comparison, compare, percentile
from tests.bench.price import (
    Priced,
    pack_memory,
    price_20_lines,
    price_50_lines_100_rules,
    price_growing_cart,
)
from tests.bench.sale_commit import sale_commit
from tests.bench.scan_to_painted import scan_to_painted, scan_to_painted_downloading
from tests.bench.start_to_ready import start_to_ready

SLICE = 3
KEYS = {"name", "ours_median", "floor_median", "ratio_median", "ratio_p99", "n", "unit", "floor"}


@pytest.mark.parametrize("benchmark", [price_20_lines, price_50_lines_100_rules, price_growing_cart])
def test_a_slice_of_pricing(benchmark: Callable[[int], Priced]) -> None:
    priced = benchmark(SLICE)
    check(priced.compared, benchmark.__name__)
    assert priced.optimal
    assert 0 < priced.steps < STEPS_MAX
    assert priced.plain().keys() == KEYS | {"search_steps", "optimal"}


def test_a_pack_is_small_in_memory() -> None:
    kib = pack_memory().plain()["packs"]
    assert {"tongyi", "zhongdian", "hundred_rules"} <= kib.keys()
    assert min(kib.values()) > 0


def check(measured: Comparison, name: str, n: int = SLICE) -> None:
    plain = json.loads(json.dumps(measured.plain()))
    assert plain.keys() == KEYS
    assert (plain["name"], plain["n"], plain["unit"]) == (name, n, "ms")
    assert min(plain["ours_median"], plain["floor_median"]) > 0
    assert min(plain["ratio_median"], plain["ratio_p99"]) > 0
    assert plain["floor"]


@pytest.mark.parametrize("benchmark", [sale_commit, commit_to_printer, start_to_ready])
def test_a_slice(benchmark: Callable[[int], Comparison]) -> None:
    check(benchmark(SLICE), benchmark.__name__)


def test_a_slice_of_a_settlement() -> None:
    check(hub_settlement(SLICE, 1), "hub_settlement")


def test_a_slice_of_a_backup() -> None:
    check(hub_backup(SLICE, 20), "hub_backup")


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("benchmark", [scan_to_painted, scan_to_painted_downloading])
def test_a_slice_in_the_window(benchmark: Callable[[int, int], Comparison]) -> None:
    check(benchmark(SLICE, 1_000), benchmark.__name__)


@pytest.mark.parametrize("benchmark", [hub_distribution, hub_distribution_sqlite])
def test_a_slice_of_the_year(benchmark: Callable[[int, int], Comparison]) -> None:
    check(benchmark(SLICE, 500), benchmark.__name__)


@pytest.mark.parametrize("benchmark", [hub_ingest, hub_ingest_sqlite, hub_replay])
def test_a_slice_of_uploads(benchmark: Callable[[int, int], Comparison]) -> None:
    check(benchmark(SLICE, 10), benchmark.__name__)


@pytest.mark.parametrize("benchmark", [code_accept, code_issue_sqlite])
def test_a_slice_of_pay_codes(benchmark: Callable[[int], Comparison]) -> None:
    check(benchmark(SLICE), benchmark.__name__)


def test_a_slice_of_a_first_filling() -> None:
    check(hub_feed(1, 6_000), "hub_feed", 1)


def test_the_command(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--only", "sale_commit", "--json", str(tmp_path / "out.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    (listed,) = json.loads(ran.stdout)
    assert listed.keys() == KEYS
    assert json.loads((tmp_path / "out.json").read_text()) == [listed]


def test_a_comparison_is_of_pairs() -> None:
    ours, floor = iter([9.0, 2.0, 4.0, 30.0]), iter([9.0, 1.0, 4.0, 10.0])
    measured = compare("x", "y", lambda: next(ours), lambda: next(floor), n=3, warm_up=1)
    assert (measured.ours_median, measured.floor_median) == (4000.0, 4000.0)
    assert (measured.ratio_median, measured.ratio_p99) == (2.0, 7.5)


@pytest.mark.parametrize(("percent", "expected"), [(0, 1.0), (50, 2.0), (51, 3.0), (99, 4.0), (100, 4.0)])
def test_percentile_by_nearest_rank(percent: int, expected: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == expected
