"""A number being typed, key by key, as keypads and keyboards of all kinds send it."""

from __future__ import annotations

import unicodedata

from pos.domain.money import parse_decimal

DIGITS_MAX = 12


class TypedNumber:
    """Digits with at most `decimals` behind the point; what does not fit is left out.

    `start` is shown until the first key replaces it. Full-width digits and Chinese stops count as
    what they look like, because an input method may have been on.
    """

    def __init__(self, decimals: int = 0, start: str = "") -> None:
        self.decimals = decimals
        self.text = start
        self._untouched = bool(start)

    @property
    def untouched(self) -> bool:
        """Whether the text is still the one it started with."""
        return self._untouched

    @property
    def minor(self) -> int | None:
        """The value in minor units (`decimals` digits); None while there is none."""
        return parse_decimal(self.text, self.decimals) if self.text else None

    def type(self, char: str) -> None:
        """Takes one character; what no number holds is passed over."""
        plain = unicodedata.normalize("NFKC", char).replace("。", ".").replace(",", ".")
        if plain != "." and not (plain.isascii() and plain.isdigit()):
            return
        text = "" if self._untouched else self.text
        self._untouched = False
        self.text = self._with(text, plain)

    def _with(self, text: str, plain: str) -> str:
        for char in plain:  # the keypad's 00 is two digits
            whole, point, behind = text.partition(".")
            if char == ".":
                text = text if point or not self.decimals else (text or "0") + "."
            elif point:
                text = text + char if len(behind) < self.decimals else text
            elif len(whole) < DIGITS_MAX:
                text = char if text == "0" else text + char
        return text

    def back(self) -> None:
        """Takes the last key back; of a starting value, all of it."""
        self.text = "" if self._untouched else self.text[:-1]
        self._untouched = False

    def drop(self, count: int) -> None:
        """Takes characters back that turned out to belong to a scan."""
        for _ in range(min(count, len(self.text))):
            self.back()

    def set(self, text: str) -> None:
        """Shows a value that the next key replaces."""
        self.text = text
        self._untouched = bool(text)
