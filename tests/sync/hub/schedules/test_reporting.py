"""The distribution's reports: everybody finds the own line, the auditor can reckon all of it again."""

import csv
import hashlib
import json
import random
from pathlib import Path

import msgspec
import pytest

from pos.domain.money import split
from sync.hub.alliance import members
from sync.hub.hub import Hub
from sync.hub.schedules import report_files, reporting
from sync.hub.schedules.reporting import DistributionReport
from tests.sync.hub.schedules.alliance import publish, run
from tests.sync.hub.schedules.test_distribution import FEBRUARY, PROFIT, book, contributions

YEAR = "2026"


@pytest.fixture
def distributed(hub: Hub) -> Hub:
    publish(hub, "tongyi", "2026-01-01")
    book(hub, contributions(random.Random(11), 60))
    run(hub, FEBRUARY, "distribution", given=PROFIT)
    return hub


def report_of(hub: Hub) -> DistributionReport:
    with hub.database.read() as connection:
        report = reporting.distribution_report(connection, YEAR)
    assert report is not None
    return report


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_the_auditor_s_figures_give_every_amount_again(distributed: Hub, tmp_path: Path) -> None:
    report = report_of(distributed)
    with distributed.database.read() as connection:
        hashes = report_files.write(connection, report, tmp_path)
        assert report_files.rows_sha256(connection, report) == hashes["auditor.csv"]
    rows = read(tmp_path / "auditor.csv")
    assert [row["member_no"] for row in rows] == sorted(row["member_no"] for row in rows)
    rates = report.inputs["weighing"]
    for row in rows:
        rate = rates["by_plan"].get(row["plan"], rates["other_plans"])
        earned = sum(int(row[unit]) * each for unit, each in rates["by_asset"].items())
        assert int(row["weight"]) == int(row["consumption_fen"]) * rate + earned
    weights = [int(row["weight"]) for row in rows]
    assert [int(row["amount_fen"]) for row in rows] == split(report.pool_fen, weights)
    assert (report.members, report.total_weight) == (len(rows), sum(weights))
    assert report.paid_fen == report.pool_fen == 100_000_00
    assert report.rounded_up == sum(int(row["amount_fen"]) - int(row["quotient_fen"]) for row in rows)
    lines = (tmp_path / "auditor.csv").read_bytes().partition(b"\n")[2]
    assert hashlib.sha256(lines).hexdigest() == hashes["auditor.csv"]
    content = json.loads((tmp_path / "auditor.json").read_bytes())
    assert content["rows_sha256"] == hashes["auditor.csv"]
    assert [{name: str(value) for name, value in row.items()} for row in content["rows"]] == rows
    assert (
        content["inputs_sha256"]
        == hashlib.sha256(msgspec.json.encode(content["inputs"], order="deterministic")).hexdigest()
    )


def test_the_public_report_names_nobody_and_everybody_finds_their_line(
    distributed: Hub, tmp_path: Path
) -> None:
    with distributed.database.read() as connection:
        report_files.write(connection, report_of(distributed), tmp_path)
        lines = list(reporting.distribution_lines(connection, YEAR))
        cards = {one.member_no: members.known(connection, one.member_no).card_code for one in lines}
        public = {row["tag"]: row for row in read(tmp_path / "public.csv")}
        for line in lines:
            tag = hashlib.sha256(f"{YEAR}:{cards[line.member_no]}".encode()).hexdigest()[:16]
            assert public[tag]["amount_yuan"] == f"{line.amount_fen // 100}.{line.amount_fen % 100:02}"
            assert reporting.tag_of(connection, YEAR, line.member_no) == tag
            assert reporting.distribution_line_of(connection, YEAR, line.member_no) == line
    assert len(public) == len(lines)
    for name in ("public.csv", "public.json"):
        content = (tmp_path / name).read_text("utf-8")
        assert not any(number in content for number in cards)
    told = json.loads((tmp_path / "public.json").read_bytes())
    assert (told["pool_yuan"], told["members"]) == ("100000.00", len(lines))
    assert told["rows"] == list(public.values())


def test_a_year_that_was_not_distributed(hub: Hub) -> None:
    with hub.database.read() as connection:
        assert reporting.distribution_report(connection, 2026) is None
        assert list(reporting.distribution_lines(connection, 2026)) == []
        assert reporting.distribution_line_of(connection, 2026, "1") is None
        assert reporting.distributed_years(connection) == ()


def test_a_pool_that_was_carried_over_has_a_report_without_lines(hub: Hub) -> None:
    publish(hub, "tongyi", "2026-01-01")
    run(hub, FEBRUARY, "distribution", given=PROFIT)
    report = report_of(hub)
    assert (report.carried_over_fen, report.members, report.paid_fen) == (100_000_00, 0, 0)
    with hub.database.read() as connection:
        assert reporting.distributed_years(connection) == (YEAR,)
        assert list(reporting.distribution_lines(connection, YEAR)) == []
