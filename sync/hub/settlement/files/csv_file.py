"""A statement's lines as CSV: UTF-8 with a byte order mark, so that Excel opens it as what it is."""

from __future__ import annotations

import csv
import io

from sync.hub.settlement.files.neutral import neutral
from sync.hub.settlement.files.sheet import Cell, Sheet, plain


def csv_file(content: Sheet) -> bytes:
    """Header, one row for each line that is counted, and the totals."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    table = content.lines
    for row in (table.header, *table.rows, table.total or ()):
        writer.writerow([_plain(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    return neutral(cell) if isinstance(cell, str) else plain(cell)
