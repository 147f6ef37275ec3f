"""The figures of an owner's page against the receipts they come from, and against each other."""

import datetime as dt
from collections import defaultdict

import msgspec
import pytest

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput
from pos.domain.day import add, figures_of
from pos.domain.events import SaleMade, Tender
from pos.domain.refund import ReturnedLine
from sync.hub.hub import Hub
from sync.hub.pages.owner import receipt_parts, takings
from sync.hub.pages.owner.takings import Takings
from tests.sync.hub import sales
from tests.sync.hub.pages.months import Shop
from tests.sync.hub.terminals import FakeTerminal

DAY = dt.date.fromisoformat(sales.DATE)


def taken(hub: Hub, *stores: str, first: dt.date = DAY, last: dt.date = DAY) -> Takings:
    with hub.database.read() as connection:
        return takings.taken(connection, stores or ("S1",), first, last)


def test_the_worked_sale(hub: Hub, till: FakeTerminal) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    till.upload()
    found = taken(hub)
    assert found.figures.payable_fen == 8436
    assert found.part(receipt_parts.TENDER) == {"cash": 7736}
    assert found.part(receipt_parts.FUNDER) == {"merchant": 194}
    assert found.part(receipt_parts.OWED) == {"alliance": 700}
    assert found.part(receipt_parts.EARNED) == {"points": 1600}
    assert found.part(receipt_parts.REDEEMED) == {"points": 700}
    assert found.part(receipt_parts.CATEGORY)["烟草"] == 6060
    assert found.part(receipt_parts.HOUR) == {"10": 8436}
    assert found.part(receipt_parts.CASHIER) == {"03": 8436}
    assert found.part(receipt_parts.CASHIER_SALES) == {"03": 1}
    assert sum(found.part(receipt_parts.CATEGORY).values()) == 8436


def test_after_a_full_refund_everything_is_zero(hub: Hub, till: FakeTerminal) -> None:
    """In two steps, over two categories; only how many sales there were stays."""
    sale = sales.sale(till.next_receipt_no())
    part = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1), ReturnedLine(3, 1))
    rest = sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale, part), earlier=(part,))
    for event in (sale, part, rest):
        till.write(event)
    till.upload()
    found = taken(hub)
    left = {key: amount for key, amount in found.parts.items() if amount}
    assert left == {(receipt_parts.HOUR_SALES, "10"): 1, (receipt_parts.CASHIER_SALES, "03"): 1}
    assert (found.figures.payable_fen, found.figures.sales, found.figures.refunds) == (0, 1, 2)


def test_a_part_given_back_goes_back_to_who_bore_it(hub: Hub, till: FakeTerminal) -> None:
    sale = sales.sale(till.next_receipt_no())
    part = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1))
    till.write(sale)
    till.write(part)
    till.upload()
    found = taken(hub)
    assert found.part(receipt_parts.FUNDER) == {"merchant": 194 - part.result.adjustments_fen}
    assert found.part(receipt_parts.TENDER) == {"cash": 7736 - 111}
    assert sum(found.part(receipt_parts.CATEGORY).values()) == 8436 - 158


def test_change_goes_out_in_cash(hub: Hub, till: FakeTerminal) -> None:
    sale = sales.walk_in(till.next_receipt_no())
    due = sale.result.due_fen
    mixed = msgspec.structs.replace(
        sale, tenders=(Tender("wechat", 100), Tender("cash", 2000)), change_fen=2100 - due
    )
    till.write(mixed)
    till.upload()
    assert taken(hub).part(receipt_parts.TENDER) == {"cash": due - 100, "wechat": 100}


def test_coupons_and_who_bears_them(hub: Hub, till: FakeTerminal) -> None:
    basket = Basket(
        lines=sales.FRUIT_LINES,
        member=MemberInput(sales.MEMBER, "basic", {}, home_store="S1"),
        coupons=(HeldCoupon("coupon_50_10"),),
    )
    till.write(sales.sold(till.next_receipt_no(), basket))
    till.upload()
    found = taken(hub)
    assert found.part(receipt_parts.TAKEN) == {"coupon_50_10": 1}
    assert sum(found.part(receipt_parts.FUNDER).values()) == found.figures.adjustments_fen > 1000


def test_a_membership_is_collected_but_not_taken_in(hub: Hub, till: FakeTerminal) -> None:
    Shop(till, "S1").membership(DAY, "30006111")
    till.upload()
    found = taken(hub)
    assert found.figures.payable_fen == 0
    assert found.figures.fees_fen == 100_00
    assert found.part(receipt_parts.TENDER) == {"cash": 100_00}
    assert found.figures.net_settlement_fen == -100_00


def test_a_month_adds_up(hub: Hub, till: FakeTerminal) -> None:
    shop = Shop(till, "S1")
    shop.month(3, days=20)
    month = taken(hub, first=dt.date(2026, 3, 1), last=dt.date(2026, 3, 31))
    figures = month.figures
    assert figures.sales > 30
    assert figures.refunds >= 3
    assert sum(month.part(receipt_parts.CATEGORY).values()) == figures.payable_fen
    assert sum(month.part(receipt_parts.HOUR).values()) == figures.payable_fen
    assert sum(month.part(receipt_parts.CASHIER).values()) == figures.payable_fen
    assert sum(month.part(receipt_parts.FUNDER).values()) == figures.adjustments_fen
    assert sum(month.part(receipt_parts.OWED).values()) == figures.reimbursements_fen
    assert sum(month.part(receipt_parts.TENDER).values()) == figures.cash_fen
    assert month.part(receipt_parts.EARNED)["points"] == figures.points_earned
    assert month.part(receipt_parts.REDEEMED)["points"] == figures.points_redeemed
    for what in ("date", "terminal", "store"):
        assert add(month.per(what).values()) == figures


def test_a_day_that_grew_is_read_again_and_others_are_not(
    hub: Hub, till: FakeTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.write(sales.walk_in(till.next_receipt_no()))
    till.upload()
    first = taken(hub).figures
    read: list[bytes] = []
    add_sale = receipt_parts.add_sale

    def counting(parts: receipt_parts.Parts, body: bytes) -> None:
        read.append(body)
        add_sale(parts, body)

    monkeypatch.setattr(receipt_parts, "add_sale", counting)
    assert taken(hub).part(receipt_parts.HOUR) == {"10": first.payable_fen}
    assert read == []
    till.write(sales.walk_in(till.next_receipt_no()))
    till.upload(till.entries[-1])
    assert taken(hub).part(receipt_parts.HOUR) == {"10": 2 * first.payable_fen}
    assert len(read) == 2


def test_stores_are_apart(hub: Hub, till: FakeTerminal, neighbour: FakeTerminal) -> None:
    till.write(sales.walk_in(till.next_receipt_no()))
    till.upload()
    theirs = sales.sale(neighbour.next_receipt_no(), store="S2")
    neighbour.write(theirs)
    neighbour.upload()
    assert taken(hub, "S2").figures == figures_of(theirs)
    both = taken(hub, "S1", "S2")
    assert both.figures.sales == 2
    assert set(both.per("store")) == {"S1", "S2"}
    with hub.database.read() as connection:
        assert set(takings.per_store(connection, ("S1",), DAY, DAY)) == {"S1"}


@pytest.mark.parametrize("at", ["", "nonsense", "2026-03-14T99:00:00+08:00", "2026-03-14 1é:00"])
def test_a_time_that_is_none_is_left_out(at: str) -> None:
    sale = msgspec.structs.replace(sales.walk_in("S1-1-7K2QD-0001"), at=at)
    parts: receipt_parts.Parts = defaultdict(int)
    receipt_parts.add_sale(parts, msgspec.json.encode(sale))
    assert not any(subject == receipt_parts.HOUR for subject, _ in parts)
    assert parts[receipt_parts.TENDER, "cash"] == sale.result.due_fen


def test_a_refund_of_what_cannot_be_does_not_break_the_page() -> None:
    sale = sales.walk_in("S1-1-7K2QD-0001")
    refund = sales.give_back("S1-1-7K2QD-0002", sale, ReturnedLine(0, 1))
    lines = (BasketLine(sales.GOODS[sales.WATER], 0),)
    broken: SaleMade = msgspec.structs.replace(
        sale,
        basket=msgspec.structs.replace(sale.basket, lines=lines),
        result=msgspec.structs.replace(
            sale.result, lines=(msgspec.structs.replace(sale.result.lines[0], quantity=0),)
        ),
    )
    for sale_body in (msgspec.json.encode(broken), None):
        parts: receipt_parts.Parts = defaultdict(int)
        receipt_parts.add_refund(parts, msgspec.json.encode(refund), sale_body)
        assert parts[receipt_parts.TENDER, "cash"] == -refund.result.cash_back_fen
        assert parts[receipt_parts.HOUR, "10"] == -refund.result.payable_fen
