from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.contracts import Columns, Document, Feed, QrCode, Rule, Text
from drivers.printer import commands, layout, raster
from drivers.printer.fonts import find_font
from drivers.printer.paper import Paper

HEAD = b"\x1b@\x1c&\x1ba\x00"
CUT = b"\x1dVB\x00"
needs_font = pytest.mark.skipif(find_font() is None, reason="this machine has no CJK font")


def body(*elements: Text | Columns | Rule | Feed | QrCode, paper: Paper = Paper.MM58) -> bytes:
    job = layout.render(Document(elements), paper)
    assert job.startswith(HEAD)
    assert job.endswith(CUT)
    return job.removeprefix(HEAD).removesuffix(CUT)


def test_an_empty_document_is_initialised_and_cut() -> None:
    assert layout.render(Document(), Paper.MM80) == HEAD + CUT


@pytest.mark.parametrize(("paper", "columns", "dots"), [(Paper.MM58, 32, 384), (Paper.MM80, 48, 576)])
def test_paper_measures(paper: Paper, columns: int, dots: int) -> None:
    assert (paper.columns, paper.dots) == (columns, dots)
    assert body(Rule("="), paper=paper) == b"=" * columns + b"\n"


def test_plain_text_needs_no_switches() -> None:
    assert body(Text("牛奶")) == b"\xc5\xa3\xc4\xcc\n"


def test_alignment_is_spaces() -> None:
    assert body(Text("ab", align="center")) == b" " * 15 + b"ab\n"
    assert body(Text("ab", align="right")) == b" " * 30 + b"ab\n"


def test_size_scales_hanzi_too_and_is_switched_off_again() -> None:
    assert body(Text("牛", size=2)) == b"\x1c!\x0c\x1d!\x11\xc5\xa3\n\x1c!\x00\x1d!\x00"
    assert body(Text("x", size=3)).startswith(b"\x1c!\x0c\x1d!\x22x")


def test_bold_is_switched_off_again() -> None:
    assert body(Text("x", bold=True)) == b"\x1bE\x01x\n\x1bE\x00"


def test_doubled_columns_fit_half_the_characters() -> None:
    printed = body(Columns("合计", "9.90", size=2))
    assert b"\xba\xcf\xbc\xc6" + b" " * 8 + b"9.90\n" in printed


def test_feed_is_limited_to_what_its_byte_holds() -> None:
    assert body(Feed(3), Feed(-1), Feed(999)) == b"\x1bd\x03\x1bd\x00\x1bd\xff"


@pytest.mark.parametrize("size", [0, 9, -1])
def test_an_impossible_size_is_an_error(size: int) -> None:
    with pytest.raises(ValueError, match="size"):
        body(Text("x", size=size))


def test_a_product_name_cannot_inject_commands() -> None:
    assert body(Text("milk\x1bp\x00\x32\x32")) == b"milk p 22\n"


@needs_font
def test_what_gbk_lacks_is_printed_as_an_image_of_the_same_width() -> None:
    printed = body(Columns("䶮记🍎", "9.90"))
    assert printed.startswith(b"\x1dv0\x00" + bytes([384 // 8, 0, 30, 0]))
    assert len(printed) == 8 + 48 * 30
    assert any(printed[8:])


def test_without_a_font_it_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "load_font", lambda _size: None)
    assert body(Text("a🍎b")) == b"a??b\n"


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("length", [1, 60, 300, 2000])
def test_a_qr_code_fits_the_paper_with_whole_modules(paper: Paper, length: int) -> None:
    picture = raster.qr_picture("x" * length, 6, paper.dots)
    assert picture.width == picture.height <= paper.dots
    dark = picture.getbbox()
    assert dark is not None
    module_px = next(px for px in range(8, 0, -1) if picture.width % px == 0 and is_made_of(picture, px))
    assert module_px >= 2


def is_made_of(picture: Image.Image, module_px: int) -> bool:
    side = picture.width // module_px
    small = picture.resize((side, side), Image.Resampling.NEAREST)
    return small.resize(picture.size, Image.Resampling.NEAREST).tobytes() == picture.tobytes()


def test_a_qr_code_is_centred_by_white_dots() -> None:
    printed = body(QrCode("x", module_px=4))
    width_bytes = printed[4]
    side = 4 * (21 + 2 * raster.QUIET_ZONE_MODULES)
    assert width_bytes == ((384 - side) // 2 + side + 7) // 8
    rows = [printed[8 + i * width_bytes : 8 + (i + 1) * width_bytes] for i in range(side)]
    assert not any(any(row[: (384 - side) // 2 // 8]) for row in rows)
    assert any(map(any, rows))


def test_a_qr_code_has_a_caption_below() -> None:
    assert body(QrCode("x", caption="ab")).endswith(b" " * 15 + b"ab\n")


@pytest.mark.parametrize("data", ["", "x" * 2400])
def test_a_qr_code_of_nothing_or_too_much_is_an_error(data: str) -> None:
    with pytest.raises(ValueError, match="QR"):
        body(QrCode(data))


def test_an_image_is_one_bit_a_dot_and_ink_is_one() -> None:
    picture = Image.new("1", (10, 2), 255)
    picture.putpixel((0, 0), 0)
    picture.putpixel((9, 1), 0)
    assert commands.raster(picture) == b"\x1dv0\x00\x02\x00\x02\x00" + b"\x80\x00" + b"\x00\x40"


@given(
    st.binary(min_size=32, max_size=32).map(lambda data: data.replace(b"\x00", b"\x10\x04\x01\x10\x14\x08"))
)
@settings(deadline=None)
def test_an_image_holds_no_real_time_command(dots: bytes) -> None:
    ink = Image.frombytes("1", (16, len(dots) // 2), bytes(255 - byte for byte in dots))
    data = commands.raster(ink)[8:]
    assert not any(command in data for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert (int.from_bytes(data) ^ int.from_bytes(dots[: len(data)])).bit_count() <= data.count(0x11)


def test_the_same_document_gives_the_same_bytes() -> None:
    document = Document((Text("🍎 牛奶", bold=True, size=2), QrCode("https://x.example/1")))
    assert layout.render(document, Paper.MM80) == layout.render(document, Paper.MM80)
