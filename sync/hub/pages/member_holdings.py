"""What a member holds, as their page tells it: assets with what expires when, and coupons."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from pos.domain.programme.rules import coupon_of
from sync.hub.ledger import accounts, holdings
from sync.hub.pages.spoken import Naming


class Expiry(NamedTuple):
    """An amount in whole units, and the last day on which it can be used."""

    amount: str
    last_day: str


class Holding(NamedTuple):
    """An asset: its name, the balance in whole units, and what of it ends first (the earliest first)."""

    asset: str
    name: str
    amount: str
    expiring: tuple[Expiry, ...]


class CouponHeld(NamedTuple):
    """Coupons of one kind; `issuer` is the name of the merchant that pays for them, where one does."""

    name: str
    number: int
    issuer: str


class Holdings(NamedTuple):
    """Everything on a member's account but what only counts."""

    assets: tuple[Holding, ...]
    coupons: tuple[CouponHeld, ...]


def of(connection: Connection, member_no: str, naming: Naming) -> Holdings:
    """Every asset of the pack, also those that the member has none of, and the coupons there are."""
    balances = accounts.member_balances(connection, member_no)
    ending = holdings.expiring(connection, member_no, naming.pack)
    known = [one.id for one in naming.pack.assets] if naming.pack else []
    coupons = {unit: coupon for unit in balances if (coupon := coupon_of(unit)) is not None}
    return Holdings(
        tuple(
            Holding(
                asset,
                naming.of(asset),
                naming.amount(asset, balances.get(asset, 0)),
                tuple(
                    Expiry(naming.amount(asset, amount), day) for day, amount in sorted(ending.get(asset, ()))
                ),
            )
            for asset in known
        ),
        tuple(
            CouponHeld(naming.of(rule), balances[unit], naming.merchant(issuer) if issuer else "")
            for unit, (rule, issuer) in sorted(coupons.items())
            if balances[unit] > 0
        ),
    )
