"""`pos code`: what a scanned code is, for whom, whether it holds at this till, and why not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import platformdirs

from pos.domain.message import Message, Refusal, say

if TYPE_CHECKING:
    from pos.usecases.desk import Desk

_KINDS = {
    "goods": say("商品条码"),
    "member_card": say("会员卡"),
    "pay_code": say("付款码"),
    "coupon": say("纸券"),
    "badge": say("工牌"),
    "pickup": say("取货码"),
    "receipt": say("小票号"),
    "unreadable": say("读不懂的码"),
}


@click.group()
def code() -> None:
    """扫到的码 · Scanned codes."""


@code.command("decode")
@click.argument("scanned", metavar="CODE")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: Path(platformdirs.user_data_dir("alliance-pos")),
    show_default="the user's data folder",
    help="数据目录 · the till's data folder",
)
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
def decode(scanned: str, data: Path, *, as_json: bool) -> None:
    """这个码是什么、给谁的、在本机能不能用 · What a code is, for whom, and whether it holds at this till.

    CODE is what a scanner sends; `-` reads it from standard input. Exit 1 when it does not hold.
    """
    from pos.bootstrap.looking import read_till
    from pos.bootstrap.machine import system_language
    from pos.usecases.ports import StorageTrouble
    from pos.words import Words

    scanned = (sys.stdin.readline() if scanned == "-" else scanned).strip()
    words = Words(system_language())
    try:
        with read_till(data) as reader:
            told, problem = _looked_at(scanned, reader.desk)
    except StorageTrouble as trouble:
        told, problem = _looked_at(scanned, None)
        problem = problem or say("没有收银机数据，没有验证能不能用：{why}", why=trouble.message)
    told |= {"holds": problem is None, "problem": words(problem) if problem else None}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(told, words)
    raise SystemExit(0 if problem is None else 1)


def _looked_at(scanned: str, desk: Desk | None) -> tuple[dict[str, Any], Message | None]:
    """What the code says, and why it does not hold (None: it does)."""
    from pos.domain.cart import Cart
    from pos.domain.catalogue import recognise
    from pos.domain.pay_codes import read_pay_code
    from pos.usecases.scan_code import scan_code

    found = recognise(scanned)
    told: dict[str, Any] = {"kind": found.kind}
    read = read_pay_code(scanned)
    if read is not None:
        told |= _said(read.code, desk)
    if found.problem is not None:
        return told, found.problem
    if found.kind == "badge":
        return told, say("工牌在登录时扫")
    if desk is None:
        return told, None
    try:
        scan_code(Cart(), scanned, desk)
    except Refusal as refusal:
        return told | {"reason": refusal.reason}, refusal.message
    return told, None


def _said(code: Any, desk: Desk | None) -> dict[str, Any]:
    """The fields of a pay code; marks under the names that this till knows for them."""
    from pos.domain.pay_codes import asset_mark, plan_mark, same_terminal, terminal_mark

    own = desk.journal.identity if desk is not None else None
    loaded = desk.packs.current() if desk is not None else None
    pack = loaded.pack if loaded is not None else None
    assets = {asset_mark(one.id): one.id for one in pack.assets} if pack else {}
    plans = {plan_mark(one.id): one.id for one in pack.plans} if pack else {}
    mark = terminal_mark(own.terminal, own.incarnation) if own is not None else ""
    here = same_terminal(mark, code.terminal_mark)
    return {
        "terminal": own.terminal if own is not None and here else f"#{code.terminal_mark}",
        "epoch": code.epoch,
        "number": code.number,
        "key": code.key_id,
        "asset": assets.get(code.asset_mark, f"#{code.asset_mark}"),
        "amount": code.amount,
        "plan": plans.get(code.plan_mark, f"#{code.plan_mark}"),
        "plan_last_day": code.plan_last_day,
        "issued": code.issued.isoformat(),
        "expires": code.expires.isoformat(),
        "member": f"tag:…{code.member_tag[-4:]}",
    }


def _print(told: dict[str, Any], words: Any) -> None:
    click.echo(words(_KINDS[told["kind"]]))
    for name, value in told.items():
        if name not in {"kind", "holds", "problem"}:
            click.echo(f"  {name}\t{value}")
    click.echo(words(say("可以使用")) if told["holds"] else f"✗ {told['problem']}")
