"""The command; see the package."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol


class Measured(Protocol):
    """What a benchmark answers with."""

    def plain(self) -> dict[str, Any]: ...


Benchmark = Callable[[], Measured]


def benchmarks() -> dict[str, Benchmark]:
    """Every benchmark by its name, in the order of a sale."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported
    from tests.bench.code_accept import code_accept  # noqa: PLC0415
    from tests.bench.code_issue import code_issue, code_issue_sqlite  # noqa: PLC0415
    from tests.bench.commit_to_printer import commit_to_printer  # noqa: PLC0415
    from tests.bench.hub_backup import hub_backup  # noqa: PLC0415
    from tests.bench.hub_distribution import hub_distribution, hub_distribution_sqlite  # noqa: PLC0415
    from tests.bench.hub_feed import hub_feed  # noqa: PLC0415
    from tests.bench.hub_ingest import hub_ingest, hub_ingest_sqlite  # noqa: PLC0415
    from tests.bench.hub_replay import hub_replay  # noqa: PLC0415
    from tests.bench.hub_settlement import hub_settlement  # noqa: PLC0415
    from tests.bench.price import (  # noqa: PLC0415
        pack_memory,
        price_20_lines,
        price_50_lines_100_rules,
        price_growing_cart,
    )
    from tests.bench.sale_commit import sale_commit  # noqa: PLC0415
    from tests.bench.scan_to_painted import scan_to_painted, scan_to_painted_downloading  # noqa: PLC0415
    from tests.bench.start_to_ready import start_to_ready  # noqa: PLC0415

    return {
        "start_to_ready": start_to_ready,
        "scan_to_painted": scan_to_painted,
        "scan_to_painted_downloading": scan_to_painted_downloading,
        "sale_commit": sale_commit,
        "code_accept": code_accept,
        "commit_to_printer": commit_to_printer,
        "price_20_lines": price_20_lines,
        "price_50_lines_100_rules": price_50_lines_100_rules,
        "price_growing_cart": price_growing_cart,
        "pack_memory": pack_memory,
        "code_issue": code_issue,
        "code_issue_sqlite": code_issue_sqlite,
        "hub_ingest": hub_ingest,
        "hub_ingest_sqlite": hub_ingest_sqlite,
        "hub_replay": hub_replay,
        "hub_feed": hub_feed,
        "hub_distribution": hub_distribution,
        "hub_distribution_sqlite": hub_distribution_sqlite,
        "hub_backup": hub_backup,
        "hub_settlement": hub_settlement,
    }


def main(arguments: list[str] | None = None) -> int:
    """Runs all benchmarks or one, and prints their comparisons as a JSON list."""
    known = benchmarks()
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=known, help="one benchmark instead of all")
    parser.add_argument("--json", type=Path, help="write the list to this file, too", metavar="FILE")
    asked = parser.parse_args(arguments)
    names = [asked.only] if asked.only else list(known)
    listed = json.dumps([known[name]().plain() for name in names], indent=2, ensure_ascii=False)
    print(listed)
    if asked.json is not None:
        asked.json.write_text(listed + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
