"""Balances go to a member's own stores, and to no others."""

from __future__ import annotations

import dataclasses
import datetime as dt

import msgspec
import pytest

from pos.domain.member_codes import card_code
from sync.hub.alliance import imports, members, stocking
from sync.hub.feeds import member_rows, reporting, upkeep
from sync.hub.hub import Hub
from sync.protocol.messages import FeedRow, MemberAnswer, MemberRow
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo, read


def balances(till: FakeTerminal, member_no: str = sales.MEMBER) -> dict[str, int] | None:
    row = next((one for one in till.feed("balances").rows if one.key == member_no), None)
    return None if row is None or row.body is None else dict(row.body["balances"])


def sell(till: FakeTerminal, store: str) -> None:
    till.write(sales.sale(till.next_receipt_no(), store=store, redeem=0))
    till.upload()


def test_everybody_knows_the_member_and_only_their_store_the_balance(
    till: FakeTerminal, neighbour: FakeTerminal
) -> None:
    for one in (till, neighbour):
        row = msgspec.convert(one.feed_row("members", sales.MEMBER).body, MemberRow)
        assert (row.plan, row.balances, row.expiring, row.bought) == ("basic", None, {}, True)
    assert (balances(till) or {})["points"] == 2000
    assert neighbour.feed("balances").rows == ()


def test_where_the_member_buys_it_is_told_from_then_on(till: FakeTerminal, neighbour: FakeTerminal) -> None:
    sell(neighbour, "S2")
    page = neighbour.feed("balances")
    assert [row.body["balances"]["points"] for row in page.rows] == [2000 + 2300]
    assert page.hub.high_water.seq == 1, "the row counts the sale that made the store one of theirs"
    sell(till, "S1")
    assert (balances(neighbour) or {})["points"] == (balances(till) or {})["points"] == 2000 + 2 * 2300


def test_a_first_sale_anywhere_is_known_everywhere(till: FakeTerminal, neighbour: FakeTerminal) -> None:
    before = neighbour.feed("members").next
    till.write(sales.sale(till.next_receipt_no(), member=sales.NEWCOMER, redeem=0))
    till.upload()
    (row,) = neighbour.feed("members", before).rows
    assert (row.key, row.body["bought"]) == (sales.NEWCOMER, True)


def test_balances_alone_disturb_nobody_else(till: FakeTerminal, neighbour: FakeTerminal) -> None:
    sell(till, "S1")
    before = neighbour.feed("members").next
    sell(till, "S1")
    assert neighbour.feed("members", before).rows == ()


def test_a_store_where_nobody_came_lately_is_told_that_it_knows_no_more(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    sell(neighbour, "S2")
    cursor = neighbour.feed("balances").next
    sold_at = dt.datetime.fromisoformat(sales.DATE + "T12:00:00+08:00")
    lapsed_at = sold_at + member_rows.LATELY
    soon = dataclasses.replace(hub, now=lambda: lapsed_at)
    later = dataclasses.replace(hub, now=lambda: lapsed_at + dt.timedelta(days=1))
    assert upkeep.let_go_of_members(soon) == 0
    assert upkeep.let_go_of_members(later) == 1
    assert upkeep.let_go_of_members(later) == 0
    (row,) = neighbour.feed("balances", cursor).rows
    assert row == FeedRow(row.change, sales.MEMBER, None)
    assert balances(till) is not None, "the sample's members chose their store"
    sell(till, "S1")
    assert balances(neighbour) is None
    sell(neighbour, "S2")
    assert balances(neighbour) == balances(till)


def test_who_stands_at_the_till_can_be_asked_about(neighbour: FakeTerminal) -> None:
    answer: MemberAnswer = read(neighbour.call("GET", f"/v1/members/{sales.MEMBER}"), MemberAnswer)
    assert (answer.member.balances or {})["points"] == 2000
    assert balances(neighbour) == answer.member.balances


@pytest.mark.parametrize(("number", "status"), [("99999999", 404), ("0000x", 422), ("x", 422)])
def test_a_member_who_is_not_there(till: FakeTerminal, number: str, status: int) -> None:
    with pytest.raises(HubSaidNo) as said:
        read(till.call("GET", f"/v1/members/{number}"), MemberAnswer)
    assert said.value.status == status


def test_nobody_reads_all_members_in_this_way(till: FakeTerminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "MEMBERS_ASKED_MAX", 2)
    answers = [till.call("GET", f"/v1/members/{sales.MEMBER}").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_a_home_store_that_came_with_a_file_is_told(neighbour: FakeTerminal, hub: Hub) -> None:
    with hub.database.write() as connection:
        member = members.known(connection, sales.FRIEND)
        members.put(connection, msgspec.structs.replace(member, home_store="S2"))
    assert balances(neighbour, sales.FRIEND) is not None


def test_members_are_imported_for_a_store(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    header = ",".join(imports.MEMBER_COLUMNS)
    text = f"{header}\n30010001,{card_code(10_001)},,,,basic,300,active,12\n"
    with hub.database.write() as connection:
        pack, today = stocking.current_pack(connection), stocking.today(hub, connection)
        read_in = imports.read_members(text.encode(), "m.csv", pack=pack, today=today).checked()
        assert stocking.put_members(hub, connection, read_in, store="S2") == 1
    assert balances(till, "30010001") is None
    assert (balances(neighbour, "30010001") or {})["points"] == 1200
