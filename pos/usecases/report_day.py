"""The owner's day: the till's figures beside the hub's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from pos.domain.day import FIGURE_NAMES, POINTS_SCALE, Difference, Figures, ReceiptFigures, add, differences
from pos.domain.message import Message, named, say
from pos.domain.money import plain_text, yuan
from pos.domain.oversight import Noteworthy
from pos.domain.programme.rules import coupon_of
from pos.usecases.desk import Desk
from pos.usecases.log_in import TRIES_MAX
from pos.usecases.oversight import plain, told
from pos.usecases.ports import Pending
from sync.protocol.messages import DayStatement

RECEIPTS_MAX = 100_000


class AskHub(Protocol):
    """Fetches what the hub has booked for this store on a date."""

    def __call__(self, date: str) -> DayStatement | Message:
        """The statement, or a sentence why it cannot be had now."""
        ...


class Overdrawn(msgspec.Struct, frozen=True):
    """What members took of a unit beyond what they had; `name` is what people call it."""

    unit: str
    name: str
    amount: int
    scale: int

    @property
    def text(self) -> str:
        return plain_text(self.amount, self.scale)


class DayReport(msgspec.Struct, frozen=True):
    """One business date at this till. `hub` is None when it could not be asked (`hub_problem` says why).

    `waiting` are the day's receipts that the hub has not confirmed: they are pending, not different.
    `earlier_chains` are those of the till that this one replaced; the hub has them, this disk has not.
    """

    date: str
    till: Figures
    hub: Figures | None
    hub_problem: Message | None
    pending: Pending
    differences: tuple[Difference, ...]
    waiting: tuple[str, ...] = ()
    earlier_chains: tuple[str, ...] = ()
    recomputed_differently: tuple[str, ...] = ()
    clawback: dict[str, int] = {}
    overdrawn: tuple[Overdrawn, ...] = ()
    receipt_prefix: str = ""
    receipts: tuple[ReceiptFigures, ...] = ()
    oversight: tuple[Noteworthy, ...] = ()

    @property
    def agree(self) -> bool | None:
        """Whether both sides have the same figures, to the fen; None when that cannot be said yet.

        It cannot while the hub is away or receipts of the day still wait; a difference is one at once.
        """
        if self.differences:
            return False
        return None if self.hub is None or self.waiting else True


def report_day(date: str, desk: Desk, ask_hub: AskHub) -> DayReport:
    """Adds up the till's day and compares it, receipt by receipt, with the hub's.

    The hub may know receipts of the store's other tills, and of a till that this one replaced; the
    comparison is of this chain's own.
    """
    ours = tuple(desk.journal.figures(date))
    own, terminal = desk.journal.identity.receipt_prefix, f"{desk.journal.identity.terminal}-"
    answer = ask_hub(date)
    if isinstance(answer, Message):
        return DayReport(
            date,
            add(row.figures for row in ours),
            None,
            answer,
            desk.journal.pending(),
            (),
            receipt_prefix=own,
            receipts=ours,
            oversight=desk.journal.for_the_owner(date, TRIES_MAX),
        )
    theirs = tuple(row for row in answer.receipts if row.receipt_no.startswith(own))
    waiting = _waiting(date, desk)
    return DayReport(
        date=date,
        till=add(row.figures for row in ours),
        hub=add(row.figures for row in theirs),
        hub_problem=None,
        pending=desk.journal.pending(),
        differences=tuple(
            one for one in differences(ours, theirs) if one.hub is not None or one.receipt_no not in waiting
        ),
        waiting=waiting,
        earlier_chains=tuple(
            row.receipt_no
            for row in answer.receipts
            if row.receipt_no.startswith(terminal) and not row.receipt_no.startswith(own)
        ),
        recomputed_differently=answer.recomputed_differently,
        clawback=answer.clawback,
        overdrawn=tuple(_overdrawn(unit, amount, desk) for unit, amount in sorted(answer.clawback.items())),
        receipt_prefix=own,
        receipts=ours,
        oversight=desk.journal.for_the_owner(date, TRIES_MAX),
    )


def _overdrawn(unit: str, amount: int, desk: Desk) -> Overdrawn:
    """Coupons are counted in pieces; an asset that no pack here knows is taken for points."""
    loaded = desk.packs.current()
    pack = loaded.pack if loaded else None
    of = coupon_of(unit)
    if of is not None:
        rule = pack.rule(of[0]) if pack else None
        return Overdrawn(unit, rule.name if rule else of[0], amount, 0)
    asset = next((one for one in (pack.assets if pack else ()) if one.id == unit), None)
    return Overdrawn(unit, asset.name if asset else unit, amount, asset.scale if asset else POINTS_SCALE)


def _waiting(date: str, desk: Desk) -> tuple[str, ...]:
    """The day's receipts that the hub has not confirmed."""
    if not desk.journal.pending().receipts:
        return ()
    rows = desk.journal.receipts(date=date, limit=RECEIPTS_MAX)
    return tuple(row.receipt_no for row in rows if not row.confirmed)


def plain_figures(figures: Figures) -> dict[str, int | str]:
    """Figures for machines: fen as integers, points as decimal text in whole units."""
    return {
        name: plain_text(value, POINTS_SCALE) if name.startswith("points_") else value
        for name in FIGURE_NAMES
        for value in (getattr(figures, name),)
    }


def as_plain(report: DayReport, words: Callable[[Message], str]) -> dict[str, Any]:
    """The whole report for machines."""
    return {
        "date": report.date,
        "receipt_prefix": report.receipt_prefix,
        "receipts": [
            {"receipt_no": row.receipt_no, "figures": plain_figures(row.figures)} for row in report.receipts
        ],
        "till_totals": plain_figures(report.till),
        "hub_totals": plain_figures(report.hub) if report.hub else None,
        "hub_problem": words(report.hub_problem) if report.hub_problem else None,
        "agree": report.agree,
        "net_settlement_fen": report.till.net_settlement_fen,
        "pending_uploads": report.pending.entries,
        "waiting": list(report.waiting),
        "earlier_chains": list(report.earlier_chains),
        "differences": [
            {
                "receipt_no": one.receipt_no,
                "till": plain_figures(one.till) if one.till else None,
                "hub": plain_figures(one.hub) if one.hub else None,
                "figures": list(one.names),
            }
            for one in report.differences
        ],
        "recomputed_differently": list(report.recomputed_differently),
        "clawback": {one.unit: one.text for one in report.overdrawn},
        "oversight": [plain(one) for one in report.oversight],
    }


def text_lines(report: DayReport) -> tuple[tuple[Message, Message | str], ...]:
    """The report for people: label and value, in the order an owner reads them."""
    till = report.till
    return (
        (say("营业日"), report.date),
        (say("销售笔数"), say("{n} 单", n=till.sales)),
        (say("退货笔数"), say("{n} 单", n=till.refunds)),
        (say("原价合计"), yuan(till.gross_fen)),
        (say("优惠"), yuan(till.adjustments_fen)),
        (say("应付"), yuan(till.payable_fen)),
        (say("现金"), yuan(till.cash_fen)),
        (say("积分抵扣"), plain_text(till.points_redeemed, POINTS_SCALE)),
        (say("发放积分"), plain_text(till.points_earned, POINTS_SCALE)),
        (say("营收"), yuan(till.received_fen)),
        (say("应交联盟分成"), yuan(till.share_fen)),
        *_membership_lines(till),
        (say("联盟应补贴"), yuan(till.reimbursements_fen)),
        (say("联盟净结算"), yuan(till.net_settlement_fen)),
        (say("待上传"), say("{n} 条", n=report.pending.entries)),
        (say("与总部核对"), verdict(report)),
        *((say("不一致"), one.receipt_no) for one in report.differences),
        *((say("换机前的小票（总部有）"), number) for number in report.earlier_chains),
        *((say("总部重算不同"), number) for number in report.recomputed_differently),
        *(
            (say("超额抵扣（联盟承担）"), say("{asset} {amount}", asset=named(one.name), amount=one.text))
            for one in report.overdrawn
            if one.amount
        ),
        *((say("留意"), told(one)) for one in report.oversight),
    )


def _membership_lines(till: Figures) -> tuple[tuple[Message, Message | str], ...]:
    """On a day without memberships there is nothing to read of them."""
    if not till.memberships:
        return ()
    return (
        (say("办理会员"), say("{n} 笔", n=till.memberships)),
        (say("会员费代收"), yuan(till.fees_fen)),
    )


def verdict(report: DayReport) -> Message:
    """Whether till and hub agree, in a sentence that says what to do."""
    if report.hub is None:
        return report.hub_problem or say("还没有和总部核对")
    if report.differences:
        return say("有 {n} 单不一致，请把单号报给联盟", n=len(report.differences))
    if report.waiting:
        return say("有 {n} 单还没上传，传完再核对；已上传的都一致", n=len(report.waiting))
    return say("一致，分毫不差")
