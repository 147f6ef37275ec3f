from __future__ import annotations

import pytest

from drivers.contracts import Columns, Document, Feed, QrCode, Rule, Text
from drivers.printer.layout import render
from drivers.printer.paper import Paper
from drivers.printer.virtual import picture
from drivers.printer.virtual.page import BlankRow, Page, PictureRow, TextRow, plain_text
from drivers.printer.virtual.parser import Parser


def page(data: bytes, paper: Paper = Paper.MM58) -> Page:
    printed = Page(paper)
    for command in Parser().feed(data):
        printed.apply(command.event)
    printed.finish()
    return printed


def test_prints_what_the_layout_meant() -> None:
    document = Document(
        (
            Text("惠邻便利店", align="center", size=2),
            Columns("特仑苏", "¥65.00"),
            Rule("="),
            Feed(2),
            QrCode("x", module_px=4),
            Text("谢谢", align="right"),
        )
    )
    assert plain_text(page(render(document, Paper.MM58))).split("\n") == [
        "   惠邻便利店",
        "特仑苏                   ￥65.00",
        "=" * 32,
        "",
        "",
        "[256 × 116]",
        " " * 28 + "谢谢",
        "",
    ]


def test_a_full_line_is_printed_and_no_hanzi_is_halved() -> None:
    rows = page(b"\x1c&" + "牛".encode("gbk") * 17 + b"a" + "牛".encode("gbk") * 16).rows
    assert [len(row.glyphs) for row in rows if isinstance(row, TextRow)] == [16, 17 - 16 + 1 + 14, 2]
    assert all(row.width_dots <= Paper.MM58.dots for row in rows if isinstance(row, TextRow))


def test_the_last_size_command_counts_for_hanzi() -> None:
    (row,) = page(b"\x1c&\x1c!\x0c\x1d!\x22A\xc5\xa3\n").rows
    assert isinstance(row, TextRow)
    assert [(glyph.scale_x, glyph.scale_y) for glyph in row.glyphs] == [(3, 3), (3, 3)]
    (row,) = page(b"\x1c&\x1d!\x11\x1c!\x00A\xc5\xa3\n").rows
    assert isinstance(row, TextRow)
    assert [(glyph.scale_x, glyph.scale_y) for glyph in row.glyphs] == [(2, 2), (1, 1)]


def test_alignment_by_command_places_text_and_images() -> None:
    assert plain_text(page(b"\x1ba\x01ab\n\x1ba\x02ab\n")) == " " * 15 + "ab\n" + " " * 30 + "ab\n"
    (row,) = page(b"\x1ba\x01\x1dv0\x00\x01\x00\x01\x00\xff").rows
    assert isinstance(row, PictureRow)
    assert row.side == "center"


def test_feeding_prints_the_line_being_set_first() -> None:
    assert plain_text(page(b"a\x1bd\x03b")) == "a\n\n\nb\n"
    assert page(b"\x1bJ\x18").rows == [BlankRow(24)]


def test_tabs_stand_every_eight_columns() -> None:
    assert plain_text(page(b"ab\tc\n")) == "ab      c\n"


def test_blank_paper_is_no_receipt() -> None:
    assert not page(b"\x1b@\n\n\x1bd\x05").has_content
    assert page(b"\x1dv0\x00\x01\x00\x01\x00\x00").has_content


def test_without_a_cjk_font_a_receipt_is_drawn_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    picture._cell.cache_clear()
    monkeypatch.setattr(picture, "load_font", lambda _size: None)
    drawn = picture.draw_receipt(page("牛奶 9.90\n".encode("gbk")))
    picture._cell.cache_clear()
    assert drawn.width > Paper.MM58.dots
    assert min(drawn.convert("L").tobytes()) < 60  # something is as dark as ink
