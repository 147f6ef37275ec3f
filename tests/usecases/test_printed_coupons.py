"""天商联盟: a coupon comes out with the receipt, and the shop next door takes it without asking anybody."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.bootstrap.till import open_till
from pos.domain import cart as carts
from pos.domain.basket import HeldCoupon
from pos.domain.cart import Cart
from pos.domain.coupon_codes import CouponPayload, coupon_code, read_coupon, rule_mark, signed_bytes
from pos.domain.events import PrintedCoupon
from pos.domain.ledger import SALES
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.scan_code import CouponAccepted, scan_code
from sync.protocol.messages import TerminalRow
from tests.usecases.sample_till import DOU, DOU_CARD, SampleTill
from tests.usecases.two_shops import introduce, neighbour

RULE, FIFTY, FORTY = "neighbour_30_3", "6900000000014", "6900000000021"
LAST_DAY = "2026-12-21"  # thirty days after the sale


def open_for_business(shop: SampleTill) -> SampleTill:
    shop.use_pack("tianshang")
    shop.tell_good(FIFTY, 50_00)
    shop.tell_good(FORTY, 40_00)
    shop.tell_member(DOU, DOU_CARD, "member", balances={SALES: 1})
    shop.go_offline()
    return shop


@pytest.fixture
def giver(shop: SampleTill) -> SampleTill:
    return open_for_business(shop)


@pytest.fixture
def taker(tmp_path: Path, giver: SampleTill) -> Iterator[SampleTill]:
    """The shop next door, which has heard of the giver's till."""
    with neighbour(tmp_path / "neighbour") as shop:
        introduce(giver, open_for_business(shop))
        yield shop


def printed(shop: SampleTill) -> PrintedCoupon:
    (coupon,) = shop.sell(DOU_CARD, FIFTY).sale.printed
    return coupon


def refused(shop: SampleTill, code: str, cart: Cart | None = None) -> str:
    with pytest.raises(Refusal) as refusal:
        scan_code(cart or Cart(), code, shop.desk)
    assert 0 < len(str(refusal.value.message)) < 80
    return refusal.value.reason


def forged(key: Ed25519PrivateKey, **facts: str) -> str:
    """A coupon as a till would print it, under any key."""
    stated = {
        "terminal": "S1-1",
        "rule_mark": rule_mark(RULE),
        "number": secrets.token_hex(8),
        "last_day": LAST_DAY,
    }
    coupon = CouponPayload(**(stated | facts))
    return coupon_code(coupon, key.sign(signed_bytes(coupon)))


# --- given out ------------------------------------------------------------------------------------


def test_a_large_member_sale_prints_one_that_is_signed(giver: SampleTill) -> None:
    done = giver.sell(DOU_CARD, FIFTY).sale
    (coupon,) = done.printed
    assert (coupon.rule, coupon.last_day) == (RULE, LAST_DAY)
    read = read_coupon(coupon.code)
    assert read is not None
    assert read[0] == CouponPayload("S1-1", rule_mark(RULE), coupon.number, LAST_DAY)
    giver.till.store.folder.load_terminal_key().public_key().verify(read[1], signed_bytes(read[0]))
    assert giver.events()[-1] == done


def test_each_has_a_number_of_its_own(giver: SampleTill) -> None:
    assert len({printed(giver).number for _ in range(5)}) == 5


@pytest.mark.parametrize("codes", [(FIFTY,), (DOU_CARD, FORTY)])
def test_walk_ins_and_small_sales_print_none(giver: SampleTill, codes: tuple[str, ...]) -> None:
    assert giver.sell(*codes).sale.printed == ()


def test_it_is_not_on_the_members_account(giver: SampleTill) -> None:
    printed(giver)
    assert not any(unit.startswith("coupon:") for unit in giver.known(DOU).balances)


# --- taken next door ------------------------------------------------------------------------------


def test_the_shop_next_door_takes_it_offline_and_the_giver_pays(giver: SampleTill, taker: SampleTill) -> None:
    coupon = printed(giver)
    done = taker.sell(DOU_CARD, FORTY, coupon.code).sale
    assert done.result.due_fen == 37_00
    assert done.result.coupons_used == (HeldCoupon(RULE, coupon.number, "M1"),)
    assert done.result.outcome.reimbursed == {"issuer:M1": 3_00}
    assert done.result.outcome.received_fen == 40_00
    assert not done.online


def test_at_home_the_giver_bears_it_itself(giver: SampleTill) -> None:
    done = giver.sell(DOU_CARD, FORTY, printed(giver).code).sale
    assert done.result.due_fen == 37_00
    assert (done.result.outcome.reimbursed, done.result.outcome.received_fen) == ({}, 37_00)


def test_a_coupon_that_buys_nothing_stays_good(giver: SampleTill) -> None:
    """Below its threshold it is not used, and not used up."""
    coupon = printed(giver)
    small = giver.tell_good("6900000000038", 29_99)
    assert giver.sell(DOU_CARD, small, coupon.code).sale.result.coupons_used == ()
    assert giver.sell(DOU_CARD, FORTY, coupon.code).sale.result.due_fen == 37_00


def test_a_walk_in_keeps_it(giver: SampleTill) -> None:
    coupon = printed(giver)
    assert giver.sell(FORTY, coupon.code).sale.result.coupons_used == ()
    assert isinstance(scan_code(Cart(), coupon.code, giver.desk), CouponAccepted)


def test_a_pack_in_which_others_pay_names_no_issuer(giver: SampleTill) -> None:
    giver.use_pack(
        "tianshang",
        lambda text: text.replace(
            'name = "邻店优惠券满30减3"\nfunder = "issuer"', 'name = "券"\nfunder = "alliance"'
        ),
    )
    scanned = scan_code(Cart(), printed(giver).code, giver.desk)
    assert isinstance(scanned, CouponAccepted)
    assert scanned.coupon.issuer is None


# --- once -----------------------------------------------------------------------------------------


def test_twice_in_one_sale(giver: SampleTill) -> None:
    code = printed(giver).code
    cart = giver.scan(Cart(), DOU_CARD, FORTY, code)
    assert refused(giver, code, cart) == "coupon_twice"
    assert carts.without_coupon(cart, cart.coupons[0].number or "").coupons == ()


def test_twice_at_this_till(giver: SampleTill) -> None:
    code = printed(giver).code
    giver.sell(DOU_CARD, FORTY, code)
    assert refused(giver, code) == "coupon_used"


def test_it_stays_used_after_a_restart_and_a_rebuild(giver: SampleTill, data: Path) -> None:
    coupon = printed(giver)
    giver.sell(DOU_CARD, FORTY, coupon.code)
    giver.till.store.journal.rebuild_projections()
    giver.till.store.close()
    with open_till(data) as till:
        assert refused(SampleTill(till), coupon.code) == "coupon_used"


def test_two_carts_with_the_same_coupon(giver: SampleTill) -> None:
    """Held and resumed: the second is told at payment, and nothing of it is booked."""
    code = printed(giver).code
    first = giver.scan(Cart(), DOU_CARD, FORTY, code)
    second = giver.scan(Cart(), DOU_CARD, FORTY, code)
    giver.pay(first)
    before = giver.desk.journal.last_seq()
    with pytest.raises(Refusal) as refusal:
        giver.pay(second)
    assert refusal.value.reason == "coupon_used"
    assert giver.desk.journal.last_seq() == before
    without = carts.without_coupon(second, second.coupons[0].number or "")
    assert giver.pay(without).sale.result.due_fen == 40_00


def test_the_database_itself_takes_it_once(giver: SampleTill, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the look before the sale ever failed, the sale would fail, not be booked twice."""
    code = printed(giver).code
    first, second = giver.scan(Cart(), DOU_CARD, FORTY, code), giver.scan(Cart(), DOU_CARD, FORTY, code)
    giver.pay(first)
    before, unprinted = giver.desk.journal.last_seq(), giver.till.store.print_queue.unprinted()
    monkeypatch.setattr("pos.store.journal.SqliteJournal.right_spent", lambda *_: False)
    with pytest.raises(Refusal) as used:
        giver.pay(second)
    assert used.value.reason == "coupon_used"
    assert giver.desk.journal.last_seq() == before
    assert giver.till.store.print_queue.unprinted() == unprinted
    assert giver.chain_holds()


def test_it_is_free_again_after_all_has_come_back(giver: SampleTill) -> None:
    code = printed(giver).code
    sold = giver.sell(DOU_CARD, FORTY, FORTY, code).sale
    giver.give_back(sold, ReturnedLine(0, 1))
    assert refused(giver, code) == "coupon_used"
    giver.give_back(sold)
    again = giver.sell(DOU_CARD, FORTY, code).sale
    assert again.result.due_fen == 37_00
    giver.till.store.journal.rebuild_projections()
    assert refused(giver, code) == "coupon_used"


# --- what is not good -----------------------------------------------------------------------------


def test_a_terminal_nobody_has_told_of(giver: SampleTill, taker: SampleTill) -> None:
    code = printed(giver).code
    taker.tell("terminals", "S1-1", None)
    assert refused(taker, code) == "coupon_unknown"


def test_a_wrong_key_signed_it(giver: SampleTill) -> None:
    assert refused(giver, forged(Ed25519PrivateKey.generate())) == "coupon_unknown"


def test_an_earlier_key_of_the_terminal_still_counts(giver: SampleTill) -> None:
    """The till was replaced: its old coupons are out there, and the feed names both keys."""
    earlier = Ed25519PrivateKey.generate()
    keys = (
        Ed25519PrivateKey.generate().public_key().public_bytes_raw(),
        earlier.public_key().public_bytes_raw(),
    )
    giver.tell("terminals", "S9-1", TerminalRow("S9-1", "S9", "M9", keys))
    scanned = scan_code(Cart(), forged(earlier, terminal="S9-1"), giver.desk)
    assert isinstance(scanned, CouponAccepted)
    assert scanned.coupon.issuer == "M9"


@pytest.mark.parametrize("keys", [(), (b"",), (b"short",), (bytes(32),)])
def test_a_terminal_without_a_key_that_could_sign(giver: SampleTill, keys: tuple[bytes, ...]) -> None:
    code = printed(giver).code
    giver.tell("terminals", "S1-1", TerminalRow("S1-1", "S1", "M1", keys))
    assert refused(giver, code) == "coupon_unknown"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"rule_mark": rule_mark("no_such_rule")}, "coupon_unknown"),
        ({"rule_mark": rule_mark("member_price")}, "coupon_unknown"),  # a rule, but none that is held
        ({"last_day": "2026-11-20"}, "coupon_expired"),
        ({"terminal": "S1-2"}, "coupon_unknown"),
        ({"terminal": ""}, "coupon_unknown"),
    ],
)
def test_signed_but_not_good(giver: SampleTill, facts: dict[str, str], reason: str) -> None:
    assert refused(giver, forged(giver.till.store.folder.load_terminal_key(), **facts)) == reason


def test_it_is_good_through_its_last_day(giver: SampleTill) -> None:
    code = printed(giver).code
    giver.clock.moment = datetime.fromisoformat(f"{LAST_DAY}T23:59:59+08:00")
    assert isinstance(scan_code(Cart(), code, giver.desk), CouponAccepted)
    giver.clock.move(timedelta(seconds=1))
    assert refused(giver, code) == "coupon_expired"


@pytest.mark.parametrize("place", range(0, 214, 13))
def test_a_changed_digit_is_refused_also_with_new_check_digits(giver: SampleTill, place: int) -> None:
    code = forged(giver.till.store.folder.load_terminal_key())
    body = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 : -2]
    assert refused(giver, body + code[-2:]) == "unreadable"
    mended = f"{body}{98 - int(body) * 100 % 97:02d}"
    assert refused(giver, mended) in {"unreadable", "coupon_unknown", "coupon_expired"}


@pytest.mark.parametrize("cut", [1, 20, 108, 199, -1])
def test_a_part_of_it(giver: SampleTill, cut: int) -> None:
    assert refused(giver, printed(giver).code[:cut]) in {"unreadable", "unknown_goods"}


def test_run_together_or_endless(giver: SampleTill) -> None:
    code = printed(giver).code
    assert refused(giver, code * 2) == "unreadable"
    assert refused(giver, code + "9" * 1_000_000) == "unreadable"
