from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from pos.bootstrap.till import open_till
from pos.domain import cart as carts
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.day import Figures, add
from pos.domain.events import ConfigurationApplied, Tender
from pos.domain.message import Refusal
from pos.domain.receipt import BalanceAfter
from pos.usecases.complete_sale import complete_sale
from pos.usecases.ports import StorageTrouble
from sync.protocol.messages import FeedPage, FeedRow, HighWater, HubMark
from tests.store import sales
from tests.usecases.sample_till import (
    CASHIER,
    COLA,
    DOU,
    DOU_CARD,
    RICE,
    TEA,
    WATER,
    SampleTill,
)


def refuse(shop: SampleTill, cart: Cart, given_fen: int, shown_due_fen: int) -> str:
    before = shop.desk.journal.last_seq()
    with pytest.raises(Refusal) as refusal:
        shop.book(partial(complete_sale, cart, given_fen, CASHIER, shop.desk, shown_due_fen=shown_due_fen))
    assert shop.desk.journal.last_seq() == before
    assert shop.till.store.print_queue.unprinted() == 0
    return refusal.value.reason


# --- the worked sale ------------------------------------------------------------------------------


def test_the_worked_sale_to_the_fen(shop: SampleTill) -> None:
    done = shop.pay(shop.worked_cart(), 100_00)
    result = done.sale.result
    assert [line.payable_fen for line in result.lines] == [4_74, 4_46, 60_60, 14_56]
    assert (result.gross_fen, result.adjustments_fen, result.payable_fen) == (86_30, 1_94, 84_36)
    assert (result.eligible_fen, result.redeemed_fen, result.due_fen) == (23_76, 7_00, 77_36)
    assert [sum(part.value_fen for part in line.redeemed) for line in result.lines] == [140, 131, 0, 429]
    assert [(one.asset, one.amount) for one in result.outcome.earned] == [("points", 16_00)]
    assert (result.outcome.received_fen, result.outcome.share_fen) == (84_36, 2_53)
    assert result.outcome.reimbursement_fen == 7_00
    assert done.sale.tenders == (Tender("cash", 100_00),)
    assert done.sale.change_fen == 22_64
    assert shop.points(DOU) == 29_00


def test_the_worked_sale_in_the_journal(shop: SampleTill) -> None:
    done = shop.pay(shop.worked_cart())
    opened, configuration, sale = shop.events()
    assert opened.at
    assert isinstance(configuration, ConfigurationApplied)
    assert configuration.pack == done.sale.pack
    assert sale == done.sale
    assert done.seq == 3
    assert sale.receipt_no == shop.desk.journal.identity.receipt_no(1)
    assert (sale.at, sale.date) == ("2026-11-21T10:42:00+08:00", "2026-11-21")
    assert sale.basket.redeem == {"points": 20_00}  # all that there was, as a number that means something
    assert sale.basket.member is not None
    assert sale.basket.member.balances == {"points": 20_00}
    stored = shop.desk.journal.receipt(sale.receipt_no)
    assert stored is not None
    assert (stored.seq, stored.hash, stored.event) == (done.seq, done.hash, done.sale)
    assert shop.chain_holds()


def test_the_worked_sales_receipt_waits_and_its_cart_is_forgotten(shop: SampleTill) -> None:
    cart = shop.worked_cart()
    shop.book(lambda: shop.desk.journal.save_cart(cart))
    assert shop.desk.journal.open_cart() == cart
    done = shop.pay(cart)
    assert shop.desk.journal.open_cart() is None
    job = shop.till.store.print_queue.next_job()
    assert job is not None
    assert (job.id, job.seq, job.state, job.copy) == (done.job_id, done.seq, "queued", False)
    assert job.balances == (BalanceAfter("积分", 29_00, 2),)
    assert shop.hub.nudges == 1


def test_the_worked_sale_in_the_days_figures(shop: SampleTill) -> None:
    done = shop.pay(shop.worked_cart())
    (row,) = shop.desk.journal.figures("2026-11-21")
    assert row.receipt_no == done.sale.receipt_no
    assert row.figures == Figures(
        sales=1,
        gross_fen=86_30,
        adjustments_fen=1_94,
        payable_fen=84_36,
        cash_fen=77_36,
        points_redeemed=7_00,
        points_earned=16_00,
        received_fen=84_36,
        share_fen=2_53,
        reimbursements_fen=7_00,
    )


def test_the_pack_in_force_is_journaled_once(shop: SampleTill) -> None:
    for _ in range(3):
        shop.sell(WATER)
    kinds = [type(event).__name__ for event in shop.events()]
    assert kinds == ["ChainOpened", "ConfigurationApplied", "SaleMade", "SaleMade", "SaleMade"]


def test_a_walk_in_pays_the_list_price_and_the_store_owes_its_share(shop: SampleTill) -> None:
    done = shop.sell(WATER, COLA)
    assert done.sale.result.due_fen == 1_70 + 2_40
    assert done.sale.result.outcome.earned == ()
    assert done.sale.result.outcome.share_fen == 12
    job = shop.till.store.print_queue.next_job()
    assert job is not None
    assert job.balances == ()


# --- what is refused ------------------------------------------------------------------------------


def test_an_empty_cart(shop: SampleTill) -> None:
    assert refuse(shop, Cart(), 0, 0) == "empty"
    assert refuse(shop, shop.scan(Cart(), DOU_CARD), 0, 0) == "empty"


@pytest.mark.parametrize("given_fen", [-1, 0, 77_35])
def test_too_little_cash(shop: SampleTill, given_fen: int) -> None:
    assert refuse(shop, shop.worked_cart(), given_fen, 77_36) == "too_little"


@pytest.mark.parametrize("given_fen", [77_36 + 1_000_00, 6_921_168_509_256, 1 << 70])
def test_too_much_cash_is_a_slip_of_the_finger_or_a_barcode(shop: SampleTill, given_fen: int) -> None:
    assert refuse(shop, shop.worked_cart(), given_fen, 77_36) == "too_much"


def test_just_below_a_thousand_yuan_of_change_is_given(shop: SampleTill) -> None:
    assert shop.pay(shop.worked_cart(), 77_36 + 999_99).sale.change_fen == 999_99


def test_a_price_that_changed_behind_the_cashiers_back(shop: SampleTill) -> None:
    assert refuse(shop, shop.worked_cart(), 100_00, 77_35) == "price_changed"


def test_a_member_blocked_meanwhile_does_not_change_the_price_silently(shop: SampleTill) -> None:
    """The hub takes the member away while the cart is open: the cashier must see the new amount first."""
    cart = shop.worked_cart()
    shown_fen = shop.quote(cart).sale.due_fen
    shop.till.store.replica.apply(
        FeedPage(
            HubMark(0, "", HighWater(0, "")), "members", (FeedRow(900, DOU, None),), next=900, more=False
        )
    )
    assert refuse(shop, cart, 100_00, shown_fen) == "price_changed"


def test_before_the_first_download_nothing_can_be_sold(tmp_path: Path) -> None:
    folder = sales.create(tmp_path / "till")
    with open_till(folder.path) as till:
        new = SampleTill(till)
        cart = carts.add(Cart(), sales.product())
        with pytest.raises(Refusal) as refusal:
            new.book(lambda: complete_sale(cart, 100, CASHIER, new.desk, shown_due_fen=100))
        assert refusal.value.reason == "no_pack"
        assert new.desk.journal.last_seq() == 1


# --- the disk -------------------------------------------------------------------------------------


def fill_the_disk(shop: SampleTill) -> None:
    """From now on the journal's file may not grow."""
    writer = shop.till.store.journal_writer

    def fill() -> None:
        (pages,) = writer._own().execute("PRAGMA page_count").fetchone()
        writer._own().execute(f"PRAGMA max_page_count = {pages:d}").fetchall()

    writer.run(fill)


def make_room(shop: SampleTill) -> None:
    writer = shop.till.store.journal_writer
    writer.run(lambda: writer._own().execute("PRAGMA max_page_count = 1000000").fetchall())


def test_a_full_disk_leaves_nothing_of_the_sale(shop: SampleTill) -> None:
    cart = carts.wish_to_redeem(shop.scan(Cart(), DOU_CARD, RICE, *every_packaged_good(shop)), "points", 7_00)
    shop.book(lambda: shop.desk.journal.save_cart(cart))
    fill_the_disk(shop)
    with pytest.raises(StorageTrouble) as trouble:
        shop.pay(cart)
    assert "磁盘已满" in str(trouble.value.message)
    journal = shop.desk.journal
    assert journal.last_seq() == 1
    assert journal.receipts() == ()
    assert journal.last_configuration() is None
    assert journal.open_cart() == cart
    assert shop.till.store.print_queue.unprinted() == 0
    assert shop.points(DOU) == 20_00
    assert shop.hub.nudges == 0
    make_room(shop)
    assert shop.pay(cart).sale.receipt_no == journal.identity.receipt_no(1)
    assert shop.chain_holds()


def every_packaged_good(shop: SampleTill) -> list[str]:
    return [product.code for product in shop.desk.goods.search("69", 100) if not product.weighed]


def test_a_failure_inside_the_transaction_leaves_nothing(
    shop: SampleTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong at the last step, entry and receipt number are taken back."""

    def fail(*_: object) -> None:
        raise RuntimeError("a bug at the last step")

    cart = shop.worked_cart()
    with monkeypatch.context() as patch:
        patch.setattr("pos.store.journal_transaction.JournalTransaction.forget_cart", fail)
        with pytest.raises(RuntimeError):
            shop.pay(cart)
    assert shop.desk.journal.last_seq() == 1
    assert shop.till.store.print_queue.unprinted() == 0
    assert shop.pay(cart).sale.receipt_no == shop.desk.journal.identity.receipt_no(1)


# --- what others got wrong ------------------------------------------------------------------------


def test_odoo_125037_a_paid_sale_outlives_a_power_cut_and_its_number_is_not_used_again(
    shop: SampleTill, tmp_path: Path
) -> None:
    """The files as they are on disk at the moment of "paid" hold the sale; the next gets another number."""
    first = shop.pay(shop.worked_cart())
    left_behind = Path(shutil.copytree(shop.till.store.folder.path, tmp_path / "after"))
    with open_till(left_behind) as till:
        after = SampleTill(till)
        stored = after.desk.journal.receipt(first.sale.receipt_no)
        assert stored is not None
        assert stored.event == first.sale
        second = after.sell(TEA)
        assert second.sale.receipt_no == after.desk.journal.identity.receipt_no(2)
        assert len(after.desk.journal.receipts()) == 2
        assert after.chain_holds()


def test_odoo_270532_points_redeemed_offline_are_gone_at_once(shop: SampleTill) -> None:
    """The check works without the hub, and a second sale finds only what the first one left."""
    shop.go_offline()
    first = shop.sell(DOU_CARD, RICE, redeem=EVERYTHING)
    taken = first.sale.result.redeemed[0].amount
    earned = sum(one.amount for one in first.sale.result.outcome.earned)
    assert taken == 12_00
    assert shop.points(DOU) == 20_00 - taken + earned
    second = shop.scan(Cart(), DOU_CARD, *[RICE] * 4)
    quoted = shop.quote(carts.wish_to_redeem(second, "points", EVERYTHING))
    assert quoted.sale.redeemed[0].amount == min(20_00 - taken + earned, 50_00)


def test_odoo_36732_lines_total_and_payment_agree_to_the_fen(shop: SampleTill) -> None:
    weights = [f"20001@{grams}" for grams in (1, 33, 335, 667, 999, 1001, 1234)]
    done = shop.sell(DOU_CARD, WATER, WATER, WATER, COLA, *weights, redeem=EVERYTHING)
    result = done.sale.result
    assert sum(line.gross_fen for line in result.lines) == result.gross_fen
    assert sum(line.payable_fen for line in result.lines) == result.payable_fen
    assert sum(part.value_fen for line in result.lines for part in line.redeemed) == result.redeemed_fen
    assert result.payable_fen - result.redeemed_fen == result.due_fen
    assert sum(tender.amount_fen for tender in done.sale.tenders) - done.sale.change_fen == result.due_fen


def test_odoo_31548_a_days_figures_are_kept_running(shop: SampleTill) -> None:
    """Adding up a day opens no sale again: the bodies may even be unreadable."""
    due_fen = sum(shop.sell(WATER, COLA).sale.result.due_fen for _ in range(20))
    connection = shop.till.store.journal_writer

    def spoil() -> None:
        connection._own().execute("DROP TRIGGER journal_is_never_changed")
        connection._own().execute("UPDATE journal SET body = x'00' WHERE kind = 'sale'")

    connection.run(spoil)
    assert add(row.figures for row in shop.desk.journal.figures("2026-11-21")).cash_fen == due_fen
