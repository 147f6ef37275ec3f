"""What the screen says once money has changed hands: one huge figure and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.message import Message, say
from pos.domain.money import plain_text, yuan
from pos.domain.pricing import PricedSale
from pos.ui.presenters.refund_form import points_lines
from pos.ui.presenters.till import Paid
from pos.usecases.ports import PrintState
from pos.usecases.refund_sale import CompletedRefund


@dataclass(frozen=True, slots=True)
class Outcome:
    """`facts` are label and figure; `job_id` is the receipt in the print queue."""

    title: Message
    label: Message
    figure: str
    facts: tuple[tuple[Message, str], ...]
    receipt_no: str
    job_id: int


def paid_outcome(paid: Paid) -> Outcome:
    sale = paid.completed.sale
    facts = [(say("应收"), yuan(sale.result.due_fen)), (say("实收"), yuan(paid.given_fen))]
    return Outcome(
        title=say("已收款"),
        label=say("找零"),
        figure=yuan(sale.change_fen),
        facts=(*facts, *_points(sale.result)),
        receipt_no=sale.receipt_no,
        job_id=paid.completed.job_id,
    )


def refund_outcome(completed: CompletedRefund) -> Outcome:
    made = completed.refund
    changes = tuple(
        (label, plain_text(abs(amount), scale)) for label, amount, scale in points_lines(made.result)
    )
    return Outcome(
        title=say("已退货"),
        label=say("退现金"),
        figure=yuan(made.result.cash_back_fen),
        facts=changes,
        receipt_no=made.receipt_no,
        job_id=completed.job_id,
    )


def print_line(state: PrintState | None) -> Message:
    """What became of the receipt on paper; F7 is named only where nothing will print it by itself."""
    sentences = {
        "printed": say("小票已打印"),
        "sending": say("小票正在打印…"),
        "failed": say("小票还没打出，打印机好了会自动补打"),
        "given_up": say("小票没打出，可按 F7 重打"),
        "queued": say("小票在排队，轮到就自动打印"),
    }
    return sentences[state] if state else sentences["queued"]


def _points(sale: PricedSale) -> tuple[tuple[Message, str], ...]:
    used = [(say("用去积分"), plain_text(one.amount, one.scale)) for one in sale.redeemed if one.amount]
    earned = [
        (say("本单得积分"), plain_text(one.amount, one.scale))
        for one in sale.outcome.earned
        if one.role == "member"
    ]
    return (*used, *earned)
