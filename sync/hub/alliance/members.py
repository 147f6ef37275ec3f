"""Members as the hub knows them; who they are stands encrypted in `persons` alone."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select, update

from pos.domain.ledger import Posting, member_account
from pos.domain.member_codes import card_hash
from pos.domain.membership import MembershipDeal
from sync.hub.alliance import packs
from sync.hub.feeds import member_rows
from sync.hub.ledger import accounts, holdings
from sync.hub.ledger.holdings import Expiring
from sync.hub.storage import bulk, schema
from sync.hub.words import Told, Words
from sync.protocol.messages import MemberRow, MemberStatus

_REFRESHED_AT_ONCE = 1_000


class Member(msgspec.Struct, frozen=True):
    """One member, or (`sealed`) a card that no till has sold yet: it has neither plan nor expiry.

    `expires` is the last day of the plan (ISO date), `referrer` the number of who brought the member,
    `home_store` the store of the first paid sale.
    """

    member_no: str
    card_code: str
    plan: str
    status: MemberStatus
    expires: str
    referrer: str | None = None
    home_store: str | None = None
    activated: bool = True


def find(connection: Connection, member_no: str) -> Member | None:
    table = schema.members
    row = connection.execute(select(table).where(table.c.member_no == member_no)).mappings().first()
    return None if row is None else Member(**row)


def find_all(connection: Connection, numbers: Iterable[str]) -> dict[str, Member]:
    """By number; those that the hub does not know are left out."""
    table = schema.members
    rows = bulk.matching(connection, select(table), table.c.member_no, numbers)
    return {row.member_no: Member(**row._mapping) for row in rows}  # noqa: SLF001 - a public name of SQLAlchemy


def known(connection: Connection, member_no: str) -> Member:
    """Like `find`.

    Raises:
        Told: there is no such member.

    """
    member = find(connection, member_no)
    if member is None:
        raise Told(
            Words("没有会员 {no}，请核对会员号。", "There is no member {no}; check the number."),
            no=member_no[:40],
        )
    return member


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


def change(connection: Connection, member_no: str, *, activated: bool | None, referrer: str | None) -> Member:
    """Sets what the operator decides; None leaves what is there, an empty referrer removes it.

    Raises:
        Told: no such member or referrer, or a member who would have brought themselves.

    """
    changed = known(connection, member_no)
    if activated is not None:
        changed = msgspec.structs.replace(changed, activated=activated)
    if referrer == member_no:
        raise Told(
            Words("会员 {no} 不能推荐自己。", "Member {no} cannot have brought themselves."), no=member_no
        )
    if referrer is not None:
        if referrer:
            known(connection, referrer)
        changed = msgspec.structs.replace(changed, referrer=referrer or None)
    put(connection, changed)
    return changed


def after_deal(member: Member, deal: MembershipDeal) -> Member:
    """What a sold plan makes of a member or a sealed card; one that is blocked stays so."""
    status: MemberStatus = "active" if member.status == "sealed" else member.status
    return msgspec.structs.replace(member, plan=deal.plan, expires=deal.last_day, status=status)


def take_deal(connection: Connection, member_no: str, deal: MembershipDeal) -> None:
    """Writes what a sold plan makes of a member that the hub knows."""
    member = find(connection, member_no)
    if member is not None:
        write(connection, (after_deal(member, deal),))


def note_home_store(connection: Connection, member_no: str, store: str | None) -> None:
    """The first paid sale makes the home store; when it is given back whole, the next one is the first."""
    table = schema.members
    connection.execute(update(table).where(table.c.member_no == member_no).values(home_store=store))


def write(connection: Connection, changed: Iterable[Member]) -> None:
    """Writes members as they are now; tills are not told yet."""
    columns = Member.__struct_fields__
    rows = [msgspec.structs.astuple(one) for one in changed]
    bulk.upsert(connection, schema.members, columns, rows, key=("member_no",))


def open_account(connection: Connection, member_no: str, opening: dict[str, int], booked_at: str) -> None:
    """Books what a member brings along (minor units per unit) as transfers: no magic numbers."""
    account = member_account(member_no)
    postings = [
        Posting(accounts.OPENING, account, unit, amount, "opening")
        for unit, amount in opening.items()
        if amount > 0
    ]
    accounts.post(connection, f"opening:{member_no}", postings, booked_at)
    refresh_feed(connection, member_no)


def refresh_feed(connection: Connection, member_no: str) -> None:
    """Tells the tills what the hub now knows; numbers the hub does not know are passed over."""
    refresh_feeds(connection, (member_no,))


def refresh_feeds(connection: Connection, numbers: Iterable[str]) -> None:
    """The same for many, in the order of their numbers."""
    member_rows.tell(connection, rows_of(connection, numbers))


def rows_of(connection: Connection, numbers: Iterable[str]) -> dict[str, MemberRow]:
    """Everything there is to tell of members, by number; numbers the hub does not know are left out."""
    found = find_all(connection, numbers)
    balances = accounts.held_by(connection, map(member_account, found))
    ending = holdings.expiring_of(connection, found, packs.current(connection)) if found else {}
    return {
        member_no: row_of(
            found[member_no], balances.get(member_account(member_no), {}), ending.get(member_no)
        )
        for member_no in sorted(found)
    }


def refresh_all(connection: Connection) -> None:
    """Every row anew, as after a pack under which other points expire."""
    numbers = connection.execute(select(schema.members.c.member_no)).scalars().all()
    for start in range(0, len(numbers), _REFRESHED_AT_ONCE):
        refresh_feeds(connection, numbers[start : start + _REFRESHED_AT_ONCE])


def row_of(member: Member, balances: dict[str, int], ending: Expiring | None = None) -> MemberRow:
    """What tills are told of a member who holds these balances (minor units)."""
    return MemberRow(
        member_no=member.member_no,
        card_hash=card_hash(member.card_code),
        plan=member.plan,
        status=member.status,
        expires=member.expires,
        balances=balances,
        home_store=member.home_store,
        referrer=member.referrer is not None,
        activated=member.activated,
        expiring=ending or {},
    )
