"""Where this machine has a font that Chinese can be set in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sync.hub.words import Told, Words


class Font(NamedTuple):
    """A font's file and, in a collection, its number there."""

    file: Path
    number: int


_LINUX = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
)
_WINDOWS = ("C:/Windows/Fonts/msyh.ttc", "C:/Windows/Fonts/simhei.ttf")
_MAC = ("/System/Library/Fonts/PingFang.ttc", "/System/Library/Fonts/STHeiti Light.ttc")
_ANYWHERE = ("NotoSansCJK*-Regular.*", "NotoSansSC-Regular.*", "SourceHanSans*-Regular.*", "wqy-*.ttc")
_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")


@cache
def chinese_font() -> Font:
    """The first that is there, in its form for simplified Chinese.

    Raises:
        Told: there is none; it says what to install.

    """
    for file in _candidates():
        if file.is_file():
            return Font(file, _simplified(file))
    raise Told(
        Words(
            "没有找到中文字体，做不了 PDF。请安装后再试：Debian/Ubuntu 上运行 apt install fonts-noto-cjk；"
            "也可以先导出 XLSX 或 CSV。",
            "There is no Chinese font, which a PDF needs. Install one (on Debian or Ubuntu: "
            "apt install fonts-noto-cjk) and try again, or take XLSX or CSV instead.",
        )
    )


def _candidates() -> Iterator[Path]:
    yield from map(Path, {"win32": _WINDOWS, "darwin": _MAC}.get(sys.platform, _LINUX))
    for folder in _FOLDERS:
        for pattern in _ANYWHERE:
            yield from sorted(folder.rglob(pattern))


def _simplified(file: Path) -> int:
    """Which of a collection's fonts draws characters as mainland China writes them."""
    if file.suffix.lower() not in {".ttc", ".otc"}:
        return 0
    from fontTools.ttLib import TTCollection  # type: ignore[import-untyped]  # noqa: PLC0415 - slow

    with TTCollection(str(file), lazy=True) as collection:
        names = [str(font["name"].getDebugName(1)) for font in collection.fonts]
    return next((number for number, name in enumerate(names) if name.endswith(" SC")), 0)
