"""The journal as the deeds at the till use it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from pos.domain.cart import Cart
from pos.domain.day import add, figures_of
from pos.domain.events import ConfigurationApplied, DrawerOpened, LockOutLifted
from pos.domain.journal import GENESIS, holds
from pos.domain.refund import ReturnedLine
from pos.store.folder import DataFolder
from pos.store.till_store import ChainExists, NoChain, TillStore, has_chain, open_store
from pos.usecases.ports import Journal, Pending, WrongPins
from tests.store.sales import (
    BALANCES,
    DATE,
    IDENTITY,
    MEMBER,
    NOW,
    STORE,
    create,
    everything,
    log_in,
    product,
    sale,
    sell,
    take_back,
    till_in,
    tongyi,
)


class StopError(Exception):
    pass


def test_it_is_the_journal_of_the_port(till: TillStore) -> None:
    journal: Journal = till.journal
    assert journal.identity == IDENTITY
    assert journal.store == STORE


def test_a_chain_begins_with_its_opening(till: TillStore) -> None:
    (opening,) = till.outbox.entries_after(0, count_max=10, bytes_max=1 << 20)
    assert (opening.seq, opening.prev_hash) == (1, GENESIS)
    assert b'"kind":"chain_opened"' in opening.body
    assert holds(IDENTITY, opening)


def test_a_folder_takes_one_chain(folder: DataFolder) -> None:
    assert has_chain(folder)
    with pytest.raises(ChainExists):
        create(folder.path)
    with till_in(folder) as till:
        assert till.journal.last_seq() == 1


def test_a_folder_without_a_chain_is_no_till(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("empty"))
    assert not has_chain(folder)
    with pytest.raises(NoChain):
        open_store(folder)


def test_a_sale_is_found_again_after_a_restart(folder: DataFolder) -> None:
    with till_in(folder) as till:
        sold, entry = sell(till, member_no=MEMBER, points=2000, redeem=200)
    with till_in(folder) as till:
        stored = till.journal.receipt(sold.receipt_no)
        assert stored is not None
        assert (stored.seq, stored.hash, stored.event) == (entry.seq, entry.hash, sold)
        assert till.journal.receipt_at(entry.seq) == stored
        assert till.journal.receipt("S1-1-7J0Z0-9999") is None
        assert till.journal.last_seq() == 2


def test_one_transaction_makes_a_sale(till: TillStore) -> None:
    statements: list[str] = []
    connection = till.journal_writer._connection
    assert connection is not None
    till.journal_writer.run(lambda: connection.set_trace_callback(statements.append))
    sell(till, member_no=MEMBER, points=2000, redeem=200, lines=20)
    first_words = Counter(statement.split()[0] for statement in statements)
    assert first_words["BEGIN"] == 1
    assert first_words["COMMIT"] == 1
    assert not {"PRAGMA", "SAVEPOINT", "ROLLBACK"} & set(first_words)


def test_an_exception_inside_takes_everything_back(till: TillStore) -> None:
    till.journal.save_cart(Cart())

    def fail() -> None:
        with till.journal.transaction() as transaction:
            entry = transaction.append(sale(transaction.next_receipt_no()))
            transaction.queue_receipt(entry.seq, BALANCES)
            transaction.forget_cart()
            raise StopError

    with pytest.raises(StopError):
        till.journal_writer.run(fail)
    assert till.journal.last_seq() == 1
    assert till.journal.receipts() == ()
    assert till.print_queue.unprinted() == 0
    assert till.journal.open_cart() == Cart()
    sold, _ = sell(till)
    assert sold.receipt_no == IDENTITY.receipt_no(1)


def test_others_see_a_sale_only_when_it_is_whole(till: TillStore) -> None:
    def look() -> int:
        with till.journal.transaction() as transaction:
            transaction.append(sale(transaction.next_receipt_no()))
            return len(till.journal.receipts())

    assert till.journal_writer.run(look) == 0
    assert len(till.journal.receipts()) == 1


def test_a_transaction_that_is_over_cannot_be_used(till: TillStore) -> None:
    def misuse() -> None:
        with till.journal.transaction() as transaction:
            pass
        transaction.next_receipt_no()

    with pytest.raises(AssertionError, match="over"):
        till.journal_writer.run(misuse)


def test_sales_and_refunds_share_the_numbers(till: TillStore) -> None:
    first, _ = sell(till)
    back = take_back(till, first, ReturnedLine(0, 1))
    second, _ = sell(till)
    numbers = [first.receipt_no, back.receipt_no, second.receipt_no]
    assert numbers == [IDENTITY.receipt_no(n) for n in (1, 2, 3)]


def test_a_receipt_number_is_never_taken_twice_odoo_125037(folder: DataFolder) -> None:
    """A confirmed order was lost and its id reused, so that the next sale was discarded as a duplicate."""
    with till_in(folder) as till:
        first, entry = sell(till)
    with till_in(folder) as till:
        second, _ = sell(till)
        assert second.receipt_no != first.receipt_no
        kept = till.journal.receipt(first.receipt_no)
        assert kept is not None
        assert kept.hash == entry.hash

        def same_number_again() -> None:
            with till.journal.transaction() as transaction:
                transaction.append(sale(first.receipt_no))

        with pytest.raises(Exception, match="UNIQUE"):
            till.journal_writer.run(same_number_again)
        assert [row.receipt_no for row in till.journal.receipts()] == [second.receipt_no, first.receipt_no]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET at = 'never'",
        "DELETE FROM journal WHERE seq = 2",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 2",
        "INSERT INTO journal SELECT seq + 5, kind, NULL, at, prev_hash, hash, body FROM journal LIMIT 1",
    ],
)
def test_nothing_changes_the_journal(till: TillStore, change: str) -> None:
    sell(till)

    def attempt() -> None:
        with till.journal_writer.transaction() as connection:
            connection.execute(change)

    with pytest.raises(Exception, match=r"append-only|at its end"):
        till.journal_writer.run(attempt)
    assert till.journal.last_seq() == 2


def test_the_list_of_receipts(till: TillStore) -> None:
    first, _ = sell(till, date="2026-02-28")
    second, entry = sell(till, member_no=MEMBER, points=500)
    back = take_back(till, second, ReturnedLine(1, 2))
    newest, middle, oldest = till.journal.receipts()
    assert (newest.receipt_no, newest.kind, newest.of) == (back.receipt_no, "refund", second.receipt_no)
    assert newest.figures == figures_of(back)
    assert newest.figures.payable_fen < 0
    assert (middle.seq, middle.member_no, middle.cashier) == (entry.seq, MEMBER, "03")
    assert middle.figures == figures_of(second)
    assert (oldest.receipt_no, oldest.date, oldest.kind) == (first.receipt_no, "2026-02-28", "sale")
    assert till.journal.receipts(date=DATE) == (newest, middle)
    assert till.journal.receipts(limit=1) == (newest,)
    assert till.journal.refunds_of(second.receipt_no) == (back,)
    assert till.journal.refunds_of(first.receipt_no) == ()


def test_the_figures_of_a_day(till: TillStore) -> None:
    sell(till, date="2026-02-28")
    sold, _ = sell(till, member_no=MEMBER, points=2000, redeem=300)
    back = take_back(till, sold, *everything(sold))
    rows = till.journal.figures(DATE)
    assert [row.receipt_no for row in rows] == [sold.receipt_no, back.receipt_no]
    total = add(row.figures for row in rows)
    assert (total.payable_fen, total.cash_fen, total.share_fen, total.points_earned) == (0, 0, 0, 0)


def test_offline_redemption_is_counted_net_of_refunds(till: TillStore) -> None:
    def redeemed(date: str = DATE) -> int:
        return till.journal.offline_redeemed(MEMBER, "points", date).today_fen

    sell(till, member_no=MEMBER, points=2000, redeem=300, quantity=9)
    assert redeemed() == 0, "online redemption has no offline limit"
    sold, _ = sell(till, member_no=MEMBER, points=2000, redeem=300, quantity=9, online=False)
    assert redeemed() == 300
    sell(till, member_no="30009999", points=2000, redeem=100, quantity=9, online=False)
    assert redeemed() == 300
    part = take_back(till, sold, ReturnedLine(0, 4), date="2026-03-02")
    assert redeemed() == 300 - part.result.points_back[0].value_fen
    take_back(till, sold, ReturnedLine(0, 5), ReturnedLine(1, 9))
    assert redeemed() == 0
    assert redeemed("2026-03-02") == 0


def lift(till: TillStore) -> None:
    with till.journal.transaction() as transaction:
        transaction.append(LockOutLifted(NOW.isoformat(), "03", "01"))


def test_wrong_pins_count_until_a_right_one_or_the_owners_word(till: TillStore) -> None:
    for second in range(3):
        log_in(till, "03", NOW + timedelta(seconds=second), ok=False)
    log_in(till, "04", NOW, ok=False)
    wrong = till.journal.wrong_pins("03")
    assert (wrong.count, wrong.last) == (3, NOW + timedelta(seconds=2))
    assert till.journal.wrong_pins("04").count == 1
    assert till.journal.numbers_with_wrong_pins(3) == ("03",)
    till.journal_writer.run(lambda: lift(till))
    assert till.journal.wrong_pins("03").count == 0
    log_in(till, "04", NOW, ok=True)
    assert till.journal.wrong_pins("04") == WrongPins()
    log_in(till, "03", NOW, ok=False)
    till.journal.rebuild_projections()
    assert till.journal.wrong_pins("03").count == 1


def test_what_is_pending(till: TillStore) -> None:
    assert till.journal.pending() == Pending(1, 0, NOW.isoformat())
    sell(till)

    def open_drawer() -> None:
        with till.journal.transaction() as transaction:
            transaction.append(DrawerOpened(NOW.isoformat(), "03"))

    till.journal_writer.run(open_drawer)
    assert till.journal.pending() == Pending(3, 1, NOW.isoformat())


def test_the_cart_outlives_the_program(folder: DataFolder) -> None:
    cart = Cart(sale("-", lines=3).basket.lines, MEMBER, {"points": 1 << 62}, 1)
    with till_in(folder) as till:
        assert till.journal.open_cart() is None
        till.journal.save_cart(Cart())
        till.journal.save_cart(cart)
    with till_in(folder) as till:
        assert till.journal.open_cart() == cart
        sell(till)
        assert till.journal.open_cart() is None


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[1]", b'{"lines": [{"product": 5}]}', b"\xff\xfe", b"[" * 5000]
)
def test_a_cart_that_cannot_be_read_is_no_cart(till: TillStore, text: bytes) -> None:
    till.journal_writer.run(lambda: till.journal._write_cart(text))
    assert till.journal.open_cart() is None


def test_saving_the_cart_does_not_wait_for_the_disk(till: TillStore) -> None:
    statements: list[str] = []
    connection = till.journal_writer._connection
    assert connection is not None
    till.journal_writer.run(lambda: connection.set_trace_callback(statements.append))
    till.journal.save_cart(Cart())
    assert statements[0] == "PRAGMA synchronous = NORMAL"
    assert statements[-1] == "PRAGMA synchronous = FULL"


def test_the_configuration_in_force(till: TillStore) -> None:
    assert till.journal.last_configuration() is None

    def apply() -> None:
        with till.journal.transaction() as transaction:
            transaction.append(ConfigurationApplied(NOW.isoformat(), tongyi().ref))

    till.journal_writer.run(apply)
    assert till.journal.last_configuration() == tongyi().ref
    assert till.newest_pack("tongyi") == tongyi().ref.version
    assert till.newest_pack("other") == 0


def test_the_largest_cart_fits_an_entry(till: TillStore) -> None:
    _, entry = sell(till, lines=500, member_no=MEMBER, points=10_000_00, redeem=100_00)
    assert till.journal.receipt_at(entry.seq).seq == entry.seq


def test_products_in_a_sale_are_as_they_were(till: TillStore) -> None:
    sold, _ = sell(till)
    stored = till.journal.receipt(sold.receipt_no)
    assert stored is not None
    assert stored.event == sold
    assert sold.basket.lines[0].product == product(1)


def test_closing_finishes_what_was_handed_in(folder: DataFolder) -> None:
    with till_in(folder) as till:
        for _ in range(20):
            till.journal_writer.submit(lambda: sell(till))
        last = till.journal_writer.submit(lambda: till.goods.product("none") or till.journal.last_seq())
    assert last.result() == 21
    with till_in(folder) as till:
        assert till.journal.last_seq() == 21
