import hashlib
import threading

import msgspec
import pytest
from sqlalchemy import update

from pos.domain.catalogue import Product
from pos.domain.member_codes import card_hash
from sync.hub.alliance import packs, stocking
from sync.hub.feeds import commands, feed_rows
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.hub.rights import pickups
from sync.hub.storage import schema
from sync.hub.web.app import make_app
from sync.hub.words import Told
from sync.protocol import trust
from sync.protocol.commands import Unlock
from sync.protocol.messages import (
    FEED_ROWS_MAX,
    FEEDS,
    Feed,
    FeedRow,
    KeyList,
    MemberBalances,
    MemberRow,
    SignedBytes,
    StaffRow,
)
from tests.sync.hub import sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal


def test_the_feeds_carry_the_sample_shop(till: FakeTerminal) -> None:
    water = msgspec.convert(till.feed_row("catalogue", sales.WATER).body, Product)
    assert (water.price_fen, water.member_price_fen) == (170, 158)
    assert water.initials
    member = msgspec.convert(till.feed_row("members", sales.MEMBER).body, MemberRow)
    assert (member.plan, member.status, member.balances, member.bought) == ("basic", "active", None, True)
    told = msgspec.convert(till.feed_row("balances", sales.MEMBER).body, MemberBalances)
    assert told.balances == {"coupon:coupon_50_10": 1, "points": 2000, "sales": 1}
    assert member.card_hash == card_hash("91368861958193196424478")
    staff = msgspec.convert(till.feed_row("staff", "03").body, StaffRow)
    assert staff.role == "cashier"


def test_members_in_the_feed_have_no_names_phones_or_codes(till: FakeTerminal) -> None:
    page = till.call("GET", "/v1/feeds/members").content.decode()
    for private in ("窦墨菊", "19900000001", "1986-04-26", "91368861958193196424478"):
        assert private not in page


def test_a_pack_comes_signed(till: FakeTerminal, hub: Hub) -> None:
    signed = msgspec.convert(till.feed_row("packs", "tongyi").body, SignedBytes)
    keys = msgspec.json.decode(hub.keys.signed_list.payload, type=KeyList)
    payload = trust.open_signed(signed, keys, use="pack", tag=trust.PACK_TAG)
    assert payload == sales.PACK_BYTES
    with pytest.raises(trust.Untrusted):
        trust.open_signed(signed, keys, use="hub", tag=trust.PACK_TAG)


def test_pages_join_without_gap_or_repeat(till: FakeTerminal) -> None:
    whole = till.feed("catalogue").rows
    read: list[FeedRow] = []
    after, more = 0, True
    while more:
        page = till.feed("catalogue", after, limit=50)
        read += page.rows
        after, more = page.next, page.more
    assert tuple(read) == whole
    assert [row.change for row in read] == sorted({row.change for row in read})
    end = till.feed("catalogue", after)
    assert (end.rows, end.next, end.more) == ((), after, False)
    assert len(till.feed("catalogue", limit=10 * FEED_ROWS_MAX).rows) == len(whole)


def test_only_what_changed_comes_again(till: FakeTerminal, hub: Hub) -> None:
    after = till.feed("catalogue").next
    dearer = msgspec.structs.replace(sales.GOODS[sales.COLA], price_fen=250)
    with hub.database.write() as connection:
        changed = stocking.put_goods(connection, "S1", [sales.GOODS[sales.WATER], dearer])
    assert changed == 1
    assert [row.key for row in till.feed("catalogue", after).rows] == [sales.COLA]
    with hub.database.write() as connection:
        feed_rows.put(connection, "catalogue", sales.COLA, None, store="S1")
    assert till.feed_row("catalogue", sales.COLA).body is None


def test_balances_and_high_water_are_of_one_moment(till: FakeTerminal) -> None:
    after = till.feed("balances").next
    for number in (1, 2, 3):
        till.write(sales.sale(till.next_receipt_no(), redeem=0))
        till.upload()
        page = till.feed("balances", after)
        assert page.hub.high_water.seq == number
        assert page.hub.high_water.hash == till.entries[-1].hash.hex()
        assert [row.body["balances"] for row in page.rows] == [
            {"coupon:coupon_50_10": 1, "points": 2000 + number * 2300, "sales": 1 + number}
        ]


def test_a_reader_beside_writers_skips_nothing(till: FakeTerminal, hub: Hub) -> None:
    """Each page's balance counts exactly the sales up to the page's high-water."""
    sold, done = 12, threading.Event()

    def sell() -> None:
        try:
            for _ in range(sold):
                till.upload(till.write(sales.sale(till.next_receipt_no(), redeem=0)))
        finally:
            done.set()

    seller = threading.Thread(target=sell)
    seller.start()
    after, points = 0, 2000
    while not done.is_set() or after < till.feed("balances").next:
        page = till.feed("balances", after)
        for row in page.rows:
            if row.key == sales.MEMBER:
                points = row.body["balances"]["points"]
        assert points == 2000 + page.hub.high_water.seq * 2300
        after = page.next
    seller.join()
    assert points == 2000 + sold * 2300


def test_change_numbers_of_a_rolled_back_write_are_not_seen(till: FakeTerminal, hub: Hub) -> None:
    before = till.feed("staff")
    rows = [StaffRow("77", "cashier", "x"), StaffRow("78", "cashier", 1 + 1j)]  # type: ignore[arg-type]
    with pytest.raises(TypeError), hub.database.write() as connection:
        stocking.put_staff(connection, "S1", rows)
    assert till.feed("staff").rows == before.rows


def test_a_pack_only_goes_forward(till: FakeTerminal, hub: Hub) -> None:
    newer = sales.PACK_BYTES.replace(b"version = 2", b"version = 4")
    with hub.database.write() as connection:
        assert packs.publish(hub, connection, newer).version == 4
    for old in (newer, sales.PACK_BYTES, newer.replace(b"version = 4", b"version = 3")):
        with pytest.raises(Told, match="not above"), hub.database.write() as connection:
            packs.publish(hub, connection, old)
    signed = msgspec.convert(till.feed_row("packs", "tongyi").body, SignedBytes)
    assert signed.payload == newer
    with hub.database.read() as connection:
        first = packs.by_hash(connection, hashlib.sha256(sales.PACK_BYTES).hexdigest())
    assert first is not None, "sales under the old version can still be reckoned again"
    assert first.version == 2


def test_a_pack_that_is_read_no_more_is_as_good_as_none(till: FakeTerminal, hub: Hub) -> None:
    """Every pack was checked when it was published, but perhaps by a program that knew another format."""
    sale = sales.sale(till.next_receipt_no())
    with hub.database.write() as connection:
        feed_rows.put(connection, "packs", "tongyi", SignedBytes(b"format = 0", "pack-1", b""))
        connection.execute(update(schema.packs).values(payload=b"format = 0"))
        assert packs.current(connection) is None
        with pytest.raises(Told, match="pack publish"):
            stocking.current_pack(connection)
        path = member_card.path_of(hub, connection, sales.MEMBER)
    page = InProcess(make_app(hub)).get(path)
    assert page.status_code == 200
    assert sales.MEMBER in page.text, "the card page needs no pack"
    till.write(sale)
    till.upload()
    assert till.day(sales.DATE).recomputed_differently == (sale.receipt_no,)


def test_a_pack_with_mistakes_names_them_all(hub: Hub) -> None:
    bad = sales.PACK_BYTES.replace(b"rate_bp = 300", b"rate_bp = 30000").replace(b'step = "1"', b'step = "0"')
    with pytest.raises(Told) as told, hub.database.write() as connection:
        packs.publish(hub, connection, bad)
    assert "share.rate_bp" in told.value.say("zh")
    assert "assets.points.step" in told.value.say("zh")


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_answers(hub: Hub, till: FakeTerminal, feed: Feed) -> None:
    with hub.database.write() as connection:
        commands.send(hub, connection, "S1-1", Unlock())
        pickups.take_in(hub, connection, [pickups.Order("A1", "S1-1", (), "2026-03-20")])
    assert till.feed(feed).feed == feed
    assert till.feed(feed).rows
