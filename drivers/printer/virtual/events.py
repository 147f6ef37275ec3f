"""What a printer is told to do, one small record per command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Reset:
    """`ESC @`."""


@dataclass(frozen=True, slots=True)
class Characters:
    """A run of text without line feeds, decoded; `chinese` when from GBK, where hanzi are wide."""

    text: str
    chinese: bool


@dataclass(frozen=True, slots=True)
class LineFeed:
    """Prints the line, empty or not."""


@dataclass(frozen=True, slots=True)
class FeedLines:
    lines: int


@dataclass(frozen=True, slots=True)
class FeedDots:
    dots: int


@dataclass(frozen=True, slots=True)
class Weight:
    bold: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """Character size in times of the normal one. `latin` and `hanzi` say which characters it is for."""

    width: int
    height: int
    latin: bool
    hanzi: bool


@dataclass(frozen=True, slots=True)
class Justify:
    side: Side


@dataclass(frozen=True, slots=True)
class Raster:
    """`GS v 0`: rows of `width_bytes`, a set bit is ink. `zoom_*` is 1 or 2."""

    width_bytes: int
    height: int
    data: bytes
    zoom_x: int = 1
    zoom_y: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Any of the cut commands; the feed that some include does not matter to a picture."""


@dataclass(frozen=True, slots=True)
class DrawerPulse:
    """`ESC p m t1 t2`; times in units of 2 ms."""

    pin: int
    on: int
    off: int


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """`DLE EOT n`: to be answered at once, whatever else waits to be printed."""

    kind: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """A command that is known but leaves no mark here."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that start no command this parser knows."""


Event = (
    Reset
    | Characters
    | LineFeed
    | FeedLines
    | FeedDots
    | Weight
    | Scale
    | Justify
    | Raster
    | Cut
    | DrawerPulse
    | StatusQuery
    | Ignored
    | Unknown
)
