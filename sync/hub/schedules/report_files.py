"""A year's distribution as files: `public.csv`, `public.json`, `auditor.csv` and `auditor.json`.

The files carry the same rows; each JSON has the totals, the SHA-256 of the rows of its CSV, and the rows.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection

from pos.domain.money import decimal_text
from sync.hub.schedules.reporting import DistributionReport, Line, distribution_lines

_PUBLIC = ("tag", "contribution", "amount_yuan")


def write(connection: Connection, report: DistributionReport, folder: Path) -> dict[str, str]:
    """Writes all four files; returns the SHA-256 of the rows of each CSV by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    units = sorted(report.inputs["weighing"]["by_asset"])
    lines = distribution_lines(connection, report.year)
    auditor = (_auditor_row(line, units) for line in lines)
    heading = (
        "member_no",
        "plan",
        "consumption_fen",
        *units,
        "weight",
        "quotient_fen",
        "remainder",
        "amount_fen",
    )
    totals = msgspec.to_builtins(report)
    hashes = {"auditor.csv": _write(folder / "auditor", heading, auditor, totals)}
    hashes["public.csv"] = _write(
        folder / "public", _PUBLIC, public_rows(connection, report), _public(report)
    )
    return hashes


def rows_sha256(connection: Connection, report: DistributionReport) -> str:
    """SHA-256 over the auditor's rows in their order, without the heading."""
    digest, units = hashlib.sha256(), sorted(report.inputs["weighing"]["by_asset"])
    for line in distribution_lines(connection, report.year):
        digest.update(_csv_line(_auditor_row(line, units)))
    return digest.hexdigest()


def public_rows(connection: Connection, report: DistributionReport) -> Iterator[list[Any]]:
    """Tag, contribution, amount in yuan; by amount, so that the order tells no member."""
    lines = distribution_lines(connection, report.year)
    for fen, tag, weight in sorted((-line.amount_fen, line.tag, line.weight) for line in lines):
        yield [tag, contribution_text(weight, report.denominator), decimal_text(-fen)]


def contribution_text(weight: int, denominator: int) -> str:
    """A weight as people read it: whole units with three decimals, what is finer cut off."""
    return decimal_text(weight * 1000 // denominator, 3)


def _public(report: DistributionReport) -> dict[str, Any]:
    """The totals that concern everybody."""
    return {
        "year": report.year,
        "state": report.state,
        "net_profit_yuan": decimal_text(report.net_profit_fen),
        "pool_yuan": decimal_text(report.pool_fen),
        "carried_over_yuan": decimal_text(report.carried_over_fen),
        "members": report.members,
        "contributions": contribution_text(report.total_weight, report.denominator),
    }


def _auditor_row(line: Line, units: Iterable[str]) -> list[Any]:
    earned = [line.earned.get(unit, 0) for unit in units]
    shared = [line.weight, line.quotient_fen, line.remainder, line.amount_fen]
    return [line.member_no, line.plan, line.consumption_fen, *earned, *shared]


def _write(path: Path, heading: Iterable[str], rows: Iterable[list[Any]], totals: dict[str, Any]) -> str:
    """Row by row into both files, as there can be a million; the JSON's totals come after its rows."""
    digest, names, between = hashlib.sha256(), list(heading), b""
    with path.with_suffix(".csv").open("wb") as table, path.with_suffix(".json").open("wb") as content:
        table.write(_csv_line(names))
        content.write(b'{"rows": [')
        for row in rows:
            line = _csv_line(row)
            digest.update(line)
            table.write(line)
            content.write(between + b"\n" + msgspec.json.encode(dict(zip(names, row, strict=True))))
            between = b","
        rest = msgspec.json.encode(totals | {"rows_sha256": digest.hexdigest()})
        content.write(b"\n], " + rest[1:] + b"\n")
    return digest.hexdigest()


def _csv_line(row: Iterable[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(row)
    return line.getvalue().encode()
