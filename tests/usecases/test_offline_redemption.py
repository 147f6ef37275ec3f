"""What may be paid with points while the hub is away: 50.00 a sale, 100.00 a member and day, 72 hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import pytest

from pos.domain import cart as carts
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.ledger import SALES
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.complete_sale import complete_sale
from pos.usecases.ports import Members
from pos.usecases.refund_sale import refund_sale
from sync.protocol.messages import HighWater
from tests.fakes.clock import A_MORNING
from tests.usecases.sample_till import CASHIER, DOU_CARD, LI, LI_CARD, QIN, QIN_CARD, RICE, SampleTill

HOURS_72 = timedelta(hours=72)
A_SECOND = timedelta(seconds=1)


def big_cart(shop: SampleTill, bags_of_rice: int = 5) -> Cart:
    """216.25 yuan for a member who has 382 points and wishes to pay as much as possible with them."""
    cart = shop.scan(Cart(), QIN_CARD, *[RICE] * bags_of_rice)
    return carts.wish_to_redeem(cart, "points", EVERYTHING)


def redeemed_fen(shop: SampleTill) -> int:
    return shop.pay(big_cart(shop)).sale.result.redeemed_fen


def test_online_without_a_pay_code_the_limits_hold_too(shop: SampleTill) -> None:
    """The badge says that the hub is there; that it has reserved the points only a code says."""
    quoted = shop.quote(big_cart(shop))
    assert quoted.sale.redeemed_fen == 50_00
    assert quoted.basket.ceilings_fen == {"points": 50_00}
    assert [str(one) for one in quoted.limit_notes] == ["不扫付款码：每单最多抵 50.00 元，今天还剩 100.00 元"]


def test_before_points_are_to_be_spent_online_the_packs_own_cap_counts(shop: SampleTill) -> None:
    quoted = shop.quote(msgspec.structs.replace(big_cart(shop), redeem={}))
    most = next(one for one in quoted.sale.redeemable if one.asset == "points")
    assert most.amount == 64_00  # 30 % of 216.25, whole points


def test_offline_a_sale_takes_fifty(shop: SampleTill) -> None:
    shop.go_offline()
    quoted = shop.quote(big_cart(shop))
    assert quoted.sale.redeemed_fen == 50_00
    assert quoted.basket.ceilings_fen == {"points": 50_00, "voucher": 50_00}


def test_the_limit_in_force_stands_in_the_journal(shop: SampleTill) -> None:
    shop.go_offline()
    done = shop.pay(big_cart(shop))
    assert not done.sale.online
    assert done.sale.basket.ceilings_fen == {"points": 50_00, "voucher": 50_00}


def test_offline_a_member_takes_a_hundred_a_day(shop: SampleTill) -> None:
    shop.go_offline()
    assert [redeemed_fen(shop) for _ in range(3)] == [50_00, 50_00, 0]
    assert "额度" in str(shop.quote(big_cart(shop)).limit_notes[0])
    shop.clock.moment = datetime.fromisoformat("2026-11-22T00:00:00+08:00")
    assert redeemed_fen(shop) == 50_00


def test_what_is_left_of_the_day_bounds_the_next_sale(shop: SampleTill) -> None:
    shop.go_offline()
    shop.sell(QIN_CARD, *[RICE] * 5, redeem=33_00)
    shop.sell(QIN_CARD, *[RICE] * 5, redeem=40_00)
    assert [redeemed_fen(shop), redeemed_fen(shop)] == [27_00, 0]


def test_each_member_has_a_day_of_their_own(shop: SampleTill) -> None:
    shop.go_offline()
    for _ in range(2):
        shop.pay(big_cart(shop))
    assert shop.quote(big_cart(shop)).sale.redeemed_fen == 0
    dou = carts.wish_to_redeem(shop.scan(Cart(), DOU_CARD, *[RICE] * 5), "points", EVERYTHING)
    assert shop.quote(dou).sale.redeemed_fen == 20_00


def test_setting_the_clock_on_gives_no_more_than_the_dates_balances_may_serve(shop: SampleTill) -> None:
    """72 hours touch four dates: 400.00 for one member at one till, whatever its clock says."""
    shop.tell_member(QIN, QIN_CARD, "co_creator", balances={"points": 10_000_00, SALES: 1})
    shop.go_offline()
    total_fen = 0
    for day in range(12):
        shop.clock.moment = A_MORNING + timedelta(hours=6 * day)
        total_fen += sum(redeemed_fen(shop) for _ in range(3))
    assert total_fen == 400_00


def test_what_the_hub_has_confirmed_is_no_part_of_this_outage(limited: SampleTill) -> None:
    assert redeemed_fen(limited) == 50_00
    confirm_everything(limited)
    limited.clock.move(timedelta(days=1))
    assert redeemed_fen(limited) == 50_00


def test_a_clock_set_back_does_not_end_an_outage(limited: SampleTill) -> None:
    assert [redeemed_fen(limited), redeemed_fen(limited)] == [50_00, 30_00]
    limited.clock.move(timedelta(minutes=-3))
    assert redeemed_fen(limited) == 0


def test_a_return_gives_the_day_its_allowance_back(shop: SampleTill) -> None:
    shop.go_offline()
    first, _second = shop.pay(big_cart(shop)), shop.pay(big_cart(shop))
    assert shop.quote(big_cart(shop)).sale.redeemed_fen == 0
    shop.book(lambda: refund_sale(first.sale.receipt_no, (ReturnedLine(0, 5),), CASHIER, shop.desk))
    assert shop.quote(big_cart(shop)).sale.redeemed_fen == 50_00


def test_no_points_no_redemption(shop: SampleTill) -> None:
    """odoo#270532: nothing is granted because the hub could not be asked."""
    shop.tell_member(LI, LI_CARD, "basic")
    shop.go_offline()
    cart = carts.wish_to_redeem(shop.scan(Cart(), LI_CARD, RICE), "points", EVERYTHING)
    assert shop.quote(cart).sale.redeemed_fen == 0
    assert shop.quote(cart).sale.due_fen == 43_25


@pytest.mark.parametrize(
    ("age", "expected_fen"),
    [
        (timedelta(0), 50_00),
        (HOURS_72, 50_00),
        (HOURS_72 + A_SECOND, 0),
        (timedelta(days=400), 0),
        (-timedelta(minutes=5), 50_00),
        (-timedelta(minutes=5) - A_SECOND, 0),
        (-timedelta(days=365), 0),
    ],
)
def test_the_age_of_the_balance(shop: SampleTill, age: timedelta, expected_fen: int) -> None:
    """Up to 72 hours; a balance from the future means a clock that was set back."""
    cart = big_cart(shop)
    shop.go_offline()
    shop.clock.moment = A_MORNING + age
    quoted = shop.quote(cart)
    assert quoted.sale.redeemed_fen == expected_fen
    assert str(quoted.limit_notes[0]).count("不扫付款码") == (expected_fen > 0)


class _NeverTold:
    """Members of whom it is not known how old their balances are."""

    def __init__(self, members: Members) -> None:
        self.by_card, self.by_number, self.by_tag = members.by_card, members.by_number, members.by_tag

    def cached_at(self) -> None:
        return None


def test_balances_that_were_never_complete_pay_nothing(shop: SampleTill) -> None:
    shop.go_offline()
    shop.desk = replace(shop.desk, members=_NeverTold(shop.desk.members))
    assert shop.quote(big_cart(shop)).sale.redeemed_fen == 0


def test_a_limit_that_shrinks_before_payment_shows_the_new_amount_first(shop: SampleTill) -> None:
    cart = big_cart(shop)
    shown_fen = shop.quote(cart).sale.due_fen
    shop.clock.move(HOURS_72 + A_SECOND)
    with pytest.raises(Refusal) as refusal:
        shop.book(lambda: complete_sale(cart, shown_fen, CASHIER, shop.desk, shown_due_fen=shown_fen))
    assert refusal.value.reason == "price_changed"
    assert shop.points(QIN) == 382_00
    shop.clock.move(-HOURS_72 - A_SECOND)
    assert shop.pay(cart).sale.result.due_fen == shown_fen


def confirm_everything(shop: SampleTill) -> None:
    journal, outbox = shop.desk.journal, shop.till.store.outbox
    digest = outbox.hash_at(journal.last_seq())
    assert digest is not None
    outbox.note_hub_mark(HighWater(journal.last_seq(), digest.hex()), 1, ())


# --- a till's limit for one outage ----------------------------------------------------------------


@pytest.fixture
def limited(shop: SampleTill) -> SampleTill:
    """Offline under a pack that lets all members together redeem 80.00 in points per outage."""
    shop.use_pack(
        "tongyi",
        lambda text: text.replace("cache_age_max_h = 72", "cache_age_max_h = 72\nper_outage_fen = 80_00", 1),
    )
    shop.clock.move(timedelta(minutes=1))
    shop.go_offline()
    return shop


def test_an_outage_has_a_limit_for_all_members_together(limited: SampleTill) -> None:
    assert redeemed_fen(limited) == 50_00
    dou = carts.wish_to_redeem(limited.scan(Cart(), DOU_CARD, *[RICE] * 5), "points", EVERYTHING)
    assert limited.pay(dou).sale.result.redeemed_fen == 20_00
    assert "本机" in str(limited.quote(big_cart(limited)).limit_notes[0])
    assert [redeemed_fen(limited), redeemed_fen(limited)] == [10_00, 0]


def test_a_return_gives_the_outage_its_allowance_back(limited: SampleTill) -> None:
    first = limited.pay(big_cart(limited)).sale
    assert limited.quote(big_cart(limited)).sale.redeemed_fen == 30_00
    limited.give_back(first)
    assert limited.quote(big_cart(limited)).sale.redeemed_fen == 50_00
