"""What keys do on the sale screen: the entry line takes characters, the till everything else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from pos.domain.catalogue import Product
from pos.ui.actions import ActionId, action_of
from pos.ui.keyboard import ENTER_KEYS
from pos.ui.presenters.entry_line import EntryLine
from pos.ui.presenters.till import Till
from pos.ui.sale_screen import SaleScreen

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


class SaleKeys:
    """`act` does what a function key stands for, `hush` takes a notice off the screen."""

    def __init__(
        self,
        till: Till,
        entry: EntryLine,
        screen: SaleScreen,
        act: Callable[[ActionId], None],
        hush: Callable[[], None],
    ) -> None:
        self._till = till
        self._entry = entry
        self._screen = screen
        self._act = act
        self._hush = hush
        screen.suggestion_picked.connect(self.pick)
        screen.letters.typed.connect(self.typed)
        screen.letters.erased.connect(self.erased)
        screen.letters.entered.connect(self.entered)

    def typed(self, char: str) -> None:
        """A character for the entry line; on an empty one `+` and `-` count the selected line."""
        if not self._entry.text and char in "+-" and self._till.selected_line is not None:
            self._till.add_pieces(1 if char == "+" else -1)
            return
        self._entry.type(char)
        self._screen.show_entry()

    def pressed(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        if key in ENTER_KEYS:
            self.entered()
        elif key == Qt.Key.Key_Backspace:
            self.erased()
        elif key == Qt.Key.Key_Escape:
            self.clear()
            self._screen.hide_letters()
            self._hush()
        elif key in _STEPS:
            self._step(_STEPS[Qt.Key(key)])
        elif (found := action_of(key, modifiers)) is not None:
            self._act(found)

    def scanned(self, code: str) -> None:
        """A scan: what stood on the entry line multiplies it or goes."""
        quantity = self._entry.quantity
        self.clear()
        self._till.scan(code, quantity)

    def entered(self) -> None:
        """Enter: the chosen suggestion, or the code that was typed."""
        product, term, quantity = self._entry.picked(), self._entry.term, self._entry.quantity
        if not term:
            return
        self.clear()
        if product is not None:
            self._till.add(product, quantity)
        else:
            self._till.scan(term, quantity)

    def erased(self) -> None:
        self._entry.back()
        self._screen.show_entry()

    def drop(self, count: int) -> None:
        """Characters of a scan that were taken for typing go again."""
        self._entry.drop(count)
        self._screen.show_entry()

    def pick(self, product: Product) -> None:
        quantity = self._entry.quantity
        self.clear()
        self._till.add(product, quantity)

    def clear(self) -> None:
        if self._entry.text:
            self._entry.clear()
            self._screen.show_entry()

    def _step(self, rows: int) -> None:
        if self._entry.suggestions:
            self._entry.move(rows)
            self._screen.show_entry()
        elif self._till.cart.lines:
            self._till.move(rows)
