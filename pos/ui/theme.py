"""Every colour and size of the till, without Qt.

Sizes are px at 1280 x 800; `scale_for` says by how much a window of another size stretches them.
Text on each background has a contrast of at least 4.5 to 1.
"""

from __future__ import annotations

import sys

DESIGN_WIDTH, DESIGN_HEIGHT = 1280, 800
SCALE_MIN, SCALE_MAX = 0.84, 1.45
COMPACT_WIDTH, COMPACT_SCALE_MIN = 1000, 0.7  # a narrower window is drawn smaller still
WINDOW_MIN = (960, 640)

FONT_FAMILIES = (
    ("Microsoft YaHei", "Noto Sans CJK SC")
    if sys.platform == "win32"
    else ("Noto Sans CJK SC", "Microsoft YaHei")
)

# --- colours ----------------------------------------------------------------------------------------
HEADER = "#14332c"
HEADER_SOFT = "#bcd0c9"
PAGE = "#eef1f0"
CARD = "#ffffff"
EDGE = "#d8dedc"
LINE = "#e7ebea"
BAND = "#f7f9f8"

INK = "#14211d"
SOFT = "#55635e"
FAINT = "#6b7873"
DIM = (16, 32, 28, 150)  # behind an overlay, with its opacity

GREEN = "#0d7f5d"
GREEN_DARK = "#0a664a"
GREEN_TINT = "#e1f3ec"
GREEN_FLASH = "#bfe7d8"
BLUE = "#2561cf"
BLUE_DARK = "#1b4ca8"
BLUE_TINT = "#e7eefb"
SLATE = "#46545b"
SLATE_DARK = "#364247"
AMBER = "#f4b63f"
AMBER_INK = "#3b2a04"
AMBER_TINT = "#fdf2da"
AMBER_TEXT = "#6d4a05"
RED = "#bd3329"
RED_DARK = "#9a261e"
RED_TINT = "#fbe8e6"
RED_TEXT = "#8c1f17"
WHITE = "#ffffff"
DISABLED = "#d3dad8"
DISABLED_INK = "#5f6b67"
PRESSED = "#e9eeec"

# --- text -------------------------------------------------------------------------------------------
TINY = 13
SMALL = 15
TEXT = 17
ROW = 19
TITLE = 21
BIG = 26
HEADLINE = 34
DUE = 74
CHANGE = 124

# --- boxes ------------------------------------------------------------------------------------------
TOUCH = 56  # the smallest side of anything to tap; it is never scaled below
HEADER_HEIGHT = 54
GAP = 12
MARGIN = 14
RADIUS = 12
BUTTON_RADIUS = 11
SIDE_WIDTH = 436
ROW_HEIGHT = 62
ENTRY_HEIGHT = 58
FOOTER_HEIGHT = 50

# --- times, in ms -----------------------------------------------------------------------------------
FLASH_MS = 600
NOTICE_MS = 5_000
NOTICE_READ_MS = 1_500  # no less, even if the next scan is already a good one
CLOCK_MS = 1_000

SCROLL_BAR = (
    "QScrollBar:vertical { background: transparent; width: 12px; margin: 2px; }"
    "QScrollBar::handle:vertical { background: #c3cdca; border-radius: 4px; min-height: 48px; }"
    "QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }"
    "QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }"
)


def scale_for(width: int, height: int) -> float:
    """How much larger than designed everything is drawn in a window of this size."""
    fitting = min(width / DESIGN_WIDTH, height / DESIGN_HEIGHT)
    smallest = SCALE_MIN if width >= COMPACT_WIDTH else COMPACT_SCALE_MIN
    return max(smallest, min(fitting, SCALE_MAX))
