from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.domain.basket import Basket
from pos.domain.events import (
    ChainOpened,
    CodesClosed,
    ConfigurationApplied,
    DrawerOpened,
    Event,
    KeysApplied,
    LockOutLifted,
    LoggedIn,
    MembershipSold,
    OrderHandedOver,
    PrintedCoupon,
    Tender,
    UnknownEvent,
    decode,
    encode,
    kind_of,
    peek,
)
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.programme.pack import Pack
from pos.domain.refund import ReturnedLine
from tests.domain.examples import (
    ALL_WORKED,
    PACK_REF,
    baskets,
    packs,
    refund_made,
    refunds_of,
    return_steps,
    sale_made,
)
from tests.store.first_release import BODIES

AT = "2026-03-01T12:00:00+08:00"
MEMBERSHIP = MembershipSold(
    receipt_no="S1-1-ABCDE-0003",
    at=AT,
    date="2026-03-01",
    store="S1",
    cashier="03",
    pack=PACK_REF,
    member_no="30006012",
    deal=MembershipDeal("upgrade", "co_creator", 1000_00, 49_04, "2026-03-01", "2027-02-28", "basic"),
    paid_in_points=(PointsForFee("time_points", 50_00, 2, 5_00),),
    due_fen=945_96,
    tenders=(Tender("cash", 1000_00),),
    change_fen=54_04,
    online=False,
)
EVENTS: list[tuple[str, Event]] = [
    ("chain_opened", ChainOpened(AT, "S1", "ab" * 32, "0.1.0")),
    ("configuration_applied", ConfigurationApplied(AT, PACK_REF)),
    ("sale", sale_made(clock_offset_ms=-250)),
    ("refund", refund_made(sale_made(), ALL_WORKED)),
    ("membership", MEMBERSHIP),
    ("drawer_opened", DrawerOpened(AT, "03")),
    ("log_in", LoggedIn(AT, "03", ok=False)),
    ("codes_closed", CodesClosed(AT, 217_000_000)),
    ("keys_applied", KeysApplied(AT, 2, "ab" * 32)),
    ("lock_out_lifted", LockOutLifted(AT, "03", "01")),
    ("order_handed_over", OrderHandedOver(AT, "2026-03-14", "03", "A1001")),
]
KINDS = [kind for kind, _ in EVENTS]


def test_every_kind_is_here() -> None:
    assert len(EVENTS) == len(Event.__args__)


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=KINDS)
def test_what_is_written_is_read(kind: str, event: Event) -> None:
    body = encode(event)
    assert decode(body) == event
    assert encode(decode(body)) == body
    assert kind_of(event) == kind
    assert msgspec.json.decode(body)["kind"] == kind
    assert msgspec.json.decode(body)["v"] == 1


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=KINDS)
def test_a_glance_tells_kind_and_receipt(kind: str, event: Event) -> None:
    assert peek(encode(event)) == (kind, getattr(event, "receipt_no", None))


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=KINDS)
def test_fields_of_later_versions_are_passed_over(kind: str, event: Event) -> None:
    body = msgspec.json.encode(msgspec.json.decode(encode(event)) | {"later": [1, {"a": None}]})
    assert decode(body) == event


@pytest.mark.parametrize(("kind", "event"), EVENTS, ids=KINDS)
def test_a_version_nobody_knows_yet(kind: str, event: Event) -> None:
    body = msgspec.json.encode(msgspec.json.decode(encode(event)) | {"v": 2})
    with pytest.raises(UnknownEvent, match="version 2"):
        decode(body)
    assert peek(body)[0] == kind


GARBAGE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"{",
    b"\xff\xfe\x00",
    b'{"kind":"hold_discarded","v":1}',
    b'{"kind":7}',
    b'{"kind":"log_in","at":"x","number":"03","ok":"yes"}',
    b'{"kind":"log_in","at":"x","number":"03"}',
    b'{"kind":"log_in","at":"\xed\xa0\x80","number":"03","ok":true}',
    b'{"kind":"drawer_opened","at":"x","cashier":"03","v":99999999999999999999999}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
]


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_an_answer_not_a_crash(body: bytes) -> None:
    with pytest.raises(UnknownEvent):
        decode(body)
    peek(body)


def test_a_glance_at_garbage() -> None:
    assert peek(b"\xff") == ("?", None)
    assert peek(b"{}") == ("?", None)
    assert peek(b"[" * 100_000) == ("?", None)
    assert peek(b'{"kind":"hold_discarded"}') == ("hold_discarded", None)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_unknown(body: bytes) -> None:
    with contextlib.suppress(UnknownEvent):
        decode(body)
    peek(body)


@pytest.mark.parametrize("amount", [b"1.5", b"true", b'"1"', b"1e400"])
def test_an_amount_that_is_no_whole_number_is_not_read(amount: bytes) -> None:
    body = encode(sale_made()).replace(b'"change_fen":0', b'"change_fen":' + amount)
    with pytest.raises(UnknownEvent):
        decode(body)


def test_a_printed_coupon_stands_in_the_sale_as_it_was_printed() -> None:
    sale = sale_made(printed=(PrintedCoupon("neighbour_30_3", "00" * 8, "8" * 215, "2026-03-31"),))
    assert decode(encode(sale)) == sale
    assert msgspec.json.decode(encode(sale))["printed"][0]["code"] == "8" * 215


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_what_the_first_release_wrote_is_read(body: bytes) -> None:
    stated = msgspec.json.decode(body)
    assert kind_of(decode(body)) == stated["kind"]
    assert peek(body) == (stated["kind"], stated.get("receipt_no"))


@given(st.data(), baskets(), packs())
def test_every_sale_and_refund_survives_the_journey(data: st.DataObject, basket: Basket, pack: Pack) -> None:
    sale = sale_made(basket, pack)
    assert decode(encode(sale)) == sale
    steps = data.draw(return_steps(tuple(line.quantity for line in sale.result.lines)))
    for made in refunds_of(sale, steps, pack):
        assert decode(encode(made)) == made


def test_a_sale_carries_every_input_of_its_pricing() -> None:
    stated = msgspec.json.decode(encode(sale_made()))
    assert stated["pack"] == {"id": "tongyi", "version": 2, "sha256": "ab" * 32}
    assert stated["basket"]["member"] == {
        "member_no": "30006012",
        "plan": "basic",
        "balances": {"points": 2000},
        "first_order": False,
        "activated": True,
        "home_store": None,
        "referrer": False,
    }
    assert stated["basket"]["redeem"] == {"points": 700}
    assert stated["basket"]["lines"][3]["weight_g"] == 1234
    assert stated["basket"]["lines"][0]["product"]["member_price_fen"] == 158


def test_what_was_returned_before_keeps_its_numbers() -> None:
    made = refund_made(sale_made(), (ReturnedLine(0, 1),), before={0: 1, 3: 1}, cash_back_before_fen=111)
    read = decode(encode(made))
    assert read == made
