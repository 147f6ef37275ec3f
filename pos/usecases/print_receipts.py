"""Drains the print queue: journal entry to words to paper. One worker, one printer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from drivers import contracts
from drivers.contracts import (
    Columns,
    DeviceError,
    Document,
    Feed,
    PrinterState,
    QrCode,
    ReceiptPrinter,
    Rule,
    Text,
)
from pos.domain import receipt as parts
from pos.domain.events import MembershipSold, RefundMade, SaleMade
from pos.domain.journal import short_hash
from pos.domain.message import Message, Refusal, say
from pos.domain.receipt import (
    BalanceAfter,
    Part,
    StoreCard,
    membership_receipt,
    refund_receipt,
    sale_receipt,
)
from pos.usecases.ports import Journal, Packs, StoredReceipt
from pos.usecases.print_ports import PrintJob, PrintQueue
from pos.words import Words


def receipt_document(
    stored: StoredReceipt, job: PrintJob, store: StoreCard, packs: Packs, words: Words
) -> Document:
    """The paper of a journaled receipt. A second try whose first may have printed is marked as a copy."""
    loaded = packs.by_ref(stored.event.pack)
    facts: _Facts = {
        "balances": job.balances,
        "chain_mark": short_hash(stored.hash),
        "names": loaded.pack.names() if loaded else {},
        "copy": job.copy or job.may_have_printed,
    }
    match stored.event:
        case SaleMade():
            return document(sale_receipt(stored.event, store, **facts), words)
        case RefundMade():
            return document(refund_receipt(stored.event, store, **facts), words)
        case MembershipSold():
            return document(membership_receipt(stored.event, store, **facts), words)


class _Facts(TypedDict):
    """What every receipt is made with besides its event and the store."""

    balances: tuple[BalanceAfter, ...]
    chain_mark: str
    names: dict[str, str]
    copy: bool


def slip_document(text: str, store: StoreCard, words: Words) -> Document:
    """The paper of a text that the alliance sends."""
    printable = ("".join(filter(str.isprintable, line)) for line in text.splitlines())
    lines = tuple(parts.Note(line) for line in printable)
    return document((parts.Heading(store.name, "strong"), parts.Line(), *lines, parts.Line()), words)


def document(content: tuple[Part, ...], words: Words) -> Document:
    """Puts a receipt's parts into words and into what printers know."""
    return Document(tuple(_element(part, words) for part in content))


def sample_page(store: StoreCard, words: Words) -> Document:
    """What the technician prints to see that paper, Chinese, width and QR are right."""
    return document(
        (
            parts.Heading(store.name, "huge"),
            parts.Heading(say("打印测试"), "strong"),
            parts.Line(),
            parts.Pair(say("中文、数字、符号"), "¥1,234.50"),
            parts.Pair("0123456789 ABCDEF", "￥（）："),
            parts.Pair(say("应收"), "77.36", "huge"),
            parts.Line(),
            parts.Code("0123456789", say("此码能扫出 0123456789 即正常")),
        ),
        words,
    )


def print_test_page(printer: ReceiptPrinter, store: StoreCard, words: Words) -> Message:
    """Prints a test page at once and says how it went.

    Raises:
        Refusal: `printer`: nothing was printed, or nobody knows.

    """
    try:
        state = printer.print(sample_page(store, words))
    except DeviceError as error:
        raise Refusal(
            "printer", printer_sentence(error.state) or say("测试页没有打印：{why}", why=str(error))
        ) from error
    return printer_sentence(state) or say("测试页已打印，请看中文、金额和二维码是否清楚")


def _element(part: Part, words: Words) -> contracts.Element:
    match part:
        case parts.Heading(text, style):
            return Text(words(text), align="center", bold=style in ("strong", "huge"), size=_size(style))
        case parts.Pair(label, value, style):
            return Columns(words(label), words(value), bold=style in ("strong", "huge"), size=_size(style))
        case parts.Note(text):
            return Text(words(text)) if words(text) else Feed(1)
        case parts.Line():
            return Rule()
        case parts.Code(data, caption):
            return QrCode(data, caption=words(caption))


def _size(style: parts.Style) -> int:
    return 2 if style == "huge" else 1


@dataclass(frozen=True, slots=True)
class Printed:
    """The job's paper came out and the printer said so; `state` is what it says of itself since."""

    job_id: int
    state: PrinterState


@dataclass(frozen=True, slots=True)
class NotPrinted:
    """The job waits; `state` says for what."""

    job_id: int
    state: PrinterState


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The job can never be printed; the next one may."""

    job_id: int


def print_next(
    queue: PrintQueue,
    journal: Journal,
    packs: Packs,
    printer: ReceiptPrinter,
    words: Words,
    *,
    ask_first: bool,
) -> Printed | NotPrinted | GivenUp | None:
    """Prints the oldest waiting receipt, if there is one. On the printer's thread.

    `ask_first` asks for the status before anything is written down: after a failure, so that waiting
    for paper costs the disk nothing. The job is durably `sending` before its first byte; when the
    outcome is unclear, the next try is marked as a copy.
    """
    job = queue.next_job()
    if job is None:
        return None
    if ask_first and not (state := printer.status()).can_print:
        return NotPrinted(job.id, state)
    paper = _paper(job, journal, packs, words)
    queue.mark_sending(job.id)
    try:
        state = printer.print(paper)
    except DeviceError as error:
        queue.mark_failed(job.id, str(error), may_have_printed=error.may_have_happened)
        return NotPrinted(job.id, error.state)
    except ValueError as error:  # no printer can print this document; trying again would change nothing
        queue.give_up(job.id, str(error))
        return GivenUp(job.id)
    queue.mark_printed(job.id)
    return Printed(job.id, state)


def _paper(job: PrintJob, journal: Journal, packs: Packs, words: Words) -> Document:
    if job.text is not None:
        return slip_document(job.text, journal.store, words)
    stored = journal.receipt_at(job.seq)
    assert stored is not None, "a job is queued in the transaction that writes its receipt"
    return receipt_document(stored, job, journal.store, packs, words)


def printer_sentence(state: PrinterState) -> Message | None:
    """What to do about a printer; None when there is nothing to do."""
    return {
        PrinterState.READY: None,
        PrinterState.PAPER_LOW: say("小票纸快用完了，请准备换纸"),
        PrinterState.PAPER_OUT: say("打印机缺纸，换纸后会自动补打"),
        PrinterState.COVER_OPEN: say("打印机盖子没有盖好，盖好后会自动补打"),
        PrinterState.OFFLINE: say("打印机暂停工作，请检查打印机上的指示灯"),
        PrinterState.UNREACHABLE: say("连不上打印机，请检查电源和网线；销售不受影响，小票会补打"),
        PrinterState.UNKNOWN: say("打印机没有回答，小票可能没打出来，会以副本补打"),
    }[state]
