"""The list of receipts: find one, print it again."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.message import say
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.figures import receipt_tail
from pos.ui.presenters.notices import Notice
from pos.usecases.desk import Desk
from pos.usecases.ports import ReceiptRow
from pos.usecases.reprint_receipt import reprint_receipt

SHOWN_MAX = 200


class ReceiptBook:
    """Newest first; typed digits narrow the list to numbers that contain them."""

    def __init__(
        self,
        desk: Desk,
        errands: Errands,
        *,
        changed: Callable[[], None],
        say_notice: Callable[[Notice], None],
    ) -> None:
        self._desk = desk
        self._errands = errands
        self._changed = changed
        self._say_notice = say_notice
        self._all = desk.journal.receipts(limit=SHOWN_MAX)
        self.typed = ""
        self.selected = 0

    @property
    def rows(self) -> tuple[ReceiptRow, ...]:
        return tuple(row for row in self._all if self.typed in row.receipt_no)

    @property
    def chosen(self) -> ReceiptRow | None:
        rows = self.rows
        return rows[self.selected] if self.selected < len(rows) else None

    def type(self, char: str) -> None:
        if char.isascii() and char.isalnum() and len(self.typed) < 24:
            self.typed, self.selected = self.typed + char.upper(), 0
            self._changed()

    def drop(self, count: int) -> None:
        self.typed, self.selected = self.typed[: max(0, len(self.typed) - count)], 0
        self._changed()

    def move(self, rows: int) -> None:
        self.select(self.selected + rows)

    def select(self, index: int) -> None:
        self.selected = max(0, min(index, len(self.rows) - 1))
        self._changed()

    def find(self, receipt_no: str) -> None:
        """A receipt's code was scanned: it alone is shown."""
        self.typed, self.selected = receipt_no.strip().upper(), 0
        self._changed()

    def reprint(self) -> None:
        """Puts a copy of the chosen receipt into the print queue."""
        row = self.chosen
        if row is None:
            return
        self._errands.book(
            lambda: reprint_receipt(row.receipt_no, self._desk),
            lambda _job: self._say_notice(
                Notice("good", say("小票 {no} 的副本已送打印", no=receipt_tail(row.receipt_no)))
            ),
            self._say_notice,
        )
