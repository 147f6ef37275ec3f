"""What stores are told of themselves, and by which keys tills know each other's coupons."""

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest

from sync.hub.alliance import merchants, places, stocking, terms
from sync.hub.feeds import feed_rows
from sync.hub.hub import Hub
from sync.hub.trust.enrolment import revoke
from sync.hub.words import Told
from sync.protocol.messages import StoreTerms
from tests.sync.hub import honest, sales
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal

PACK = sales.PACKS["gongxianggou"]


def test_a_store_is_told_its_own_terms_alone(till: FakeTerminal, neighbour: FakeTerminal) -> None:
    assert honest.terms(till) == StoreTerms("M1")
    assert honest.terms(neighbour) == StoreTerms("M2")
    assert [row.key for row in till.feed("terms").rows] == ["S1"]


def test_terms_follow_what_is_set(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    after = till.feed("terms").next
    others = neighbour.feed("terms").next
    today = dt.date(2026, 3, 14)
    with hub.database.write() as connection:
        merchants.change(connection, "M1", PACK, rebate_bp=1500, referrer=sales.FRIEND)
        merchants.deposit(connection, "M1", PACK, asset="share_points", amount="500", booked_at=hub.time())
        terms.set_price(connection, PACK, asset="share_points", yuan="0.50", date=today)
        terms.refresh(connection, "M1", today)
    assert honest.terms(till) == StoreTerms(
        "M1", 1500, {"share_points": 500_000_000}, referrer=True, asset_prices={"share_points": "0.5"}
    )
    assert len(till.feed("terms", after).rows) == 1
    assert [row.body["asset_prices"] for row in neighbour.feed("terms", others).rows] == [
        {"share_points": "0.5"}
    ]
    assert till.feed("terms", till.feed("terms").next).rows == ()


def test_a_second_store_of_the_merchant_shares_its_deposit(hub: Hub, till: FakeTerminal) -> None:
    with hub.database.write() as connection:
        shop = places.Store("S3", "M1", "幸福里商贸", "三店", "", "Asia/Shanghai")
        places.add_store(connection, shop, ())
        merchants.deposit(connection, "M1", PACK, asset="share_points", amount="1", booked_at=hub.time())
        terms.refresh(connection, "M1", stocking.today(hub, connection))
        stores = [terms.of_store(connection, store, dt.date(2026, 3, 14)) for store in ("S1", "S3")]
    assert stores[0] == stores[1]
    assert honest.terms(till) == stores[0]


def test_a_price_holds_from_its_day_on(hub: Hub) -> None:
    with hub.database.write() as connection:
        for yuan, day in (
            ("1", "2026-03-01"),
            ("0.9", "2026-03-10"),
            ("0.85", "2026-03-10"),
            ("2", "2026-04-01"),
        ):
            terms.set_price(
                connection, PACK, asset="share_points", yuan=yuan, date=dt.date.fromisoformat(day)
            )
        told = [terms.prices_on(connection, day) for day in ("2026-02-28", "2026-03-09", "2026-03-10")]
    assert told == [{}, {"share_points": "1"}, {"share_points": "0.85"}]


def test_when_the_day_brings_a_new_price_the_feed_does_too(
    hub: Hub, till: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = hub.now().astimezone(dt.timezone(dt.timedelta(hours=8))).date() + dt.timedelta(days=1)
    with hub.database.write() as connection:
        terms.set_price(connection, PACK, asset="share_points", yuan="3", date=tomorrow)
    assert honest.terms(till).asset_prices == {}
    monkeypatch.setattr("sync.hub.alliance.stocking.today", lambda *_: tomorrow)
    assert honest.terms(till).asset_prices == {"share_points": "3"}


@pytest.mark.parametrize("yuan", ["0", "-1", "abc", "0.0000001", "1000001", ""])
def test_a_price_is_a_price(hub: Hub, yuan: str) -> None:
    with pytest.raises(Told, match="price"), hub.database.write() as connection:
        terms.set_price(connection, PACK, asset="share_points", yuan=yuan, date=dt.date(2026, 3, 14))


@pytest.mark.parametrize("amount", ["0", "-1", "abc", "0.0000001"])
def test_a_deposit_is_an_amount(hub: Hub, amount: str) -> None:
    with pytest.raises(Told, match="amount"), hub.database.write() as connection:
        merchants.deposit(connection, "M1", PACK, asset="share_points", amount=amount, booked_at="now")


def test_a_rate_lies_where_the_pack_wants_it(hub: Hub) -> None:
    for rate in (99, 5001):
        with pytest.raises(Told, match="not within"), hub.database.write() as connection:
            merchants.change(connection, "M1", PACK, rebate_bp=rate, referrer=None)
    with hub.database.write() as connection:
        assert merchants.change(connection, "M1", PACK, rebate_bp=100, referrer=None).rebate_bp == 100


def test_a_merchants_name_is_one(hub: Hub) -> None:
    with pytest.raises(Told, match="registered as"), hub.database.write() as connection:
        places.add_store(connection, places.Store("S3", "M1", "别名", "三店", "", "Asia/Shanghai"), ())


# --- terminals -----------------------------------------------------------------------------------


def test_every_enrolled_terminal_is_told_to_all(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    for reader in (till, neighbour):
        for told, merchant in ((till, "M1"), (neighbour, "M2")):
            row = honest.terminal_row(reader, told.terminal)
            assert row is not None
            assert (row.merchant, row.keys) == (merchant, (told.public_key,))


def test_keys_of_earlier_chains_stay_good_until_the_terminal_is_revoked(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, http: InProcess, new_code: Callable[..., str]
) -> None:
    successor = FakeTerminal(http)
    successor.enrol(new_code())
    row = honest.terminal_row(neighbour, "S1-1")
    assert row is not None
    assert row.keys == (till.public_key, successor.public_key)
    with hub.database.write() as connection:
        revoke(connection, "S1-1")
    assert honest.terminal_row(neighbour, "S1-1") is None
    anew = FakeTerminal(http)
    anew.enrol(new_code())
    row = honest.terminal_row(neighbour, "S1-1")
    assert row is not None
    assert row.keys == (anew.public_key,)


def test_the_terms_of_a_booking_are_of_the_pages_moment(
    till: FakeTerminal, hub: Hub, publish: Callable[[str], None]
) -> None:
    publish("zhongdian")
    for number in (1, 2):
        basket = honest.basket(till, sales.FRUIT_LINES, sales.MEMBER)
        till.write(sales.sold(till.next_receipt_no(), basket, sales.PACKS["zhongdian"]))
        till.upload(till.entries[-1])
        with hub.database.read() as connection:
            written = feed_rows.standing(connection, "terms", "S1", StoreTerms, store="S1")
        page = till.feed("terms")
        assert msgspec.convert(page.rows[0].body, StoreTerms) == written, "with the booking, not when asked"
        assert page.hub.high_water.seq == number
        assert msgspec.convert(page.rows[0].body, StoreTerms).balances == {"points": 191 * number}
