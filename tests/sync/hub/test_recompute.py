from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import select

from pos.domain import events
from pos.domain.events import SaleMade
from pos.domain.refund import ReturnedLine
from sync.hub.hub import Hub
from sync.hub.journal import recompute
from sync.hub.storage import schema
from tests.sync.hub import sales
from tests.sync.hub.terminals import FakeTerminal


def why(hub: Hub) -> dict[str, str]:
    with hub.database.read() as connection:
        return {row.receipt_no: row.why for row in connection.execute(select(schema.recomputations))}


def test_what_agrees_is_recorded_as_agreeing(till: FakeTerminal, hub: Hub) -> None:
    sale = sales.sale(till.next_receipt_no())
    till.write(sale)
    till.write(sales.walk_in(till.next_receipt_no()))
    till.write(sales.give_back(till.next_receipt_no(), sale, ReturnedLine(3, 1)))
    till.upload()
    assert set(why(hub).values()) == {""}
    assert len(why(hub)) == 3


def lower_share(sale: SaleMade) -> SaleMade:
    outcome = msgspec.structs.replace(sale.result.outcome, share_fen=1)
    return msgspec.structs.replace(sale, result=msgspec.structs.replace(sale.result, outcome=outcome))


def other_pack(sale: SaleMade) -> SaleMade:
    return msgspec.structs.replace(sale, pack=msgspec.structs.replace(sale.pack, sha256="0" * 64))


def other_version(sale: SaleMade) -> SaleMade:
    return msgspec.structs.replace(sale, pack=msgspec.structs.replace(sale.pack, version=9))


def no_pieces(sale: SaleMade) -> SaleMade:
    lines = (msgspec.structs.replace(sale.basket.lines[0], quantity=0), *sale.basket.lines[1:])
    return msgspec.structs.replace(sale, basket=msgspec.structs.replace(sale.basket, lines=lines))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sale: sales.altered(sale, payable_fen=1), "payable_fen: till 1, hub 8436"),
        (lower_share, "outcome"),
        (other_pack, "not at the hub"),
        (other_version, "not at the hub"),
        (no_pieces, "lines"),
    ],
)
def test_a_difference_is_recorded_and_the_sale_still_booked(
    till: FakeTerminal, hub: Hub, change: Callable[[SaleMade], SaleMade], said: str
) -> None:
    number = till.next_receipt_no()
    till.write(change(sales.sale(number)))
    assert till.upload().results[0].verdict == "accepted"
    assert said in why(hub)[number]
    day = till.day(sales.DATE)
    assert day.recomputed_differently == (number,)
    assert [row.receipt_no for row in day.receipts] == [number]


def test_what_an_earlier_till_did_not_write_yet_is_no_difference(till: FakeTerminal, hub: Hub) -> None:
    body = msgspec.json.decode(events.encode(sales.sale(till.next_receipt_no())))
    for name in ("issued", "coupons_used", "optimal", "steps"):
        del body["result"][name]
    del body["result"]["outcome"]["reimbursed"]
    number = till.next_receipt_no()
    wrong = body | {"receipt_no": number, "result": body["result"] | {"due_fen": 1}}
    for one in (body, wrong):
        till.write(msgspec.json.encode(one))
    till.upload()
    assert list(why(hub).values()) == ["", "due_fen: till 1, hub 7736"]


def test_a_balance_the_till_believed_wrongly_is_no_difference(till: FakeTerminal, hub: Hub) -> None:
    till.write(sales.sale(till.next_receipt_no(), believed=999_00))
    till.upload()
    assert set(why(hub).values()) == {""}


def test_a_refund_is_checked_against_the_hubs_own_records(till: FakeTerminal, hub: Hub) -> None:
    sale = sales.sale(till.next_receipt_no())
    first = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1))
    unaware = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1))
    too_much = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 3))
    aware_of_less = msgspec.structs.replace(too_much, before={0: 2}, cash_back_before_fen=222)
    for event in (sale, first, unaware, aware_of_less):
        till.write(event)
    till.upload()
    found = why(hub)
    assert found[first.receipt_no] == ""
    assert found[unaware.receipt_no] == "the hub knows other refunds before it"
    assert found[aware_of_less.receipt_no].startswith("the rules refuse it: more_than_sold: ")


def test_a_refund_in_another_members_name_is_found(till: FakeTerminal, hub: Hub) -> None:
    sale = sales.sale(till.next_receipt_no())
    back = sales.give_back(till.next_receipt_no(), sale, ReturnedLine(0, 1))
    till.write(sale)
    till.write(msgspec.structs.replace(back, member_no="30007572"))
    till.upload()
    assert "another member" in why(hub)[back.receipt_no]


def test_what_a_crash_left_undone_is_done_later(
    till: FakeTerminal, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.write(sales.sale(till.next_receipt_no()))
    with monkeypatch.context() as patch:
        patch.setattr("sync.hub.journal.recompute.catch_up", lambda _: 1 / 0)
        assert till.upload().results[0].verdict == "accepted"
    assert why(hub) == {}
    assert recompute.catch_up(hub) == 1
    assert set(why(hub).values()) == {""}
    assert recompute.catch_up(hub) == 0
