"""The wire: what is sent is read, what is unknown is passed over, and what is wrong is refused."""

from __future__ import annotations

import msgspec
import pytest

from pos.domain.day import Figures, ReceiptFigures
from pos.domain.receipt import StoreCard
from sync.protocol.messages import (
    ChainHead,
    DayStatement,
    Enrolment,
    EnrolRequest,
    EntryResult,
    FeedPage,
    FeedRow,
    HighWater,
    HubIntroduction,
    HubMark,
    MemberRow,
    Problem,
    SignedBytes,
    StaffRow,
    StoreTerms,
    TerminalRow,
    UploadBatch,
    UploadedEntry,
    UploadReply,
)

MARK = HubMark(1, "2026-03-01T12:00:00+00:00", HighWater(7, "ab" * 32))
STORE = StoreCard("同壹联盟", "M1", "S1", "便利店", "幸福路 1 号", "Asia/Shanghai", "1 号机", ("谢谢",))
SIGNED = SignedBytes(b"\x00\xff", "pack-1", b"\x01" * 64)

MESSAGES = [
    HubIntroduction((1,), 1, MARK.time, SIGNED),
    EnrolRequest("0123456789", b"\x02" * 32, "ab" * 8, b"\x03" * 64),
    Enrolment("S1-1", 1, "ab" * 8, 1, MARK.time, STORE),
    UploadBatch(
        "S1-1",
        "ab" * 8,
        1,
        (UploadedEntry(1, "00" * 32, "ab" * 32, b'{"kind":"sale"}\xff'),),
        ChainHead(1, "ab" * 32, b"\x04" * 64),
    ),
    UploadReply(MARK, (EntryResult(1, "ab" * 32, "quarantined", "读不懂"),)),
    FeedPage(MARK, "staff", (FeedRow(1, "01", {"a": [1, None]}), FeedRow(2, "02")), 2, more=False),
    MemberRow("30001234", "00" * 32, "basic", "active", "2099-12-31", {"points": 2000}),
    MemberRow(
        "30001235",
        "00" * 32,
        "",
        "sealed",
        "",
        {"coupon:coupon_5": 1, "sales": 1},
        home_store="S2",
        referrer=True,
        activated=False,
        expiring={"points": (("2026-09-10", 500), ("2026-09-12", 100))},
    ),
    StoreTerms(
        "M1",
        1500,
        {"share_points": -5},
        referrer=True,
        area_agent=False,
        asset_prices={"share_points": "0.5"},
    ),
    TerminalRow("S1-1", "S1", "M1", (b"\x05" * 32, b"\xff" * 32)),
    StaffRow("01", "owner", "$argon2id$"),
    DayStatement(MARK, "S1", "2026-03-01", (ReceiptFigures("S1-1-AAAAA-0001", Figures(1)),), {}, (), ()),
    Problem("code_used", "用过了", "请换一个", MARK.time),
]
NAMES = [type(message).__name__ for message in MESSAGES]


@pytest.mark.parametrize("message", MESSAGES, ids=NAMES)
def test_what_is_sent_is_read(message: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(message), type=type(message)) == message


@pytest.mark.parametrize("message", MESSAGES, ids=NAMES)
def test_fields_of_later_versions_are_passed_over(message: msgspec.Struct) -> None:
    body = msgspec.json.decode(msgspec.json.encode(message)) | {"later": {"a": 1}}
    assert msgspec.convert(body, type(message)) == message


@pytest.mark.parametrize("message", MESSAGES, ids=NAMES)
def test_every_required_field_is_required(message: msgspec.Struct) -> None:
    for field in msgspec.structs.fields(message):
        body = msgspec.json.decode(msgspec.json.encode(message))
        if not field.required:
            continue
        del body[field.encode_name]
        with pytest.raises(msgspec.ValidationError, match=field.encode_name):
            msgspec.convert(body, type(message))


def test_a_row_of_an_earlier_version_is_read() -> None:
    """The fields that came later have a meaning when they are missing."""
    body = {
        "member_no": "3",
        "card_hash": "",
        "plan": "basic",
        "status": "active",
        "expires": "",
        "balances": {},
    }
    row = msgspec.convert(body, MemberRow)
    assert (row.home_store, row.referrer, row.activated, row.expiring) == (None, False, True, {})
    assert msgspec.convert({"merchant": "M1"}, StoreTerms) == StoreTerms("M1", None, {}, False, True, {})


def test_bytes_travel_unchanged() -> None:
    every_byte = bytes(range(256))
    sent = msgspec.json.encode(UploadedEntry(1, "", "", every_byte))
    assert msgspec.json.decode(sent, type=UploadedEntry).body == every_byte


def test_amounts_are_never_fractions() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"sales": 1, "gross_fen": 1.5}, Figures)


def test_a_verdict_nobody_agreed_on_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"seq": 1, "hash": "", "verdict": "maybe"}, EntryResult)
