"""Rights that the hub is asked about: coupons while a till is online, and refunds of another till's sale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from pos.domain.events import SaleMade, decode, encode
from sync.hub.alliance import places
from sync.hub.codes import losing
from sync.hub.hub import Hub
from sync.hub.rights import claiming
from sync.hub.web.app import make_app
from sync.hub.web.refusals import Refused
from sync.protocol.asking import RightAnswer, RightRequest
from sync.protocol.messages import ReportReply, TerminalReport
from tests.sync.hub import sales
from tests.sync.hub.codes.phones import later
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.terminals import FakeTerminal, HubSaidNo, read

QUARTER = claiming.CLAIM_LASTS + dt.timedelta(minutes=1)


@pytest.fixture
def second(http: InProcess, hub: Hub, till: FakeTerminal, new_code: Callable[..., str]) -> FakeTerminal:
    """An enrolled terminal S3-1 in another store of the same merchant."""
    with hub.database.write() as connection:
        store = places.known_store(connection, "S1")
        branch = places.Store("S3", store.merchant_id, store.merchant_name, "分店", "", "Asia/Shanghai")
        places.add_store(connection, branch, (places.Terminal("S3-1", "1 号机"),))
    second = FakeTerminal(http)
    second.enrol(new_code("S3-1"))
    return second


def ask(till: FakeTerminal, kind: Any, key: str) -> RightAnswer:
    sent = msgspec.json.encode(RightRequest(kind, key))
    answer: RightAnswer = read(till.call("POST", "/v1/rights", sent), RightAnswer)
    return answer


def refused(till: FakeTerminal, kind: Any, key: str) -> str:
    with pytest.raises(HubSaidNo) as caught:
        ask(till, kind, key)
    return caught.value.problem.error


def sold(till: FakeTerminal) -> SaleMade:
    made = sales.sale(till.next_receipt_no())
    till.write(made)
    till.upload(till.entries[-1])
    return made


def report(hub: Hub, till: FakeTerminal, after: dt.timedelta, *, pending: int) -> None:
    """The terminal reports after a while."""
    then = replace(till, http=InProcess(make_app(later(hub, after))), clock_off_by=after)
    read(
        then.call("POST", "/v1/report", msgspec.json.encode(TerminalReport("1.0", pending=pending))),
        ReportReply,
    )


# --- refunds of another till's sale -------------------------------------------------------------------


def test_another_till_of_the_merchant_is_told_the_sale_and_its_refunds(
    till: FakeTerminal, second: FakeTerminal
) -> None:
    sale = sold(till)
    assert ask(second, "refund", sale.receipt_no).entries == (encode(sale),)
    first = sales.give_back(second.next_receipt_no(), sale, sales.whole(sale)[0])
    first = msgspec.structs.replace(first, store="S3")
    second.write(first)
    assert second.upload(second.entries[-1]).results[0].verdict == "accepted"
    bodies = ask(till, "refund", sale.receipt_no).entries
    assert [decode(one) for one in bodies] == [sale, first]


def test_a_sale_of_another_merchant_or_of_nobody(till: FakeTerminal, neighbour: FakeTerminal) -> None:
    sale = sold(till)
    assert refused(neighbour, "refund", sale.receipt_no) == "other_merchant"
    assert refused(neighbour, "refund", "S1-1-XXXXX-000001") == "unknown_receipt"


def test_a_refund_is_no_sale_to_return(till: FakeTerminal, second: FakeTerminal) -> None:
    sale = sold(till)
    back = sales.give_back(till.next_receipt_no(), sale, *sales.whole(sale))
    till.write(back)
    till.upload(till.entries[-1])
    assert refused(second, "refund", back.receipt_no) == "unknown_receipt"


def test_one_till_at_a_time(till: FakeTerminal, second: FakeTerminal) -> None:
    sale = sold(till)
    ask(second, "refund", sale.receipt_no)
    ask(second, "refund", sale.receipt_no)
    assert refused(till, "refund", sale.receipt_no) == "right_claimed"


@pytest.mark.parametrize(("pending", "free"), [(0, True), (1, False)])
def test_a_claim_ends_when_its_till_was_heard_of_with_nothing_to_upload(
    hub: Hub, till: FakeTerminal, second: FakeTerminal, pending: int, free: bool
) -> None:
    sale = sold(till)
    ask(second, "refund", sale.receipt_no)
    report(hub, second, dt.timedelta(minutes=5), pending=0)
    with hub.database.write() as connection, pytest.raises(Refused):
        claiming.claim_refund(later(hub, QUARTER), connection, "S1-1", sale.receipt_no)
    report(hub, second, QUARTER, pending=pending)
    with hub.database.write() as connection:
        if free:
            claiming.claim_refund(later(hub, QUARTER), connection, "S1-1", sale.receipt_no)
        else:
            with pytest.raises(Refused):
                claiming.claim_refund(later(hub, QUARTER), connection, "S1-1", sale.receipt_no)


def test_a_lost_till_claims_nothing(hub: Hub, till: FakeTerminal, second: FakeTerminal) -> None:
    sale = sold(till)
    ask(second, "refund", sale.receipt_no)
    with hub.database.write() as connection:
        losing.declare_lost(hub, connection, "S3-1")
    assert ask(till, "refund", sale.receipt_no).entries == (encode(sale),)


# --- coupons ------------------------------------------------------------------------------------------


def test_a_coupon_is_one_tills_while_it_rings_up(till: FakeTerminal, neighbour: FakeTerminal) -> None:
    assert ask(till, "coupon", "00112233445566aa").entries == ()
    assert refused(neighbour, "coupon", "00112233445566aa") == "right_claimed"
    assert ask(neighbour, "coupon", "00112233445566ab").entries == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"kind":"gold","key":"1"}',
        b'{"kind":"coupon","key":7}',
        b'{"kind":"coupon","key":"\\u0000"}',
    ],
)
def test_a_question_that_is_none(till: FakeTerminal, body: bytes) -> None:
    with pytest.raises(HubSaidNo) as caught:
        read(till.call("POST", "/v1/rights", body), RightAnswer)
    assert caught.value.problem.error == "bad_request"
