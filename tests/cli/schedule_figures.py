"""Figures for `pos programme run`, and asking it about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.running import Said, pos

JIA = {
    "id": "M1",
    "plan": "basic",
    "consumption_fen": 1_000_000,
    "time_points": "200",
    "referral_points": "100",
}
YI = {"id": "M2", "plan": "basic", "consumption_fen": 500_000, "time_points": 0, "referral_points": 250}
HOLDERS = [
    {"id": "M1", "share_value": "1000", "locked": "0"},
    {"id": "M2", "share_value": "500", "locked": "200"},
    {"id": "M3", "share_value": "100"},
]
HISTORY: dict[str, Any] = {
    "earned": [{"date": "2026-01-11", "points": "50"}, {"date": "2026-01-10", "points": "100.5"}],
    "redeemed": [{"date": "2026-02-01", "points": "30"}],
    "run_on": "2026-07-10",
}
EARNED = [
    {"date": "2026-01-10", "points": "1500"},
    {"date": "2026-02-10", "points": "-20"},
    {"date": "2026-03-10", "points": 600},
]


def ask_with_file(
    file: Path, schedule: str, pack: str | Path, figures: Any, *options: str, language: str = "zh"
) -> Said:
    """Runs a schedule on figures (or on text that should be JSON) that are written to the file first."""
    text = figures if isinstance(figures, str) else json.dumps(figures, ensure_ascii=False)
    file.write_text(text, encoding="utf-8")
    return pos("programme", "run", schedule, "--pack", pack, "--input", file, *options, language=language)
