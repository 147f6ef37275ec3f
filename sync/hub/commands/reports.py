"""What the hub has booked."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, DATA, STORE, opened, print_json, tell
from sync.hub.words import Words, system_language

if TYPE_CHECKING:
    from pos.domain.programme.pack import Pack
    from sync.hub.journal.days import Day


@click.group()
def report() -> None:
    """What the hub has booked."""


@report.command("day")
@DATA
@STORE
@click.option("--date", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Business date.")
@AS_JSON
def report_day(*, data: Path, store: str, date: dt.datetime, as_json: bool) -> None:
    """A store's day: the figures that its owner sees at the till."""
    from sync.hub.alliance import packs, places
    from sync.hub.journal import days, recompute

    with opened(data) as hub:
        recompute.catch_up(hub)
        with hub.database.read() as connection:
            places.known_store(connection, store)
            day = days.day_of(connection, store, date.date().isoformat(), system_language())
            pack = packs.current(connection)
    if as_json:
        _print_day_as_json(day)
    else:
        _print_day(day, pack)


@report.command("ledger")
@DATA
@AS_JSON
def report_ledger(*, data: Path, as_json: bool) -> None:
    """Check the ledger: each unit sums to zero, and balances are those that the transfers give."""
    from sync.hub.ledger import accounts

    with opened(data) as hub, hub.database.read() as connection:
        kept, derived = accounts.kept_balances(connection), accounts.derived_balances(connection)
    sums: dict[str, int] = {}
    for (_, unit), amount in derived.items():
        sums[unit] = sums.get(unit, 0) + amount
    holds = kept == derived and not any(sums.values())
    if as_json:
        print_json({"holds": holds, "units": sums, "accounts": len(derived)})
    else:
        tell(_LEDGER_HOLDS if holds else _LEDGER_BROKEN, accounts=len(derived))
    if not holds:
        sys.exit(1)


def _print_day_as_json(day: Day) -> None:
    import msgspec

    from pos.domain.day import add

    figures = add(row.figures for row in day.receipts)
    print_json({"figures": msgspec.to_builtins(figures), **msgspec.to_builtins(day)})


def _print_day(day: Day, pack: Pack | None) -> None:
    from pos.domain.day import FIGURE_NAMES, add
    from pos.domain.money import decimal_text
    from sync.hub.alliance.coupons import STANDINGS

    figures, language = add(row.figures for row in day.receipts), system_language()
    click.echo(f"{day.store} {day.date}")
    for name in FIGURE_NAMES:
        number = getattr(figures, name)
        click.echo(
            f"  {name.removesuffix('_fen'):<16} {decimal_text(number) if name not in _COUNTS else number}"
        )
    for label, found in (
        ("clawback", [f"{unit} {_amount(unit, amount, pack)}" for unit, amount in day.clawback.items()]),
        ("differ", day.recomputed_differently),
        (
            "coupons",
            [
                f"{one.receipt_no}: {one.rule} {one.number} {STANDINGS[one.standing].say(language)}"
                for one in day.coupons
            ],
        ),
        ("quarantined", [f"{one.seq}: {one.reason}" for one in day.quarantined]),
        ("forks", [f"{one.seq}: {one.reason}" for one in day.forks]),
    ):
        for one in found:
            click.echo(f"  {label:<16} {one}")


def _amount(unit: str, amount: int, pack: Pack | None) -> str:
    """Coupons are counted, assets have their own digits, and money two."""
    from pos.domain.money import decimal_text
    from pos.domain.programme.rules import coupon_of

    if coupon_of(unit) is not None:
        return str(amount)
    asset = next((one for one in pack.assets if one.id == unit), None) if pack else None
    return decimal_text(amount, asset.scale if asset else 2)


_COUNTS = ("sales", "refunds", "memberships")
_LEDGER_HOLDS = Words(
    "账平：{accounts} 个账户的余额与转账一致。",
    "The ledger holds: {accounts} accounts agree with their transfers.",
)
_LEDGER_BROKEN = Words(
    "账不平：余额与转账不一致，请停机并联系技术员。",
    "The ledger does not hold: balances differ from transfers. Stop the hub and call a technician.",
)
