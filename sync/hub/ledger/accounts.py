"""The ledger on disk: immutable transfers, and balances that the database keeps with each of them.

Balances are a convenience; `derived_balances` reckons them again from the transfers.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, func, select, union_all

from pos.domain.ledger import Posting, member_account
from pos.domain.programme.part import CNY
from sync.hub.storage import schema

OPENING = "alliance:opening"


def post(connection: Connection, linked: str, postings: Iterable[Posting], booked_at: str) -> None:
    """Books postings that belong together; `linked` is the entry's hash or another name for the reason."""
    rows = [{**msgspec.structs.asdict(one), "linked": linked, "booked_at": booked_at} for one in postings]
    if rows:
        connection.execute(schema.transfers.insert(), rows)


def held(connection: Connection, account: str) -> dict[str, int]:
    """What an account has any of, in minor units: assets, coupons, paid sales. Money is settled, not held."""
    table = schema.balances
    query = select(table.c.unit, table.c.amount).where(
        table.c.account == account, table.c.unit != CNY, table.c.amount != 0
    )
    return {row.unit: row.amount for row in connection.execute(query.order_by(table.c.unit))}


def member_balances(connection: Connection, member_no: str) -> dict[str, int]:
    return held(connection, member_account(member_no))


def kept_balances(connection: Connection) -> dict[tuple[str, str], int]:
    """(account, unit) to amount as the balances table says; accounts at 0 are left out."""
    return _nonzero(
        (row.account, row.unit, row.amount) for row in connection.execute(select(schema.balances))
    )


def derived_balances(connection: Connection) -> dict[tuple[str, str], int]:
    """The same from the transfers alone."""
    table = schema.transfers
    moved = union_all(
        select(table.c.credit.label("account"), table.c.unit, table.c.amount),
        select(table.c.debit.label("account"), table.c.unit, -table.c.amount),
    ).subquery()
    query = select(moved.c.account, moved.c.unit, func.sum(moved.c.amount).label("amount"))
    found = connection.execute(query.group_by(moved.c.account, moved.c.unit))
    return _nonzero((row.account, row.unit, int(row.amount)) for row in found)


def _nonzero(rows: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    return {(account, unit): amount for account, unit, amount in rows if amount}
