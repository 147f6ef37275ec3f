"""What the database itself refuses, whoever asks: no code of ours stands between these and the tables."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, update
from sqlalchemy.exc import DatabaseError

from pos.domain.ledger import Posting, member_account
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.storage import schema
from tests.sync.hub import sales
from tests.sync.hub.books import balances

AT = "2026-03-14T02:00:00Z"
ACCOUNT = member_account(sales.MEMBER)
TWENTY = 2000


def transfer(connection: Connection, amount: int, **changes: object) -> None:
    row = {"linked": "t", "debit": ACCOUNT, "credit": "alliance:x", "unit": "points", "code": "test"}
    connection.execute(schema.transfers.insert().values(row | {"amount": amount, "booked_at": AT} | changes))


def held(connection: Connection, hold_id: str, amount: int) -> None:
    row = {"id": hold_id, "debit": ACCOUNT, "credit": "alliance:x", "unit": "points", "code": "test"}
    connection.execute(schema.pending_transfers.insert().values(row | {"amount": amount, "made_at": AT}))


def ended(connection: Connection, hold_id: str, posted: int) -> None:
    row = {"pending_id": hold_id, "posted": posted, "linked": "t", "ended_at": AT}
    connection.execute(schema.pending_ends.insert().values(row))


def pending(hub: Hub) -> int:
    with hub.database.read() as connection:
        points = accounts.member_balances(connection, sales.MEMBER)["points"]
        return points - accounts.free(connection, ACCOUNT, "points")


def two_holds(connection: Connection) -> None:
    held(connection, "a", 1500)
    held(connection, "b", 501)


def uncovered_beside_a_hold(connection: Connection) -> None:
    held(connection, "a", 1500)
    transfer(connection, 501, covered=True)


def more_posted(connection: Connection) -> None:
    held(connection, "a", 100)
    ended(connection, "a", 101)


def ended_twice(connection: Connection) -> None:
    held(connection, "a", 100)
    ended(connection, "a", 0)
    ended(connection, "a", 0)


def less_posted_than_nothing(connection: Connection) -> None:
    held(connection, "a", 100)
    ended(connection, "a", -1)


def hold_changed(connection: Connection) -> None:
    held(connection, "a", 1)
    connection.execute(update(schema.pending_transfers).values(amount=2))


def hold_deleted(connection: Connection) -> None:
    held(connection, "a", 1)
    connection.execute(delete(schema.pending_transfers))


REFUSED: dict[str, Callable[[Connection], object]] = {
    "a transfer changed": lambda c: c.execute(update(schema.transfers).values(amount=1)),
    "a transfer deleted": lambda c: c.execute(delete(schema.transfers)),
    "a transfer of nothing": lambda c: transfer(c, 0),
    "a transfer to itself": lambda c: transfer(c, 1, credit=ACCOUNT),
    "a covered transfer beyond the balance": lambda c: transfer(c, TWENTY + 1, covered=True),
    "a covered transfer beyond what is free": uncovered_beside_a_hold,
    "a hold beyond the balance": lambda c: held(c, "a", TWENTY + 1),
    "holds beyond the balance together": two_holds,
    "more posted than was held": more_posted,
    "less than nothing posted": less_posted_than_nothing,
    "a hold ended twice": ended_twice,
    "the end of no hold": lambda c: ended(c, "none", 0),
    "a correction without reason": lambda c: transfer(c, 1, code="correction"),
    "a correction with an empty reason": lambda c: transfer(c, 1, code="correction", reason=""),
    "a hold changed": hold_changed,
    "a hold deleted": hold_deleted,
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(hub: Hub, name: str) -> None:
    before = balances(hub)
    with pytest.raises(DatabaseError), hub.database.write() as connection:
        REFUSED[name](connection)
    assert balances(hub) == before
    assert pending(hub) == 0


def test_a_covered_transfer_of_everything_and_a_hold_of_everything_are_fine(hub: Hub) -> None:
    with hub.database.write() as connection:
        held(connection, "a", TWENTY)
    assert pending(hub) == TWENTY
    with hub.database.write() as connection:
        ended(connection, "a", TWENTY)
        transfer(connection, TWENTY, covered=True)
        transfer(connection, 1, code="correction", reason="a till was wrong")
    assert pending(hub) == 1 - 1
    assert balances(hub)[ACCOUNT, "points"] == -1


def test_what_is_not_covered_may_overdraw(hub: Hub) -> None:
    with hub.database.write() as connection:
        accounts.post(connection, "t", (Posting(ACCOUNT, "alliance:x", "points", 2001, "test"),), AT)
    assert balances(hub)[ACCOUNT, "points"] == -1
