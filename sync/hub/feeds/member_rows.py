"""What tills are told of members: all of them who a member is, a member's own stores also the balances.

A member's stores are those with a receipt of theirs or a question about them in the last `LATELY`, their
home store, and those that they or the operator chose. Balances are rows of a feed of their own (`balances`,
one per member and store), so that nothing said to all stores can stand in for them, whatever arrives first.
A store that is one no longer is told that its row is gone; it then knows that it does not know.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection, or_, select, update

from pos.domain.ledger import SALES
from sync.hub.feeds import feed_rows
from sync.hub.feeds.tables import member_stores
from sync.hub.storage import bulk, schema
from sync.protocol.messages import MemberBalances, MemberRow

LATELY = dt.timedelta(days=180)
_AT_ONCE = 1_000


def tell(connection: Connection, rows: Mapping[str, MemberRow]) -> None:
    """Tells all stores who members are, and each one's own stores what they hold; rows carry both."""
    feed_rows.put_all(connection, "members", {number: for_all(row) for number, row in rows.items()})
    told: defaultdict[str, dict[str, MemberBalances]] = defaultdict(dict)
    for number, store in sorted(_own_stores(connection, rows)):
        told[store][number] = for_own_stores(rows[number])
    for store, balances in told.items():
        feed_rows.put_all(connection, "balances", balances, store=store)


def for_all(row: MemberRow) -> MemberRow:
    """Who the member is, and whether they have bought before: a first order is one in the whole alliance."""
    bought = (row.balances or {}).get(SALES, 0) > 0
    return msgspec.structs.replace(row, balances=None, expiring={}, bought=bought)


def for_own_stores(row: MemberRow) -> MemberBalances:
    return MemberBalances(row.member_no, row.balances or {}, row.expiring)


def _own_stores(connection: Connection, rows: Mapping[str, MemberRow]) -> set[tuple[str, str]]:
    """Member and store; a home store that came with a file is written down here."""
    table = member_stores
    query = select(table.c.member_no, table.c.store, table.c.told)
    known = {
        (one.member_no, one.store): one.told
        for one in bulk.matching(connection, query, table.c.member_no, rows)
    }
    homes = {(number, row.home_store) for number, row in rows.items() if row.home_store is not None}
    unknown = sorted(pair for pair in homes if not known.get(pair, False))
    _write(connection, [(number, store, None, False, True) for number, store in unknown])
    return {pair for pair, told in known.items() if told} | homes


def choose(connection: Connection, numbers: Iterable[str], store: str) -> None:
    """Makes a store one of these members' for good; the next telling of them reaches it."""
    _write(connection, [(number, store, None, True, True) for number in sorted(set(numbers))])


def is_told(connection: Connection, member_no: str, store: str, today: dt.date) -> bool:
    """Whether a store is told a member's balances, and was noted to be asked about them today."""
    table = member_stores
    query = select(table.c.told).where(
        table.c.member_no == member_no, table.c.store == store, table.c.last_used >= today.isoformat()
    )
    return bool(connection.execute(query).scalar())


def note_asked(connection: Connection, member_no: str, store: str, today: dt.date) -> None:
    """A store asked about a member who stands at its till: as good as a receipt."""
    table, date = member_stores, today.isoformat()
    here = (table.c.member_no == member_no) & (table.c.store == store)
    if connection.execute(update(table).where(here).values(last_used=date, told=True)).rowcount == 0:
        _write(connection, [(member_no, store, date, False, True)])


def _write(connection: Connection, rows: list[tuple[str, str, str | None, bool, bool]]) -> None:
    columns = ("member_no", "store", "last_used", "chosen", "told")
    bulk.upsert(connection, member_stores, columns, rows, key=("member_no", "store"))


def let_go(connection: Connection, today: dt.date) -> int:
    """Tells stores that have not seen a member lately that they know the balances no more.

    At most `_AT_ONCE` of them, so that no till waits for long; returns how many.
    """
    table, members = member_stores, schema.members
    before = (today - LATELY).isoformat()
    query = (
        select(table.c.member_no, table.c.store)
        .outerjoin(members, members.c.member_no == table.c.member_no)
        .where(
            table.c.told,
            ~table.c.chosen,
            or_(table.c.last_used.is_(None), table.c.last_used < before),
            or_(members.c.home_store.is_(None), members.c.home_store != table.c.store),
        )
        .order_by(table.c.store, table.c.member_no)
        .limit(_AT_ONCE)
    )
    gone: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        gone[row.store].append(row.member_no)
    for store, numbers in gone.items():
        here = (table.c.store == store) & table.c.member_no.in_(numbers)
        connection.execute(update(table).where(here).values(told=False))
        feed_rows.put_all(connection, "balances", dict.fromkeys(numbers), store=store)
    return sum(map(len, gone.values()))
