"""Who invited whom, and what that makes of both."""

from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import select

from sync.hub.alliance import members
from sync.hub.growth import invitations, standing, tables
from sync.hub.hub import Hub
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import honest, sales
from tests.sync.hub.terminals import FakeTerminal


@pytest.fixture
def newcomers(noon: Hub) -> list[str]:
    """Four members who have bought nothing and whom nobody brought."""
    numbers = ["40000001", "40000002", "40000003", "40000004"]
    with noon.database.write() as connection:
        for number in numbers:
            members.put(connection, members.Member(number, f"9{number}", "basic", "active", "2026-12-31"))
    return numbers


def register(hub: Hub, invited: str, inviter: str) -> bool:
    with hub.database.write() as connection:
        return invitations.register(hub, connection, invited, inviter, by="desk")


def test_an_invitation_is_kept_once_and_told(noon: Hub, newcomers: list[str], till: FakeTerminal) -> None:
    assert register(noon, newcomers[0], sales.MEMBER)
    assert not register(noon, newcomers[0], sales.MEMBER)
    assert honest.member_row(till, newcomers[0]).referrer
    with noon.database.read() as connection:
        rows = connection.execute(select(tables.invitations)).all()
        assert [(row.invited, row.inviter, row.at, row.by) for row in rows] == [
            (newcomers[0], sales.MEMBER, noon.time(), "desk")
        ]
        assert invitations.invited_by(connection, newcomers[0]) == []


def test_what_is_refused(noon: Hub, newcomers: list[str]) -> None:
    a, b, c, d = newcomers
    register(noon, b, a)
    register(noon, c, b)
    for invited, inviter, match in (
        (a, a, "themselves"),
        (a, b, "other way round"),
        (a, c, "other way round"),
        (b, d, "somebody else"),
        (sales.MEMBER, d, "has bought already"),
        ("5", a, "no member 5"),
        (d, "5", "no member 5"),
    ):
        with pytest.raises(Told, match=match):
            register(noon, invited, inviter)
    with noon.database.write() as connection:
        table = schema.members
        connection.execute(table.update().where(table.c.member_no == a).values(status="blocked"))
    with pytest.raises(Told, match="inviter"):
        register(noon, d, a)
    with noon.database.read() as connection:
        assert members.known(connection, a).referrer is None
        assert members.known(connection, d).referrer is None


def test_a_circle_that_an_import_made_ends_the_search(noon: Hub, newcomers: list[str]) -> None:
    a, b, c, _ = newcomers
    with noon.database.write() as connection:
        for one, brought_by in ((a, b), (b, a)):
            members.put(
                connection, msgspec.structs.replace(members.known(connection, one), referrer=brought_by)
            )
    with pytest.raises(Told, match="other way round"):
        register(noon, c, a)


def test_the_first_sale_freezes_who_invited(noon: Hub, newcomers: list[str], till: FakeTerminal) -> None:
    sale = sales.sale(till.next_receipt_no(), member=newcomers[0], believed=0, redeem=0)
    till.write(sale)
    till.upload()
    with pytest.raises(Told, match="has bought already"):
        register(noon, newcomers[0], sales.MEMBER)
    till.write(sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale)))
    till.upload()
    assert register(noon, newcomers[0], sales.MEMBER), "given back whole, nothing was bought (ruling 21)"


def test_what_three_friends_reach(noon: Hub, newcomers: list[str], publish: Callable[[str], None]) -> None:
    publish("community_groupbuy")
    pack = sales.PACKS["community_groupbuy"]
    for count, number in enumerate(newcomers[1:], 1):
        register(noon, number, newcomers[0])
        with noon.database.read() as connection:
            found = standing.reached(connection, pack, newcomers[0])
        assert (found.counted, len(found.friends)) == (count, count)
        assert found.rungs == (standing.Rung("three_friends", 3, count >= 3, False),)
    assert [one.bought for one in found.friends] == [False] * 3


def test_friends_of_friends_bring_nothing(noon: Hub, newcomers: list[str]) -> None:
    a, b, c, d = newcomers
    for invited, inviter in ((b, a), (c, b), (d, b)):
        register(noon, invited, inviter)
    with noon.database.read() as connection:
        assert [standing.reached(connection, sales.PACK, one).counted for one in (a, b, c)] == [1, 2, 0]


def test_a_sealed_card_has_not_joined(noon: Hub, newcomers: list[str]) -> None:
    register(noon, newcomers[1], newcomers[0])
    with noon.database.write() as connection:
        table = schema.members
        connection.execute(table.update().where(table.c.member_no == newcomers[1]).values(status="sealed"))
        found = standing.reached(connection, sales.PACK, newcomers[0])
    assert (found.counted, found.friends[0].joined) == (0, False)


def test_milestones_look_at_consumption_points(noon: Hub) -> None:
    with noon.database.read() as connection:
        found = standing.reached(connection, sales.PACK, sales.MEMBER)
    assert [(one.id, one.asset, one.reached) for one in found.milestones] == [
        ("points_1000", "points", False),
        ("points_2000", "points", False),
    ]
