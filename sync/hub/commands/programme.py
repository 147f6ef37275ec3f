"""Programme packs, and the day's prices of what they issue."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.hub.commands.answering import ASSET, DATA, FILE, opened, tell
from sync.hub.words import Words

if TYPE_CHECKING:
    from pos.domain.programme.pack import Pack


@click.group()
def pack() -> None:
    """Programme packs."""


@pack.command("publish")
@FILE
@DATA
def pack_publish(*, file: Path, data: Path) -> None:
    """Check, sign and distribute a pack; its version must be above the published one of its id."""
    from sync.hub.alliance import members, packs

    with opened(data) as hub, hub.database.write() as connection:
        published = packs.publish(hub, connection, file.read_bytes())
        members.refresh_all(connection)  # other points may expire under it
    tell(
        Words("已发布方案 {id} 版本 {version}。", "Pack {id} version {version} is published."),
        id=published.id,
        version=published.version,
    )
    _warn(published)


def _warn(published: Pack) -> None:
    """Says so when a pack promises more than it collects: the operator decides, nobody is refused."""
    from pos.domain.money import plain_text, round_half_up
    from pos.domain.programme.audit import audit

    found = audit(published)
    if not found.promises_more:
        return
    if found.ratio is None:
        tell(_PROMISES_FOR_NOTHING, id=published.id)
    else:
        tell(_PROMISES_MORE, id=published.id, ratio=plain_text(round_half_up(found.ratio * 100)))


@click.group()
def price() -> None:
    """What a whole unit of an asset is worth."""


@price.command("set")
@DATA
@ASSET
@click.option("--yuan", required=True, help="Yuan a whole unit, such as 0.50.")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="From which day on; without it, today.")
def price_set(*, data: Path, asset: str, yuan: str, date: dt.datetime | None) -> None:
    """Set an asset's price from a day on, until the next one is set."""
    from sync.hub.alliance import stocking, terms

    with opened(data) as hub, hub.database.write() as connection:
        today = stocking.today(hub, connection)
        day = date.date() if date else today
        current = stocking.current_pack(connection)
        told = terms.set_price(connection, current, asset=asset, yuan=yuan, date=day)
        terms.refresh_all(connection, today)
    tell(
        Words(
            "{asset} 自 {date} 起每份 {yuan} 元。", "From {date} on, a unit of {asset} is worth {yuan} yuan."
        ),
        asset=asset,
        date=day,
        yuan=told,
    )


_PROMISES_MORE = Words(
    "提醒：方案 {id} 承诺的是它收取的 {ratio} 倍，照单全兑时收的钱不够付。明细：pos programme audit。",
    "Mind: pack {id} promises {ratio} times what it collects; what comes in does not pay for all of it. "
    "See pos programme audit.",
)
_PROMISES_FOR_NOTHING = Words(
    "提醒：方案 {id} 有联盟承担的承诺，却不向商家收取任何费用。明细：pos programme audit。",
    "Mind: pack {id} makes promises at the alliance's expense and collects nothing from merchants. "
    "See pos programme audit.",
)
