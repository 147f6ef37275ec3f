"""Running the schedules of the alliance's pack, and looking at what they did."""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json, tell
from sync.hub.words import Told, Words, system_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pos.domain.ledger import Posting
    from pos.domain.programme.pack import Pack
    from sync.hub.hub import Hub
    from sync.hub.schedules.running import Ran
    from sync.hub.schedules.runs import Run
    from sync.hub.schedules.turns import Due


@click.command("run-schedule")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that is due.")
@DATA
@click.option("--period", help="One period of NAME: a day, or a year of the distribution.")
@click.option("--net-profit", "net_profit_yuan", help="The year's net profit in yuan, for the distribution.")
@click.option(
    "--nothing-to-distribute", is_flag=True, help="Close a year without profit; it cannot be redone."
)
@click.option("--dry-run", is_flag=True, help="Show what would be booked, and book nothing.")
@click.option("--by", default=None, help="Who runs it; without it, the system's user.")
@AS_JSON
def run_schedule(
    *,
    name: str | None,
    everything: bool,
    data: Path,
    period: str | None,
    net_profit_yuan: str | None,
    nothing_to_distribute: bool,
    dry_run: bool,
    by: str | None,
    as_json: bool,
) -> None:
    """Run what is due of NAME (expiry, daily_pool, release, joining, invitations, milestones, distribution).

    Without NAME and --all: say what is due and what was run last. A period is booked once, however often
    it is run; a run that was interrupted goes on where it stopped.
    """
    from sync.hub.schedules import running
    from sync.hub.schedules.turns import Asked

    if name is not None and everything:
        raise Told(_NAME_OR_ALL)
    with opened(data) as hub:
        if name is None and not everything:
            _list(hub, as_json=as_json)
            return
        given = {} if net_profit_yuan is None else {"net_profit_fen": _fen(net_profit_yuan)}
        if not (dry_run or nothing_to_distribute) and given.get("net_profit_fen", 1) <= 0:
            raise Told(_CLOSES_THE_YEAR, profit=net_profit_yuan)
        asked = Asked((name,) if name else (), period, given, by or getpass.getuser())
        if dry_run:
            ran, postings = running.dry_run(hub, asked)
            _print(hub, ran, as_json=as_json, postings=postings)
        else:
            _print(hub, running.run(hub, asked), as_json=as_json)


@click.group()
def distribution() -> None:
    """The year's distribution of profit."""


@distribution.command("report")
@DATA
@click.option("--year", required=True, help="The year that was distributed, such as 2026.")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True)
def distribution_report(*, data: Path, year: str, folder: Path) -> None:
    """Write public.csv and public.json for everybody, auditor.csv and auditor.json for auditors."""
    from sync.hub.schedules import report_files, reporting

    with opened(data) as hub, hub.database.read() as connection:
        report = reporting.distribution_report(connection, year)
        if report is None:
            raise Told(_NO_REPORT, year=year[:10])
        hashes = report_files.write(connection, report, folder)
    tell(_REPORTED, folder=folder, members=report.members, sha256=hashes["auditor.csv"])


def _fen(text: str) -> int:
    """Yuan as people write them, in fen; a loss has a minus before it."""
    from pos.domain.money import parse_decimal

    fen = parse_decimal(text.removeprefix("-"))
    if fen is None:
        raise Told(_NO_PROFIT, text=text[:40])
    return -fen if text.startswith("-") else fen


# --- what is due ---------------------------------------------------------------------------------


def _list(hub: Hub, *, as_json: bool) -> None:
    import msgspec

    from sync.hub.alliance import stocking
    from sync.hub.schedules.runs import runs
    from sync.hub.schedules.turns import due

    with hub.database.read() as connection:
        now_due, was_run = due(connection, stocking.today(hub, connection)), runs(connection, limit=20)
        pack = _pack(hub)
    if as_json:
        print_json({"due": msgspec.to_builtins(now_due), "runs": msgspec.to_builtins(was_run)})
        return
    for one in now_due:
        click.echo(_due_line(one))
    if not now_due:
        tell(_NOTHING_DUE)
    for run in was_run:
        click.echo(_run_line(run, pack))


def _due_line(one: Due) -> str:
    words = _DUE_WAITS if one.needs and not one.begun else _DUE_BEGUN if one.begun else _DUE
    return words.say(system_language(), schedule=one.schedule, period=one.period)


def _run_line(run: Run, pack: Pack | None) -> str:
    words = _RUN_FINISHED if run.finished else _RUN_OPEN
    return words.say(
        system_language(),
        schedule=run.schedule,
        period=run.period,
        count=run.transfers,
        sums=_sums(run.amounts, pack),
        at=_local(run.finished_at or run.started_at),
        by=run.by,
    )


# --- what was done -------------------------------------------------------------------------------


def _print(hub: Hub, ran: list[Ran], *, as_json: bool, postings: list[Posting] | None = None) -> None:
    import msgspec

    if as_json:
        answer: dict[str, Any] = {"ran": msgspec.to_builtins(ran)}
        if postings is not None:
            answer["would_book"] = msgspec.to_builtins(postings)
        print_json(answer)
        return
    pack = _pack(hub)
    for one in postings or ():
        amount = _amount(one.unit, one.amount, pack)
        click.echo(f"{one.code:<12} {one.debit} -> {one.credit}  {amount} {one.unit}")
    for done in ran:
        _say(done, pack, dry=postings is not None)
    if not ran:
        tell(_NOTHING_DUE)
    elif postings is not None:
        tell(_NOTHING_BOOKED, count=len(postings))


def _say(done: Ran, pack: Pack | None, *, dry: bool) -> None:
    told: dict[str, object] = {"schedule": done.schedule, "period": done.period}
    if done.run is None:
        tell(_WAITS, **told)
        return
    words = _ALREADY if done.already else _WOULD if dry else _DONE
    sums = _sums(done.run.amounts, pack)
    tell(words, **told, count=done.run.transfers, sums=sums, at=_local(done.run.finished_at))


def _sums(amounts: dict[str, int], pack: Pack | None) -> str:
    return _joined(f"{_amount(unit, amount, pack)} {unit}" for unit, amount in sorted(amounts.items())) or "0"


def _local(stamp: str | None) -> str:
    """A moment as the clock on the operator's wall shows it."""
    return f"{dt.datetime.fromisoformat(stamp).astimezone():%Y-%m-%d %H:%M}" if stamp else "-"


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _amount(unit: str, amount: int, pack: Pack | None) -> str:
    """Assets have their own digits, money two, coupons none."""
    from pos.domain.money import plain_text
    from pos.domain.programme.part import CNY

    assets = {one.id: one.scale for one in pack.assets} if pack else {}
    return plain_text(amount, assets.get(unit, 2 if unit == CNY else 0))


def _pack(hub: Hub) -> Pack | None:
    from sync.hub.alliance import packs

    with hub.database.read() as connection:
        return packs.current(connection)


_NO_REPORT = Words(
    "{year} 年还没有分配。请先运行：pos-hub run-schedule distribution --net-profit …",
    "{year} was not distributed yet. Run it first: pos-hub run-schedule distribution --net-profit …",
)
_REPORTED = Words(
    "已写入 {folder}：{members} 位会员，审计表 SHA-256 {sha256}。",
    "Written to {folder}: {members} members, the auditor's rows have SHA-256 {sha256}.",
)
_NAME_OR_ALL = Words("请写一个计划任务的名字，或 --all，不要两个都写。", "Give a name or --all, not both.")
_NO_PROFIT = Words(
    "净利润 {text} 不行：以元为单位，最多两位小数，例如 125000.00；亏损前面加负号。",
    "The net profit {text} will not do: yuan, at most two decimals, such as 125000.00; a loss has a minus.",
)
_CLOSES_THE_YEAR = Words(
    "净利润 {profit} 不大于 0：这一年将不分配任何钱，并且不能重来。没有记任何账。"
    "确实如此，请再加 --nothing-to-distribute。",
    "The net profit {profit} is not above 0: the year would be closed with nothing distributed, for good. "
    "Nothing was booked. If that is meant, add --nothing-to-distribute.",
)
_DUE = Words("待运行：{schedule} {period}", "due: {schedule} {period}")
_DUE_BEGUN = Words("中断，待继续：{schedule} {period}", "interrupted, goes on: {schedule} {period}")
_DUE_WAITS = Words(
    "待运行，需要 --net-profit：{schedule} {period}", "due, needs --net-profit: {schedule} {period}"
)
_RUN_FINISHED = Words(
    "已完成：{schedule} {period}，{count} 笔（{sums}），{at}，{by}",
    "finished: {schedule} {period}, {count} transfers ({sums}), {at}, by {by}",
)
_RUN_OPEN = Words(
    "未完成：{schedule} {period}，已记 {count} 笔（{sums}），始于 {at}，{by}",
    "not finished: {schedule} {period}, {count} transfers so far ({sums}), begun {at}, by {by}",
)
_NOTHING_DUE = Words("没有到期的计划任务，没有记任何账。", "Nothing is due; nothing was booked.")
_NOTHING_BOOKED = Words(
    "以上 {count} 笔只是预演，没有记任何账。", "These {count} transfers are a rehearsal; nothing was booked."
)
_WAITS = Words(
    "{schedule} {period} 还没运行：需要净利润，请加 --net-profit。",
    "{schedule} {period} was not run: it needs the net profit; add --net-profit.",
)
_ALREADY = Words(
    "{schedule} {period} 在 {at} 已经完成（{count} 笔，{sums}），没有再记账。",
    "{schedule} {period} was finished at {at} ({count} transfers, {sums}); nothing was booked again.",
)
_WOULD = Words(
    "{schedule} {period} 会记 {count} 笔：{sums}。",
    "{schedule} {period} would book {count} transfers: {sums}.",
)
_DONE = Words(
    "{schedule} {period} 已完成，共 {count} 笔：{sums}。",
    "{schedule} {period} is finished, {count} transfers: {sums}.",
)
