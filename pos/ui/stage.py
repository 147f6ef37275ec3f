"""What every widget is given: the words of the language in use and the sizes of the window."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont

from pos.domain.message import Message
from pos.ui import theme
from pos.words import Words

WordsFor = Callable[[str], Words]


class Stage(QObject):
    """`changed` is emitted after the language or the scale has changed; widgets then dress again."""

    changed = Signal()

    def __init__(self, language: str, words_for: WordsFor = Words) -> None:
        super().__init__()
        self._words_for = words_for
        self._words = words_for(language)
        self.scale = 1.0

    @property
    def language(self) -> str:
        return self._words.language

    def speak(self, language: str) -> None:
        self._words = self._words_for(language)
        self.changed.emit()

    def fit(self, width: int, height: int) -> None:
        """Takes the scale for a window of this size."""
        scale = round(theme.scale_for(width, height), 2)
        if scale != self.scale:
            self.scale = scale
            self.changed.emit()

    @property
    def compact(self) -> bool:
        """Whether the window is narrower than any this program was designed for."""
        return self.scale < theme.SCALE_MIN

    def __call__(self, message: Message | str) -> str:
        return self._words(message)

    def px(self, size: int) -> int:
        """A designed size in the px of this window."""
        return round(size * self.scale)

    def touch(self, size: int = theme.TOUCH) -> int:
        """A side of something to tap: scaled, but never below what a finger needs."""
        return max(theme.TOUCH, self.px(size))

    def font(self, size: int, *, bold: bool = False, struck: bool = False) -> QFont:
        return _font(max(11, self.px(size)), bold=bold, struck=struck)


@cache
def _font(size_px: int, *, bold: bool, struck: bool) -> QFont:
    font = QFont()
    font.setFamilies(list(theme.FONT_FAMILIES))
    font.setPixelSize(size_px)
    font.setBold(bold)
    font.setStrikeOut(struck)
    return font
