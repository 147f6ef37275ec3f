"""What moved beside money, for information: deposits, burns, points and vouchers of merchant and store."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, func, select, union_all

from pos.domain.ledger import merchant_account, store_account
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import coupon_of
from sync.hub.alliance import packs
from sync.hub.alliance.merchants import DEPOSIT
from sync.hub.settlement import parties
from sync.hub.settlement.booked import Span, booked_within
from sync.hub.settlement.parties import Party
from sync.hub.storage import schema

_SCALE = 2


class AssetSum(msgspec.Struct, frozen=True):
    """What a party got (above 0) or gave (below 0) of a unit for a reason, in minor units of its scale.

    `name` is what the current pack calls the unit.
    """

    unit: str
    name: str
    scale: int
    code: str
    amount: int


def moved(connection: Connection, party: Party, span: Span) -> tuple[AssetSum, ...]:
    """By unit and reason: with the party's receipts, and a merchant's deposits.

    Counted on the receipt's own day, whether that is frozen or not: nothing of it is settled.
    """
    sums: Counter[tuple[str, str]] = Counter()
    for row in connection.execute(_with_receipts(party, span)):
        sums[row.unit, row.code] += int(row.amount)
    if party.kind == "merchant":
        for row in connection.execute(_deposits(connection, party, span)):
            sums[row.unit, DEPOSIT] += int(row.amount)
    return tuple(
        AssetSum(unit, *_named(connection, unit), code, amount)
        for (unit, code), amount in sorted(sums.items())
        if amount
    )


def _with_receipts(party: Party, span: Span) -> Select[Any]:
    """Of the party's own receipts; and, of those of others, what its stores got as a member's home store."""
    receipts, transfers = schema.receipts, schema.transfers
    stores = [store_account(one) for one in party.stores]
    own = receipts.c.store.in_(party.stores)

    def side(sign: int, where: Any) -> Select[Any]:
        return (
            select(transfers.c.unit, transfers.c.code, (sign * transfers.c.amount).label("amount"))
            .join(receipts, receipts.c.entry_hash == transfers.c.linked)
            .where(receipts.c.date.between(span.first, span.last), transfers.c.unit != CNY, where)
        )

    found = union_all(
        *(
            side(sign, where)
            for column, sign in ((transfers.c.credit, 1), (transfers.c.debit, -1))
            for where in (
                and_(own, column.in_([*stores, merchant_account(party.merchant)])),
                and_(~own, column.in_(stores)),
            )
        )
    ).subquery()
    return select(found.c.unit, found.c.code, func.sum(found.c.amount).label("amount")).group_by(
        found.c.unit, found.c.code
    )


def _deposits(connection: Connection, party: Party, span: Span) -> Select[Any]:
    table, account = schema.transfers, merchant_account(party.merchant)
    return select(table.c.unit, table.c.amount).where(
        table.c.credit == account,
        table.c.unit != CNY,
        table.c.code == DEPOSIT,
        booked_within(span, parties.timezone_of(connection, account)),
    )


def _named(connection: Connection, unit: str) -> tuple[str, int]:
    coupon, pack = coupon_of(unit), packs.current(connection)
    if coupon is not None:
        rule = pack.rule(coupon[0]) if pack else None
        return (rule.name if rule else coupon[0], 0)
    asset = next((one for one in pack.assets if one.id == unit), None) if pack else None
    return (asset.name, asset.scale) if asset else (unit, _SCALE)
