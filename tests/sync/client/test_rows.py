"""A bad row is left out and named; all others go on."""

from __future__ import annotations

import msgspec
import pytest

from sync.client.rows import Sifted, sift
from sync.protocol import trust
from sync.protocol.messages import FeedPage, FeedRow, HighWater, HubMark
from tests.sync.client.hub_simulator import PACK, HubSimulator

MARK = HubMark(1, "2026-03-01T12:00:00+00:00", HighWater(0, ""))
HUB = HubSimulator()


def pack_row(change: int, version: int, key: str = "tongyi", use: str = "pack") -> FeedRow:
    signed = HUB.signed(use, trust.PACK_TAG, PACK.format(version=version).encode())
    return FeedRow(change, key, msgspec.to_builtins(signed))


def sifted(*rows: FeedRow, feed: str = "packs", newest: int = 0) -> Sifted:
    page = FeedPage(MARK, feed, rows, rows[-1].change, more=False)
    return sift(page, HUB.key_list(), lambda _: newest)


def changes(result: Sifted) -> list[int]:
    return [row.change for row in result.page.rows]


@pytest.mark.parametrize("newest", [0, 2, 3])
def test_a_signed_pack_that_is_not_older_is_taken(newest: int) -> None:
    result = sifted(pack_row(1, 3), newest=newest)
    assert changes(result) == [1]
    assert result.problems == {}


def test_a_pack_cannot_go_back() -> None:
    result = sifted(pack_row(1, 2), newest=3)
    assert changes(result) == []
    assert "比本机的旧" in str(result.problems["tongyi"])
    assert result.page.next == 1


def test_history_comes_along_with_the_newest() -> None:
    result = sifted(pack_row(1, 1, "v1"), pack_row(2, 2, "v2"), pack_row(3, 3, "v3"), newest=3)
    assert changes(result) == [1, 2, 3]
    result = sifted(pack_row(1, 1, "v1"), pack_row(2, 2, "v2"), newest=3)
    assert changes(result) == []
    assert result.problems.keys() == {"v1", "v2"}


def test_nothing_unsigned_takes_a_pack_back() -> None:
    result = sifted(FeedRow(1, "tongyi", None), newest=3)
    assert changes(result) == []
    assert result.problems == {}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "pack",
        7,
        {"payload": "!!", "key_id": "pack-1", "signature": ""},
        msgspec.to_builtins(trust.sign_bytes(HUB.keys["pack"], "pack-9", trust.PACK_TAG, b"")),
        msgspec.to_builtins(trust.sign_bytes(HUB.keys["hub"], "pack-1", trust.PACK_TAG, b"")),
        msgspec.to_builtins(trust.sign_bytes(HUB.keys["pack"], "pack-1", trust.KEYS_TAG, b"")),
        pack_row(1, 1, use="hub").body,
    ],
)
def test_a_pack_nobody_signed_for_is_left_out_and_the_next_goes_on(body: object) -> None:
    result = sifted(FeedRow(1, "strange", body), pack_row(2, 1))
    assert changes(result) == [2]
    assert "签名不对" in str(result.problems["strange"])


@pytest.mark.parametrize("text", [b"\xff", b"format = 1", b"= nonsense", PACK.format(version=0).encode()])
def test_a_signed_pack_with_mistakes_is_left_out(text: bytes) -> None:
    row = FeedRow(1, "bad", msgspec.to_builtins(HUB.signed("pack", trust.PACK_TAG, text)))
    result = sifted(row, pack_row(2, 1))
    assert changes(result) == [2]
    assert "没有启用" in str(result.problems["bad"])


MEMBER = {
    "member_no": "30001234",
    "card_hash": "0" * 64,
    "plan": "basic",
    "status": "active",
    "expires": "2099-12-31",
    "balances": {"points": 100},
}
TERMINAL = {"terminal": "S1-1", "store": "S1", "merchant": "M1", "keys": ["AAAA"]}


def test_rows_of_data_are_only_looked_at() -> None:
    rows = (FeedRow(1, "a", MEMBER | {"new_field": 1}), FeedRow(2, "b", None))
    result = sifted(*rows, feed="members")
    assert result.page.rows == rows


@pytest.mark.parametrize(
    ("feed", "body"),
    [
        ("members", MEMBER | {"balances": {"points": 1.5}}),
        ("members", MEMBER | {"status": "gone"}),
        ("staff", {"number": 1, "role": "cashier", "pin_hash": ""}),
        ("catalogue", {"code": "1", "price_fen": "1.70"}),
        ("catalogue", []),
        ("members", MEMBER | {"expiring": {"points": [["2027-01-01", 1, 2]]}}),
        ("terms", {"rebate_bp": 300}),
        ("terms", {"merchant": "M1", "balances": {"share_points": 1.5}}),
        ("terms", {"merchant": "M1", "asset_prices": {"share_points": 1.5}}),
        ("terminals", TERMINAL | {"keys": "AAAA"}),
        ("terminals", TERMINAL | {"keys": ["?"]}),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_named(feed: str, body: object) -> None:
    result = sifted(FeedRow(1, "odd", body), FeedRow(2, "gone", None), feed=feed)
    assert changes(result) == [2]
    assert "odd" in str(result.problems["odd"])


@pytest.mark.parametrize(
    ("feed", "body"),
    [
        ("members", MEMBER | {"status": "sealed", "plan": "", "expires": ""}),
        ("members", MEMBER | {"home_store": "S1", "expiring": {"points": [["2027-01-01", 100]]}}),
        ("terms", {"merchant": "M1", "rebate_bp": 300, "asset_prices": {"share_points": "1.5"}}),
        ("terminals", TERMINAL),
    ],
)
def test_what_programmes_need_is_readable(feed: str, body: object) -> None:
    assert changes(sifted(FeedRow(1, "a", body), feed=feed)) == [1]


def test_feeds_of_later_versions_pass_through() -> None:
    assert changes(sifted(FeedRow(1, "a", {"anything": 1}), feed="coupons")) == [1]
