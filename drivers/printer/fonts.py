"""Finds a font with hanzi on this machine."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from PIL import ImageFont

_WINDOWS_FONTS = Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts")

# Known places, best first. Asking fontconfig would not work on Windows, and would start a program.
FONT_PATHS = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),  # Debian, Ubuntu
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),  # Arch
    Path("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc"),  # Fedora, openEuler
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/wqy-microhei/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    _WINDOWS_FONTS / "msyh.ttc",
    _WINDOWS_FONTS / "msyh.ttf",
    _WINDOWS_FONTS / "simhei.ttf",
    _WINDOWS_FONTS / "simsun.ttc",
)


def find_font(paths: tuple[Path, ...] = FONT_PATHS) -> Path | None:
    """The first of `paths` that exists."""
    return next((path for path in paths if path.is_file()), None)


@functools.cache
def load_font(size_px: int, paths: tuple[Path, ...] = FONT_PATHS) -> ImageFont.FreeTypeFont | None:
    """The CJK font at a size, or None when this machine has none.

    A collection file holds one face per region and style. The simplified one is named expressly, since
    the Japanese face, often the first, draws 直, 骨 and 门 wrongly; of those, the monospaced face has
    Latin letters of exactly half a hanzi, as a printer's font has.
    """
    path = find_font(paths)
    return max(_faces(path, size_px), key=_suitability) if path else None


def _faces(path: Path, size_px: int) -> list[ImageFont.FreeTypeFont]:
    faces: list[ImageFont.FreeTypeFont] = []
    try:
        while path.suffix == ".ttc" or not faces:
            faces.append(ImageFont.truetype(str(path), size_px, index=len(faces)))
    except OSError:  # no face of this number: the collection is exhausted
        if not faces:
            raise
    return faces


def _suitability(face: ImageFont.FreeTypeFont) -> tuple[bool, bool]:
    family = str(face.getname()[0])
    return "SC" in family.split(), "Mono" in family.split()
