"""From printer events to rows on paper: the state a print head keeps. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers.printer.paper import CHARACTER_HEIGHT_DOTS, CHARACTER_WIDTH_DOTS, LINE_GAP_DOTS
from drivers.printer.text import char_columns
from drivers.printer.virtual.events import (
    Characters,
    FeedDots,
    FeedLines,
    Justify,
    LineFeed,
    Raster,
    Reset,
    Scale,
    Weight,
)

if TYPE_CHECKING:
    from drivers.printer.paper import Paper
    from drivers.printer.virtual.events import Event, Side

LINE_DOTS = CHARACTER_HEIGHT_DOTS + LINE_GAP_DOTS
_TAB_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Style:
    """What the next character looks like."""

    bold: bool = False
    latin: tuple[int, int] = (1, 1)  # width, height in times of the normal character
    hanzi: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Glyph:
    char: str
    columns: int
    scale_x: int
    scale_y: int
    bold: bool

    @property
    def width_dots(self) -> int:
        return self.columns * CHARACTER_WIDTH_DOTS * self.scale_x

    @property
    def height_dots(self) -> int:
        return CHARACTER_HEIGHT_DOTS * self.scale_y


@dataclass(frozen=True, slots=True)
class TextRow:
    glyphs: tuple[Glyph, ...]
    side: Side

    @property
    def width_dots(self) -> int:
        return sum(glyph.width_dots for glyph in self.glyphs)

    @property
    def height_dots(self) -> int:
        return (
            max((glyph.height_dots for glyph in self.glyphs), default=CHARACTER_HEIGHT_DOTS) + LINE_GAP_DOTS
        )


@dataclass(frozen=True, slots=True)
class PictureRow:
    raster: Raster
    side: Side

    @property
    def width_dots(self) -> int:
        return self.raster.width_bytes * 8 * self.raster.zoom_x

    @property
    def height_dots(self) -> int:
        return self.raster.height * self.raster.zoom_y


@dataclass(frozen=True, slots=True)
class BlankRow:
    height_dots: int


Row = TextRow | PictureRow | BlankRow


class Page:
    """The paper since the last cut, and the line being set."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.rows: list[Row] = []
        self._line: list[Glyph] = []
        self._style = Style()
        self._side: Side = "left"

    @property
    def has_content(self) -> bool:
        """Whether there is ink: a cut of blank paper makes no receipt."""
        inked = (row for row in self.rows if not isinstance(row, BlankRow))
        return bool(self._line) or any(isinstance(row, PictureRow) or row.glyphs for row in inked)

    def apply(self, event: Event) -> None:
        """Does what the event says; events that leave no mark are accepted and do nothing."""
        match event:
            case Characters():
                self._set(event)
            case LineFeed():
                self._end_line()
            case FeedLines(lines):
                self._feed(lines)
            case FeedDots(dots):
                self.finish()
                self.rows.append(BlankRow(dots))
            case Raster():
                self.finish()
                self.rows.append(PictureRow(event, self._side))
            case Reset():
                self._line, self._style, self._side = [], Style(), "left"
            case Justify(side):
                self._side = side
            case Weight(bold):
                self._style = replace(self._style, bold=bold)
            case Scale(width, height, latin, hanzi):
                self._rescale((width, height), latin=latin, hanzi=hanzi)
            case _:
                pass

    def finish(self) -> None:
        """Prints the line being set, if there is one."""
        if self._line:
            self._end_line()

    def tear_off(self) -> None:
        """Starts on blank paper; the style stays, as only `ESC @` resets it."""
        self.rows = []

    def _set(self, event: Characters) -> None:
        for char in event.text:
            for glyph in self._glyphs(char, chinese=event.chinese):
                if TextRow((*self._line, glyph), self._side).width_dots > self.paper.dots:
                    self._end_line()  # as the printer does when a line is full
                self._line.append(glyph)

    def _glyphs(self, char: str, *, chinese: bool) -> list[Glyph]:
        if char == "\t":
            used = sum(glyph.columns for glyph in self._line)
            return [self._glyph(" ", 1) for _ in range(_TAB_COLUMNS - used % _TAB_COLUMNS)]
        return [self._glyph(char, char_columns(char) if chinese else 1)]

    def _glyph(self, char: str, columns: int) -> Glyph:
        scale_x, scale_y = self._style.hanzi if columns == 2 else self._style.latin
        return Glyph(char, columns, scale_x, scale_y, self._style.bold)

    def _end_line(self) -> None:
        self.rows.append(TextRow(tuple(self._line), self._side))
        self._line = []

    def _feed(self, lines: int) -> None:
        """`ESC d` prints the line being set as the first of its lines."""
        unprinted = bool(self._line)
        self.finish()
        self.rows += [BlankRow(LINE_DOTS)] * max(0, lines - unprinted)

    def _rescale(self, scale: tuple[int, int], *, latin: bool, hanzi: bool) -> None:
        self._style = replace(
            self._style,
            latin=scale if latin else self._style.latin,
            hanzi=scale if hanzi else self._style.hanzi,
        )


def plain_text(page: Page) -> str:
    """The page as lines of text, pictures as a remark; each line ends with a line feed."""
    return "".join(f"{_plain_row(row, page.paper)}\n" for row in page.rows)


def _plain_row(row: Row, paper: Paper) -> str:
    match row:
        case TextRow():
            text = "".join(glyph.char for glyph in row.glyphs)
            return " " * (indent_dots(row, paper) // CHARACTER_WIDTH_DOTS) + text.rstrip(" ")
        case PictureRow():
            return f"[{row.width_dots} × {row.height_dots}]"
        case BlankRow():
            return ""


def indent_dots(row: TextRow | PictureRow, paper: Paper) -> int:
    """How far from the left of the printable width a row starts."""
    free = max(0, paper.dots - row.width_dots)
    return {"left": 0, "center": free // 2, "right": free}[row.side]
