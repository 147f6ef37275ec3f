"""Drains the print queue: journal entry to words to paper. One worker, one printer."""

from __future__ import annotations

from drivers import contracts
from drivers.contracts import Columns, Document, Feed, QrCode, Rule, Text
from pos.domain import receipt as parts
from pos.domain.events import SaleMade
from pos.domain.journal import short_hash
from pos.domain.message import say
from pos.domain.receipt import Part, StoreCard, refund_receipt, sale_receipt
from pos.usecases.ports import PrintJob, StoredReceipt
from pos.words import Words


def receipt_document(stored: StoredReceipt, job: PrintJob, store: StoreCard, words: Words) -> Document:
    """The paper of a journaled receipt. A second try whose first may have printed is marked as a copy."""
    copy, mark = job.copy or job.may_have_printed, short_hash(stored.hash)
    if isinstance(stored.event, SaleMade):
        content = sale_receipt(stored.event, store, balances=job.balances, chain_mark=mark, copy=copy)
    else:
        content = refund_receipt(stored.event, store, balances=job.balances, chain_mark=mark, copy=copy)
    return document(content, words)


def document(content: tuple[Part, ...], words: Words) -> Document:
    """Puts a receipt's parts into words and into what printers know."""
    return Document(tuple(_element(part, words) for part in content))


def test_page(store: StoreCard, words: Words) -> Document:
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
