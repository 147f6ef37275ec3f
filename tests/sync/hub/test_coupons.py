"""Printed coupons between two merchants: taken once, settled between them, and whatever goes wrong."""

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import select

from pos.domain.basket import HeldCoupon
from pos.domain.coupon_codes import CouponPayload, coupon_code, rule_mark, signed_bytes
from pos.domain.events import PrintedCoupon, SaleMade
from pos.domain.ledger import ALLIANCE_CLAWBACK, BEARER, merchant_account, store_account
from pos.domain.programme.part import CNY
from pos.domain.refund import ReturnedLine
from sync.hub.alliance import coupons
from sync.hub.hub import Hub
from sync.hub.storage import schema
from tests.sync.hub import honest, sales
from tests.sync.hub.books import balances, changes
from tests.sync.hub.terminals import FakeTerminal

RULE, NUMBER = "neighbour_30_3", "00112233445566aa"
UNIT = f"coupon:{RULE}@M1"
PACK = sales.PACKS["tianshang"]


@pytest.fixture(autouse=True)
def tianshang(hub: Hub, till: FakeTerminal, publish: Callable[[str], None]) -> None:
    publish("tianshang")


def printing(till: FakeTerminal, number: str = NUMBER) -> SaleMade:
    """A sale of 63.74 whose receipt carries a coupon for whoever goes next door."""
    last_day = (dt.date.fromisoformat(sales.DATE) + dt.timedelta(days=30)).isoformat()
    payload = CouponPayload(till.terminal, rule_mark(RULE), number, last_day)
    code = coupon_code(payload, till.key.sign(signed_bytes(payload)))
    made = sales.sold(
        till.next_receipt_no(),
        honest.basket(till, sales.FRUIT_LINES, sales.MEMBER),
        PACK,
        printed=(PrintedCoupon(RULE, number, code, last_day),),
    )
    assert [(one.rule, one.issuer) for one in made.result.issued] == [(RULE, "M1")]
    return made


def taking(neighbour: FakeTerminal, number: str = NUMBER, *, issuer: str | None = "M1") -> SaleMade:
    """A sale at the neighbour's that takes 3.00 off against the coupon."""
    printed = HeldCoupon(RULE, number, issuer)
    basket = honest.basket(neighbour, sales.FRUIT_LINES, sales.NEWCOMER, printed=(printed,))
    made = sales.sold(neighbour.next_receipt_no(), basket, PACK, store="S2")
    assert made.result.coupons_used == (printed,)
    return made


def book(till: FakeTerminal, event: SaleMade) -> SaleMade:
    till.write(event)
    assert till.upload(till.entries[-1]).results[0].verdict == "accepted"
    return event


def give_back(till: FakeTerminal, sale: SaleMade) -> None:
    till.write(sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale)))
    till.upload(till.entries[-1])


def standings(hub: Hub) -> list[str]:
    with hub.database.read() as connection:
        table = schema.coupon_uses
        return list(connection.execute(select(table.c.standing).order_by(table.c.id)).scalars())


def why(hub: Hub, receipt_no: str) -> str:
    with hub.database.read() as connection:
        table = schema.recomputations
        return str(
            connection.execute(select(table.c.why).where(table.c.receipt_no == receipt_no)).scalar_one()
        )


def settled(moved: dict[tuple[str, str], int]) -> dict[str, int]:
    """Money of issuer, taker and clawback."""
    accounts = (merchant_account("M1"), store_account("S2"), ALLIANCE_CLAWBACK)
    return {account: moved.get((account, CNY), 0) for account in accounts}


def test_a_coupon_is_settled_between_who_gave_it_out_and_who_took_it(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    book(till, printing(till))
    assert balances(hub)[BEARER, UNIT] == 1
    before = balances(hub)
    made = book(neighbour, taking(neighbour))
    moved = changes(before, balances(hub))
    assert settled(moved) == {"merchant:M1": -300, "store:S2": 300, ALLIANCE_CLAWBACK: 0}
    assert moved[BEARER, UNIT] == -1
    assert standings(hub) == ["good"]
    assert neighbour.day(sales.DATE).recomputed_differently == ()
    give_back(neighbour, made)
    assert balances(hub) == before
    book(neighbour, taking(neighbour))
    assert standings(hub) == ["good", "good"], "a full refund frees it"


def test_a_second_use_is_booked_and_borne_by_the_clawback_account(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    book(till, printing(till))
    first = book(neighbour, taking(neighbour))
    before = balances(hub)
    second = book(neighbour, taking(neighbour))
    moved = changes(before, balances(hub))
    assert settled(moved) == {"merchant:M1": 0, "store:S2": 300, ALLIANCE_CLAWBACK: -300}
    assert moved[ALLIANCE_CLAWBACK, UNIT] == -1
    assert (BEARER, UNIT) not in moved
    assert standings(hub) == ["good", "twice"]
    day = neighbour.day(sales.DATE)
    assert day.clawback == {UNIT: 1, CNY: 300}
    assert day.recomputed_differently == (second.receipt_no,)
    assert NUMBER in why(hub, second.receipt_no)
    assert why(hub, first.receipt_no) == ""
    give_back(neighbour, second)
    assert balances(hub) == before


def test_when_the_first_use_is_given_back_the_second_is_good(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    book(till, printing(till))
    before = balances(hub)
    first, second = (book(neighbour, taking(neighbour)) for _ in range(2))
    give_back(neighbour, first)
    assert settled(changes(before, balances(hub))) == {
        "merchant:M1": -300,
        "store:S2": 300,
        ALLIANCE_CLAWBACK: 0,
    }
    assert standings(hub) == ["good", "good"]
    assert why(hub, second.receipt_no) == "", "it was looked at again"
    give_back(neighbour, second)
    assert balances(hub) == before


def test_a_number_nobody_printed_is_recorded_shown_and_borne(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    before = balances(hub)
    made = book(neighbour, taking(neighbour))
    assert settled(changes(before, balances(hub))) == {
        "merchant:M1": 0,
        "store:S2": 300,
        ALLIANCE_CLAWBACK: -300,
    }
    assert standings(hub) == ["unknown"]
    assert "never printed" in why(hub, made.receipt_no)
    give_back(neighbour, made)
    assert balances(hub) == before


def test_a_coupon_that_was_taken_before_its_printing_arrived_turns_out_good(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    """The printing till was offline; what the clawback account bore, the issuer then pays."""
    before = balances(hub)
    printed = printing(till)
    made = book(neighbour, taking(neighbour))
    book(till, printed)
    assert standings(hub) == ["good"]
    assert settled(changes(before, balances(hub))) == {
        "merchant:M1": -300,
        "store:S2": 300,
        ALLIANCE_CLAWBACK: 0,
    }
    assert (BEARER, UNIT) not in balances(hub)
    assert why(hub, made.receipt_no) == ""
    assert set(neighbour.day(sales.DATE).clawback.values()) == {0}
    give_back(neighbour, made)
    give_back(till, printed)
    assert balances(hub) == before


def test_a_coupon_in_another_merchants_name_is_not_that_merchants_debt(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    book(till, printing(till))
    before = balances(hub)
    made = book(neighbour, taking(neighbour, issuer="M3"))
    moved = changes(before, balances(hub))
    assert (merchant_account("M3"), CNY) not in moved
    assert standings(hub) == ["unknown"]
    give_back(neighbour, made)
    assert balances(hub) == before


def test_a_coupon_whose_sale_was_given_back_is_void(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    printed = book(till, printing(till))
    give_back(till, printed)
    book(neighbour, taking(neighbour))
    assert standings(hub) == ["void"]
    assert balances(hub)[ALLIANCE_CLAWBACK, CNY] == -300


def test_part_of_a_doubtful_sale_given_back_returns_its_part(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    before = balances(hub)
    made = book(neighbour, taking(neighbour))
    part = sales.give_back(neighbour.next_receipt_no(), made, ReturnedLine(0, 2))
    rest = sales.give_back(neighbour.next_receipt_no(), made, *sales.whole(made, part), earlier=(part,))
    neighbour.write(part)
    neighbour.upload()
    back_fen = -part.result.reimbursed_change["issuer:M1"]
    assert 0 < back_fen < 300
    assert balances(hub)[ALLIANCE_CLAWBACK, CNY] == back_fen - 300
    neighbour.write(rest)
    neighbour.upload()
    assert balances(hub) == before


def test_the_same_number_twice_in_one_sale(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    book(till, printing(till))
    made = taking(neighbour)
    doubled = msgspec.structs.replace(made.result, coupons_used=made.result.coupons_used * 2)
    book(neighbour, msgspec.structs.replace(made, result=doubled))
    assert standings(hub) == ["good", "twice"]
    balances(hub)


def test_a_voucher_of_the_member_and_a_false_one_in_one_sale(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    """Both are worth 10.00; only for the false one the clawback account pays."""
    with hub.database.write() as connection:
        coupons.give(
            connection,
            PACK,
            member=sales.NEWCOMER,
            rule="cash_10",
            count=1,
            issuer="M1",
            booked_at=hub.time(),
        )
    before = balances(hub)
    assert neighbour.call("GET", f"/v1/members/{sales.NEWCOMER}").status_code == 200, "a new face there"
    false_one = HeldCoupon("cash_10", NUMBER, "M1")
    basket = honest.basket(neighbour, sales.FRUIT_LINES, sales.NEWCOMER, printed=(false_one,))
    made = book(neighbour, sales.sold(neighbour.next_receipt_no(), basket, PACK, store="S2"))
    assert len(made.result.coupons_used) == 2
    moved = changes(before, balances(hub))
    assert settled(moved) == {"merchant:M1": -1000, "store:S2": 2000, ALLIANCE_CLAWBACK: -1000}
    unit = "coupon:cash_10@M1"
    assert (moved[ALLIANCE_CLAWBACK, unit], moved["member:" + sales.NEWCOMER, unit]) == (-1, -1)
    give_back(neighbour, made)
    assert balances(hub) == before


def test_a_voucher_the_member_did_not_hold_is_not_its_issuers_debt(
    till: FakeTerminal, neighbour: FakeTerminal, hub: Hub
) -> None:
    before = balances(hub)
    honestly = honest.basket(neighbour, sales.FRUIT_LINES, sales.NEWCOMER)
    basket = msgspec.structs.replace(honestly, coupons=(HeldCoupon("cash_10", issuer="M1"),))
    made = book(neighbour, sales.sold(neighbour.next_receipt_no(), basket, PACK, store="S2"))
    assert settled(changes(before, balances(hub))) == {
        "merchant:M1": 0,
        "store:S2": 1000,
        ALLIANCE_CLAWBACK: -1000,
    }
    give_back(neighbour, made)
    assert balances(hub) == before


def test_an_expired_coupon_is_a_claim(till: FakeTerminal, neighbour: FakeTerminal, hub: Hub) -> None:
    printed = printing(till)
    old = msgspec.structs.replace(printed.printed[0], last_day="2026-03-01")
    book(till, msgspec.structs.replace(printed, printed=(old,)))
    made = book(neighbour, taking(neighbour))
    assert "its last day was 2026-03-01" in why(hub, made.receipt_no)


def test_a_printed_number_is_kept_once(till: FakeTerminal, hub: Hub) -> None:
    book(till, printing(till))
    book(till, printing(till))
    with hub.database.read() as connection:
        kept = connection.execute(select(schema.coupons)).one()
    assert (kept.number, kept.issuer, kept.receipt_no) == (NUMBER, "M1", till.identity.receipt_no(1))
