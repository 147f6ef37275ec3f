"""Pay codes at the till: every "no" is a sentence and leaves the cart alone; what is taken is taken once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.events import CodesClosed
from pos.domain.member_codes import card_hash
from pos.domain.message import Refusal
from pos.domain.pay_codes import CODE_LENGTH, asset_mark, plan_mark, read_pay_code, terminal_mark
from pos.domain.rights import Right
from pos.store.sqlite import Readers
from pos.usecases.scan_code import MemberIdentified, PayCodeAccepted, scan_code
from sync.protocol.messages import PublicKey
from tests.fakes.alliance_keys import FakeAllianceKeys
from tests.fakes.phone import Phone
from tests.usecases.sample_till import BLOCKED_CARD, DOU, DOU_CARD, RICE, WATER, SampleTill

DOU_HASH = card_hash(DOU_CARD)
STRANGER = "ab" * 32


class AtTheTill:
    """A real till, and a phone whose codes it can check."""

    def __init__(self, shop: SampleTill) -> None:
        self.shop = shop
        self.keys, self.key = FakeAllianceKeys(), Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes_raw()
        identity = shop.desk.journal.identity
        self.phone = Phone(identity, self.keys, sign=self.key.sign, public=public)
        shop.desk = replace(shop.desk, keys=self.keys)

    def code(self, card: str = DOU_HASH, **different: Any) -> str:
        return self.phone.code(self.shop.clock.now(), card, **different)

    def cart(self, digits: str, *goods: str) -> Cart:
        scanned = scan_code(self.shop.scan(Cart(), *goods), digits, self.shop.desk)
        assert isinstance(scanned, PayCodeAccepted)
        return scanned.cart

    def refused(self, digits: str) -> Refusal:
        """Why the code is not taken; the cart it was scanned over stays what it was."""
        cart = self.shop.scan(Cart(), DOU_CARD, WATER)
        with pytest.raises(Refusal) as refusal:
            scan_code(cart, digits, self.shop.desk)
        return refusal.value

    def close(self, up_to: int) -> None:
        def deed() -> None:
            with self.shop.desk.journal.transaction() as transaction:
                transaction.append(CodesClosed(self.shop.clock.now().isoformat(), up_to))

        self.shop.book(deed)


@pytest.fixture
def at(shop: SampleTill) -> AtTheTill:
    return AtTheTill(shop)


# --- what is taken ------------------------------------------------------------------------------------


def test_a_code_puts_the_member_on_the_sale_and_spends_up_to_its_amount(at: AtTheTill) -> None:
    at.shop.go_offline()
    done = at.shop.pay(at.cart(at.code(amount=7_00), *[RICE] * 5)).sale
    assert done.basket.member is not None
    assert done.basket.member.member_no == DOU
    assert done.result.redeemed_fen == 7_00
    (used,) = done.pay_codes
    assert (used.asset, used.amount, used.used) == ("points", 7_00, 7_00)
    assert done.basket.ceilings_fen.get("points") is None, "no offline limit where the hub has reserved"


def test_what_the_sale_cannot_use_is_left(at: AtTheTill) -> None:
    """Thirty per cent of 43.25 are 12 points."""
    done = at.shop.pay(at.cart(at.code(amount=20_00), RICE)).sale
    assert [(one.amount, one.used) for one in done.pay_codes] == [(20_00, 12_00)]


def test_a_code_of_which_nothing_is_used_stays_good(at: AtTheTill) -> None:
    digits = at.code()
    done = at.shop.pay(at.cart(digits, WATER)).sale
    assert (done.result.redeemed_fen, done.pay_codes) == (0, ())
    assert at.shop.pay(at.cart(digits, RICE)).sale.result.redeemed_fen == 12_00


def test_a_code_pays_more_than_the_till_knows_the_member_has(at: AtTheTill) -> None:
    """The hub reserved it; what this till has heard is older."""
    at.shop.hub_says_points(DOU, 0)
    assert at.shop.pay(at.cart(at.code(), *[RICE] * 5)).sale.result.redeemed_fen == 20_00


def test_over_an_empty_cart_the_member_waits_for_goods(at: AtTheTill) -> None:
    cart = at.cart(at.code())
    assert cart.lines == ()
    assert at.shop.pay(at.shop.scan(cart, RICE)).sale.result.redeemed_fen == 12_00


def test_a_renewed_copy_takes_the_place_of_the_first(at: AtTheTill) -> None:
    first = at.code(number=5_000, amount=5_00)
    cart = at.cart(first, *[RICE] * 5)
    scanned = scan_code(cart, at.code(number=5_000, amount=9_00), at.shop.desk)
    assert isinstance(scanned, PayCodeAccepted)
    assert at.shop.pay(scanned.cart).sale.result.redeemed_fen == 9_00


def test_another_members_card_takes_the_code_off(at: AtTheTill) -> None:
    cart = at.cart(at.code(), RICE)
    at.shop.tell_member("30000001", "90000000000000000000110", "basic")
    other = carts.with_member(cart, "30000001")
    assert (other.pay_codes, other.redeem, len(other.lines)) == ((), {}, 1)


def test_a_card_scanned_again_keeps_the_code(at: AtTheTill) -> None:
    scanned = scan_code(at.cart(at.code(), RICE), DOU_CARD, at.shop.desk)
    assert isinstance(scanned, MemberIdentified)
    assert len(scanned.cart.pay_codes) == 1


def test_a_member_this_till_has_never_heard_of_buys_by_what_the_code_says(at: AtTheTill) -> None:
    at.shop.go_offline()
    digits = at.code(STRANGER, plan_mark=plan_mark("co_creator"), amount=6_00)
    done = at.shop.pay(at.cart(digits, RICE)).sale
    assert done.basket.member is not None
    assert (done.basket.member.member_no, done.basket.member.plan) == (f"tag:{STRANGER[:16]}", "co_creator")
    assert not done.basket.member.first_order
    assert done.result.redeemed_fen == 6_00
    back = at.shop.give_back(done).refund
    assert back.member_no == f"tag:{STRANGER[:16]}"


@pytest.mark.parametrize("status", ["next", "current", "retired"])
def test_keys_that_hold(at: AtTheTill, status: str) -> None:
    """A code that was signed before a rotation, or just after one that this till has heard announced."""
    key = at.keys.keys["codes-1"]
    at.keys.keys["codes-1"] = msgspec.convert(
        msgspec.to_builtins(key) | {"public": key.public, "status": status}, PublicKey, strict=False
    )
    assert at.cart(at.code(), RICE).pay_codes


# --- once ---------------------------------------------------------------------------------------------


def test_a_number_is_spent_once_whatever_the_copy_says(at: AtTheTill) -> None:
    at.shop.pay(at.cart(at.code(number=7_000), RICE))
    assert at.refused(at.code(number=7_000, amount=1_00)).reason == "code_used"


def test_two_carts_with_one_code_are_one_sale(at: AtTheTill) -> None:
    """The second was scanned before the first was paid: the transaction itself says no."""
    digits = at.code()
    first, second = at.cart(digits, RICE), at.cart(digits, RICE, RICE)
    at.shop.pay(first)
    before, waiting = at.shop.desk.journal.last_seq(), at.shop.till.store.print_queue.unprinted()
    with pytest.raises(Refusal) as refusal:
        at.shop.pay(second)
    assert refusal.value.reason == "code_used"
    assert at.shop.desk.journal.last_seq() == before
    assert at.shop.till.store.print_queue.unprinted() == waiting


def test_a_full_refund_does_not_make_the_code_good_again(at: AtTheTill) -> None:
    digits = at.code()
    sale = at.shop.pay(at.cart(digits, RICE)).sale
    at.shop.give_back(sale)
    assert at.refused(digits).reason == "code_used"


def test_the_spent_number_stands_in_the_journals_own_table(at: AtTheTill) -> None:
    at.shop.pay(at.cart(at.code(number=8_000), RICE))
    readers = Readers(at.shop.till.store.folder.journal)
    try:
        assert readers.rows("SELECT kind, key FROM spent_rights") == [("pay_code", "8000")]
    finally:
        readers.close()
    assert at.shop.desk.journal.right_spent(Right("pay_code", "8000"))


def test_a_closed_number_is_refused_at_the_scan_and_at_the_till_drawer(at: AtTheTill) -> None:
    cart = at.cart(at.code(number=9_000), RICE)
    at.close(9_000)
    assert at.refused(at.code(number=9_000)).reason == "code_closed"
    with pytest.raises(Refusal) as refusal:
        at.shop.pay(cart)
    assert refusal.value.reason == "code_closed"
    assert at.shop.pay(at.cart(at.code(number=9_001), RICE)).sale.pay_codes


def test_closing_never_goes_back(at: AtTheTill) -> None:
    at.close(9_000)
    at.close(10)
    assert at.shop.desk.journal.codes_closed() == 9_000
    at.shop.till.store.journal.rebuild_projections()
    assert at.shop.desk.journal.codes_closed() == 9_000


# --- what is not taken --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"terminal_mark": terminal_mark("S1-2", "0" * 16)}, "code_elsewhere"),
        ({"epoch": 99}, "code_other_epoch"),
        ({"terminal_mark": terminal_mark("S1-1", "0" * 16)}, "code_other_epoch"),
        ({"key": 7}, "code_key_unknown"),
        ({"asset_mark": asset_mark("nothing")}, "code_asset"),
        ({"plan_mark": plan_mark("nothing")}, "code_plan"),
    ],
)
def test_a_code_for_something_else(at: AtTheTill, different: dict[str, Any], reason: str) -> None:
    assert at.refused(at.code(**different)).reason == reason


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (timedelta(minutes=7), None),
        (timedelta(minutes=7, seconds=1), "code_expired"),
        (timedelta(days=3650), "code_expired"),
        (-timedelta(minutes=2), None),
        (-timedelta(minutes=2, seconds=1), "code_early"),
        (-timedelta(days=3650), "code_early"),
    ],
)
def test_the_moment_of_a_code(at: AtTheTill, late: timedelta, reason: str | None) -> None:
    digits = at.code()
    at.shop.clock.move(late)
    if reason is None:
        assert at.cart(digits).pay_codes
    else:
        with pytest.raises(Refusal) as refusal:
            scan_code(Cart(), digits, at.shop.desk)
        assert refusal.value.reason == reason


def test_the_hubs_time_counts_where_it_is_known(at: AtTheTill) -> None:
    digits = at.code()
    at.shop.clock.move(timedelta(days=-400))
    at.shop.hub.now = msgspec.structs.replace(at.shop.hub.now, clock_offset_ms=400 * 86_400_000)
    assert at.cart(digits).pay_codes


def test_a_plan_that_has_ended(at: AtTheTill) -> None:
    at.shop.tell_member(DOU, DOU_CARD, "basic", expires="2026-11-01")
    with pytest.raises(Refusal) as refusal:
        scan_code(Cart(), at.code(plan_last_day="2026-11-20"), at.shop.desk)
    assert refusal.value.reason == "member_expired"


def test_a_blocked_member(at: AtTheTill) -> None:
    assert at.refused(at.code(card_hash(BLOCKED_CARD))).reason == "member_blocked"


def test_a_revoked_key(at: AtTheTill) -> None:
    key = at.keys.keys["codes-1"]
    at.keys.keys["codes-1"] = msgspec.structs.replace(key, status="revoked")
    assert at.refused(at.code()).reason == "code_revoked"


def test_a_wrong_key(at: AtTheTill) -> None:
    at.phone.sign = Ed25519PrivateKey.generate().sign
    assert at.refused(at.code()).reason == "code_forged"


def test_a_copied_chain_takes_no_code(at: AtTheTill) -> None:
    at.shop.till.store.outbox.note_copied()
    assert at.refused(at.code()).reason == "code_copied"


def test_every_changed_byte_is_refused(at: AtTheTill) -> None:
    read = read_pay_code(at.code())
    assert read is not None
    content = read.payload + read.signature
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 0x11
        body = f"7{int.from_bytes(changed, 'big'):0{CODE_LENGTH - 3}d}"
        digits = f"{body}{98 - int(body) * 100 % 97:02d}"
        assert at.refused(digits).reason in {
            "unreadable",  # the version
            "code_key_unknown",
            "code_forged",
        }


@pytest.mark.parametrize(
    "spoil",
    [
        lambda digits: digits[:-1],
        lambda digits: digits[1:],
        lambda digits: digits + digits,
        lambda digits: digits[:100],
        lambda digits: digits * 4_000,
    ],
)
def test_what_is_no_whole_code(at: AtTheTill, spoil: Any) -> None:
    assert at.refused(spoil(at.code())).reason == "unreadable"


def test_every_no_says_what_to_do_next(at: AtTheTill) -> None:
    told = [at.refused(at.code(epoch=99)), at.refused(at.code(terminal_mark=terminal_mark("S1-2", "0" * 16)))]
    for refusal in told:
        assert any(word in str(refusal.message) for word in ("请", "联网"))
        assert "Traceback" not in str(refusal.message)


def test_a_cart_taken_up_after_a_restart_is_judged_anew(at: AtTheTill) -> None:
    """Scanned, power lost, and meanwhile the number was closed."""
    cart = at.cart(at.code(number=6_000), RICE)
    at.shop.book(lambda: at.shop.desk.journal.save_cart(cart))
    taken_up = at.shop.desk.journal.open_cart()
    assert taken_up == cart
    at.close(6_000)
    with pytest.raises(Refusal) as refusal:
        at.shop.pay(taken_up)
    assert refusal.value.reason == "code_closed"
    fresh = scan_code(taken_up, at.code(number=6_001), at.shop.desk)
    assert isinstance(fresh, PayCodeAccepted)
    assert at.shop.pay(fresh.cart).sale.result.redeemed_fen == 12_00


def test_when_a_code_ends_is_kept_for_the_screen(at: AtTheTill) -> None:
    (reserved,) = at.cart(at.code()).pay_codes
    assert datetime.fromisoformat(reserved.expires) == at.shop.clock.now() + timedelta(minutes=5)
