"""`pos programme run`: one of a pack's schedules on given figures, with nothing booked."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pos.commands.schedules.answer import Answer

NAMES = ("staged_release", "daily_pool", "annual_distribution", "expiry", "milestones")
_WIDE = {"W", "F"}
_GAP = "  "


@click.command("run")
@click.argument("schedule", type=click.Choice(NAMES))
@click.option("--pack", "pack_name", required=True, help="方案文件或编号 · a pack file, or a shipped id")
@click.option("--input", "source", required=True, help="JSON 文件，- 是标准输入 · a JSON file; - is stdin")
@click.option("--asset", default=None, help="资产编号 · the asset's id, where a pack has several")
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
def run(schedule: str, pack_name: str, source: str, asset: str | None, *, as_json: bool) -> None:
    """按给定数据试算一个定期计划 · Work out one schedule of a pack; nothing is booked."""
    from pos.commands.files import read_pack
    from pos.commands.schedules import for_members, for_one_member

    schedules = {
        "staged_release": for_one_member.staged_release,
        "daily_pool": for_members.daily_pool,
        "annual_distribution": for_members.annual_distribution,
        "expiry": for_one_member.expiry,
        "milestones": for_one_member.milestones,
    }
    pack = read_pack(pack_name)
    made = schedules[schedule](pack, source, asset)
    if as_json:
        told = {"schedule": schedule, "pack": pack.id, **made.data}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for line in _table(made):
        click.echo(line)


def _table(made: Answer) -> list[str]:
    """Columns that stand under each other, and the closing sentence."""
    from pos.commands.files import words

    in_words = words()
    cells = [[in_words(cell) for cell in row] for row in (made.headings, *made.rows)]
    widths = [max(_width(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [*(_line(row, widths) for row in cells), in_words(made.closing)]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """Columns on a screen: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)
