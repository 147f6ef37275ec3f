"""Pictures made of printer dots: lines that GBK cannot express, and QR codes.

Every picture is a Pillow image of mode "1" in which 0 is ink and 255 is paper (Pillow keeps a 1 as 1, and
then inverts it to 254, which is paper again). Same input and same font file, same dots.
"""

from __future__ import annotations

import functools

import qrcode
import qrcode.constants
import qrcode.exceptions
from PIL import Image, ImageDraw, ImageFont

from drivers.printer.fonts import load_font
from drivers.printer.paper import CHARACTER_HEIGHT_DOTS, CHARACTER_WIDTH_DOTS, LINE_GAP_DOTS
from drivers.printer.text import SUBSTITUTE, char_columns, display_columns, full_width_yen

QUIET_ZONE_MODULES = 4  # ISO/IEC 18004: the light margin on every side
_HANZI_PX = CHARACTER_HEIGHT_DOTS
_PAPER = 255
_INK_BELOW = 150  # of 255
_NOT_A_CHARACTER = "\U0010ffff"  # no font has it, so it draws the font's "missing" box


def text_picture(text: str, size: int, *, bold: bool = False) -> Image.Image | None:
    """Draws one line of text in cells of 12 × 24 dots a column, times `size`, and the gap below it.

    A character that the font lacks too becomes `?`. Returns None when this machine has no CJK font.
    """
    font = load_font(_HANZI_PX * size)
    if font is None:
        return None
    width = display_columns(text) * CHARACTER_WIDTH_DOTS * size
    greys = Image.new("L", (width, _HANZI_PX * size + LINE_GAP_DOTS), _PAPER)
    draw = ImageDraw.Draw(greys)
    left = 0
    for char in full_width_yen(text):
        cell = char_columns(char) * CHARACTER_WIDTH_DOTS * size
        draw_glyph(draw, left, cell, char if has_glyph(font, char) else SUBSTITUTE, font, bold=bold)
        left += cell
    # Drawn in greys first: FreeType's own black-and-white mode breaks the thin strokes of hanzi.
    return greys.point(lambda grey: _PAPER if grey > _INK_BELOW else 0, mode="1")


def draw_glyph(
    draw: ImageDraw.ImageDraw,
    left_px: int,
    width_px: int,
    char: str,
    font: ImageFont.FreeTypeFont,
    *,
    bold: bool = False,
) -> None:
    """Draws one character in the middle of its cell, in black (0).

    Bold is the same glyph struck twice, one dot apart, as thermal printers do it.
    """
    ascent, descent = font.getmetrics()
    baseline = round(font.size * ascent / (ascent + descent))
    middle = left_px + width_px / 2
    for shift in (0, 1) if bold else (0,):
        draw.text((middle + shift, baseline), char, fill=0, font=font, anchor="ms")


@functools.lru_cache(maxsize=4096)
def has_glyph(font: ImageFont.FreeTypeFont, char: str) -> bool:
    """Whether the font draws the character rather than its "missing" box. A space counts as drawn."""
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask(_NOT_A_CHARACTER))


def qr_picture(data: str, module_px: int, width_dots: int) -> Image.Image:
    """Draws a QR code (level M) with its quiet zone, square, at most `width_dots` wide.

    A module is `module_px` dots, or fewer where the code would be wider than the paper; always a whole
    number, since uneven modules are what scanners fail on. Even the largest code has 2 dots on 58 mm.

    Raises:
        ValueError: the data is empty or more than a QR code holds (2331 bytes).

    """
    if not data:
        raise ValueError("a QR code needs data")
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE_MODULES)
    code.add_data(data)
    try:
        rows = code.get_matrix()
    except (qrcode.exceptions.DataOverflowError, ValueError) as error:
        raise ValueError(f"{len(data)} characters do not fit a QR code") from error
    picture = Image.new("1", (len(rows), len(rows)), _PAPER)
    picture.putdata([0 if dark else _PAPER for row in rows for dark in row])
    side = len(rows) * max(1, min(module_px, width_dots // len(rows)))
    return picture.resize((side, side), Image.Resampling.NEAREST)


def centered(picture: Image.Image, width_dots: int) -> Image.Image:
    """Adds white on the left. Cheap printers ignore the align command for images."""
    left = max(0, (width_dots - picture.width) // 2)
    canvas = Image.new("1", (left + picture.width, picture.height), _PAPER)
    canvas.paste(picture, (left, 0))
    return canvas
