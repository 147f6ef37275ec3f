"""What a store's and a merchant's settlement says under every programme, to the fen."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import update

from pos.domain.basket import HeldCoupon
from pos.domain.coupon_codes import CouponPayload, coupon_code, rule_mark, signed_bytes
from pos.domain.day import add
from pos.domain.events import PrintedCoupon
from pos.domain.ledger import Posting
from pos.domain.refund import ReturnedLine
from sync.hub.alliance import merchants, places
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.settlement.lines import Debt, Totals
from sync.hub.settlement.statement import statement
from sync.hub.storage import schema
from sync.hub.words import Told
from tests.sync.hub import sales
from tests.sync.hub.settlement.shops import (
    COUPON,
    DAY,
    NEXT,
    NUMBER,
    book,
    buy,
    give_back,
    join,
    of_merchant,
    of_store,
    set_home,
)
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.test_programmes import endow

Publish = Callable[[str], None]


def test_the_worked_sale_with_its_refund_and_a_fee(till: FakeTerminal, hub: Hub) -> None:
    made = sales.sale(till.next_receipt_no())
    book(till, made)
    join(till)
    give_back(till, made, ReturnedLine(0, 1))
    told = of_store(hub)
    assert (told.totals.share_fen, told.totals.reimbursed, told.totals.fees_fen) == (
        248,
        {"alliance": 653},
        10_000,
    )
    assert told.totals.net_fen == 653 - 248 - 10_000 == told.figures.net_settlement_fen
    assert told.debts == (Debt("store:S1", "alliance", 10_000 + 248 - 653),)
    assert [(one.kind, one.fen("share"), one.fen("reimbursement"), one.fen("fee")) for one in told.lines] == [
        ("sale", -253, 700, 0),
        ("membership", 0, 0, -10_000),
        ("refund", 5, -47, 0),
    ]
    assert told.lines[2].of == made.receipt_no
    assert told.disagreements == ()
    assert told.outstanding_fen == told.totals.net_fen
    assert not told.frozen
    assert told.figures == add(one.figures for one in till.day(sales.DATE).receipts)


def test_tongyi_pays_back_the_first_order(till: FakeTerminal, hub: Hub) -> None:
    buy(till)
    told = of_store(hub)
    assert told.totals.reimbursed == {"alliance": 3000}, "满30减30"
    assert told.totals.share_fen == 373, "3 % of the 124.34 that it received, the 30.00 among it"
    assert told.totals.net_fen == 3000 - 373


def test_community_groupbuy_pays_back_its_coupon(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("community_groupbuy")
    endow(hub, "community_groupbuy")
    made = buy(till, "community_groupbuy", lines=sales.FRUIT_LINES * 2)
    assert made.result.taken_off("coupon_5") == 500
    told = of_store(hub)
    assert told.totals.reimbursed == {"alliance": 500}
    assert told.figures.received_fen == made.result.payable_fen + 500
    assert told.totals.share_fen == (3 * told.figures.received_fen + 50) // 100
    assert told.totals.net_fen == 500 - told.totals.share_fen


def test_zhongdian_owes_the_rebate(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("zhongdian")
    with hub.database.write() as connection:
        merchants.change(connection, "M1", sales.PACKS["zhongdian"], rebate_bp=2000, referrer=None)
    set_home(hub, sales.NEWCOMER, "S2")
    buy(till, "zhongdian")
    told = of_store(hub)
    assert told.totals.share_fen == 1275, "20 % of 63.74"
    assert told.totals.net_fen == -1275
    assert [(one.unit, one.scale, one.code, one.amount) for one in told.assets] == [
        ("points", 2, "earned", 1275)
    ]
    elsewhere = of_store(hub, "S2")
    assert (elsewhere.lines, elsewhere.totals.net_fen) == ((), 0)
    assert [(one.unit, one.scale, one.code, one.amount) for one in elsewhere.assets] == [
        ("voucher", 4, "earned", 6374)
    ], "1 % of what its member spends elsewhere, told and not settled"


def test_gongxianggou_burns_and_owes_no_money(till: FakeTerminal, hub: Hub, publish: Publish) -> None:
    publish("gongxianggou")
    pack = sales.PACKS["gongxianggou"]
    with hub.database.write() as connection:
        merchants.deposit(connection, "M1", pack, asset="share_points", amount="10", booked_at=hub.time())
    buy(till, "gongxianggou")
    told = of_store(hub)
    assert (told.totals.net_fen, told.totals.share_fen, len(told.lines)) == (0, 0, 1)
    assert ("share_points", "burned", -6_370_000) in [(one.unit, one.code, one.amount) for one in told.assets]
    today = hub.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    deposits = [one for one in of_merchant(hub, "M1", DAY, today).assets if one.code == "deposit"]
    assert [(one.unit, one.scale, one.amount) for one in deposits] == [("share_points", 6, 10_000_000)]


def printed_coupon(till: FakeTerminal) -> tuple[PrintedCoupon, HeldCoupon]:
    last_day = (DAY + dt.timedelta(days=30)).isoformat()
    payload = CouponPayload(till.terminal, rule_mark(COUPON), NUMBER, last_day)
    code = coupon_code(payload, till.key.sign(signed_bytes(payload)))
    return PrintedCoupon(COUPON, NUMBER, code, last_day), HeldCoupon(COUPON, NUMBER, "M1")


def test_tianshang_settles_coupons_and_commissions_between_neighbours(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("tianshang")
    printed, held = printed_coupon(till)
    buy(till, "tianshang", member=sales.MEMBER, prints=(printed,))  # S1 becomes home
    bought = buy(neighbour, "tianshang", member=sales.MEMBER, printed=(held,))
    theirs, ours = of_store(hub, "S2"), of_store(hub, "S1")
    commission_fen = 60  # 1 % of 63.74 less 3.00, rounded down
    assert theirs.totals.coupons_taken == {"merchant:M1": 300}
    assert theirs.totals.commission_paid == {"store:S1": commission_fen}
    assert theirs.totals.net_fen == 300 - commission_fen
    assert theirs.debts == (
        Debt("merchant:M1", "store:S2", 300),
        Debt("store:S2", "store:S1", commission_fen),
    )
    assert ours.totals.commission_received == {"store:S2": commission_fen}
    [line] = [one for one in ours.lines if one.figures is None]
    assert (line.receipt_no, line.kind, line.net_fen) == (bought.receipt_no, "sale", commission_fen)
    issuer = of_merchant(hub, "M1")
    assert issuer.totals.coupons_issued == {"store:S2": 300}
    assert issuer.totals.net_fen == commission_fen - 300
    assert issuer.debts == (Debt("merchant:M1", "store:S2", 300 - commission_fen),)
    assert of_merchant(hub, "M2").totals.net_fen == theirs.totals.net_fen
    give_back(neighbour, bought, day=NEXT)
    for told in (of_store(hub, "S2", DAY, NEXT), of_merchant(hub, "M1", DAY, NEXT)):
        assert (told.totals.net_fen, told.debts, told.disagreements) == (0, (), ())
    assert of_store(hub, "S2", NEXT).totals.coupons_taken == {"merchant:M1": -300}
    assert of_store(hub, "S1", NEXT).totals.commission_received == {"store:S2": -commission_fen}


def test_a_coupon_that_was_not_good_is_the_alliances(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish
) -> None:
    publish("tianshang")
    printed, held = printed_coupon(till)
    buy(neighbour, "tianshang", printed=(held,))
    told = of_store(hub, "S2")
    assert (told.totals.reimbursed, told.totals.coupons_taken) == ({"alliance": 300}, {})
    assert told.disagreements == (), "whoever pays, the store gets what its receipt says"
    buy(till, "tianshang", member=sales.MEMBER, prints=(printed,))
    assert of_merchant(hub, "M1").totals.coupons_issued == {"alliance": 300}, "the printing came late"
    assert of_store(hub, "S2").totals == told.totals


@pytest.mark.parametrize("name", sales.PROGRAMMES)
def test_refunds_of_later_days_count_on_their_own_and_bring_all_back_to_nothing(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, publish: Publish, name: str
) -> None:
    publish(name)
    endow(hub, name)
    wish = {one.asset: 1 << 40 for one in sales.PACKS[name].redemptions}
    first = buy(neighbour, name, redeem=wish)
    second = buy(till, name, redeem=wish)
    sold = {store: of_store(hub, store) for store in ("S1", "S2")}
    part = give_back(till, second, ReturnedLine(0, 2), ReturnedLine(1, 1), day=NEXT)
    give_back(till, second, earlier=(part,), day=NEXT)
    give_back(neighbour, first, day=NEXT + dt.timedelta(days=1))
    for store, before in sold.items():
        assert of_store(hub, store) == msgspec.structs.replace(before, outstanding_fen=0)
        after = of_store(hub, store, NEXT, NEXT + dt.timedelta(days=5))
        assert after.totals.net_fen == -before.totals.net_fen
        assert after.figures.sales == 0
        whole = of_store(hub, store, DAY, NEXT + dt.timedelta(days=5))
        assert (whole.totals.net_fen, whole.debts, whole.disagreements) == (0, (), ())
        assert whole.totals == Totals()
        assert whole.figures.net_settlement_fen == 0


def test_a_merchants_statement_is_of_all_its_stores(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub, new_code: Callable[..., str]
) -> None:
    with hub.database.write() as connection:
        owner = places.known_store(connection, "S1")
        branch = msgspec.structs.replace(owner, id="S9", name="分店")
        places.add_store(connection, branch, (places.Terminal("S9-1", "1 号机"),))
    second = FakeTerminal(till.http)
    second.enrol(new_code("S9-1"))
    buy(till)
    buy(second, member=sales.MEMBER)
    buy(neighbour, member=sales.FRIEND)
    told, parts = of_merchant(hub, "M1"), [of_store(hub, "S1"), of_store(hub, "S9")]
    assert told.party.stores == ("S1", "S9")
    assert told.totals.net_fen == sum(one.totals.net_fen for one in parts) != 0
    assert told.figures == add(one.figures for one in parts)
    assert {line.account for line in told.lines} == {"store:S1", "store:S9"}


def test_a_correction_is_named_and_is_no_disagreement(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    entry = till.entries[-1].hash.hex()
    with hub.database.write() as connection:
        row = {
            "debit": "store:S1",
            "credit": "alliance:share",
            "unit": "CNY",
            "amount": 25,
            "code": "correction",
        }
        connection.execute(
            schema.transfers.insert().values(**row, linked=entry, booked_at=hub.time(), reason="分成少算")
        )
    [line] = of_store(hub).lines
    assert (line.receipt_no, line.fen("correction"), line.reason) == (made.receipt_no, -25, "分成少算")
    assert of_store(hub).totals.corrections_fen == -25
    assert of_store(hub).disagreements == ()


def test_what_is_booked_without_a_receipt_counts_on_the_stores_own_date(till: FakeTerminal, hub: Hub) -> None:
    with hub.database.write() as connection:
        posting = Posting("alliance:profit", "store:S1", "CNY", 1234, "distribution")
        accounts.post(connection, "by hand", (posting,), "2026-03-14T16:30:00.000+00:00")
    [line] = of_store(hub, "S1", NEXT).lines  # 00:30 of the next day in Shanghai
    assert (line.receipt_no, line.kind, line.net_fen, line.fen("other")) == ("", "booking", 1234, 1234)
    assert of_store(hub, "S1", DAY).lines == ()
    assert of_store(hub, "S1", NEXT).debts == (Debt("alliance", "store:S1", 1234),)


def test_a_receipt_that_its_transfers_do_not_bear_out_is_named(till: FakeTerminal, hub: Hub) -> None:
    made = buy(till)
    with hub.database.write() as connection:
        connection.execute(update(schema.receipts).values(share_fen=schema.receipts.c.share_fen + 1))
    [found] = of_store(hub).disagreements
    assert (found.receipt_no, found.figure, found.booked_fen, found.receipt_fen) == (
        made.receipt_no,
        "share_fen",
        373,
        374,
    )


def test_wrong_questions_are_answered_in_words(till: FakeTerminal, hub: Hub) -> None:
    with pytest.raises(Told, match="no store S7"):
        of_store(hub, "S7")
    with pytest.raises(Told, match="no merchant M7"):
        of_merchant(hub, "M7")
    with pytest.raises(Told, match="must not end before it begins"):
        of_store(hub, "S1", NEXT, DAY)
    with pytest.raises(Told, match="at most 366 days"):
        of_store(hub, "S1", DAY, DAY + dt.timedelta(days=366))
    with hub.database.read() as connection:
        for store, merchant in ((None, None), ("S1", "M1")):
            with pytest.raises(Told, match="one of the two"):
                statement(connection, store=store, merchant=merchant, first=DAY, last=DAY)


def test_an_empty_day_is_all_zeros(till: FakeTerminal, hub: Hub) -> None:
    told = of_store(hub)
    assert (told.lines, told.totals, told.debts, told.assets) == ((), Totals(), (), ())


def test_member_numbers_stay_out_of_it(till: FakeTerminal, hub: Hub) -> None:
    join(till)
    buy(till)
    told = msgspec.json.encode(of_store(hub))
    assert not [number for number in (sales.FRIEND, sales.NEWCOMER) if number.encode() in told]
