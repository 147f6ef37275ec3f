"""The ledger on disk: immutable transfers, and balances that the database keeps with each of them.

Balances are a convenience; `derived_balances` reckons them again from the transfers.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, func, select, union_all

from pos.domain.ledger import Posting, member_account
from pos.domain.programme.part import CNY
from sync.hub.storage import bulk, schema
from sync.hub.words import Told, Words

OPENING = "alliance:opening"
CORRECTION = "correction"


def post(
    connection: Connection, linked: str, postings: Iterable[Posting], booked_at: str, *, covered: bool = False
) -> None:
    """Books postings that belong together; `linked` is the entry's hash or another name for the reason.

    `covered`: the database refuses what the debit account does not have free.
    """
    told = {"linked": linked, "booked_at": booked_at, "covered": covered}
    rows = [msgspec.structs.asdict(one) | told for one in postings]
    if rows:
        connection.execute(schema.transfers.insert(), rows)


def correct(
    connection: Connection,
    linked: str,
    *,
    debit: str,
    credit: str,
    unit: str,
    amount: int,
    reason: str,
    booked_at: str,
) -> None:
    """Books a correction: a new transfer in a person's words; what was booked before stays.

    `linked` names the correction, or what it corrects. Tell the tills afterwards.

    Raises:
        Told: there is no reason, an account that the books do not know, or nothing to move.

    """
    if not reason.strip():
        raise Told(_NO_REASON)
    for account in (debit, credit):
        if not _is_known(connection, account):
            raise Told(_NO_ACCOUNT, account=account[:60])
    if amount <= 0 or debit == credit:
        raise Told(_NOTHING_MOVES)
    row = {"debit": debit, "credit": credit, "unit": unit, "amount": amount, "code": CORRECTION}
    row |= {"linked": linked, "booked_at": booked_at, "reason": reason.strip()}
    connection.execute(schema.transfers.insert().values(row))


def _is_known(connection: Connection, account: str) -> bool:
    table = schema.balances
    query = select(table.c.account).where(table.c.account == account).limit(1)
    return connection.execute(query).first() is not None


def free(connection: Connection, account: str, unit: str) -> int:
    """What an account has of a unit and no hold has set apart, in minor units; may be negative."""
    table = schema.balances
    query = select(table.c.amount - table.c.pending).where(table.c.account == account, table.c.unit == unit)
    return connection.execute(query).scalar() or 0


def held(connection: Connection, account: str) -> dict[str, int]:
    """What an account has any of, in minor units: assets, coupons, paid sales. Money is settled, not held."""
    table = schema.balances
    query = select(table.c.unit, table.c.amount).where(
        table.c.account == account, table.c.unit != CNY, table.c.amount != 0
    )
    return {row.unit: row.amount for row in connection.execute(query.order_by(table.c.unit))}


def held_by(connection: Connection, accounts: Iterable[str]) -> dict[str, dict[str, int]]:
    """The same of many accounts; those that have nothing are left out."""
    table = schema.balances
    query = select(table.c.account, table.c.unit, table.c.amount).where(
        table.c.unit != CNY, table.c.amount != 0
    )
    found: dict[str, dict[str, int]] = {}
    rows = bulk.matching(connection, query.order_by(table.c.unit), table.c.account, accounts)
    for account, unit, amount in rows:
        found.setdefault(account, {})[unit] = amount
    return found


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


_NO_REASON = Words("请写明更正的原因。", "Say in words what is being corrected, and why.")
_NO_ACCOUNT = Words(
    "账上没有账户 {account}，请核对，例如 member:30006012、merchant:M1、store:S1。",
    "The books have no account {account}; check it. Examples: member:30006012, merchant:M1, store:S1.",
)
_NOTHING_MOVES = Words(
    "更正的数量要大于 0，转出和转入要是两个账户。",
    "A correction moves more than 0 between two accounts.",
)
