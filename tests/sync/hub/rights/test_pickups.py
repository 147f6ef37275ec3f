"""Orders at the hub: taken in, told, handed over, moved, cancelled; and a copy of a till that does it again."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from pos.domain.events import OrderHandedOver
from pos.domain.printed_codes import code_hash, kind_of
from sync.hub.alliance import places
from sync.hub.alliance.csv_tables import Mistaken
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.hub.rights import order_files, pickups
from sync.hub.rights.pickups import Order
from sync.hub.rights.tables import hand_overs
from sync.hub.words import Told
from sync.protocol.pickups import PickupGoods, PickupRow
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal

EGGS = PickupGoods("鸡蛋 30 枚", 2)
ORDER = Order("A1001", "S1-1", (EGGS,), "2026-03-20", sales.MEMBER)
AT = "2026-03-14T10:20:30+08:00"


@pytest.fixture
def taken_in(hub: Hub) -> str:
    with hub.database.write() as connection:
        assert pickups.take_in(hub, connection, [ORDER]) == 1
    return pickups.code_of(hub, "A1001")


def waiting(till: FakeTerminal) -> list[PickupRow]:
    rows = till.feed("pickups").rows
    return [PickupRow(**{**row.body, "goods": ()}) for row in rows if row.body is not None]


def hand_over(till: FakeTerminal, order: str = "A1001") -> None:
    till.write(OrderHandedOver(AT, AT[:10], "03", order))
    assert till.upload(till.entries[-1]).results[0].verdict == "accepted"


def state(hub: Hub, of: str) -> list[str]:
    with hub.database.read() as connection:
        return [row["order_no"] for row in pickups.listed(connection, store="S1", state=of)]


def test_a_till_is_told_a_hash_and_never_the_code(hub: Hub, till: FakeTerminal, taken_in: str) -> None:
    assert kind_of(taken_in) == "pickup"
    (row,) = waiting(till)
    assert (row.order, row.terminal, row.code_hash) == ("A1001", "S1-1", code_hash(taken_in))
    assert taken_in not in str(till.feed("pickups"))


def test_taken_in_again_it_stays_as_it_is(hub: Hub, till: FakeTerminal, taken_in: str) -> None:
    hand_over(till)
    with hub.database.write() as connection:
        assert pickups.take_in(hub, connection, [ORDER]) == 0
    assert state(hub, "handed_over") == ["A1001"]


def test_handed_over_it_leaves_the_feed_and_the_members_page(
    hub: Hub, http: InProcess, till: FakeTerminal, taken_in: str
) -> None:
    with hub.database.read() as connection:
        path = member_card.path_of(hub, connection, sales.MEMBER)
    page = http.request("GET", f"http://testserver{path}", headers={}, data=None).content.decode()
    assert "A1001" in page
    assert "鸡蛋 30 枚 × 2" in page
    assert taken_in in page
    hand_over(till)
    assert waiting(till) == []
    page = http.request("GET", f"http://testserver{path}", headers={}, data=None).content.decode()
    assert "A1001" not in page


def test_a_second_time_is_kept_and_marked(hub: Hub, till: FakeTerminal, taken_in: str) -> None:
    hand_over(till)
    hand_over(till)
    with hub.database.read() as connection:
        again = connection.execute(select(hand_overs.c.again).order_by(hand_overs.c.again)).scalars().all()
    assert again == [0, 1]


def test_cancelled_and_moved(hub: Hub, till: FakeTerminal, taken_in: str) -> None:
    with hub.database.write() as connection:
        places.add_store(
            connection,
            places.Store("S4", "M4", "别家", "别家店", "", "Asia/Shanghai"),
            (places.Terminal("S4-1", "1 号机"),),
        )
        with pytest.raises(Told, match="S4-1"):
            pickups.move(hub, connection, "A1001", "S4-1")
        pickups.cancel(hub, connection, "A1001")
    assert waiting(till) == []
    with hub.database.write() as connection, pytest.raises(Told):
        pickups.move(hub, connection, "A1001", "S1-1")
    hand_over(till)
    assert state(hub, "handed_over") == ["A1001"]


def test_an_order_that_the_hub_does_not_know_is_kept_all_the_same(hub: Hub, till: FakeTerminal) -> None:
    hand_over(till, "B1")
    with hub.database.read() as connection:
        assert connection.execute(select(hand_overs.c.order_no)).scalars().all() == ["B1"]


HEAD = "order,terminal,name,quantity,last_day,member_no\n"


def test_a_file_of_orders() -> None:
    text = HEAD + "A1,S1-1,鸡蛋,2,2026-03-20,30006012\nA1,S1-1,大米,1,2026-03-20,30006012\n"
    (order,) = order_files.read_orders(text.encode(), "orders.csv")
    assert order == Order(
        "A1", "S1-1", (PickupGoods("鸡蛋", 2), PickupGoods("大米", 1)), "2026-03-20", "30006012"
    )


@pytest.mark.parametrize(
    "line",
    [
        "A1,S1-1,鸡蛋,0,2026-03-20,\n",
        "A1,S1-1,鸡蛋,x,2026-03-20,\n",
        "A1,S1-1,鸡蛋,1,morgen,\n",
        ",S1-1,鸡蛋,1,2026-03-20,\n",
        "A1,S1-1,鸡蛋,1,2026-03-20,\nA1,S1-2,大米,1,2026-03-20,\n",
    ],
)
def test_a_file_with_a_mistake_gives_nothing(line: str) -> None:
    with pytest.raises(Mistaken) as caught:
        order_files.read_orders((HEAD + line).encode(), "orders.csv")
    assert re.search(r"orders\.csv:[23]", caught.value.say("zh"))
