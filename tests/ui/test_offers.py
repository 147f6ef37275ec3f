"""Offers, coupons and plans at the window: what a cashier sees and does about them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt

from pos.domain.events import MembershipSold, PackRef, RefundMade, SaleMade
from pos.domain.member_codes import card_code
from pos.domain.programme.loading import load_pack
from pos.domain.programme.rules import coupon_unit
from pos.ui.sheets.membership import MembershipSheet
from pos.ui.sheets.offers import OffersSheet
from pos.ui.sheets.pay import PaySheet
from pos.ui.widgets.text import Text
from pos.usecases.ports import KnownMember, LoadedPack
from tests.fakes.till_services import FakeServices
from tests.ui.conftest import OpenTill
from tests.ui.hands import COLA, CONTROL, MEMBER, WATER, Hands

PROGRAMMES = Path(__file__).parents[2] / "resources" / "programmes"
MEMBER_NO = "30006012"
NEW_CARD = card_code(42)
COUPON = coupon_unit("coupon_50_10")


@pytest.fixture
def with_coupon(fakes: FakeServices) -> FakeServices:
    """The worked sale's member holds one 满50减10."""
    members = fakes.sample.members
    member = members.members[MEMBER_NO]
    balances = {unit: n for unit, n in member.balances.items() if not unit.startswith("coupon:")}
    members.members[MEMBER_NO] = msgspec.structs.replace(member, balances={**balances, COUPON: 1})
    return fakes


@pytest.fixture
def sealed(fakes: FakeServices) -> FakeServices:
    """A card that nobody has bought yet."""
    fakes.sample.members.put(NEW_CARD, KnownMember("39000001", "", "sealed", "", {}))
    return fakes


def shipped(pack_id: str) -> LoadedPack:
    """One of the packs that come with the program."""
    content = (PROGRAMMES / f"{pack_id}.toml").read_bytes()
    pack = load_pack(content)
    return LoadedPack(PackRef(pack.id, pack.version, hashlib.sha256(content).hexdigest()), pack)


def sales(fakes: FakeServices) -> list[SaleMade]:
    return [event for event in fakes.sample.journal.events() if isinstance(event, SaleMade)]


def note(hands: Hands) -> str:
    """The amber line under the member."""
    card = hands.window.sale.member._card
    return hands.window.stage(card.note) if card and card.note else ""


def test_the_nearest_offer_stands_under_the_member(open_till: OpenTill, with_coupon: FakeServices) -> None:
    hands = open_till(with_coupon)
    hands.worked_sale(redeem=False)
    assert note(hands) == "还差 26.24 元可用满50减10"


def test_a_coupon_is_used_by_itself_and_can_be_kept(open_till: OpenTill, with_coupon: FakeServices) -> None:
    hands = open_till(with_coupon)
    hands.scan(MEMBER)
    for _ in range(24):
        hands.scan(COLA)
    assert hands.due_fen == 24 * 223 - 10_00
    hands.press(Qt.Key.Key_F8)
    sheet = hands.window.sheets.top
    assert isinstance(sheet, PaySheet)
    at = next(index for index, row in enumerate(sheet.list.rows) if row.key == COUPON)
    assert sheet.list.rows[at].figure == "−10.00"
    for _ in range(at):
        hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Return)
    assert hands.due_fen == 24 * 223
    hands.press(Qt.Key.Key_Return)
    assert hands.due_fen == 24 * 223 - 10_00
    hands.press(Qt.Key.Key_Escape)
    hands.pay()
    assert [one.rule for one in sales(with_coupon)[0].result.coupons_used] == ["coupon_50_10"]
    assert with_coupon.sample.members.members[MEMBER_NO].balances[COUPON] == 0


def test_ctrl_y_says_what_applied_and_why_the_rest_did_not(
    open_till: OpenTill, with_coupon: FakeServices
) -> None:
    hands = open_till(with_coupon)
    hands.worked_sale(redeem=False)
    hands.press(Qt.Key.Key_Y, CONTROL)
    sheet = hands.window.sheets.top
    assert isinstance(sheet, OffersSheet)
    said = [hands.window.stage(row.text) for row in sheet.list.rows]
    assert said[0] == "会员价"
    assert sheet.list.rows[0].saved == "−1.94"
    assert "还差 26.24 元可用满50减10" in said
    assert "已比较所有允许的组合，这是最低价" in {text.text() for text in sheet.findChildren(Text)}
    hands.press(Qt.Key.Key_Down)
    hands.press(Qt.Key.Key_Escape)
    assert not hands.sheet


def test_a_sealed_card_sells_a_plan_that_holds_at_once(open_till: OpenTill, sealed: FakeServices) -> None:
    hands = open_till(sealed)
    hands.scan(WATER)
    hands.scan(NEW_CARD)
    sheet = hands.window.sheets.top
    assert isinstance(sheet, MembershipSheet)
    assert [deal.plan for deal in sheet.form.deals] == ["basic", "co_creator"]
    hands.type("200")
    hands.press(Qt.Key.Key_Return)
    assert hands.change == "100.00"
    (sold,) = [event for event in sealed.sample.journal.events() if isinstance(event, MembershipSold)]
    assert (sold.member_no, sold.deal.plan, sold.due_fen) == ("39000001", "basic", 100_00)
    assert sealed.drawer_pulses == 1
    hands.press(Qt.Key.Key_Escape)
    assert hands.window.till.cart.member_no == "39000001"
    assert hands.due_fen == 158


def test_time_points_go_towards_the_fee(open_till: OpenTill, fakes: FakeServices) -> None:
    members = fakes.sample.members
    member = members.members[MEMBER_NO]
    members.members[MEMBER_NO] = msgspec.structs.replace(
        member, balances={**member.balances, "time_points": 205_00}
    )
    hands = open_till(fakes)
    hands.scan(MEMBER)
    hands.press(Qt.Key.Key_M, CONTROL)
    sheet = hands.window.sheets.top
    assert isinstance(sheet, MembershipSheet)
    assert [deal.kind for deal in sheet.form.deals] == ["renew", "upgrade"]
    hands.press(Qt.Key.Key_F8)
    assert sheet.form.fee is not None
    assert sheet.form.fee.due_fen == 80_00
    hands.press(Qt.Key.Key_Down)
    assert sheet.form.deals[sheet.form.selected].kind == "upgrade"
    hands.press(Qt.Key.Key_Escape)
    assert not [event for event in fakes.sample.journal.events() if isinstance(event, MembershipSold)]


def test_a_plan_needs_a_member_first(till: Hands) -> None:
    till.press(Qt.Key.Key_M, CONTROL)
    assert not till.sheet
    assert "会员卡" in till.notice


def test_an_expired_card_offers_to_renew_and_the_sale_goes_on(
    open_till: OpenTill, fakes: FakeServices
) -> None:
    members = fakes.sample.members
    members.members[MEMBER_NO] = msgspec.structs.replace(members.members[MEMBER_NO], expires="2020-01-01")
    hands = open_till(fakes)
    hands.scan(WATER)
    hands.scan(MEMBER)
    assert hands.sheet == "membership"
    assert "到期" in hands.notice
    hands.press(Qt.Key.Key_Escape)
    assert hands.window.till.cart.member_no is None
    assert hands.due_fen == 170


def test_a_sale_of_today_can_be_voided_as_a_whole(open_till: OpenTill, with_coupon: FakeServices) -> None:
    hands = open_till(with_coupon)
    hands.worked_sale()
    hands.pay("100")
    number = sales(with_coupon)[0].receipt_no
    hands.press(Qt.Key.Key_Escape)
    hands.scan(number)
    assert hands.sheet == "refund"
    hands.press(Qt.Key.Key_F6)
    hands.press(Qt.Key.Key_F6)
    hands.press(Qt.Key.Key_Return)
    (made,) = [event for event in with_coupon.sample.journal.events() if isinstance(event, RefundMade)]
    assert made.purpose == "void"
    assert made.result.complete
    assert hands.change == "77.36"
    assert with_coupon.sample.members.members[MEMBER_NO].balances["points"] == 20_00


def test_a_gate_refuses_the_member_and_leaves_the_cart(open_till: OpenTill, fakes: FakeServices) -> None:
    fakes.sample.packs.packs.append(shipped("gongxianggou"))
    fakes.sample.terms.terms = msgspec.structs.replace(
        fakes.sample.terms.terms, balances={"share_points": -1}
    )
    hands = open_till(fakes)
    hands.scan(WATER)
    hands.scan(MEMBER)
    assert "充值" in hands.notice
    assert hands.window.till.cart.member_no is None
    hands.pay()
    assert sales(fakes)[0].result.due_fen == 170
