"""What a Chinese receipt printer makes of text: GBK bytes, and columns that follow from the bytes.

In Chinese mode the printer prints one byte as one column and two bytes as one character of two
columns, so the width of a character is the length of its GBK code. Unicode's own East Asian widths do
not say the same: `×` and `“` are "ambiguous" there, and two columns here.
"""

from __future__ import annotations

import functools
import re
import unicodedata

SUBSTITUTE = "?"

# A line may break behind a space and on either side of a hanzi, not inside a word or a number, and not
# between a bracket or a full stop and what it belongs to.
_UNBROKEN = re.compile(r"[（《「『【“‘]*(?:[\x21-\x7e]+|[^\x21-\x7e])[，。、；：！？…％）》」』】”’]*")
# Everything below U+0020 but the line feed, DEL, and the C1 range: sent to a printer, these are commands.
# The no-break space is not in GBK.
_BLANK = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\xa0]")
# Zero-width marks that come along when a name is pasted from a web page.
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")


def clean(text: str) -> str:
    """Makes text safe to send: a control character becomes a space, any line ending a line feed.

    A product name from a spreadsheet may hold a tab, or an ESC that would start a printer command.
    Marks of no width are dropped.
    """
    return _BLANK.sub(" ", _INVISIBLE.sub("", text.replace("\r\n", "\n")))


def unprintable(text: str) -> bool:
    """Whether GBK lacks a character of the text, so that the line has to be printed as an image."""
    return any(not _gbk(char) for char in text)


def encode(text: str) -> bytes:
    """GBK bytes, as many as `display_columns(text)`; `?` for each column of what GBK lacks."""
    return b"".join(_gbk(char) or SUBSTITUTE.encode() * char_columns(char) for char in text)


def full_width_yen(text: str) -> str:
    """The half-width yen sign U+00A5 is not in GBK. Its full-width twin is, and is what shops print."""
    return text.replace("¥", "￥")


@functools.cache
def char_columns(char: str) -> int:
    """Columns of one character: its GBK length, or its Unicode width when GBK lacks it."""
    return len(_gbk(char)) or (2 if unicodedata.east_asian_width(char) in ("W", "F") else 1)


def display_columns(text: str) -> int:
    """Columns that a text of one line takes; always `len(encode(text))`."""
    return sum(map(char_columns, text))


def wrap(text: str, columns: int) -> list[str]:
    """Breaks text into lines of at most `columns` columns; never inside a double-width character.

    Words and numbers stay whole when they fit a line of their own. Explicit line feeds are kept, so an
    empty text is one empty line.

    Raises:
        ValueError: `columns` is below 2, too narrow for a hanzi.

    """
    if columns < 2:
        raise ValueError(f"{columns} columns cannot hold a hanzi")
    return [line for paragraph in clean(text).split("\n") for line in _wrap_paragraph(paragraph, columns)]


def two_columns(left: str, right: str, columns: int) -> list[str]:
    """Lays `left` and `right` on one line, or over several when both do not fit.

    `left` then takes the full width, and `right` ends the last line: a long name pushes its amount down
    and never cuts it. Line feeds in `right` count as spaces.
    """
    lines = wrap(left, columns)
    *tail_before, tail = wrap(right.replace("\n", " "), columns)
    if not tail_before and display_columns(lines[-1]) + 1 + display_columns(tail) <= columns:
        gap = columns - display_columns(lines[-1]) - display_columns(tail)
        return [*lines[:-1], lines[-1] + " " * gap + tail]
    return [*lines, *(align_right(part, columns) for part in (*tail_before, tail))]


def align_right(text: str, columns: int) -> str:
    return " " * (columns - display_columns(text)) + text


def fill(pattern: str, columns: int) -> str:
    """Repeats `pattern` over the width, as often as it fits."""
    return pattern * (columns // max(1, display_columns(pattern)))


@functools.cache
def _gbk(char: str) -> bytes:
    """One byte, two bytes, or none when GBK lacks the character."""
    return full_width_yen(char).encode("gbk", errors="ignore")


def _wrap_paragraph(paragraph: str, columns: int) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(paragraph, columns):
        if display_columns(line) + display_columns(piece) > columns:
            lines.append(line.rstrip(" "))
            line = ""
        if line or not lines or piece != " ":  # a space that caused a break is not an indent
            line += piece
    return [*lines, line] if line or not lines else lines


def _pieces(paragraph: str, columns: int) -> list[str]:
    """The units that stay whole; one that no line can hold falls into its characters."""
    units = _UNBROKEN.findall(paragraph)
    return [piece for unit in units for piece in ([unit] if display_columns(unit) <= columns else unit)]
