"""The entry line of the sale screen: what was typed, how many, and which goods it could mean."""

from __future__ import annotations

import re

from pos.domain.catalogue import Product, recognise
from pos.usecases.ports import Goods

SUGGESTIONS_MAX = 6
TEXT_MAX = 64

_TIMES = re.compile(r"(\d{1,9})[*×＊]")


class EntryLine:
    """Typed text with suggestions. `3*` at its start multiplies what comes next, scanned or typed."""

    def __init__(self, goods: Goods) -> None:
        self._goods = goods
        self.text = ""
        self.suggestions: tuple[Product, ...] = ()
        self.chosen = 0
        self._moved = False

    @property
    def quantity(self) -> int:
        """The multiplier in front, 1 without one."""
        times = _TIMES.match(self.text)
        return int(times.group(1)) if times else 1

    @property
    def multiplied(self) -> bool:
        return _TIMES.match(self.text) is not None

    @property
    def term(self) -> str:
        """What is looked for: the text behind the multiplier."""
        times = _TIMES.match(self.text)
        return (self.text[times.end() :] if times else self.text).strip()

    def type(self, char: str) -> None:
        if char.isprintable() and len(self.text) < TEXT_MAX and (self.text or not char.isspace()):
            self._set(self.text + char)

    def back(self) -> None:
        self._set(self.text[:-1])

    def drop(self, count: int) -> None:
        """Takes characters back that turned out to belong to a scan."""
        self._set(self.text[: max(0, len(self.text) - count)])

    def clear(self) -> None:
        self._set("")

    def move(self, rows: int) -> None:
        """Chooses another suggestion."""
        if self.suggestions:
            self._moved = True
            self.chosen = max(0, min(self.chosen + rows, len(self.suggestions) - 1))

    def picked(self) -> Product | None:
        """What Enter adds: the chosen suggestion, unless the text is a code of its own."""
        if not self.suggestions or (not self._moved and self._is_code()):
            return None
        return self.suggestions[self.chosen]

    def _is_code(self) -> bool:
        code = recognise(self.term)
        if code.problem is not None:
            return False
        return code.kind != "goods" or self._goods.product(code.code) is not None

    def _set(self, text: str) -> None:
        self.text, self.chosen, self._moved = text, 0, False
        self.suggestions = self._goods.search(self.term, SUGGESTIONS_MAX) if self.term else ()
