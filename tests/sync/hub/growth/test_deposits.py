"""Deposits of share points and the gate to member sales, from the till to what people see (pack D)."""

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest

from pos.domain.events import SaleMade
from pos.domain.ledger import Posting
from pos.domain.message import Refusal
from sync.hub.alliance import merchants, stocking, terms
from sync.hub.alliance.telling import tell_tills
from sync.hub.growth import deposits
from sync.hub.growth.deposits import Gate, MerchantGate
from sync.hub.hub import Hub
from sync.hub.ledger import accounts
from sync.hub.words import Told
from tests.sync.hub import books, honest, sales
from tests.sync.hub.terminals import FakeTerminal

PACK = sales.PACKS["gongxianggou"]
WHOLE = 1_000_000
"""Minor units of a share point."""


@pytest.fixture(autouse=True)
def pack(publish: Callable[[str], None]) -> None:
    publish("gongxianggou")


def deposit(hub: Hub, amount: str) -> None:
    with hub.database.write() as connection:
        merchants.deposit(connection, "M1", PACK, asset="share_points", amount=amount, booked_at=hub.time())
        terms.refresh(connection, "M1", stocking.today(hub, connection))


def sell(till: FakeTerminal, redeem: int = 0, member: str = sales.MEMBER) -> SaleMade:
    """Five apples and three waters: eligible 63.74, rebate 6.37, so 6.37 share points burn."""
    basket = honest.basket(
        till, sales.FRUIT_LINES, member, redeem={"share_points": redeem} if redeem else None
    )
    made = sales.sold(till.next_receipt_no(), basket, PACK)
    till.write(made)
    till.upload(till.entries[-1])
    return made


def gate(hub: Hub) -> MerchantGate:
    with hub.database.read() as connection:
        return deposits.gate_of(connection, "M1")


def take_back(hub: Hub, amount: str, reference: str = "T1", reason: str = "多存了") -> int:
    with hub.database.write() as connection:
        return deposits.take_back(
            hub, connection, "M1", asset="share_points", amount=amount, reference=reference,
            reason=reason, by="desk",
        )  # fmt: skip


def test_a_member_sale_burns_and_the_gate_follows(hub: Hub, till: FakeTerminal) -> None:
    assert gate(hub).state == "warning", "nothing deposited yet: the next member sale closes the gate"
    deposit(hub, "20")
    assert gate(hub) == MerchantGate("M1", (Gate("deposit", "share_points", 6, 20 * WHOLE, 0, 0),))
    assert gate(hub).state == "open"
    states = []
    for _ in range(4):
        sell(till)
        states.append((gate(hub).gates[0].held, gate(hub).state))
    assert states == [
        (13_630000, "open"),
        (7_260000, "open"),
        (890000, "warning"),
        (-5_480000, "closed"),
    ]
    assert gate(hub).gates[0].burned_per_week == 4 * 6_370000
    told = honest.terms(till).balances["share_points"]
    assert told == -5_480000, "what the till judges the gate by"


def test_the_till_refuses_member_sales_below_zero_and_no_others(hub: Hub, till: FakeTerminal) -> None:
    deposit(hub, "6")
    sell(till)
    assert gate(hub).state == "closed"
    with pytest.raises(Refusal) as no:
        sell(till)
    assert no.value.reason == "gate"
    plain = msgspec.structs.replace(honest.basket(till, sales.FRUIT_LINES, sales.MEMBER), member=None)
    till.write(sales.sold(till.next_receipt_no(), plain, PACK))
    assert till.upload(till.entries[-1]).results[0].verdict == "accepted"
    deposit(hub, "0.37")
    assert gate(hub).gates[0].held == 0
    sell(till)  # 0 passes (ruling 16)
    assert gate(hub).state == "closed"


def test_history_says_when_it_closed_and_opened(hub: Hub, till: FakeTerminal) -> None:
    deposit(hub, "6")
    sell(till)
    deposit(hub, "0.1")
    deposit(hub, "10")
    sell(till)
    sell(till)
    with hub.database.read() as connection:
        found = deposits.gate_history(connection, "M1")
    assert [(one.state, one.held) for one in found] == [
        ("closed", -370000),
        ("open", 9_730000),
        ("closed", -3_010000),
    ]
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert {one.gate for one in found} == {"deposit"}


def test_a_member_who_pays_with_share_points_tops_the_deposit_up(hub: Hub, till: FakeTerminal) -> None:
    deposit(hub, "5")
    _give_share_points(hub, 30 * WHOLE)
    before = books.balances(hub)
    sale = sell(till, redeem=30 * WHOLE)
    changed = books.changes(before, books.balances(hub))
    assert changed["merchant:M1", "share_points"] == 30 * WHOLE - 6_370000
    assert changed[f"member:{sales.MEMBER}", "share_points"] == -30 * WHOLE
    assert gate(hub).state == "open"
    assert honest.terms(till).balances["share_points"] == gate(hub).gates[0].held
    till.write(sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale)))
    till.upload(till.entries[-1])
    assert books.balances(hub) == before
    with hub.database.read() as connection:
        assert deposits.gate_history(connection, "M1") == [], "30 taken and 6.37 given back are one step"


def _give_share_points(hub: Hub, amount: int) -> None:
    with hub.database.write() as connection:
        account = f"member:{sales.MEMBER}"
        posting = Posting("alliance:issued", account, "share_points", amount, "earned")
        accounts.post(connection, "pool", (posting,), hub.time())
        tell_tills(connection, (account,), stocking.today(hub, connection))


def test_a_refund_opens_the_gate_again(hub: Hub, till: FakeTerminal) -> None:
    deposit(hub, "6")
    basket = honest.basket(till, sales.FRUIT_LINES, sales.MEMBER)
    sale = sales.sold(till.next_receipt_no(), basket, PACK)
    till.write(sale)
    till.write(sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale)))
    till.upload()
    assert (gate(hub).gates[0].held, gate(hub).gates[0].burned_per_week) == (6 * WHOLE, 0)
    with hub.database.read() as connection:
        assert [one.state for one in deposits.gate_history(connection, "M1")] == ["closed", "open"]


def test_what_was_deposited_wrongly_goes_back_as_a_correction(hub: Hub, till: FakeTerminal) -> None:
    deposit(hub, "500")
    before = books.balances(hub)
    assert take_back(hub, "400") == 100 * WHOLE
    assert take_back(hub, "400") == 100 * WHOLE, "once per reference"
    assert books.changes(before, books.balances(hub)) == {
        ("merchant:M1", "share_points"): -400 * WHOLE,
        ("alliance:issued", "share_points"): 400 * WHOLE,
    }
    assert honest.terms(till).balances["share_points"] == 100 * WHOLE
    for amount, reference, reason, match in (
        ("100.000001", "T2", "x", "at most 100"),
        ("399", "T1", "x", "another booking"),
        ("1", "T2", " ", "reason"),
        ("0", "T2", "x", "above 0"),
    ):
        with pytest.raises(Told, match=match):
            take_back(hub, amount, reference, reason)
    assert take_back(hub, "100", "T3") == 0


def test_the_joining_deposit_is_worth_what_the_pack_says(hub: Hub) -> None:
    today = dt.date(2026, 3, 14)
    with hub.database.write() as connection:
        assert deposits.joining_deposit(connection, PACK, today) == ("share_points", 500 * WHOLE)
        terms.set_price(connection, PACK, asset="share_points", yuan="0.3", date=today)
        assert deposits.joining_deposit(connection, PACK, today) == ("share_points", 1666_666667)
        assert deposits.joining_deposit(connection, sales.PACK, today) is None


def test_a_pack_without_gates_leaves_everything_open(
    hub: Hub, publish: Callable[[str], None], neighbour: FakeTerminal
) -> None:
    publish("tianshang")
    assert gate(hub) == MerchantGate("M1", ())
    assert gate(hub).state == "open"
    with hub.database.read() as connection:
        assert deposits.gate_history(connection, "M1") == []
        assert [one.merchant for one in deposits.gates(connection)] == ["M1", "M2"]
        with pytest.raises(Told, match="no merchant M9"):
            deposits.gate_of(connection, "M9")
