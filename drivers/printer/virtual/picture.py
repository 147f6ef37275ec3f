"""Draws a page as a photograph of a receipt would show it: one pixel is one dot of a 203 dpi head."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from drivers.printer.fonts import load_font
from drivers.printer.paper import CHARACTER_HEIGHT_DOTS
from drivers.printer.raster import draw_glyph, has_glyph
from drivers.printer.text import SUBSTITUTE
from drivers.printer.virtual.page import BlankRow, PictureRow, TextRow, indent_dots

if TYPE_CHECKING:
    from drivers.printer.paper import Paper
    from drivers.printer.virtual.events import Raster
    from drivers.printer.virtual.page import Glyph, Page, Row

_DOTS_PER_MM = 8
_TOP_DOTS = 48  # the blade sits above the print head: each receipt starts with what lay between
_BOTTOM_DOTS = 72
_TABLE_PX = 32
_TOOTH_PX = 8
_TOOTH_DEPTH_PX = 4

_TABLE = (226, 227, 230)
_PAPER = (253, 252, 248)
_INK = (38, 37, 42)
_SHADOW = (150, 152, 158)
_SHADOW_OFFSET_PX = 5
_SHADOW_BLUR_PX = 7


def draw_receipt(page: Page) -> Image.Image:
    """The receipt on a table, RGB; the paper is as wide as the roll, 8 pixels per mm."""
    ink = _ink(page.rows, page.paper)
    strip = Image.composite(Image.new("RGB", ink.size, _PAPER), Image.new("RGB", ink.size, _INK), ink)
    return _on_table(strip)


def _ink(rows: list[Row], paper: Paper) -> Image.Image:
    """Everything printed, in greys on white, margins of the paper included."""
    margin = (paper.value * _DOTS_PER_MM - paper.dots) // 2
    height = _TOP_DOTS + sum(row.height_dots for row in rows) + _BOTTOM_DOTS
    ink = Image.new("L", (paper.value * _DOTS_PER_MM, height), 255)
    top = _TOP_DOTS
    for row in rows:
        if not isinstance(row, BlankRow):
            _draw_row(ink, row, (margin + indent_dots(row, paper), top), margin + paper.dots)
        top += row.height_dots
    return ink


def _draw_row(ink: Image.Image, row: TextRow | PictureRow, corner: tuple[int, int], right_edge: int) -> None:
    left, top = corner
    if isinstance(row, PictureRow):
        width = min(row.width_dots, right_edge - left)  # the head ends there
        ink.paste(_raster(row.raster).crop((0, 0, width, row.height_dots)), (left, top))
        return
    bottom = top + max((glyph.height_dots for glyph in row.glyphs), default=0)
    for glyph in row.glyphs:
        ink.paste(_cell(glyph), (left, bottom - glyph.height_dots))
        left += glyph.width_dots


@functools.lru_cache(maxsize=2048)
def _cell(glyph: Glyph) -> Image.Image:
    """One character; wide or tall ones are drawn large and squeezed."""
    times = max(glyph.scale_x, glyph.scale_y)
    size = CHARACTER_HEIGHT_DOTS * times
    font = load_font(size) or _latin_font(size)
    cell = Image.new("L", (glyph.width_dots * times // glyph.scale_x, size), 255)
    char = glyph.char if has_glyph(font, glyph.char) else SUBSTITUTE
    draw_glyph(ImageDraw.Draw(cell), 0, cell.width, char, font, bold=glyph.bold)
    target = (glyph.width_dots, glyph.height_dots)
    return cell if cell.size == target else cell.resize(target)


def _latin_font(size_px: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font, when the machine has no CJK font; hanzi then become `?`."""
    font = ImageFont.load_default(size_px)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _raster(raster: Raster) -> Image.Image:
    size = (raster.width_bytes * 8, raster.height)
    dots = ImageChops.invert(Image.frombytes("1", size, raster.data).convert("L"))
    zoomed = (size[0] * raster.zoom_x, size[1] * raster.zoom_y)
    return dots if zoomed == size else dots.resize(zoomed, Image.Resampling.NEAREST)


def _on_table(strip: Image.Image) -> Image.Image:
    """Cuts the strip along the blade's teeth and lays it on a table with a soft shadow."""
    mask = _cut_mask(strip.size)
    size = (strip.width + 2 * _TABLE_PX, strip.height + 2 * _TABLE_PX)
    shadow = Image.new("L", size, 0)
    shadow.paste(mask, (_TABLE_PX, _TABLE_PX + _SHADOW_OFFSET_PX))
    shadow = shadow.filter(ImageFilter.GaussianBlur(_SHADOW_BLUR_PX))
    table = Image.composite(Image.new("RGB", size, _SHADOW), Image.new("RGB", size, _TABLE), shadow)
    table.paste(strip, (_TABLE_PX, _TABLE_PX), mask)
    return table


def _cut_mask(size: tuple[int, int]) -> Image.Image:
    """White where there is paper: straight at the sides, toothed at both ends."""
    width, height = size
    steps = range(0, width + 1, _TOOTH_PX // 2)
    top = [(x, _TOOTH_DEPTH_PX * (i % 2)) for i, x in enumerate(steps)]
    bottom = [(x, height - 1 - _TOOTH_DEPTH_PX + y) for x, y in reversed(top)]
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon([*top, *bottom], fill=255)
    return mask
