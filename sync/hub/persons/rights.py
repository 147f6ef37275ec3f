"""What a member may ask by law (PIPL): everything that is held about them, and to be forgotten.

Deleting erases who they are and voids what opens their page; receipts and ledger stay under the bare number,
because the shops' books must be kept, and nobody can tell whose they are any more.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, Table, inspect, or_, select

from pos.domain.ledger import member_account
from sync.hub.alliance import members
from sync.hub.codes import issuing
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.pages import member_card
from sync.hub.persons import persons
from sync.hub.persons.tables import member_persons
from sync.hub.storage import schema
from sync.hub.storage.all_tables import metadata
from sync.hub.words import Told, Words

MEMBER_COLUMNS = ("member_no", "member", "referrer", "account", "debit", "credit", "party")
"""Columns in which a table names a member, by number or by account."""
_SECRETS = ("card_code", "reply", "hold_id", "sealed", "phone_hash")


def export(hub: Hub, connection: Connection, member_no: str) -> dict[str, Any]:
    """Everything that is held about one member, table by table, with who they are in clear.

    Raises:
        Told: there is no such member.

    """
    members.known(connection, member_no)
    person = persons.find(hub, connection, member_no)
    tables = {table.name: _rows(connection, table, member_no) for table in metadata.sorted_tables}
    return {
        "member_no": member_no,
        "made_at": hub.time(),
        "person": msgspec.to_builtins(person) if person else None,
        "balances": accounts.member_balances(connection, member_no),
        "receipts": _receipts(connection, member_no),
        "tables": {name: rows for name, rows in tables.items() if rows},
    }


def forget(hub: Hub, connection: Connection, member_no: str, *, forfeit: bool = False) -> dict[str, int]:
    """Erases who a member is, blocks the card and voids every link; returns what was given up (minor units).

    The same again does nothing more.

    Raises:
        Told: there is no such member; something is still reserved, or (without `forfeit`) held.

    """
    member = members.known(connection, member_no)
    if issuing.all_open(connection, member_no=member_no):
        raise Told(_RESERVED)
    held = {
        unit: amount
        for unit, amount in accounts.member_balances(connection, member_no).items()
        if unit != "sales"
    }
    if any(amount > 0 for amount in held.values()) and not forfeit:
        raise Told(_HELD, held=", ".join(f"{amount} {unit}" for unit, amount in sorted(held.items())))
    for unit, amount in held.items():
        if amount > 0:
            accounts.correct(
                connection,
                f"forget:{member_no}:{hub.time()}",
                debit=member_account(member_no),
                credit=accounts.OPENING,
                unit=unit,
                amount=amount,
                reason="given up with the membership",
                booked_at=hub.time(),
            )
    persons.erase(connection, member_no)
    member_card.revoke_links(connection, member_no)
    members.put(connection, msgspec.structs.replace(member, status="blocked", referrer=None))
    return {unit: amount for unit, amount in held.items() if amount > 0}


def names_members(table: Table) -> list[str]:
    """In which columns a table can name a member."""
    return [column.name for column in table.columns if column.name in MEMBER_COLUMNS]


def _rows(connection: Connection, table: Table, member_no: str) -> list[dict[str, Any]]:
    """A table's rows that name the member; bytes and what opens things are left out."""
    named = names_members(table)
    if not named or table is member_persons or not inspect(connection).has_table(table.name):
        return []
    spelt = (member_no, member_account(member_no))
    query = select(table).where(or_(*(table.c[name].in_(spelt) for name in named)))
    kept = [
        column.name
        for column in table.columns
        if column.name not in _SECRETS and not isinstance(column.type, LargeBinary)
    ]
    return [{name: row[name] for name in kept} for row in connection.execute(query).mappings()]


def _receipts(connection: Connection, member_no: str) -> list[Any]:
    """The receipts' entries as they were uploaded: goods, prices and payments."""
    entries, receipts = schema.journal_entries, schema.receipts
    query = (
        select(entries.c.body)
        .join(receipts, receipts.c.entry_id == entries.c.id)
        .where(receipts.c.member_no == member_no)
        .order_by(entries.c.id)
    )
    return [msgspec.json.decode(body) for body in connection.execute(query).scalars()]


_RESERVED = Words(
    "这位会员还有付款码没有结清，请等收银机联网后再删除。",
    "Pay codes of this member are still open; delete when the tills have reported.",
)
_HELD = Words(
    "这位会员还有 {held}（最小单位）。本人同意放弃后，加 --forfeit 再运行。",
    "This member still holds {held} (minor units). With their consent, run it again with --forfeit.",
)
