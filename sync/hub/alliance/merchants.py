"""Merchants: whose stores they are, what they give up, what they hold, who brought them."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain.ledger import ALLIANCE_ISSUED, AREA_AGENT, Posting, merchant_account
from pos.domain.money import decimal_text, parse_decimal
from pos.domain.programme.assets import Asset
from pos.domain.programme.pack import Pack
from sync.hub.alliance import members
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from sync.hub.words import Told, Words

DEPOSIT = "deposit"


class Merchant(msgspec.Struct, frozen=True):
    """One legal owner of stores.

    `rebate_bp` is its own rate (None: the pack's), `referrer` the number of the member who brought it,
    `area_agent` the account of its area's agent (None: there is none).
    """

    id: str
    name: str
    rebate_bp: int | None = None
    referrer: str | None = None
    area_agent: str | None = AREA_AGENT


def find(connection: Connection, merchant: str) -> Merchant | None:
    table = schema.merchants
    row = connection.execute(select(table).where(table.c.id == merchant)).mappings().first()
    return None if row is None else Merchant(**row)


def known(connection: Connection, merchant: str) -> Merchant:
    """Like `find`.

    Raises:
        Told: there is no such merchant.

    """
    found = find(connection, merchant)
    if found is None:
        raise Told(
            Words(
                "没有商家 {id}。商家随门店一起添加：pos-hub store add。",
                "There is no merchant {id}. Merchants come with their stores: pos-hub store add.",
            ),
            id=merchant,
        )
    return found


def of_store(connection: Connection, store: str) -> Merchant | None:
    table = schema.stores
    merchant = connection.execute(select(table.c.merchant_id).where(table.c.id == store)).scalar()
    return None if merchant is None else find(connection, merchant)


def add(connection: Connection, merchant: Merchant) -> None:
    """Adds a merchant; one that is there stays as it is.

    Raises:
        Told: its id is that of a merchant with another name.

    """
    standing = find(connection, merchant.id)
    if standing is None:
        connection.execute(schema.merchants.insert().values(msgspec.structs.asdict(merchant)))
    elif standing.name != merchant.name:
        raise Told(
            Words(
                "商家 {id} 已登记为「{name}」，请核对商家编号和名称。",
                "Merchant {id} is registered as “{name}”; check its id and name.",
            ),
            id=merchant.id,
            name=standing.name,
        )


def change(
    connection: Connection, merchant: str, pack: Pack, *, rebate_bp: int | None, referrer: str | None
) -> Merchant:
    """Sets a merchant's own rate and who brought it; None leaves what is there, an empty text removes it.

    Raises:
        Told: no such merchant or member, or a rate that the pack does not allow.

    """
    changed = known(connection, merchant)
    if rebate_bp is not None:
        _check_rate(rebate_bp, pack)
        changed = msgspec.structs.replace(changed, rebate_bp=rebate_bp)
    if referrer is not None:
        if referrer:
            members.known(connection, referrer)
        changed = msgspec.structs.replace(changed, referrer=referrer or None)
    table = schema.merchants
    connection.execute(
        update(table)
        .where(table.c.id == merchant)
        .values(rebate_bp=changed.rebate_bp, referrer=changed.referrer)
    )
    return changed


def _check_rate(rebate_bp: int, pack: Pack) -> None:
    if pack.rebate is not None and not pack.rebate.min_bp <= rebate_bp <= pack.rebate.max_bp:
        raise Told(
            Words(
                "让利 {rate}% 不在方案 {pack} 允许的 {min}%–{max}% 之间。",
                "A rebate of {rate} % is not within the {min} %–{max} % that pack {pack} allows.",
            ),
            rate=decimal_text(rebate_bp),
            pack=pack.id,
            min=decimal_text(pack.rebate.min_bp),
            max=decimal_text(pack.rebate.max_bp),
        )


def deposit(
    connection: Connection, merchant: str, pack: Pack, *, asset: str, amount: str, booked_at: str
) -> int:
    """Books what a merchant deposits (`amount`: whole units, decimal text); returns what it now holds.

    Raises:
        Told: no such merchant or asset, or no such amount.

    """
    known(connection, merchant)
    found = asset_of(pack, asset)
    minor = parse_decimal(amount, found.scale)
    if not minor:
        raise Told(
            Words(
                "数量 {amount} 不行：要大于 0，最多 {scale} 位小数。",
                "The amount {amount} will not do: above 0, and at most {scale} decimals.",
            ),
            amount=amount[:40],
            scale=found.scale,
        )
    account = merchant_account(merchant)
    posting = Posting(ALLIANCE_ISSUED, account, asset, minor, DEPOSIT)
    accounts.post(connection, f"{DEPOSIT}:{merchant}:{booked_at}", (posting,), booked_at)
    return accounts.held(connection, account).get(asset, 0)


def asset_of(pack: Pack, asset: str) -> Asset:
    """An asset of the pack.

    Raises:
        Told: it has none of that name; those it has are named.

    """
    found = next((one for one in pack.assets if one.id == asset), None)
    if found is None:
        raise Told(
            Words(
                "方案 {pack} 没有资产 {asset}；有：{assets}。",
                "Pack {pack} has no asset {asset}; it has: {assets}.",
            ),
            pack=pack.id,
            asset=asset[:40],
            assets="、".join(one.id for one in pack.assets),
        )
    return found
