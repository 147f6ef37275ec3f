"""What each store and merchant is owed and owes: looking, freezing, paying, files, comparing with a till."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.hub.commands.answering import AS_JSON, DATA, FILE, STORE, opened, print_json, tell
from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from sync.hub.settlement.comparing import Comparison
    from sync.hub.settlement.files.sheet import Table
    from sync.hub.settlement.locks import Day
    from sync.hub.settlement.statement import Statement

_DATE = click.DateTime(["%Y-%m-%d"])
_BY = click.option("--by", required=True, help="Who does it: a name that stays with the act.")

Period = tuple[dt.date, dt.date]


@click.group()
def settlement() -> None:
    """Settlement per store, merchant and day."""


def _whose(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say whose settlement, and of which days."""
    for option in (
        click.option("--to", "until", type=_DATE, help="Last day of a range."),
        click.option("--from", "since", type=_DATE, help="First day of a range."),
        click.option("--date", type=_DATE, help="One business date."),
        click.option("--merchant", help="Merchant id, such as M1: all its stores."),
        click.option("--store", help="Store id, such as S1."),
        DATA,
    ):
        command = option(command)
    return command


def _period(date: dt.datetime | None, since: dt.datetime | None, until: dt.datetime | None) -> Period:
    if date is not None and since is None and until is None:
        return date.date(), date.date()
    if date is None and since is not None and until is not None:
        return since.date(), until.date()
    raise Told(
        Words(
            "请写明 --date 一天，或者 --from 和 --to 一段时间。",
            "Name one day with --date, or a range with --from and --to.",
        )
    )


def _subject(store: str | None, merchant: str | None) -> str:
    """Whose settlement it is, as the audit log names it."""
    return f"store:{store}" if store is not None else f"merchant:{merchant}"


def _asked(data: Path, store: str | None, merchant: str | None, period: Period) -> Statement:
    from sync.hub.settlement.statement import statement

    with opened(data) as hub, hub.database.read() as connection:
        return statement(connection, store=store, merchant=merchant, first=period[0], last=period[1])


@settlement.command()
@_whose
@AS_JSON
def show(
    *,
    data: Path,
    store: str | None,
    merchant: str | None,
    date: dt.datetime | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    as_json: bool,
) -> None:
    """What is owed, line by line. Exit 1 when transfers and receipts do not agree."""
    told = _asked(data, store, merchant, _period(date, since, until))
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(told))
    else:
        _print(told)
    if told.disagreements or not all(day.intact for day in told.days):
        sys.exit(1)


@settlement.command()
@_whose
@_BY
@AS_JSON
def lock(
    *,
    data: Path,
    store: str | None,
    merchant: str | None,
    date: dt.datetime | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    by: str,
    as_json: bool,
) -> None:
    """Freeze days: what comes later for them counts on the next open day."""
    from sync.hub.alliance import stocking
    from sync.hub.people import audit, visitors
    from sync.hub.settlement import locking, parties

    first, last = _period(date, since, until)
    parties.check_period(first, last)
    days: list[Day] = []
    with opened(data) as hub:
        with hub.database.read() as connection:
            locking.check_over(last, stocking.today(hub, connection))
        who = visitors.at_the_console(hub)
        for count in range((last - first).days + 1):
            # Each day in a transaction of its own, so that tills never wait for a whole month.
            day = first + dt.timedelta(days=count)
            with hub.database.write() as connection:
                days += locking.lock(
                    hub, connection, store=store, merchant=merchant, first=day, last=day, by=by
                )
                audit.note(connection, who, "settlement.lock", _subject(store, merchant), f"{day} – {day}")
    _answer(days, as_json=as_json)


@settlement.command()
@_whose
@click.option("--reference", required=True, help="What the bank's statement calls the payment.")
@click.option("--paid-on", required=True, type=_DATE, help="The day of the payment.")
@click.option("--own-account", is_flag=True, help="Of a merchant, leave its stores out: they are paid apart.")
@_BY
@AS_JSON
def pay(
    *,
    data: Path,
    store: str | None,
    merchant: str | None,
    date: dt.datetime | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    reference: str,
    paid_on: dt.datetime,
    own_account: bool,
    by: str,
    as_json: bool,
) -> None:
    """Note that frozen days were paid; the same payment noted again changes nothing."""
    from sync.hub.people import audit, visitors
    from sync.hub.settlement import paying

    first, last = _period(date, since, until)
    with opened(data) as hub, hub.database.write() as connection:
        days = paying.mark_paid(
            hub,
            connection,
            store=store,
            merchant=merchant,
            own_account=own_account,
            first=first,
            last=last,
            reference=reference,
            paid_on=paid_on.date(),
            by=by,
        )
        who = visitors.at_the_console(hub)
        audit.note(connection, who, "settlement.pay", _subject(store, merchant), f"{first} – {last}")
    _answer(days, as_json=as_json)


@settlement.command()
@_whose
@click.option("--format", "form", required=True, type=click.Choice(["pdf", "xlsx", "csv"]))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the file; else the system's.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def export(
    *,
    data: Path,
    store: str | None,
    merchant: str | None,
    date: dt.datetime | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    form: Any,
    out: Path,
    language: Any,
    overwrite: bool,
) -> None:
    """Write a statement into a file."""
    from sync.hub.settlement.files import exporting

    told = _asked(data, store, merchant, _period(date, since, until))
    content = exporting.exported(told, form, language or system_language())
    exporting.write_new(out, content, overwrite=overwrite)
    tell(Words("已写入 {file}。", "Written to {file}."), file=out)


@settlement.command()
@FILE
@DATA
@STORE
@AS_JSON
def compare(*, file: Path, data: Path, store: str, as_json: bool) -> None:
    """Hold a till's report (`pos report day --json`) against the hub's. Exit 1 when they differ."""
    import msgspec

    from sync.hub.settlement import comparing

    report = comparing.read_report(file.read_bytes(), file.name)
    day = dt.date.fromisoformat(report.date)
    found = comparing.compare(report, _asked(data, store, None, (day, day)).receipts)
    if as_json:
        print_json({"agree": found.agree, **msgspec.to_builtins(found)})
    else:
        _print_comparison(found)
    if found.agree is False:
        sys.exit(1)


# --- answers -------------------------------------------------------------------------------------


def _answer(days: Sequence[Day], *, as_json: bool) -> None:
    import msgspec

    from pos.domain.money import yuan

    if as_json:
        print_json(msgspec.to_builtins(days))
        return
    for day in days:
        paid = "" if day.reference is None else f"  {day.paid_on} {day.reference}"
        click.echo(f"{day.date}  {day.account:<14} {yuan(day.net_fen):>14}  {day.sha256[:16]}{paid}")
    if not days:
        tell(Words("这几天没有需要锁定的。", "There is nothing to lock on these days."))


def _print(told: Statement) -> None:
    from sync.hub.settlement.files.sheet import sheet

    content = sheet(told, system_language())
    click.echo(content.title)
    for label, value in content.facts:
        click.echo(f"  {label}: {value}")
    further = [table for table in (content.late, content.days) if table.rows]
    for table in (*content.tables, content.lines, *further):
        _print_table(table)
    for note in (*content.notes, content.explained):
        click.echo(f"\n{note}")


def _print_table(table: Table) -> None:
    """Columns by tabs: for people as it is, for a spreadsheet by copying it."""
    from sync.hub.settlement.files.sheet import plain

    click.echo(f"\n{table.title}")
    for row in (
        [table.header] if any(table.header) else [],
        table.rows,
        [table.total] if table.total else [],
    ):
        for cells in row:
            click.echo("  " + "\t".join(map(plain, cells)))


def _print_comparison(found: Comparison) -> None:
    from pos.domain.money import decimal_text

    language = system_language()
    for number in found.missing_at_hub:
        click.echo(_MISSING_AT_HUB.say(language, receipt=number))
    for number in found.missing_at_till:
        click.echo(_MISSING_AT_TILL.say(language, receipt=number))
    for one in found.different:
        for name in one.names:
            till, hub = (getattr(side, name) for side in (one.till, one.hub))
            counted = name in _COUNTS
            click.echo(
                _DIFFERENT.say(
                    language,
                    receipt=one.receipt_no,
                    figure=name.removesuffix("_fen"),
                    till=till if counted else decimal_text(till),
                    hub=hub if counted else decimal_text(hub),
                )
            )
    for number in found.waiting:
        click.echo(_WAITING.say(language, receipt=number))
    verdict = {True: _AGREE, False: _DIFFER, None: _WAIT}[found.agree]
    click.echo(verdict.say(language, date=found.date, net=decimal_text(found.hub.net_settlement_fen)))


_COUNTS = ("sales", "refunds", "memberships")
_WAITING = Words("{receipt}  收银机还没上传", "{receipt}  not uploaded yet")
_MISSING_AT_HUB = Words("{receipt}  总部没有：请联系联盟", "{receipt}  not at the hub: call the alliance")
_MISSING_AT_TILL = Words("{receipt}  收银机没有：请联系联盟", "{receipt}  not at the till: call the alliance")
_DIFFERENT = Words(
    "{receipt}  {figure} 不一致：收银机 {till}，总部 {hub}",
    "{receipt}  {figure} differs: {till} at the till, {hub} at the hub",
)
_AGREE = Words(
    "{date} 一致，分毫不差；净结算 {net} 元。", "{date}: both sides agree to the fen; the net is {net} yuan."
)
_WAIT = Words(
    "{date} 已上传的都一致；其余传完再核对。",
    "{date}: what is uploaded agrees; compare again when the rest is.",
)
_DIFFER = Words(
    "{date} 不一致，请把以上单号报给联盟。", "{date}: they differ; tell the alliance the receipts above."
)
