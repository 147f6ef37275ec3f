"""Goods come back: which receipt, which pieces, and what that gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from pos.domain.message import Message, Refusal, say
from pos.domain.pricing.result import PricedLine
from pos.domain.refund import Refund, ReturnedLine
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.figures import signed
from pos.ui.presenters.notices import Notice, nothing_booked
from pos.ui.services import AskRight
from pos.usecases.desk import Desk
from pos.usecases.ports import Denied, Granted, ReceiptRow, StaffMember
from pos.usecases.refund_sale import (
    CompletedRefund,
    Purpose,
    Refundable,
    SoldElsewhere,
    find_sale,
    preview,
    refund_sale,
    told_sale,
    whole_number,
)
from pos.usecases.roles import Right

RECENT_MAX = 40
TYPED_MAX = 40
CLAIMED = "right_claimed"
"""The hub's word when another till is at the same receipt."""
ANSWER_HOLDS_S = 600.0
"""The hub keeps others off a receipt a little longer than this; see `sync.hub.rights.claiming`."""
PURPOSES: tuple[Purpose, ...] = ("return", "exchange", "void")


class WhenAllowed(Protocol):
    """Does something at once, when a second person has approved it, or not at all.

    `do_it` gets who asked, and the number of who approved ("": nobody had to). `amount_fen` is for limits,
    `about` says more of the deed to whoever approves.
    """

    def __call__(
        self,
        right: Right,
        do_it: Callable[[StaffMember, str], None],
        /,
        *,
        amount_fen: int = 0,
        about: Message | None = None,
    ) -> None: ...


class RefundForm:
    """First a receipt number is typed, scanned or chosen; then `found` is set and pieces are counted."""

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        cashier: str,
        *,
        ask_right: AskRight,
        changed: Callable[[], None],
        say_notice: Callable[[Notice], None],
        on_done: Callable[[CompletedRefund], None],
        when_allowed: WhenAllowed,
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._cashier = cashier
        self._ask_right = ask_right
        self._changed = changed
        self._say_notice = say_notice
        self._on_done = on_done
        self._when_allowed = when_allowed
        self.typed = ""
        self.found: Refundable | None = None
        self._told: SoldElsewhere | None = None
        self._asked_at = 0.0
        self.pieces: list[int] = []
        self.selected = 0
        self.busy = False
        self.purpose: Purpose = "return"

    # --- why ---------------------------------------------------------------------------------

    def next_purpose(self) -> None:
        """Return, exchange, void, and return again; what the pack or the day does not allow says why."""
        if self.busy:
            return
        at = PURPOSES.index(self.purpose)
        self.purpose = PURPOSES[(at + 1) % len(PURPOSES)]
        if self.found is not None:
            self._look_again(self.found.sale.receipt_no)
            if self.found is not None and self.purpose == "void":
                self.pieces = list(self.found.left)
        self._changed()

    # --- which receipt -----------------------------------------------------------------------

    def recent(self) -> tuple[ReceiptRow, ...]:
        """The last sales, for whoever has no receipt in hand."""
        rows = self._desk.journal.receipts(limit=RECENT_MAX)
        return tuple(row for row in rows if row.kind == "sale")

    def type(self, char: str) -> None:
        if self.found is None and char.isprintable() and not char.isspace():
            self.typed = (self.typed + char.upper())[:TYPED_MAX]
            self._changed()

    def back(self) -> None:
        self.drop(1)

    def drop(self, count: int) -> None:
        self.typed = self.typed[: max(0, len(self.typed) - count)]
        self._changed()

    def find(self, receipt_no: str | None = None) -> None:
        """Looks up what was typed, or the number given; online the hub is asked what went back elsewhere."""
        if self.busy:
            return
        whole = whole_number(receipt_no or self.typed, self._desk)
        if not whole or not self._desk.hub.state().online:
            self._open(whole, None)
            return
        self.busy = True
        self._say_notice(Notice("good", say("正在向总部核对这张小票…")))
        self._changed()
        self._errands.fetch(
            lambda: self._ask_right("refund", whole),
            lambda answer: self._answered(whole, answer),
            lambda _: self._answered(whole, None),
        )

    def _answered(self, receipt_no: str, answer: Granted | Denied | None) -> None:
        """A till's own sale needs no leave, unless another till is taking goods of it back just now."""
        self.busy = False
        own = self._desk.journal.receipt(receipt_no) is not None
        if isinstance(answer, Denied) and (answer.word == CLAIMED or not own):
            self.typed = ""
            self._say_notice(Notice("warn", answer.message))
            self._changed()
            return
        told = told_sale(answer) if isinstance(answer, Granted) else None
        checked = Notice("good", say("总部已核对这张小票"))
        self._say_notice(checked if told else Notice("warn", say("总部没有核对这张小票，只按本机的记录退货")))
        self._open(receipt_no, told)

    def _open(self, receipt_no: str, told: SoldElsewhere | None) -> None:
        self._told, self._asked_at = told, time.monotonic()
        try:
            found = find_sale(receipt_no, self._desk, purpose=self.purpose, told=told)
        except Refusal as refusal:
            self.typed = ""
            self._say_notice(Notice("warn", refusal.message))
        else:
            self.found, self.selected = found, 0
            self.pieces = list(found.left) if self.purpose == "void" else [0] * len(found.left)
            self.selected = next(index for index, left in enumerate(found.left) if left)
        self._changed()

    def leave(self) -> bool:
        """Back to the choice of receipts; False when that is where we are."""
        if self.busy or self.found is None:
            return self.busy
        self.found, self.pieces, self.typed = None, [], ""
        self._changed()
        return True

    # --- which pieces ------------------------------------------------------------------------

    @property
    def lines(self) -> tuple[PricedLine, ...]:
        return self.found.sale.result.lines if self.found else ()

    @property
    def left(self) -> tuple[int, ...]:
        return self.found.left if self.found else ()

    @property
    def returning(self) -> tuple[ReturnedLine, ...]:
        return tuple(ReturnedLine(index, pieces) for index, pieces in enumerate(self.pieces) if pieces)

    def move(self, rows: int) -> None:
        if self.pieces:
            self.selected = max(0, min(self.selected + rows, len(self.pieces) - 1))
            self._changed()

    def count(self, index: int, pieces: int) -> None:
        """Adds pieces to what comes back of a line, within what is left of it."""
        if self.busy or self.purpose == "void" or not 0 <= index < len(self.pieces):
            return
        self.selected = index
        self.pieces[index] = max(0, min(self.pieces[index] + pieces, self.left[index]))
        self._changed()

    def everything(self) -> None:
        """All that is left; a second time, nothing."""
        if not self.busy and self.purpose != "void":
            self.pieces = [0] * len(self.left) if self.pieces == list(self.left) else list(self.left)
            self._changed()

    # --- what it gives -----------------------------------------------------------------------

    def preview(self) -> Refund | None:
        """What the return as counted would give; None while nothing is counted."""
        if self.found is None or not self.returning:
            return None
        try:
            return preview(self.found, self.returning)
        except Refusal:
            return None

    def confirm(self) -> None:
        """Books the return; a second call before the first has ended does nothing."""
        if self.busy or self.found is None:
            return
        receipt_no, returning, purpose = self.found.sale.receipt_no, self.returning, self.purpose
        told = self._told
        if self._asked_too_long_ago():
            return
        try:
            cash_fen = preview(self.found, returning).cash_back_fen
            in_all_fen = self.found.cash_back_fen + cash_fen
        except Refusal as refusal:
            self._say_notice(Notice("warn", refusal.message))
            return

        def book(_asker: StaffMember, approved_by: str) -> None:
            if self._asked_too_long_ago():  # whoever approves may have been a while in coming
                return
            self.busy = True
            self._changed()
            self._errands.book(
                lambda: refund_sale(
                    receipt_no,
                    returning,
                    self._cashier,
                    self._desk,
                    purpose=purpose,
                    told=told,
                    approved_by=approved_by,
                ),
                self._done,
                self._failed,
                otherwise=nothing_booked(),
            )

        about = say("退现金 {cash}，小票 {no}", cash=signed(cash_fen), no=receipt_no)
        self._when_allowed("refund", book, amount_fen=in_all_fen, about=about)

    def _asked_too_long_ago(self) -> bool:
        """Whether the hub may by now have let another till take goods of this receipt back."""
        if self._told is None or time.monotonic() - self._asked_at <= ANSWER_HOLDS_S:
            return False
        self.leave()
        self._say_notice(Notice("warn", say("核对已超过十分钟，请重新扫这张小票")))
        return True

    def _done(self, completed: CompletedRefund) -> None:
        self.busy = False
        self._on_done(completed)

    def _failed(self, notice: Notice) -> None:
        self.busy = False
        self._say_notice(notice)
        if self.found is not None:
            self._look_again(self.found.sale.receipt_no)
        self._changed()

    def _look_again(self, receipt_no: str) -> None:
        """Another return may have been booked meanwhile: what is left is counted again."""
        try:
            self.found = find_sale(receipt_no, self._desk, purpose=self.purpose, told=self._told)
        except Refusal as refusal:
            self.found, self.pieces = None, []
            self._say_notice(Notice("warn", refusal.message))
        else:
            self.pieces = [min(one, left) for one, left in zip(self.pieces, self.found.left, strict=True)]


def points_lines(refunded: Refund) -> tuple[tuple[Message, int, int], ...]:
    """Label, minor units and scale of every change of points that the customer should hear of."""
    back = [(say("退回积分"), one.amount, one.scale) for one in refunded.points_back]
    taken = [
        (say("扣回所得积分"), one.amount, one.scale) for one in refunded.earned_change if one.role == "member"
    ]
    return (*back, *taken)
