"""Selling a plan at the till: which one, whether points go towards the fee, and the cash."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.cart import EVERYTHING
from pos.domain.membership import MembershipDeal
from pos.domain.message import Message, Refusal, named, say
from pos.domain.money import plain_text, yuan
from pos.ui.presenters.cash_form import CashForm
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice, nothing_booked
from pos.usecases.desk import Desk, current_pack
from pos.usecases.ports import KnownMember
from pos.usecases.sell_membership import (
    CompletedMembership,
    FeeQuote,
    membership_deals,
    quote_fee,
    sell_membership,
)


class MembershipForm:
    """`deals` are what can be sold to the member today, `fee` the chosen one with its price."""

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        cashier: str,
        member: KnownMember,
        *,
        changed: Callable[[], None],
        say_notice: Callable[[Notice], None],
        on_done: Callable[[CompletedMembership], None],
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._cashier = cashier
        self._changed = changed
        self._say_notice = say_notice
        self._on_done = on_done
        self.member = member
        self.deals: tuple[MembershipDeal, ...] = membership_deals(member, desk)
        self.selected = 0
        self.with_points = False
        self.busy = False
        self.fee: FeeQuote | None = None
        self.cash = CashForm(0)
        self._reckon()

    @property
    def fee_assets(self) -> tuple[str, ...]:
        """The assets that pay fees under the pack."""
        return tuple(one.asset for one in current_pack(self._desk).pack.fee_payments)

    def plan_name(self, plan: str) -> Message:
        found = current_pack(self._desk).pack.plan(plan)
        return named(found.name if found else plan)

    def points_line(self) -> Message | None:
        """What points pay, or could pay, of the fee; None where the pack or the member has none."""
        pack, date = current_pack(self._desk).pack, self._desk.clock.now().date().isoformat()
        for one in self.fee.paid_in_points if self.fee else ():
            asset = pack.asset(one.asset)
            return say(
                "{asset} {amount} 抵 {value} 元",
                asset=named(asset.name),
                amount=plain_text(one.amount, one.scale),
                value=yuan(one.value_fen),
            )
        usable = self.member.usable(date)
        for asset_id in self.fee_assets:
            asset, held = pack.asset(asset_id), usable.get(asset_id, 0)
            if held > 0:
                return say(
                    "{asset}余额 {amount}，可抵会费",
                    asset=named(asset.name),
                    amount=plain_text(held, asset.scale),
                )
        return None

    def move(self, rows: int) -> None:
        self.select(self.selected + rows)

    def select(self, index: int) -> None:
        if not self.busy and self.deals:
            self.selected = max(0, min(index, len(self.deals) - 1))
            self._reckon()
            self._changed()

    def toggle_points(self) -> None:
        """Points towards the fee, or not."""
        if not self.busy:
            self.with_points = not self.with_points
            self._reckon()
            self._changed()

    def confirm(self) -> None:
        """Books the membership for the cash typed; a second call before the first has ended does nothing."""
        given_fen = self.cash.given_fen
        if self.busy or self.fee is None or given_fen is None:
            return
        if self.cash.problem is not None:
            self._say_notice(Notice("warn", self.cash.problem))
            return
        fee, member_no, wishes = self.fee, self.member.member_no, self._wishes()
        self.busy = True
        self._changed()
        self._errands.book(
            lambda: sell_membership(
                member_no,
                fee.deal.plan,
                wishes,
                self._desk,
                given_fen=given_fen,
                cashier=self._cashier,
                shown_due_fen=fee.due_fen,
            ),
            self._done,
            self._failed,
            otherwise=nothing_booked(),
        )

    def _wishes(self) -> dict[str, int]:
        return dict.fromkeys(self.fee_assets, EVERYTHING) if self.with_points else {}

    def _reckon(self) -> None:
        self.fee = None
        if self.deals:
            try:
                self.fee = quote_fee(self.member, self.deals[self.selected].plan, self._wishes(), self._desk)
            except Refusal as refusal:
                self._say_notice(Notice("warn", refusal.message))
        due_fen = self.fee.due_fen if self.fee else 0
        if due_fen != self.cash.due_fen:
            self.cash = CashForm(due_fen)

    def _done(self, completed: CompletedMembership) -> None:
        self.busy = False
        self._on_done(completed)

    def _failed(self, notice: Notice) -> None:
        self.busy = False
        self._say_notice(notice)
        self._reckon()
        self._changed()
