"""The ledger by hand: whether it holds, and corrections."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import AS_JSON, DATA, opened, print_json, tell
from sync.hub.words import Told, Words

if TYPE_CHECKING:
    from pos.domain.programme.pack import Pack


@click.group()
def ledger() -> None:
    """Look through the ledger, and correct it."""


@ledger.command("check")
@DATA
@AS_JSON
def check(*, data: Path, as_json: bool) -> None:
    """Derive balances, holds and every receipt's transfers again; print what differs, exit 1 then."""
    from sync.hub.ledger.audit import audit

    with opened(data) as hub, hub.database.read() as connection:
        found = audit(connection)
    if as_json:
        print_json({"holds": not found.differences, **found._asdict()})
    else:
        for one in found.differences:
            click.echo(one)
        told = {"accounts": found.accounts, "receipts": found.receipts, "skipped": found.skipped}
        tell(_BROKEN if found.differences else _HOLDS, differences=len(found.differences), **told)
    if found.differences:
        sys.exit(1)


@ledger.command("correct")
@DATA
@click.option("--debit", required=True, help="The account that gives, such as member:30006012.")
@click.option("--credit", required=True, help="The account that receives.")
@click.option("--unit", required=True, help="CNY, an asset of the current pack, or coupon:RULE[@ISSUER].")
@click.option("--amount", required=True, help="In yuan, whole units of the asset, or coupons.")
@click.option("--reason", required=True, help="What is corrected, and why; kept with the transfer.")
def correct(*, data: Path, debit: str, credit: str, unit: str, amount: str, reason: str) -> None:
    """Book a correction: a transfer with its reason. What was booked before stays as it is."""
    from sync.hub.alliance import packs, stocking, telling
    from sync.hub.ledger import accounts

    with opened(data) as hub, hub.database.write() as connection:
        minor, at = _minor(amount, unit, packs.current(connection)), hub.time()
        accounts.correct(
            connection,
            f"correction:{at}",
            debit=debit,
            credit=credit,
            unit=unit,
            amount=minor,
            reason=reason,
            booked_at=at,
        )
        telling.tell_tills(connection, (debit, credit), stocking.today(hub, connection))
    tell(_CORRECTED, debit=debit, credit=credit, unit=unit, amount=amount)


def _minor(text: str, unit: str, pack: Pack | None) -> int:
    """An amount in minor units, by the unit's own digits."""
    from pos.domain.ledger import SALES
    from pos.domain.money import parse_decimal
    from pos.domain.programme.part import CNY
    from pos.domain.programme.rules import coupon_of

    scales = {asset.id: asset.scale for asset in pack.assets} if pack else {}
    scales |= {CNY: 2, SALES: 0}
    scale = 0 if coupon_of(unit) is not None else scales.get(unit)
    if scale is None:
        raise Told(_NO_UNIT, unit=unit[:60], units="、".join(sorted(scales)))
    minor = parse_decimal(text, scale)
    if not minor:
        raise Told(_NO_AMOUNT, amount=text[:40], scale=scale)
    return minor


_HOLDS = Words(
    "账平：{accounts} 个账户、{receipts} 张小票都与凭证一致（{skipped} 张旧版小票没有依据可核）。",
    "The ledger holds: {accounts} accounts and {receipts} receipts are what the entries give "
    "({skipped} receipts of an older hub have nothing to be checked by).",
)
_BROKEN = Words(
    "账不平：{differences} 处不一致，见上。请停机、保留数据目录，联系技术员。",
    "The ledger does not hold: {differences} differences, listed above. Stop the hub, keep its folder "
    "as it is and call a technician.",
)
_CORRECTED = Words(
    "已更正：{debit} → {credit}，{amount}（{unit}）。",
    "Corrected: {debit} → {credit}, {amount} ({unit}).",
)
_NO_UNIT = Words(
    "没有单位 {unit}；有：{units}，或 coupon:券名。",
    "There is no unit {unit}; there are {units}, or coupon:RULE.",
)
_NO_AMOUNT = Words(
    "数量 {amount} 不行：要大于 0，最多 {scale} 位小数。",
    "The amount {amount} will not do: above 0, and at most {scale} decimals.",
)
