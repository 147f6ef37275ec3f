"""The owner's day: figures, settlement, and whether the hub has the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pos.domain.day import POINTS_SCALE, Difference, Figures
from pos.domain.message import Message, named, say
from pos.domain.money import plain_text
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.figures import signed
from pos.ui.presenters.notices import Notice, Tone
from pos.usecases.desk import Desk, business_date
from pos.usecases.oversight import told
from pos.usecases.report_day import AskHub, DayReport, report_day, verdict

NAMED_MAX = 8
OVERSIGHT_MAX = 3

Emphasis = Literal["plain", "strong", "settled"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the report."""

    label: Message
    value: str
    emphasis: Emphasis = "plain"


class DayBook:
    """`report` is None while the figures are on their way."""

    def __init__(self, desk: Desk, errands: Errands, ask_hub: AskHub, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._errands = errands
        self._ask_hub = ask_hub
        self._changed = changed
        self.date = business_date(desk)
        self.report: DayReport | None = None
        self.notice: Notice | None = None
        self._asked = 0

    @property
    def share_name(self) -> Message:
        """What the pack in force calls what is owed to the alliance."""
        loaded = self._desk.packs.current()
        share = loaded.pack.share if loaded else None
        if share is not None and share.basis == "rebate":
            return say("让利（交联盟）")
        return say("联盟分成 {percent}%", percent=plain_text(share.rate_bp if share else 0))

    @property
    def is_today(self) -> bool:
        return self.date >= business_date(self._desk)

    def open(self) -> None:
        """Fetches the day; an answer for another day that comes late is passed over."""
        self._asked += 1
        asked, day = self._asked, self.date
        self.report = self.notice = None
        self._changed()
        self._errands.fetch(
            lambda: report_day(day, self._desk, self._ask_hub),
            lambda report: self._take(asked, report),
            lambda notice: self._fail(asked, notice),
        )

    def turn(self, days: int) -> None:
        """Forward or back, never beyond today."""
        turned = (date.fromisoformat(self.date) + timedelta(days=days)).isoformat()
        if turned <= business_date(self._desk):
            self.date = turned
            self.open()

    def _take(self, asked: int, report: DayReport) -> None:
        if asked == self._asked:
            self.report = report
            self._changed()

    def _fail(self, asked: int, notice: Notice) -> None:
        if asked == self._asked:
            self.notice = notice
            self._changed()


def takings(report: DayReport) -> tuple[Figure, ...]:
    """What was sold, what came into the drawer, and what the hub has not heard of."""
    figures = report.till
    return (
        Figure(say("销售笔数"), str(figures.sales)),
        Figure(say("退货笔数"), str(figures.refunds)),
        Figure(say("原价合计"), signed(figures.gross_fen)),
        Figure(say("优惠"), signed(-figures.adjustments_fen)),
        Figure(say("应付"), signed(figures.payable_fen), "strong"),
        Figure(say("现金"), signed(figures.cash_fen), "strong"),
        Figure(say("积分抵扣（分）"), _points(figures.points_redeemed)),
        Figure(say("积分发放（分）"), _points(figures.points_earned)),
        Figure(say("待上传（单）"), str(report.pending.receipts)),
    )


def settlement(figures: Figures, share_name: Message) -> tuple[Figure, ...]:
    """What store and alliance owe each other for the day. Fees are named on days that have some."""
    net = figures.net_settlement_fen
    fees = (Figure(say("会员费代收"), signed(figures.fees_fen)),) if figures.memberships else ()
    return (
        Figure(say("营收"), signed(figures.received_fen)),
        Figure(share_name, signed(figures.share_fen), "strong"),
        *fees,
        Figure(say("联盟应补"), signed(figures.reimbursements_fen)),
        Figure(say("联盟净付门店") if net >= 0 else say("门店净付联盟"), signed(abs(net)), "settled"),
    )


def borne(report: DayReport) -> tuple[Figure, ...]:
    """What the hub knows beyond the till's own figures; nothing while it was not asked."""
    if report.hub is None:
        return ()
    overdrawn = tuple(
        Figure(say("超额抵扣 {asset}（联盟承担）", asset=named(one.name)), one.text)
        for one in report.overdrawn
        if one.amount
    )
    none = (Figure(say("超额抵扣（联盟承担）"), "0"),) if not overdrawn else ()
    differently = len(report.recomputed_differently)
    again = (Figure(say("总部重算不同（单）"), str(differently), "strong"),) if differently else ()
    return (*none, *overdrawn, *again)


def comparison(report: DayReport) -> Notice:
    """One sentence on whether the two sides agree, to the fen."""
    tones: dict[bool | None, Tone] = {True: "good", None: "warn", False: "bad"}
    return Notice(tones[report.agree], verdict(report))


def named_differences(report: DayReport) -> tuple[Message, ...]:
    """The receipts that the two sides differ on or the hub prices differently, as many as fit on a screen."""
    named = [_difference(one) for one in report.differences]
    named += [say("{no}：总部重算的结果不同", no=number) for number in report.recomputed_differently]
    shown = named[:NAMED_MAX]
    rest = len(named) - len(shown)
    return (*shown, say("……另有 {n} 张", n=rest)) if rest > 0 else tuple(shown)


def oversight(report: DayReport) -> tuple[Message, ...]:
    """Who opened the drawer, approved, guessed or unlocked, and when: a heading and the last that fit.

    Nothing where there is nothing to tell.
    """
    last = report.oversight[-OVERSIGHT_MAX:]
    earlier = len(report.oversight) - len(last)
    heading = (
        say("开钱箱、同意与锁定（之前还有 {n} 条）", n=earlier) if earlier else say("开钱箱、同意与锁定")
    )
    return (heading, *(told(one) for one in last)) if last else ()


def _difference(one: Difference) -> Message:
    if one.hub is None:
        return say("{no}：总部还没有", no=one.receipt_no)
    if one.till is None:
        return say("{no}：本机没有", no=one.receipt_no)
    names = {
        "payable_fen": say("应付"),
        "cash_fen": say("现金"),
        "share_fen": say("联盟分成"),
        "received_fen": say("营收"),
        "gross_fen": say("原价合计"),
        "adjustments_fen": say("优惠"),
        "reimbursements_fen": say("联盟应补"),
        "points_redeemed": say("积分抵扣（分）"),
        "points_earned": say("积分发放（分）"),
        "fees_fen": say("会员费代收"),
    }
    first = names.get(one.names[0], say("笔数")) if one.names else say("笔数")
    return say("{no}：{figure}不同", no=one.receipt_no, figure=first)


def _points(amount: int) -> str:
    return plain_text(amount, POINTS_SCALE)
