"""What the screen says once money has changed hands: one huge figure and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos.domain.day import POINTS
from pos.domain.message import Message, say
from pos.domain.money import plain_text, yuan
from pos.domain.pricing.result import PricedSale
from pos.ui.presenters.refund_form import points_lines
from pos.ui.presenters.till import Paid
from pos.usecases.print_ports import PrintState
from pos.usecases.refund_sale import CompletedRefund
from pos.usecases.sell_membership import CompletedMembership


@dataclass(frozen=True, slots=True)
class Outcome:
    """`facts` are label and figure; `job_id` is the receipt in the print queue."""

    title: Message
    label: Message
    figure: str
    facts: tuple[tuple[Message, str], ...]
    receipt_no: str
    job_id: int
    name: Literal["paid", "refunded", "membership"]


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
        name="paid",
    )


def refund_outcome(completed: CompletedRefund) -> Outcome:
    made = completed.refund
    changes = tuple(
        (label, plain_text(abs(amount), scale)) for label, amount, scale in points_lines(made.result)
    )
    return Outcome(
        title=_REFUNDS[made.purpose],
        label=say("退现金"),
        figure=yuan(made.result.cash_back_fen),
        facts=changes,
        receipt_no=made.receipt_no,
        job_id=completed.job_id,
        name="refunded",
    )


def membership_outcome(completed: CompletedMembership) -> Outcome:
    sold = completed.sold
    given_fen = sum(tender.amount_fen for tender in sold.tenders)
    return Outcome(
        title=_DEALS[sold.deal.kind],
        label=say("找零"),
        figure=yuan(sold.change_fen),
        facts=(
            (say("应收"), yuan(sold.due_fen)),
            (say("实收"), yuan(given_fen)),
            (say("到期"), sold.deal.last_day),
        ),
        receipt_no=sold.receipt_no,
        job_id=completed.job_id,
        name="membership",
    )


_DEALS = {"join": say("已入会"), "renew": say("已续费"), "upgrade": say("已升级")}
_REFUNDS = {"return": say("已退货"), "exchange": say("已退货，请扫要换的商品"), "void": say("已作废")}


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
    paid = [one for one in sale.redeemed if one.value_fen]
    used: list[tuple[Message, str]] = []
    if len(paid) == 1 and paid[0].asset == POINTS:
        used = [(say("用去积分"), plain_text(paid[0].amount, paid[0].scale))]
    elif paid:
        used = [(say("积分、券抵扣"), yuan(sale.redeemed_fen))]
    earned = [
        (say("本单得积分"), plain_text(one.amount, one.scale))
        for one in sale.outcome.earned
        if one.role == "member"
    ]
    return (*used, *earned)
