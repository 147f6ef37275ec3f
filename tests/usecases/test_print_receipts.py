from __future__ import annotations

from decimal import Decimal

import pytest

from drivers.contracts import DeviceError, Document, PrinterState
from drivers.printer.memory import MemoryPrinter
from pos.domain.journal import short_hash
from pos.domain.message import Refusal
from pos.domain.refund import ReturnedLine
from pos.usecases.print_receipts import (
    GivenUp,
    NotPrinted,
    Printed,
    print_next,
    print_test_page,
    printer_sentence,
)
from pos.usecases.refund_sale import refund_sale
from pos.usecases.reprint_receipt import reprint_receipt
from pos.words import Words
from tests.usecases.paper import is_copy, lines
from tests.usecases.sample_till import CASHIER, DOU, DOU_CARD, WATER, SampleTill


@pytest.fixture
def printer() -> MemoryPrinter:
    return MemoryPrinter()


def print_one(
    shop: SampleTill, printer: MemoryPrinter, *, ask_first: bool = False, language: str = "zh"
) -> Printed | NotPrinted | GivenUp | None:
    queue = shop.till.store.print_queue
    return print_next(
        queue, shop.desk.journal, shop.desk.packs, printer, Words(language), ask_first=ask_first
    )


def paper_of(shop: SampleTill, printer: MemoryPrinter, language: str = "zh") -> Document:
    assert isinstance(print_one(shop, printer, language=language), Printed)
    return printer.documents[-1]


# --- what stands on it ----------------------------------------------------------------------------


def test_the_worked_sales_receipt(shop: SampleTill, printer: MemoryPrinter) -> None:
    done = shop.pay(shop.worked_cart(), 100_00)
    number, mark = done.sale.receipt_no, short_hash(done.hash)
    assert lines(paper_of(shop, printer)) == [
        "幸福里便利店",
        shop.desk.journal.store.alliance,
        "销售小票",
        f"单号\t{number}",
        "时间\t2026-11-21 10:42:00",
        "1 号机 收银员 03\t",
        "农夫山泉 550ml",
        "  3 瓶 × 1.58\t4.74",
        "  会员价 1.58 元，省 0.36 元",
        "可口可乐 330ml",
        "  2 听 × 2.23\t4.46",
        "  会员价 2.23 元，省 0.34 元",
        "中华软包香烟 20支",
        "  1 包 × 60.60\t60.60",
        "红富士苹果 散称",
        "  1.234 kg × 11.80\t14.56",
        "  会员价 11.80 元，省 1.24 元",
        "合计\t86.30",
        "优惠\t-1.94",
        "应付\t84.36",
        "积分抵扣 7\t-7.00",
        "应收\t77.36",
        "现金\t100.00",
        "找零\t22.64",
        "会员\t***6012",
        "本次获得积分\t16",
        "积分余额\t29",
        f"QR {number} 退货请扫此码",
        *shop.desk.journal.store.footer,
        f"凭证 {mark}",
    ]


def test_odoo_36732_the_paper_adds_up(shop: SampleTill, printer: MemoryPrinter) -> None:
    shop.sell(DOU_CARD, WATER, *(f"20001@{grams}" for grams in (1, 333, 334, 667)), redeem=3_00)
    shown = lines(paper_of(shop, printer))
    pairs = (line.split("\t") for line in shown if "\t" in line)
    figure = {label: Decimal(value) for label, value in pairs if value[-3:-2] == "."}
    goods = sum(Decimal(line.rpartition("\t")[2]) for line in shown if line.startswith("  ") and "×" in line)
    assert goods == figure["应付"] == figure["合计"] + figure["优惠"]
    assert figure["应收"] == figure["应付"] + figure["积分抵扣 3"] == figure["现金"] - figure["找零"]


def test_a_walk_ins_receipt_says_nothing_of_members(shop: SampleTill, printer: MemoryPrinter) -> None:
    shop.sell(WATER)
    shown = "\n".join(lines(paper_of(shop, printer)))
    assert "会员" not in shown
    assert "积分" not in shown
    assert "优惠" not in shown


def test_no_paper_shows_a_whole_member_number_or_card(shop: SampleTill, printer: MemoryPrinter) -> None:
    done = shop.pay(shop.worked_cart())
    shop.book(lambda: refund_sale(done.sale.receipt_no, (ReturnedLine(0, 1),), CASHIER, shop.desk))
    for _ in range(2):
        paper = "\n".join(lines(paper_of(shop, printer)))
        assert DOU not in paper
        assert DOU_CARD not in paper


def test_a_refunds_receipt(shop: SampleTill, printer: MemoryPrinter) -> None:
    done = shop.pay(shop.worked_cart())
    paper_of(shop, printer)
    shop.book(lambda: refund_sale(done.sale.receipt_no, (ReturnedLine(0, 1),), CASHIER, shop.desk))
    shown = lines(paper_of(shop, printer))
    for line in (
        "退货小票",
        f"原小票\t{done.sale.receipt_no}",
        "1 瓶\t-1.58",
        "退回积分\t0.47",
        "扣回所得积分\t-1",
        "退现金\t1.11",
        "积分余额\t28.47",
        "顾客签名：",
    ):
        assert line in shown


def test_a_reprint_is_marked_and_says_no_balance(shop: SampleTill, printer: MemoryPrinter) -> None:
    done = shop.pay(shop.worked_cart())
    original = lines(paper_of(shop, printer))
    shop.book(lambda: reprint_receipt(done.sale.receipt_no, shop.desk))
    copy = lines(paper_of(shop, printer))
    assert "—— 重打小票（副本）——" in copy
    assert set(original) - set(copy) == {"积分余额\t29"}


def test_every_word_of_a_receipt_is_translated(shop: SampleTill, printer: MemoryPrinter) -> None:
    shop.pay(shop.worked_cart())
    shown = lines(paper_of(shop, printer, "en"))
    of_the_shop = [
        shop.desk.journal.store.name,
        shop.desk.journal.store.alliance,
        *shop.desk.journal.store.footer,
        "农夫山泉 550ml",
        "可口可乐 330ml",
        "中华软包香烟 20支",
        "红富士苹果 散称",
    ]
    ours = [line for line in shown if line not in of_the_shop and " × " not in line]
    chinese = [line for line in ours if any("\u4e00" <= char <= "\u9fff" for char in line)]
    # The till's label and the asset's name are data of the shop and the pack.
    assert [line for line in chinese if "1 号机" not in line and "积分" not in line] == []


# --- what becomes of a job ------------------------------------------------------------------------


def test_nothing_to_print(shop: SampleTill, printer: MemoryPrinter) -> None:
    assert print_one(shop, printer) is None


def test_while_it_waits_for_paper_nothing_is_written(shop: SampleTill, printer: MemoryPrinter) -> None:
    done = shop.sell(WATER)
    printer.state = PrinterState.PAPER_OUT
    assert print_one(shop, printer, ask_first=True) == NotPrinted(done.job_id, PrinterState.PAPER_OUT)
    job = shop.till.store.print_queue.next_job()
    assert job is not None
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_printer_that_refused_prints_an_original_later(shop: SampleTill, printer: MemoryPrinter) -> None:
    shop.sell(WATER)
    printer.state = PrinterState.COVER_OPEN
    assert isinstance(print_one(shop, printer), NotPrinted)
    printer.state = PrinterState.READY
    assert not is_copy(paper_of(shop, printer))


def test_an_unclear_outcome_becomes_a_marked_copy(shop: SampleTill, printer: MemoryPrinter) -> None:
    shop.sell(WATER)
    printer.state_after_next_job = PrinterState.PAPER_OUT
    assert isinstance(print_one(shop, printer), NotPrinted)
    printer.state = PrinterState.READY
    assert is_copy(paper_of(shop, printer))
    assert print_one(shop, printer) is None


def test_the_job_is_sending_before_its_first_byte(
    shop: SampleTill, printer: MemoryPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = shop.sell(WATER)
    seen = []

    def watch(_document: Document) -> PrinterState:
        seen.append(shop.till.store.print_queue.state(done.job_id))
        raise DeviceError("gone", state=PrinterState.UNREACHABLE, may_have_happened=False)

    monkeypatch.setattr(printer, "print", watch)
    print_one(shop, printer)
    assert seen == ["sending"]


def test_low_paper_still_prints(shop: SampleTill, printer: MemoryPrinter) -> None:
    shop.sell(WATER)
    printer.state = PrinterState.PAPER_LOW
    assert isinstance(print_one(shop, printer), Printed)


# --- the test page and what the printer's state means ---------------------------------------------


def test_the_test_page(shop: SampleTill, printer: MemoryPrinter) -> None:
    sentence = print_test_page(printer, shop.desk.journal.store, Words("zh"))
    assert "测试页已打印" in str(sentence)
    assert "应收\t77.36" in lines(printer.documents[0])


@pytest.mark.parametrize("state", [state for state in PrinterState if not state.can_print])
def test_a_test_page_that_cannot_be_printed_says_what_to_do(
    shop: SampleTill, printer: MemoryPrinter, state: PrinterState
) -> None:
    printer.state = state
    with pytest.raises(Refusal) as refusal:
        print_test_page(printer, shop.desk.journal.store, Words("zh"))
    assert refusal.value.message == printer_sentence(state)
    assert printer.jobs == []


def test_every_state_but_ready_has_its_sentence() -> None:
    sentences = {state: printer_sentence(state) for state in PrinterState}
    assert sentences.pop(PrinterState.READY) is None
    assert all(sentences.values())
