"""A pay code as a picture: QR version 5, level L, digits; black on white with the quiet zone it needs."""

from __future__ import annotations

import io
from typing import Any

from qrcode.constants import ERROR_CORRECT_L
from qrcode.image.pil import PilImage
from qrcode.main import QRCode

VERSION = 5
QUIET_MODULES = 4
SIDE_MODULES = 37 + 2 * QUIET_MODULES
MODULE_PX = 8


def _drawn(digits: str) -> Any:
    code = QRCode(version=VERSION, error_correction=ERROR_CORRECT_L, box_size=MODULE_PX, border=QUIET_MODULES)
    code.add_data(digits, optimize=0)
    code.make(fit=False)
    return code


def matrix(digits: str) -> list[list[bool]]:
    """Rows of modules, the quiet zone included; `SIDE_MODULES` of each."""
    return [[bool(module) for module in row] for row in _drawn(digits).get_matrix()]


def svg_path(digits: str) -> str:
    """The dark modules as one SVG path in units of a module."""
    parts = []
    for y, row in enumerate(matrix(digits)):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                parts.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length or 1
    return "".join(parts)


def png(digits: str) -> bytes:
    picture = io.BytesIO()
    _drawn(digits).make_image(image_factory=PilImage).save(picture)
    return picture.getvalue()
