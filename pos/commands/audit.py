"""`pos programme audit`: what a pack promises against what merchants pay for it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pos.commands.files import read_pack, words
from pos.domain.message import say

if TYPE_CHECKING:
    from pos.domain.programme.audit_words import Findings

YEARS_MAX = 50
FIGURE_DIGITS = 6


@click.command()
@click.argument("pack")
@click.option(
    "--years", type=click.IntRange(1, YEARS_MAX), default=5, show_default=True, help="推算几年 · how far"
)
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="画成 .png 或 .svg · draw the chart"
)
def audit(pack: str, years: int, plot: Path | None, *, as_json: bool) -> None:
    """算方案答应的与收到的 · What PACK (a file, or a shipped pack's id) promises against what it collects."""
    from pos.domain.programme.audit import audit as audited
    from pos.domain.programme.audit_words import findings

    found, say_it = findings(audited(read_pack(pack)), years), words()
    if plot is not None:
        from pos.bootstrap.audit_chart import draw_audit

        draw_audit(plot, found, say_it)
    if as_json:
        click.echo(json.dumps(_plain(found, say_it), ensure_ascii=False, indent=2))
        return
    for line in _lines(found, plot, say_it):
        click.echo(line)


def _plain(found: Findings, say_it: Any) -> dict[str, Any]:
    from pos.domain.money import yuan
    from pos.domain.programme.spoken import figure

    audit = found.audit
    return {
        "pack": audit.pack.id,
        "version": audit.pack.version,
        "plan": audit.plan.id,
        "ratio": _number(audit.ratio),
        "ratio_by_role": {role: _number(part) for role, part in audit.ratio_by_role.items()},
        "per_yuan": {
            "issued": figure(audit.issued, FIGURE_DIGITS),
            "collected": figure(audit.collected, FIGURE_DIGITS),
            "borne_by": {
                bearer: figure(audit.borne_by(bearer), FIGURE_DIGITS)
                for bearer in ("alliance", "merchant", "brand")
            },
        },
        "promises_more_than_it_collects": audit.promises_more,
        "cannot_be_paid_from_month": found.projection.cannot_be_paid_from,
        "break_even_redemption": _number(audit.break_even),
        "single_lot": _lot(found),
        "months": [
            {
                "month": one.month,
                "issued": yuan(one.issued_fen),
                "due": yuan(one.due_fen),
                "collected": yuan(one.collected_fen),
            }
            for one in found.projection.months
        ],
        "assumptions": [say_it(one) for one in found.assumptions],
        "words": [say_it(one) for one in found.words],
    }


def _lot(found: Findings) -> dict[str, int | None] | None:
    from pos.domain.programme.audit_projection import single_lot

    lot = single_lot(found.audit)
    return None if lot is None else {"exceeds_in_period": lot.exceeds_in, "ends_in_period": lot.ends_in}


def _number(value: Fraction | None) -> float | int | None:
    """A figure as a number of JSON; whole ones without a decimal point."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _lines(found: Findings, plot: Path | None, say_it: Any) -> list[str]:
    from pos.domain.message import named

    pack = found.audit.pack
    head = say("{pack}（{id} 第 {version} 版）", pack=named(pack.name), id=pack.id, version=pack.version)
    return [
        say_it(head),
        *(f"  {say_it(one)}" for one in found.words),
        say_it(say("算法所依据的：")),
        *(f"  {say_it(one)}" for one in found.assumptions),
        *((say_it(say("图已画到 {path}", path=str(plot))),) if plot else ()),
    ]
