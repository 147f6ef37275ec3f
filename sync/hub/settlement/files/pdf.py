"""A statement on A4: a page to read and sign, then the lines to tick off."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterable
from typing import NamedTuple

from fpdf import FPDF

from pos.domain.language import Language
from sync.hub.paper import fonts
from sync.hub.settlement.files import wording
from sync.hub.settlement.files.sheet import Cell, Fen, Row, Sheet, Table, plain

_FONT = "cjk"
_INK, _GREY, _RULE, _BAND, _ALARM = (
    (33, 37, 41),
    (108, 117, 125),
    (206, 212, 218),
    (241, 243, 245),
    (176, 0, 32),
)
_MARGIN_MM = 15
_ROW_MM = 6
_LABEL_MM = 28
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class _Style(NamedTuple):
    """How a table is set; `blank` leaves zeros out, so that in many lines the amounts stand out."""

    row_mm: float
    size: float
    blank: bool


_TO_READ, _TO_TICK = _Style(_ROW_MM, 9.5, blank=False), _Style(5.2, 7.5, blank=True)


def pdf(content: Sheet, language: Language, day: dt.date) -> bytes:
    """The same bytes for the same statement; `day` is what the file says it was made on.

    Raises:
        Told: this machine has no font for Chinese.

    """
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of each table that it subsets
    page = _Paper(content, language, day)
    page.first_page()
    page.lines(content.lines)
    if content.late.rows:
        page.lines(content.late)
    page.days()
    return bytes(page.output())


class _Paper(FPDF):
    def __init__(self, content: Sheet, language: Language, day: dt.date) -> None:
        super().__init__(format="A4")
        self._content, self._language = content, language
        font = fonts.chinese_font()
        self.add_font(_FONT, fname=str(font.file), collection_font_number=font.number)
        self.set_title(content.title)
        self.set_creation_date(dt.datetime.combine(day, dt.time(), dt.UTC))
        self.set_lang("zh-CN" if language == "zh" else "en")
        self.set_margin(_MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=_MARGIN_MM + 5)
        self.set_draw_color(*_RULE)

    def footer(self) -> None:
        self._set(8, _GREY)
        self.set_y(-_MARGIN_MM)
        facts = [value for _, value in self._content.facts]
        self.cell(
            self.epw * 0.75, 5, self._fitted(" · ".join((facts[0], facts[2], facts[3])), self.epw * 0.75)
        )
        page = wording.PAGE.say(self._language, page=self.page_no())
        self.cell(0, 5, page, align="R")

    # --- the first page

    def first_page(self) -> None:
        self.add_page()
        self._set(20, _INK)
        self.cell(0, 12, self._content.title, new_x="LMARGIN", new_y="NEXT")
        self.ln(1)
        for label, value in self._content.facts:
            self._set(10, _GREY)
            self.cell(_LABEL_MM, _ROW_MM, label)
            self._set(10, _INK)
            self.multi_cell(0, _ROW_MM, value, new_x="LMARGIN", new_y="NEXT", align="L")
        for note in self._content.notes:
            self._set(10, _ALARM)
            self.multi_cell(0, _ROW_MM, note, new_x="LMARGIN", new_y="NEXT", align="L")
        for table in self._content.tables:
            self._heading(table.title)
            self._table(table, _TO_READ)
        self.ln(3)
        self._set(8, _GREY)
        self.multi_cell(0, 5, self._content.explained, new_x="LMARGIN", new_y="NEXT")
        self.ln(8)
        self._set(10, _INK)
        self.cell(0, _ROW_MM, self._content.signed)

    def _heading(self, text: str) -> None:
        if self.will_page_break(4 * _ROW_MM):
            self.add_page(same=True)
        self.ln(4)
        self._set(12, _INK)
        self.cell(0, 8, text, new_x="LMARGIN", new_y="NEXT")

    # --- the lines

    def lines(self, table: Table) -> None:
        self.add_page(orientation="landscape")
        self._heading(table.title)
        self._table(table, _TO_TICK)

    def days(self) -> None:
        if self._content.days.rows:
            self._heading(self._content.days.title)
            self._table(self._content.days, _TO_TICK)

    def _table(self, table: Table, style: _Style) -> None:
        widths = [self.epw * one for one in _shares(table)]
        self._header(table, widths, style)
        for row in table.rows:
            if self.will_page_break(style.row_mm):
                self.add_page(same=True)
                self._header(table, widths, style)
            self._row(row, widths, style)
        if table.total is not None:
            if self.will_page_break(style.row_mm):
                self.add_page(same=True)
            self.set_fill_color(*_BAND)
            self.rect(self.l_margin, self.get_y(), self.epw, style.row_mm, style="F")
            self._row(table.total, widths, style._replace(blank=False))

    def _header(self, table: Table, widths: list[float], style: _Style) -> None:
        if not any(table.header):
            return
        sample = table.total or (table.rows[0] if table.rows else table.header)
        self._set(style.size, _GREY)
        self._cells(table.header, [_side(cell) for cell in sample], widths, style)

    def _row(self, row: Row, widths: list[float], style: _Style) -> None:
        texts = ["" if style.blank and cell == Fen(0) else plain(cell) for cell in row]
        self._set(style.size, _INK)
        self._cells(texts, [_side(cell) for cell in row], widths, style)

    def _cells(self, texts: Iterable[str], sides: Iterable[str], widths: list[float], style: _Style) -> None:
        for text, side, width in zip(texts, sides, widths, strict=True):
            if text:
                self.cell(width, style.row_mm, self._fitted(text, width), align=side)
            else:
                self.set_x(self.get_x() + width)
        self.ln(style.row_mm)
        self.line(self.l_margin, self.get_y(), self.l_margin + self.epw, self.get_y())

    # --- type

    def _set(self, size: float, colour: tuple[int, int, int]) -> None:
        self.set_font(_FONT, size=size)
        self.set_text_color(*colour)

    def _fitted(self, text: str, width: float) -> str:
        """Text that keeps to its column; what is cut ends in an ellipsis."""
        room = width - 2 * self.c_margin
        if self.get_string_width(text) <= room:
            return text
        while text and self.get_string_width(text + "…") > room:
            text = text[:-1]
        return text + "…"


def _side(cell: Cell) -> str:
    return "L" if isinstance(cell, str) and not _NUMBER.fullmatch(cell) else "R"


def _shares(table: Table) -> list[float]:
    """Columns' parts of the width, by the longest that stands in them."""
    columns = zip(table.header, *table.rows, *([table.total] if table.total else []), strict=True)
    longest = [min(max(_columns(plain(cell)) for cell in column), 40) + 3 for column in columns]
    return [one / sum(longest) for one in longest]


def _columns(text: str) -> int:
    return sum(2 if char >= "\u2e80" else 1 for char in text)
