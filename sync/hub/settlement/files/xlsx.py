"""A statement as a workbook: a page to read, and the lines to filter and sum."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from pos.domain.language import Language
from sync.hub.settlement.files import wording
from sync.hub.settlement.files.sheet import Cell, Fen, Row, Sheet, Table

_WIDTHS = {str: 14, Fen: 11}
_WIDTH_MAX = 40
_WIDE = "\u2e80"
"""From here on characters take two columns."""


def xlsx(content: Sheet, language: Language, day: dt.date) -> bytes:
    """The same bytes for the same statement; `day` is what the file says it was made on.

    Text is written as text, whatever it begins with: no cell can turn into a formula.
    """
    file = io.BytesIO()
    book = xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": content.title, "created": dt.datetime.combine(day, dt.time(), dt.UTC)})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "heading": book.add_format({"bold": True, "font_size": 12}),
        "header": book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F4", "text_wrap": True}),
        "text": book.add_format({}),
        "fen": book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
        "total_text": book.add_format({"bold": True, "top": 1}),
        "total_fen": book.add_format({"bold": True, "top": 1, "num_format": "#,##0.00;[Red]-#,##0.00"}),
        "note": book.add_format({"font_color": "#B00020", "bold": True}),
    }
    _summary(book.add_worksheet(wording.SUMMARY.say(language)), content, formats)
    _lines(book.add_worksheet(wording.LINES.say(language)), content.lines, formats)
    if content.late.rows:
        _lines(book.add_worksheet(wording.LATE_SHEET.say(language)), content.late, formats)
    book.close()
    return file.getvalue()


def _summary(page: Any, content: Sheet, formats: dict[str, Any]) -> None:
    page.set_column(0, 0, _WIDTH_MAX)
    page.set_column(1, 5, 22)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.write_string(0, 0, content.title, formats["title"])
    at = 2
    for label, value in content.facts:
        _write_row(page, at, (label, value), formats)
        at += 1
    for note in content.notes:
        page.write_string(at, 0, note, formats["note"])
        at += 1
    for table in (*content.tables, *([content.days] if content.days.rows else [])):
        page.write_string(at + 1, 0, table.title, formats["heading"])
        at = _table(page, at + 2, table, formats)
    page.write_string(at + 1, 0, content.explained, formats["text"])


def _lines(page: Any, table: Table, formats: dict[str, Any]) -> None:
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    _table(page, 0, table, formats)
    if table.rows:
        page.autofilter(0, 0, len(table.rows), len(table.header) - 1)
    for column, cells in enumerate(zip(table.header, *table.rows, strict=True)):
        page.set_column(column, column, _width(cells))


def _table(page: Any, at: int, table: Table, formats: dict[str, Any]) -> int:
    """Writes a table from row `at`; returns the row after it."""
    if any(table.header):
        for column, label in enumerate(table.header):
            page.write_string(at, column, label, formats["header"])
        at += 1
    for row in table.rows:
        _write_row(page, at, row, formats)
        at += 1
    if table.total is not None:
        _write_row(page, at, table.total, formats, "total_")
        at += 1
    return at


def _write_row(page: Any, at: int, row: Row, formats: dict[str, Any], kind: str = "") -> None:
    for column, cell in enumerate(row):
        match cell:
            case Fen():
                # A decimal of at most 15 digits is what a workbook's numbers keep exactly.
                page.write_number(at, column, Decimal(cell.fen).scaleb(-2), formats[f"{kind}fen"])
            case int():
                page.write_number(at, column, cell, formats[f"{kind}text"])
            case str():
                page.write_string(at, column, cell, formats[f"{kind}text"])


def _width(cells: tuple[Cell, ...]) -> int:
    """Enough for the longest of them, within reason."""
    longest = max(
        sum(2 if char >= _WIDE else 1 for char in cell) if isinstance(cell, str) else 10 for cell in cells
    )
    return min(max(longest + 2, 10), _WIDTH_MAX)
