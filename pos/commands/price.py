"""`pos price`: prices one basket under a pack, without a database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pos.commands.files import read_bytes, read_json, read_pack, words
from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import plain_text, yuan

if TYPE_CHECKING:
    from pos.domain.catalogue import Product
    from pos.domain.pricing.result import PricedSale
    from pos.domain.pricing.why_not import NotApplied
    from pos.domain.programme.pack import Pack

REFUSED = 2


@click.command()
@click.option(
    "--pack", required=True, help="方案文件，或随附方案的名字 · a pack's file, or a shipped one's id"
)
@click.option("--catalogue", type=click.Path(path_type=Path), required=True, help="商品 CSV · goods")
@click.option("--basket", type=click.Path(path_type=Path), required=True, help="购物篮 JSON · the basket")
@click.option("--json", "as_json", is_flag=True, help="机器可读 · machine-readable")
def price(pack: str, catalogue: Path, basket: Path, *, as_json: bool) -> None:
    """给一个购物篮算价 · Price one basket. Exit 2 when the till would refuse it."""
    from pos.commands.stated_basket import stated, unknown_keys
    from pos.domain.pricing.price import price as priced
    from pos.domain.pricing.why_not import not_applied

    say_it, rules, goods, content = words(), read_pack(pack), _goods(catalogue), read_json(basket)
    for key in unknown_keys(content):
        click.echo(say_it(say("购物篮里不认识 {key}，没有理会它", key=key)), err=True)
    try:
        given = stated(msgspec.json.encode(content), goods, rules)
        sale = priced(given, rules)
    except Refusal as refusal:
        if as_json:
            _print({"refused": {"reason": refusal.reason, "text": say_it(refusal.message)}})
        else:
            click.echo(say_it(refusal.message), err=True)
        raise SystemExit(REFUSED) from None
    reasons = not_applied(given, rules, sale)
    if as_json:
        _print(_plain(sale, reasons, say_it))
    else:
        for line in _lines(sale, reasons, rules, say_it):
            click.echo(line)


def _print(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _goods(path: Path) -> dict[str, Product]:
    """The goods of a CSV file, by code.

    Raises:
        Refusal: `catalogue`, with every mistake and its line.

    """
    from sync.hub.alliance.imports import Mistaken, read_price_list

    try:
        return {one.code: one for one in read_price_list(read_bytes(path), path.name).checked()}
    except Mistaken as error:
        raise Refusal("catalogue", say("{mistakes}", mistakes=error.say(words().language))) from error


def _plain(
    sale: PricedSale, reasons: tuple[NotApplied, ...], say_it: Callable[[Message], str]
) -> dict[str, Any]:
    """Fen as integers, assets in minor units beside their scale, sentences in words."""
    return {
        "gross_fen": sale.gross_fen,
        "payable_fen": sale.payable_fen,
        "eligible_fen": sale.eligible_fen,
        "lines": [
            {
                "code": line.code,
                "quantity": line.quantity,
                "weight_g": line.weight_g,
                "list_fen": line.gross_fen,
                "payable_fen": line.payable_fen,
                "adjustments": [
                    {
                        "rule": one.rule,
                        "amount_fen": one.amount_fen,
                        "funder": one.funder,
                        "text": say_it(one.text),
                    }
                    for one in line.adjustments
                ],
            }
            for line in sale.lines
        ],
        "redeemable": [_amount(one) for one in sale.redeemable],
        "redeemed": [
            {**_amount(one), "value_fen": one.value_fen, "funder": one.funder} for one in sale.redeemed
        ],
        "due_fen": sale.due_fen,
        "earned": [{"role": one.role, **_amount(one)} for one in sale.outcome.earned],
        "issued": [{"rule": one.rule, "to": one.to, "valid_days": one.valid_days} for one in sale.issued],
        "coupons_used": [one.rule for one in sale.coupons_used],
        "burned": [{"role": "merchant", **_amount(one)} for one in sale.outcome.burned],
        "rebate_fen": sale.outcome.rebate_fen,
        "received_fen": sale.outcome.received_fen,
        "share_fen": sale.outcome.share_fen,
        "reimbursed": sale.outcome.reimbursed,
        "not_applied": [{"rule": one.rule, "text": say_it(one.text)} for one in reasons],
        "optimal": sale.optimal,
        "steps": sale.steps,
    }


def _amount(one: Any) -> dict[str, Any]:
    return {"asset": one.asset, "amount": one.amount, "scale": one.scale}


def _lines(
    sale: PricedSale, reasons: tuple[NotApplied, ...], pack: Pack, say_it: Callable[[Message], str]
) -> list[str]:
    """The same for people."""
    from pos.domain.programme.spoken import ROLES

    names = {one: named(name) for one, name in pack.names().items()}
    rows = []
    for line in sale.lines:
        rows.append(f"{line.name}\t{yuan(line.gross_fen)} → {yuan(line.payable_fen)}")
        rows += [f"  {say_it(one.text)}" for one in line.adjustments]
    rows.append(f"{say_it(say('应付'))}\t{yuan(sale.payable_fen)}")
    for one in sale.redeemed:
        paid = say("{asset}抵扣 {amount}", asset=names[one.asset], amount=plain_text(one.amount, one.scale))
        rows.append(f"{say_it(paid)}\t-{yuan(one.value_fen)}")
    rows.append(f"{say_it(say('应收'))}\t{yuan(sale.due_fen)}")
    for got in (one for one in sale.outcome.earned if one.amount):
        asset = say_it(names.get(got.asset, named(got.asset)))
        rows.append(f"{say_it(ROLES[got.role])}\t+{plain_text(got.amount, got.scale)} {asset}")
    rows.append(f"{say_it(say('营收'))}\t{yuan(sale.outcome.received_fen)}")
    rows.append(f"{say_it(say('应交联盟分成'))}\t{yuan(sale.outcome.share_fen)}")
    if not sale.optimal:
        rows.append(say_it(say("组合太多，没有全部比较：这是找到的最低价，但未证明最低")))
    rows += [f"· {say_it(one.text)}" for one in reasons]
    return rows
