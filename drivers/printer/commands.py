"""The few ESC/POS commands a receipt needs, as bytes.

Source: Epson's ESC/POS command reference and the manuals of the common clones (Zjiang, Xprinter,
Bixolon), which agree on these. Longer lists of commands only the virtual printer has to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageChops

if TYPE_CHECKING:
    from PIL import Image

    from drivers.contracts import Align

INITIALIZE = b"\x1b@"
CHINESE_MODE = b"\x1c&"  # without it a clone may take GBK bytes for its Western code page
LINE_FEED = b"\n"
PARTIAL_CUT = b"\x1dVB\x00"  # feeds the paper to the blade first
DRAWER_PULSE = b"\x1bp\x00\x32\x32"  # pin 2, 100 ms on, 100 ms off

_ALIGN_CODES: dict[Align, int] = {"left": 0, "center": 1, "right": 2}
_MAX_SIZE = 8

# DLE followed by EOT, ENQ or DC4 is acted on at once, by some printers even amid an image: it would
# answer a status nobody asked for, or open the drawer. One more dot in the DLE byte avoids it.
_REAL_TIME = ((b"\x10\x04", b"\x11\x04"), (b"\x10\x05", b"\x11\x05"), (b"\x10\x14", b"\x11\x14"))


def status_query(kind: int) -> bytes:
    """`DLE EOT n`: 1 printer, 2 cause of being offline, 3 error, 4 paper. Answered by one byte."""
    return b"\x10\x04" + bytes([kind])


def bold(*, on: bool) -> bytes:
    return b"\x1bE" + bytes([on])


def align(side: Align) -> bytes:
    return b"\x1ba" + bytes([_ALIGN_CODES[side]])


def size(times: int) -> bytes:
    """Width and height of the characters, times 1 to 8.

    `FS !` scales only hanzi, and at most twice. `GS !` scales everything by the standard, only Latin
    letters on some clones. Both manuals say that the last one received counts, so `GS !` comes last.
    """
    if not 1 <= times <= _MAX_SIZE:
        raise ValueError(f"character size {times} is outside 1 to {_MAX_SIZE}")
    hanzi = 0x0C if times > 1 else 0
    return b"\x1c!" + bytes([hanzi]) + b"\x1d!" + bytes([(times - 1) * 0x11])


def feed(lines: int) -> bytes:
    return b"\x1bd" + bytes([max(0, min(lines, 255))])


def raster(picture: Image.Image) -> bytes:
    """`GS v 0`: an image of mode "1", 0 being ink; 8 dots a byte, the leftmost in the highest bit."""
    width_bytes = (picture.width + 7) // 8
    # Inverted first: Pillow fills the last byte of a row with zero bits, which are no ink.
    data = ImageChops.invert(picture).tobytes()
    for pattern, harmless in _REAL_TIME:
        data = data.replace(pattern, harmless)
    header = width_bytes.to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    return b"\x1dv0\x00" + header + data
