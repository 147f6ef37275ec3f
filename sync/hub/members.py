"""Members as the hub knows them. Names, phones and birthdays are not kept for now."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, select

from pos.domain.ledger import Posting, member_account
from pos.domain.member_codes import card_hash
from sync.hub import accounts, feeds, schema
from sync.protocol.messages import MemberRow


class Member(msgspec.Struct, frozen=True):
    """One member. `expires` is the last day of the plan (ISO date), `status` `active` or `blocked`."""

    member_no: str
    card_code: str
    plan: str
    status: str
    expires: str


def find(connection: Connection, member_no: str) -> Member | None:
    table = schema.members
    row = connection.execute(select(table).where(table.c.member_no == member_no)).mappings().first()
    return None if row is None else Member(**row)


def holder_of(connection: Connection, card_code: str) -> str | None:
    """The number of the member who has this card."""
    table = schema.members
    member_no: str | None = connection.execute(
        select(table.c.member_no).where(table.c.card_code == card_code)
    ).scalar()
    return member_no


def put(connection: Connection, member: Member) -> bool:
    """Adds or changes a member; returns whether it is a new one."""
    values = msgspec.structs.asdict(member)
    table = schema.members
    changed = connection.execute(table.update().where(table.c.member_no == member.member_no).values(values))
    if changed.rowcount == 0:
        connection.execute(table.insert().values(values))
    refresh_feed(connection, member.member_no)
    return changed.rowcount == 0


def open_account(connection: Connection, member_no: str, asset: str, amount: int, booked_at: str) -> None:
    """Books what a member brings along (minor units) as a transfer, so that it is no magic number."""
    if amount > 0:
        posting = Posting(accounts.OPENING, member_account(member_no), asset, amount, "opening")
        accounts.post(connection, f"opening:{member_no}", (posting,), booked_at)
    refresh_feed(connection, member_no)


def refresh_feed(connection: Connection, member_no: str) -> None:
    """Tells the tills what the hub now knows; numbers the hub does not know are passed over."""
    member = find(connection, member_no)
    if member is None:
        return
    row = MemberRow(
        member_no=member.member_no,
        card_hash=card_hash(member.card_code),
        plan=member.plan,
        status="active" if member.status == "active" else "blocked",
        expires=member.expires,
        balances=accounts.member_balances(connection, member_no),
    )
    feeds.put(connection, "members", member_no, row)
