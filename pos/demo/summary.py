"""What a shift came to: every receipt, the till's totals and the hub's, and whether they agree."""

from __future__ import annotations

from typing import Any

from pos.domain.day import POINTS_SCALE, add, figures_of
from pos.domain.events import RefundMade, SaleMade
from pos.domain.money import plain_text
from pos.usecases.desk import Desk
from pos.usecases.report_day import AskHub, plain_figures, report_day

RECEIPTS_MAX = 10_000


def summary(desk: Desk, ask_hub: AskHub) -> dict[str, Any]:
    """Reads the journal and asks the hub; all business dates of the journal together."""
    rows = sorted(desk.journal.receipts(limit=RECEIPTS_MAX), key=lambda row: row.seq)
    events = [stored.event for row in rows if (stored := desk.journal.receipt_at(row.seq))]
    reports = [report_day(date, desk, ask_hub) for date in sorted({row.date for row in rows})]
    hub_known = all(report.hub is not None for report in reports)
    return {
        "sales": [_sale(event) for event in events if isinstance(event, SaleMade)],
        "refunds": [_refund(event) for event in events if isinstance(event, RefundMade)],
        "till_totals": plain_figures(add(report.till for report in reports)),
        "hub_totals": plain_figures(add(report.hub for report in reports if report.hub))
        if hub_known
        else None,
        "agree": hub_known and all(report.agree for report in reports),
        "pending_uploads": desk.journal.pending().entries,
    }


def _sale(sale: SaleMade) -> dict[str, Any]:
    result, figures = sale.result, figures_of(sale)
    return {
        "receipt_no": sale.receipt_no,
        "gross_fen": result.gross_fen,
        "payable_fen": result.payable_fen,
        "cash_fen": result.due_fen,
        "points_redeemed": _points(figures.points_redeemed),
        "points_earned": _points(figures.points_earned),
        "received_fen": result.outcome.received_fen,
        "share_fen": result.outcome.share_fen,
        "offline": not sale.online,
    }


def _refund(refund: RefundMade) -> dict[str, Any]:
    result, figures = refund.result, figures_of(refund)
    return {
        "receipt_no": refund.receipt_no,
        "of": refund.of,
        "cash_back_fen": result.cash_back_fen,
        "points_back": _points(-figures.points_redeemed),
        "points_earned_change": _points(figures.points_earned),
        "share_change_fen": result.share_change_fen,
        "offline": not refund.online,
    }


def _points(minor: int) -> str:
    return plain_text(minor, POINTS_SCALE)
