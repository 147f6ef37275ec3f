"""`pos …`: the till, and what technicians and scripts do without a window.

Heavy imports wait for the command that needs them. Every expected failure is one sentence on stderr
and exit status 1.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click
import platformdirs

from pos.commands.code import code
from pos.commands.price import price
from pos.commands.programme import programme
from pos.domain.message import Message, Refusal

APPLICATION = "alliance-pos"


class _Commands(click.Group):
    """Turns what the till refuses, and what its environment cannot do, into one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        from pos.usecases.ports import StorageTrouble

        try:
            return super().invoke(ctx)
        except (Refusal, StorageTrouble) as trouble:
            _fail(trouble.message)


def _fail(message: Message) -> NoReturn:
    click.echo(_words()(message), err=True)
    raise SystemExit(1)


def _words() -> Any:
    from pos.bootstrap.machine import system_language
    from pos.words import Words

    return Words(system_language())


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir(APPLICATION))


_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=_data_folder,
    show_default="the user's data folder",
    help="数据目录 · the till's data folder",
)
_json = click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")


@click.group(cls=_Commands, invoke_without_command=True)
@click.pass_context
def main(context: click.Context) -> None:
    """联盟收银机 · The till of a merchant alliance. Without a command the till opens."""
    if context.invoked_subcommand is None:
        context.invoke(till)


@main.command()
@_data
@click.option(
    "--remote", is_flag=True, help="按标准输入的命令操作窗口 · drive the window by commands on stdin"
)
def till(data: Path, *, remote: bool) -> None:
    """打开收银窗口 · Open the till's window."""
    from pos.bootstrap.window import run_window

    raise SystemExit(run_window(data, remote=remote))


@main.command()
@_data
@click.option("--hub", required=True, help="总部地址 · the hub's URL")
@click.option("--code", required=True, help="一次性入网码 · the one-time enrolment code")
def provision(data: Path, hub: str, code: str) -> None:
    """把这台机器加入联盟 · Enrol this machine with the alliance."""
    from pos.bootstrap.setting_up import provision as enrol_here

    click.echo(_words()(enrol_here(data, hub, code)))


@main.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), required=True)
def sample(data: Path) -> None:
    """建一个不连总部的示例门店 · Make a till folder with the sample shop, without a hub."""
    from pos.bootstrap.setting_up import make_sample

    click.echo(_words()(make_sample(data)))


@main.command()
@click.option("--baskets", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@_data
def replay(baskets: Path, data: Path) -> None:
    """按文件逐单收银 · Ring up one basket per line, cash exactly paid.

    A line holds codes separated by blanks; `MEMBER:<card code>` puts a member on the sale and
    `<PLU>@<grams>` weighs.
    """
    from pos.bootstrap.till import open_till
    from pos.usecases.replay_baskets import replay_basket

    failed = 0
    with open_till(data) as opened, baskets.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                done = opened.on_journal(partial(replay_basket, line, opened.desk)).result()
            except Refusal as refusal:
                failed += 1
                click.echo(f"{baskets.name}:{number}: {_words()(refusal.message)}", err=True)
                continue
            click.echo(f"PAID {done.sale.receipt_no} {done.seq} {done.hash.hex()}")
            sys.stdout.flush()
    raise SystemExit(1 if failed else 0)


@main.group()
def report() -> None:
    """店主报表 · The owner's reports."""


@report.command("day")
@_data
@click.option("--date", default=None, help="营业日 · business date, YYYY-MM-DD (default: today)")
@_json
def report_of_day(data: Path, date: str | None, *, as_json: bool) -> None:
    """一天的账，并与总部核对 · A day's figures, compared with the hub. Exit 1 when they differ."""
    from pos.bootstrap.looking import read_till
    from pos.usecases.desk import business_date
    from pos.usecases.report_day import as_plain, report_day, text_lines

    with read_till(data) as reader:
        day = report_day(_date(date) or business_date(reader.desk), reader.desk, reader.ask_hub)
    words = _words()
    if as_json:
        click.echo(json.dumps(as_plain(day, words), ensure_ascii=False, indent=2))
    else:
        for label, value in text_lines(day):
            click.echo(f"{words(label)}\t{words(value)}")
    raise SystemExit(1 if day.agree is False else 0)


def _date(text: str | None) -> str | None:
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise click.BadParameter("应写成 2026-11-21 · write 2026-11-21", param_hint="--date") from None


@main.group()
def journal() -> None:
    """流水 · The journal."""


@journal.command("verify")
@_data
def verify_journal(data: Path) -> None:
    """检查流水的哈希链 · Check the whole chain: `ok <entries> <head hash>`, or the first broken entry."""
    from pos.bootstrap.looking import verify_journal as verify

    verdict, holds = verify(data)
    click.echo(verdict if isinstance(verdict, str) else _words()(verdict))
    raise SystemExit(0 if holds else 1)


@journal.command("rebuild")
@_data
def rebuild_journal(data: Path) -> None:
    """从流水重算小票清单和余额 · Derive receipts and balances from the chain again."""
    from pos.bootstrap.till import open_till
    from pos.domain.message import say

    with open_till(data) as opened:
        opened.store.journal.rebuild_projections()
    click.echo(_words()(say("小票清单已按流水重算")))


@journal.command("list")
@_data
@_json
def list_journal(data: Path, *, as_json: bool) -> None:
    """列出流水 · One entry a line."""
    from pos.bootstrap.looking import list_journal as entries

    for row in entries(data):
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            click.echo(f"{row['seq']}\t{row['kind']}\t{row['receipt_no'] or ''}\t{row['hash']}")


@main.group()
def printer() -> None:
    """打印机 · The receipt printer."""


@printer.command("test")
@_data
def print_test(data: Path) -> None:
    """打印测试页 · Print a test page."""
    from pos.bootstrap.looking import read_till

    with read_till(data) as reader:
        click.echo(_words()(reader.test_print()))


@main.command()
@_data
@_json
def doctor(data: Path, *, as_json: bool) -> None:
    """检查数据库、总部、打印机、时钟和字体 · Check database, hub, printer, clock and font."""
    from pos.doctor import examine

    words, findings = _words(), examine(data)
    if as_json:
        rows = [{"check": one.check, "state": one.state, "text": words(one.text)} for one in findings]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for one in findings:
            click.echo(f"{one.mark} {words(one.title)}: {words(one.text)}")
    raise SystemExit(1 if any(one.state == "bad" for one in findings) else 0)


@main.command()
@_data
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="备份目录 · folder for copies")
def backup(data: Path, into: Path | None) -> None:
    """备份流水；收银时也会自动做 · Copy the journal and check the copy; a selling till does so itself."""
    from pos.bootstrap.backup_keeper import back_up_now

    click.echo(_words()(back_up_now(data, into)))


@main.group()
def handover() -> None:
    """移交流水 · What a till has sold and cannot upload any more, by file."""


@handover.command("write")
@_data
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--copy", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="a backup of a journal"
)
@click.option("--all", "everything", is_flag=True, help="also what the hub has confirmed")
def handover_write(data: Path, out: Path, copy: Path | None, *, everything: bool) -> None:
    """把没上传的流水写成文件 · Write what the hub has not confirmed to a file."""
    from pos.handover import write

    click.echo(_words()(write(data, out, copy=copy, everything=everything)))


@handover.command("send")
@_data
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def handover_send(data: Path, file: Path) -> None:
    """由本机代传另一台机的流水 · Upload another till's file from this till."""
    from pos.handover import send

    click.echo(_words()(send(data, file)))


@main.command()
@_data
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def support(data: Path, out: Path) -> None:
    """写出给技术支持的文件 · Write a file (zip) for support; no members, sales or keys in it."""
    from pos.support import write_support_file

    words = _words()
    click.echo(words(write_support_file(data, out, words)))


@main.command()
@click.option("--headless", is_flag=True, help="不开窗口，走完一班 · run a scripted shift off screen")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-out"))
def demo(*, headless: bool, out: Path) -> None:
    """一台机器上的整间店：总部、打印机、收银机 · The whole shop on one machine."""
    from pos.demo.processes import DemoFailed
    from pos.demo.shift import run_shift
    from pos.demo.shop import open_shop

    try:
        raise SystemExit(run_shift(out) if headless else open_shop(out))
    except DemoFailed as failure:
        click.echo(f"演示没有走完 · the demo did not finish: {failure}", err=True)
        raise SystemExit(1) from None


main.add_command(programme)
main.add_command(code)
main.add_command(price)


if __name__ == "__main__":
    main()
