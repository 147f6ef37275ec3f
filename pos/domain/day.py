"""A store's day: the same figures on the till's screen, in `pos report day` and at the hub.

Each receipt has one row of figures; a refund's are negative. A day is their sum, so both sides can
be compared figure by figure, and a difference named receipt by receipt.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pos.domain.events import MembershipSold, ReceiptEvent, RefundMade, SaleMade

POINTS = "points"
POINTS_SCALE = 2


class Figures(msgspec.Struct, frozen=True):
    """What one receipt, or one day, adds up to. Points are minor units of the asset `points`.

    `cash_fen` is what stays in the drawer. `fees_fen` of it are membership fees, the alliance's money.
    """

    sales: int = 0
    refunds: int = 0
    gross_fen: int = 0
    adjustments_fen: int = 0
    payable_fen: int = 0
    cash_fen: int = 0
    points_redeemed: int = 0
    points_earned: int = 0
    received_fen: int = 0
    share_fen: int = 0
    reimbursements_fen: int = 0
    memberships: int = 0
    fees_fen: int = 0

    @property
    def net_settlement_fen(self) -> int:
        """What the alliance owes the store (negative: the store owes the alliance)."""
        return self.reimbursements_fen - self.share_fen - self.fees_fen


FIGURE_NAMES = Figures.__struct_fields__


def add(figures: Iterable[Figures]) -> Figures:
    """The sum, figure by figure."""
    rows = list(figures)
    return Figures(*(sum(getattr(row, name) for row in rows) for name in FIGURE_NAMES))


def figures_of(event: ReceiptEvent) -> Figures:
    """What one receipt adds to its day."""
    match event:
        case SaleMade():
            return _sale_figures(event)
        case RefundMade():
            return _refund_figures(event)
        case MembershipSold():
            return Figures(cash_fen=event.due_fen, memberships=1, fees_fen=event.due_fen)


def _sale_figures(event: SaleMade) -> Figures:
    result = event.result
    return Figures(
        sales=1,
        gross_fen=result.gross_fen,
        adjustments_fen=result.adjustments_fen,
        payable_fen=result.payable_fen,
        cash_fen=result.due_fen,
        points_redeemed=sum(one.amount for one in result.redeemed if one.asset == POINTS),
        points_earned=sum(one.amount for one in result.outcome.earned if one.asset == POINTS),
        received_fen=result.outcome.received_fen,
        share_fen=result.outcome.share_fen,
        reimbursements_fen=result.outcome.reimbursement_fen,
    )


def _refund_figures(event: RefundMade) -> Figures:
    result = event.result
    return Figures(
        refunds=1,
        gross_fen=-result.gross_fen,
        adjustments_fen=-result.adjustments_fen,
        payable_fen=-result.payable_fen,
        cash_fen=-result.cash_back_fen,
        points_redeemed=-sum(one.amount for one in result.points_back if one.asset == POINTS),
        points_earned=sum(one.amount for one in result.earned_change if one.asset == POINTS),
        received_fen=result.received_change_fen,
        share_fen=result.share_change_fen,
        reimbursements_fen=result.reimbursement_change_fen,
    )


class ReceiptFigures(msgspec.Struct, frozen=True):
    """One receipt's figures under its number."""

    receipt_no: str
    figures: Figures


class Difference(msgspec.Struct, frozen=True):
    """A receipt on which till and hub do not agree; a side that does not have it is None."""

    receipt_no: str
    till: Figures | None
    hub: Figures | None

    @property
    def names(self) -> tuple[str, ...]:
        """The figures that differ; empty when one side lacks the receipt."""
        if self.till is None or self.hub is None:
            return ()
        return tuple(name for name in FIGURE_NAMES if getattr(self.till, name) != getattr(self.hub, name))


def differences(till: Iterable[ReceiptFigures], hub: Iterable[ReceiptFigures]) -> tuple[Difference, ...]:
    """Every receipt on which the two sides differ, by number."""
    ours = {row.receipt_no: row.figures for row in till}
    theirs = {row.receipt_no: row.figures for row in hub}
    return tuple(
        Difference(number, ours.get(number), theirs.get(number))
        for number in sorted(ours.keys() | theirs.keys())
        if ours.get(number) != theirs.get(number)
    )
