"""Text that a spreadsheet program must not take for a formula."""

from __future__ import annotations

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """Text as it can stand in a cell of a CSV file: an apostrophe before what would begin a formula."""
    text = text.replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u3000").startswith(_STARTS_A_FORMULA) else text
