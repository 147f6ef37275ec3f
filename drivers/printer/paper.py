"""The two paper widths that receipt printers come in."""

from __future__ import annotations

from enum import Enum

CHARACTER_WIDTH_DOTS = 12
CHARACTER_HEIGHT_DOTS = 24
LINE_GAP_DOTS = 6  # with the character, the 30 dots that these printers feed per line


class Paper(Enum):
    """Paper by the width of the roll in mm; `Paper(58)` reads a setting.

    The printable widths are those of the common 203 dpi (8 dots per mm) heads: 48 mm and 72 mm. Font A
    is 12 dots wide, a hanzi 24 dots.
    """

    MM58 = 58
    MM80 = 80

    @property
    def dots(self) -> int:
        """Printable width in dots."""
        return 384 if self is Paper.MM58 else 576

    @property
    def columns(self) -> int:
        """Printable width in columns of single-size text; a hanzi takes two."""
        return self.dots // CHARACTER_WIDTH_DOTS
