"""From a `Document` to the bytes of one ESC/POS job. Pure: same document and paper, same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.contracts import Columns, Document, Element, Feed, QrCode, Rule, Text
from drivers.printer import commands
from drivers.printer.raster import centered, qr_picture, text_picture
from drivers.printer.text import (
    align_right,
    clean,
    display_columns,
    encode,
    fill,
    two_columns,
    unprintable,
    wrap,
)

if TYPE_CHECKING:
    from drivers.contracts import Align
    from drivers.printer.paper import Paper

_FALLBACK_RULE = "-"


def render(document: Document, paper: Paper) -> bytes:
    """Lays a document out on a paper and encodes it, from `ESC @` to the cut.

    Alignment is done with spaces and white dots, so that a printer that ignores `ESC a` for images, or
    resets it between jobs, prints the same; `ESC a` is sent once, to undo what another program left.

    Raises:
        ValueError: a size outside 1 to 8, or a QR code of no data or of too much.

    """
    parts = [commands.INITIALIZE, commands.CHINESE_MODE, commands.align("left")]
    parts += [_element(element, paper) for element in document.elements]
    return b"".join([*parts, commands.PARTIAL_CUT])


def text_lines(element: Text | Columns | Rule, columns: int) -> list[str]:
    """The printed lines of an element of text, each at most `columns` wide."""
    match element:
        case Text():
            return [_aligned(line, element.align, columns) for line in wrap(element.text, columns)]
        case Columns():
            return two_columns(element.left, element.right, columns)
        case Rule():
            return [fill(clean(element.char) or _FALLBACK_RULE, columns)]


def _element(element: Element, paper: Paper) -> bytes:
    match element:
        case Text() | Columns():
            return _styled(element, paper)
        case Rule():
            return _lines(text_lines(element, paper.columns), 1, bold=False)
        case Feed():
            return commands.feed(element.lines)
        case QrCode():
            return _qr_code(element, paper)


def _styled(element: Text | Columns, paper: Paper) -> bytes:
    """Switches size and weight on for this element and off behind it; a plain element needs neither."""
    enlarge = commands.size(element.size)
    body = _lines(text_lines(element, paper.columns // element.size), element.size, bold=element.bold)
    if element.size != 1:
        body = enlarge + body + commands.size(1)
    if element.bold:
        body = commands.bold(on=True) + body + commands.bold(on=False)
    return body


def _lines(lines: list[str], size: int, *, bold: bool) -> bytes:
    return b"".join(_line(line, size, bold=bold) for line in lines)


def _line(line: str, size: int, *, bold: bool) -> bytes:
    """One line as text, or as an image where GBK lacks a character and this machine has a font."""
    picture = text_picture(line, size, bold=bold) if unprintable(line) else None
    if picture is None:
        return encode(line) + commands.LINE_FEED
    return commands.raster(picture)


def _qr_code(element: QrCode, paper: Paper) -> bytes:
    picture = qr_picture(element.data, element.module_px, paper.dots)
    code = commands.raster(centered(picture, paper.dots))
    if not element.caption:
        return code
    return code + _styled(Text(element.caption, align="center"), paper)


def _aligned(line: str, side: Align, columns: int) -> str:
    match side:
        case "left":
            return line
        case "center":
            return " " * ((columns - display_columns(line)) // 2) + line
        case "right":
            return align_right(line, columns)
